// SPDX-License-Identifier: Apache-2.0
// Files read and written in pieces are those that are read and written whole.
#include "golden/tensor/safetensors_stream.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "golden/tensor/file.hpp"
#include "golden/tensor/tests/refusal.hpp"
#include "golden/tensor/tests/scratch_file.hpp"

namespace hasse::tensor {
namespace {

const Matrix<float> kWeights(3, 2, {1, -2, 3.5F, 4, 0, 6});
const Matrix<std::int8_t> kCodes(1, 4, {1, 2, 3, -4});

std::string whole_file() {
  return format_safetensors({tensor_data("w", kWeights), tensor_data("c", kCodes)}, {{"a", "b"}});
}

std::string_view bytes_of(const Matrix<float>& matrix) {
  return {reinterpret_cast<const char*>(matrix.data()), matrix.size() * sizeof(float)};
}

TEST(SafetensorsStream, ReadsWhatWasWrittenWhole) {
  const ScratchFile scratch;
  write_file(scratch.path(), whole_file());
  SafetensorsReader reader(scratch.path());
  EXPECT_EQ(reader.metadata().at("a"), "b");
  EXPECT_EQ(reader.tensors().size(), 2U);
  EXPECT_EQ(reader.rows("w", 0, 3), kWeights);
  EXPECT_EQ(reader.rows("w", 1, 1), Matrix<float>(1, 2, {3.5F, 4}));
  EXPECT_EQ(reader.bytes("c", 1, 2), "\x02\x03");
}

TEST(SafetensorsStream, WritesInPiecesWhatIsWrittenWhole) {
  const ScratchFile scratch;
  {
    SafetensorsWriter writer(scratch.path(), {{"w", Dtype::f32, {3, 2}}, {"c", Dtype::i8, {1, 4}}},
                             {{"a", "b"}});
    writer.write("c", 0, {reinterpret_cast<const char*>(kCodes.data()), 4});
    writer.write("w", 8, bytes_of(kWeights).substr(8));
    writer.write("w", 0, bytes_of(kWeights).substr(0, 8));
    EXPECT_FALSE(std::filesystem::exists(scratch.path()));
    writer.finish();
  }
  EXPECT_EQ(read_file(scratch.path()), whole_file());
  EXPECT_FALSE(std::filesystem::exists(scratch.path() + ".partial"));
}

TEST(SafetensorsStream, AFileThatIsNotFinishedLeavesWhatWasThere) {
  const ScratchFile scratch;
  write_file(scratch.path(), "old");
  {
    SafetensorsWriter writer(scratch.path(), {{"w", Dtype::f32, {3, 2}}}, {});
    writer.write("w", 0, bytes_of(kWeights).substr(0, 8));
    expect_refusal([&] { writer.finish(); }, "data is 16 bytes short, expected every tensor");
    expect_refusal([&] { writer.write("w", 8, bytes_of(kWeights)); }, "data is 32 bytes");
  }
  EXPECT_EQ(read_file(scratch.path()), "old");
  EXPECT_FALSE(std::filesystem::exists(scratch.path() + ".partial"));
}

TEST(SafetensorsStream, RefusesWhatItCannotReadOrWrite) {
  const ScratchFile scratch;
  expect_refusal([&] { SafetensorsReader reader(scratch.path()); }, "path is missing");
  write_file(scratch.path(), "1234");
  expect_refusal([&] { SafetensorsReader reader(scratch.path()); }, "file is 4 bytes");
  write_file(scratch.path(), whole_file().substr(0, whole_file().size() - 1));
  expect_refusal([&] { SafetensorsReader reader(scratch.path()); }, "data_offsets");
  write_file(scratch.path(), whole_file());
  SafetensorsReader reader(scratch.path());
  expect_refusal([&] { reader.rows("c", 0, 1); }, ": c: dtype is int8, expected float16");
  expect_refusal([&] { reader.rows("x", 0, 1); }, "x is missing");
  expect_refusal([] { SafetensorsWriter writer("/proc/nowhere/file", {}, {}); }, "not writable");
  expect_refusal(
      [&] {
        SafetensorsWriter writer(scratch.path(), {{"w", Dtype::i8, {1}}, {"w", Dtype::i8, {1}}},
                                 {});
      },
      "name is w, expected a name of its own");
}

TEST(SafetensorsStream, NamesElementsThatAreNotFinite) {
  const ScratchFile scratch;
  Matrix<float> broken = kWeights;
  broken(2, 1) = std::numeric_limits<float>::infinity();
  write_file(scratch.path(), format_safetensors({tensor_data("w", broken)}, {}));
  SafetensorsReader reader(scratch.path());
  EXPECT_EQ(reader.rows("w", 0, 2).rows(), 2U);
  expect_refusal([&] { reader.rows("w", 1, 2); }, ": w: element [2, 1] is inf, expected a finite");
}

}  // namespace
}  // namespace hasse::tensor
