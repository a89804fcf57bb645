// SPDX-License-Identifier: Apache-2.0
// hasse quantize and hasse eval as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kModel = HASSE_SOURCE_DIR "/golden/model/bytelm.safetensors";
const std::string kText = "/usr/share/common-licenses/Artistic";

TEST(QuantizeVerb, ThereAndBack) {
  const Folder folder;
  const std::string codes = (folder / "q").string(), floats = (folder / "f").string();
  const Ran there =
      hasse("quantize " + kModel + " --method qserve --bits 4 -o " + codes + " --json -");
  EXPECT_EQ(there.exit_code, 0) << there.err;
  EXPECT_THAT(there.err, IsEmpty());
  const json document = json::parse(there.out)["quantize"];
  EXPECT_EQ(document["tensors"], 28);
  EXPECT_EQ(document["weights"], 786432);
  EXPECT_EQ(document["group"], 128);
  const Ran back = hasse("quantize " + codes + " --dequantize -o " + floats);
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.out, HasSubstr("28 tensors, 786,432 weights"));
  const Ran eval =
      hasse("eval --model " + floats + " --text " + kText + " --method float --json -");
  EXPECT_EQ(eval.exit_code, 0) << eval.err;
  const json score = json::parse(eval.out)["eval"];
  EXPECT_EQ(score["bytes"], 5621);
  EXPECT_NEAR(score["methods"]["float"]["bits_per_byte"].get<double>(), 2.13, 0.03);
}

TEST(QuantizeVerb, SameInputSameBytes) {
  const Folder folder;
  for (const char* name : {"a", "b"})
    ASSERT_EQ(hasse("quantize " + kModel + " --method rtn --bits 3 -o " + (folder / name).string())
                  .exit_code,
              0);
  EXPECT_EQ(read(folder / "a"), read(folder / "b"));
}

TEST(QuantizeVerb, ImpossibleCombinationsAreBadInput) {
  const Folder folder;
  const std::string out = " -o " + (folder / "q").string();
  for (const auto& [options, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "--method is required"},
           {"--method gptq", "gptq"},
           {"--method qserve --bits 8", "--bits is 8, expected 4 for --method qserve"},
           {"--method awq --bits 5", "--bits is 5, expected 3 to 4"},
           {"--method olive --bits 5", "expected 4 or 8"},
           {"--method olive --group 32", "no meaning"},
           {"--method rtn --layout gemm", "--layout is for"},
           {"--method rtn --calibration x", "--calibration is for"},
           {"--method rtn --dequantize", "--dequantize"}}) {
    const Ran ran = hasse("quantize " + kModel + " " + options + out);
    EXPECT_EQ(ran.exit_code, 2) << options;
    EXPECT_THAT(ran.err, HasSubstr(words)) << options;
  }
  const Ran ran = hasse("quantize " + kModel + " --method affine --group 96" + out);
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr(kModel), HasSubstr("K is 128"), HasSubstr("96")));
  EXPECT_THAT(files_below(folder.path()), IsEmpty());
}

/// Writes a sparse file with one float32 tensor of zeros.
void put_sparse_model(const fs::path& path, std::size_t rows, std::size_t columns) {
  const std::size_t bytes = rows * columns * 4;
  std::string header =
      json{{"a", {{"dtype", "F32"}, {"shape", {rows, columns}}, {"data_offsets", {0, bytes}}}}}
          .dump();
  header.append((8 - header.size() % 8) % 8, ' ');
  const std::uint64_t length = header.size();
  std::string front(8, '\0');
  std::memcpy(front.data(), &length, 8);
  put(path, front + header);
  fs::resize_file(path, 8 + header.size() + bytes);
}

/// The most memory that any finished child process has had, in MB.
double most_memory_of_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// A tensor of 134 MB in less than its size: it is never in memory whole.
TEST(QuantizeVerb, TensorsAreStreamed) {
  const Folder folder;
  put_sparse_model(folder / "in", 8192, 4096);
  const Ran ran = hasse("quantize " + (folder / "in").string() + " --method qserve --tensor a -o " +
                        (folder / "out").string());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_GT(fs::file_size(folder / "out"), std::size_t{8192} * 4096);
  EXPECT_LT(most_memory_of_children(), 100);
}

TEST(EvalVerb, PrintsATableAndDrawsAPlot) {
  const Folder folder;
  const Ran ran =
      hasse("eval --text " + kText + " --method float,w8a8 --plot " + (folder / "e.svg").string());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  EXPECT_THAT(ran.out, AllOf(HasSubstr("2.0980"), HasSubstr("w8a8"), HasSubstr("5,621 bytes")));
  EXPECT_THAT(read(folder / "e.svg"), HasSubstr("Bits per byte, embedded model on Artistic"));
}

TEST(EvalVerb, WhatCannotBeScoredIsBadInput) {
  const Folder folder;
  put(folder / "short", "too short");
  for (const auto& [options, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "--text"},
           {"--text /nowhere/text", "/nowhere/text"},
           {"--text " + (folder / "short").string(), "text is 9 bytes"},
           {"--text " + kText + " --method gptq", "gptq"},
           {"--text " + kText + " --model " + (folder / "short").string(), "short"}}) {
    const Ran ran = hasse("eval " + options);
    EXPECT_EQ(ran.exit_code, 2) << options;
    EXPECT_THAT(ran.err, HasSubstr(words)) << options;
    EXPECT_THAT(ran.out, IsEmpty()) << options;
  }
}

}  // namespace
}  // namespace hasse::flows
