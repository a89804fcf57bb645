// SPDX-License-Identifier: Apache-2.0
// The example and the primitives through the three front ends, without a warning.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/hdl/hdl.hpp"
#include "generator/hdl/tests/example.hpp"
#include "generator/hdl/tests/support.hpp"

namespace hasse::hdl::testing {
namespace {

std::string rtl(const std::string& file) {
  return fmt::format("{}/rtl/{}", HASSE_SOURCE_DIR, file);
}

/// Writes the example and returns all files of it, in compile order.
std::string write_example() {
  const std::filesystem::path directory = scratch_directory();
  std::string files = rtl("ram_1r1w.v");
  for (const Module& module : make_example()) {
    const auto path = write_file(directory / (module.name() + ".v"), module.to_string());
    files += fmt::format(" {}", path.string());
  }
  return files;
}

void expect_silent_success(const std::string& command) {
  const ToolResult result = run_tool(command);
  EXPECT_EQ(result.status, 0) << command << "\n" << result.output;
  EXPECT_EQ(result.output, "") << command;
}

TEST(Tools, VerilatorLintsTheExampleWithoutAWarning) {
  if (!has_tool("verilator")) GTEST_SKIP() << "verilator is not installed";
  expect_silent_success("verilator --lint-only -Wall --top-module example_engine " +
                        write_example());
}

TEST(Tools, YosysElaboratesTheExample) {
  if (!has_tool("yosys")) GTEST_SKIP() << "yosys is not installed";
  expect_silent_success(
      fmt::format("yosys -q -p 'read_verilog -sv {}; hierarchy -check -top example_engine; proc; "
                  "check -assert'",
                  write_example()));
}

TEST(Tools, IcarusElaboratesTheExample) {
  if (!has_tool("iverilog")) GTEST_SKIP() << "iverilog is not installed";
  expect_silent_success("iverilog -g2012 -t null " + write_example());
}

class PrimitiveTools : public ::testing::TestWithParam<int> {};

TEST_P(PrimitiveTools, LintCleanAtEveryDepth) {
  if (!has_tool("verilator")) GTEST_SKIP() << "verilator is not installed";
  const std::string files =
      rtl("ram_1r1w.v") + " " + rtl("stream_skid.v") + " " + rtl("stream_fifo.v");
  for (const char* top : {"ram_1r1w", "stream_fifo"}) {
    for (const int width : {1, 9}) {
      expect_silent_success(fmt::format(
          "verilator --lint-only -Wall -GDepth={} -GWidth={} --top-module {} {}", GetParam(), width,
          top, top == std::string("ram_1r1w") ? rtl("ram_1r1w.v") : files));
    }
  }
}

TEST_P(PrimitiveTools, YosysAndIcarusElaborateTheFifo) {
  const std::string files =
      rtl("ram_1r1w.v") + " " + rtl("stream_skid.v") + " " + rtl("stream_fifo.v");
  if (!has_tool("yosys") || !has_tool("iverilog"))
    GTEST_SKIP() << "yosys or iverilog is not installed";
  expect_silent_success(
      fmt::format("yosys -q -p 'read_verilog -sv {}; chparam -set Depth {} stream_fifo; "
                  "hierarchy -check -top stream_fifo; proc; check -assert'",
                  files, GetParam()));
  expect_silent_success(fmt::format(
      "iverilog -g2012 -t null -P stream_fifo.Depth={} -s stream_fifo {}", GetParam(), files));
}

INSTANTIATE_TEST_SUITE_P(Depths, PrimitiveTools, ::testing::Values(1, 2, 3, 5, 8));

}  // namespace
}  // namespace hasse::hdl::testing
