// SPDX-License-Identifier: Apache-2.0
// Every emitted file of every point through the three front ends, without a word from any of them.
#include <gtest/gtest.h>

#include "synth/error.hpp"
#include "synth/process/process.hpp"
#include "verif/system/rig.hpp"

namespace hasse::system {
namespace {

class Lint : public testing::TestWithParam<Point> {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> result;
    for (const std::string& file : source_.files) result.push_back((source_.root / file).string());
    return result;
  }

  // Runs `argv` followed by all files.
  void expect_silence(std::vector<std::string> argv, bool add_files = true) {
    if (add_files)
      for (std::string& file : files()) argv.push_back(std::move(file));
    try {
      synth::find_tool(argv.front());
    } catch (const synth::ToolError& error) {
      GTEST_SKIP() << error.what();
    }
    EXPECT_EQ(synth::run_captured(argv), "");
  }

  Emitted emitted_{GetParam()};
  harness::RtlSource source_ = emitted_.source();
};

TEST_P(Lint, VerilatorHasNothingToSay) {
  expect_silence({"verilator", "--lint-only", "-Wall", "--top-module", source_.top});
}

TEST_P(Lint, YosysHasNothingToSay) {
  std::string script = "read_verilog -sv";
  for (const std::string& file : files()) script += " " + file;
  script += "; hierarchy -check -top " + source_.top + "; proc; check -assert";
  expect_silence({"yosys", "-q", "-p", script}, false);
}

TEST_P(Lint, IcarusHasNothingToSay) {
  expect_silence({"iverilog", "-g2012", "-t", "null", "-s", source_.top});
}

INSTANTIATE_TEST_SUITE_P(At, Lint, testing::ValuesIn(points().begin(), points().end()),
                         testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(AtArrays, Lint, testing::ValuesIn(arrays().begin(), arrays().end()),
                         testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(Scaled, Lint,
                         testing::ValuesIn(scaled_points().begin(), scaled_points().end()),
                         testing::PrintToStringParamName());

INSTANTIATE_TEST_SUITE_P(Attention, Lint,
                         testing::ValuesIn(attention_points().begin(), attention_points().end()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace hasse::system
