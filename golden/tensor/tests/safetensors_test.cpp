// SPDX-License-Identifier: Apache-2.0
// safetensors files that come back as written, and damaged ones.
#include "golden/tensor/safetensors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "golden/tensor/tests/refusal.hpp"
#include "golden/tensor/tests/scratch_file.hpp"

namespace hasse::tensor {
namespace {

using namespace std::string_literals;

TensorData half_tensor(Dtype dtype, const std::string& bytes) {
  return {"half", dtype, {bytes.size() / 2}, bytes};
}

std::string example() {
  return format_safetensors({tensor_data("w", Matrix<std::int16_t>(2, 2, {1, -2, 3, -4})),
                             tensor_data("x", Matrix<float>(1, 2, {0.5F, -1.5F}))},
                            {{"size", "2"}, {"note", "caf\xc3\xa9"}});
}

template <class T>
class SafetensorsRoundTrip : public testing::Test {};
using Elements =
    testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, float>;
TYPED_TEST_SUITE(SafetensorsRoundTrip, Elements);

TYPED_TEST(SafetensorsRoundTrip, KeepsEveryElement) {
  using Limits = std::numeric_limits<TypeParam>;
  const Matrix<TypeParam> matrix(2, 2, {1, 2, Limits::lowest(), Limits::max()});
  const ScratchFile scratch;
  write_safetensors(scratch.path(), {tensor_data("a", matrix)}, {});
  const Safetensors file = Safetensors::load(scratch.path());
  EXPECT_EQ(file.matrix<TypeParam>("a"), matrix);
  EXPECT_TRUE(file.metadata().empty());
}

TEST(Safetensors, GivesTensorsAndMetadataByName) {
  const Safetensors file = Safetensors::parse(example(), "f");
  EXPECT_EQ(file.tensors().size(), 2U);
  EXPECT_EQ(file.metadata().at("note"), "caf\xc3\xa9");
  EXPECT_EQ(file.values<std::int16_t>("w"), (std::vector<std::int16_t>{1, -2, 3, -4}));
  EXPECT_EQ(file.matrix<float>("x"), Matrix<float>(1, 2, {0.5F, -1.5F}));
}

TEST(Safetensors, HeaderEndsOnEightBytesAsTheFormatAdvises) {
  EXPECT_EQ(static_cast<unsigned char>(example()[0]) % 8, 0);
}

TEST(Safetensors, ReadsFloat16) {
  // 1, -2, the smallest subnormal 2^-24, the largest finite 65504, infinity.
  const auto file = Safetensors::parse(
      format_safetensors({half_tensor(Dtype::f16, "\x00\x3c\x00\xc0\x01\x00\xff\x7b\x00\x7c"s)},
                         {}),
      "f");
  EXPECT_EQ(file.values<float>("half"),
            (std::vector<float>{1.0F, -2.0F, std::ldexp(1.0F, -24), 65504.0F,
                                std::numeric_limits<float>::infinity()}));
}

TEST(Safetensors, ReadsBfloat16) {
  const auto file = Safetensors::parse(
      format_safetensors({half_tensor(Dtype::bf16, "\x80\x3f\x00\xc0\x80\x00"s)}, {}), "f");
  EXPECT_EQ(file.values<float>("half"),
            (std::vector<float>{1.0F, -2.0F, std::numeric_limits<float>::min()}));
}

TEST(Safetensors, RefusesAnotherTypeOrShapeThanAskedFor) {
  const Safetensors file =
      Safetensors::parse(format_safetensors({half_tensor(Dtype::f16, "\x00\x3c"s)}, {}), "f");
  expect_refusal([&] { file.values<std::int8_t>("half"); },
                 "f: half: dtype is float16, expected int8");
  expect_refusal([&] { file.matrix<float>("half"); },
                 "f: half: shape is 1 dimensions, expected 2 dimensions");
  expect_refusal([&] { file.values<float>("other"); },
                 "f: other is missing, expected a tensor of that name");
}

TEST(Safetensors, RefusesToWriteWhatItWouldNotRead) {
  const TensorData good{"a", Dtype::u8, {1}, "x"};
  expect_refusal(
      [&] {
        format_safetensors({good, good}, {});
      },
      "name is a, expected a name of its");
  expect_refusal(
      [] {
        format_safetensors({{"__metadata__", Dtype::u8, {1}, "x"}}, {});
      },
      "name is __metadata__");
  expect_refusal(
      [] {
        format_safetensors({{"a", Dtype::i16, {1}, "x"}}, {});
      },
      "a: data is 1 bytes, expected the size of its shape");
}

TEST(Safetensors, HeaderLengthBeyondTheFileIsRefused) {
  expect_refusal([] { Safetensors::parse("\xff\xff\xff\xff\xff\xff\xff\xff{}"s, "f"); },
                 "f: header length is 18446744073709551615, expected at most 2");
  expect_refusal([] { Safetensors::parse("\x03\0\0\0\0\0\0\0{}"s, "f"); },
                 "f: header length is 3, expected at most 2");
}

TEST(Safetensors, HeaderLongerThanTheFormatAllowsIsRefused) {
  std::string bytes(100'000'016, ' ');
  bytes.replace(0, 8, "\x01\xe1\xf5\x05\0\0\0\0"s);
  expect_refusal([&] { Safetensors::parse(bytes, "f"); }, "header length is 100000001");
}

TEST(Safetensors, TrailingBytesAreRefused) {
  expect_refusal([] { Safetensors::parse(example() + "x", "f"); },
                 "f: data is 17 bytes, expected 16, where the last tensor ends");
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const std::string bytes = example();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(Safetensors::parse(bytes.substr(0, size), "f"), FormatError) << size << " bytes";
  }
}

TEST(Safetensors, EveryFlippedBitIsRefusedOrReadWithoutCrash) {
  const std::string bytes = example();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      Safetensors::parse(flipped, "f");
    } catch (const FormatError&) {
      continue;
    }
  }
}

}  // namespace
}  // namespace hasse::tensor
