// SPDX-License-Identifier: Apache-2.0
// Whole runs on small designs: sums that can be checked by hand, and what a second run does.
#include "synth/synth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"
#include "synth/tests/fixture.hpp"

namespace hasse::synth {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double kFlipFlop = 96.0;
constexpr double kInverter = 16.0;
constexpr double kBit = 93180.5344 / 16384.0 / 48.9888 * kFlipFlop;

class SynthTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kDefaultLiberty)) {
      GTEST_SKIP() << kDefaultLiberty << " is not installed";
    }
  }

  Options options(const std::string& name = "design") const {
    Options result;
    result.dir = folder_.path() / name;
    return result;
  }

  Options tiny(const std::string& name = "design") const {
    testing::write_tiny_design(folder_.path() / name);
    return options(name);
  }

  testing::TemporaryDirectory folder_;
};

TEST_F(SynthTest, AreasAreSumsOfCellAreas) {
  const Result result = run(tiny());
  EXPECT_EQ(result.liberty, "osu018_stdcells");
  EXPECT_EQ(result.cells, 4 * 3 + 1);
  EXPECT_DOUBLE_EQ(result.area_logic_um2, 12 * kFlipFlop + kInverter);
  EXPECT_EQ(result.memory_bits, 64);
  EXPECT_NEAR(result.area_memory_um2, 64 * kBit, 1e-3);
  EXPECT_NEAR(result.area_um2, result.area_logic_um2 + result.area_memory_um2, 2e-3);
  EXPECT_DOUBLE_EQ(result.area_by_unit.at("accumulate_lanes"), 12 * kFlipFlop);
  EXPECT_DOUBLE_EQ(result.area_by_unit.at("control"), kInverter);
  EXPECT_NEAR(result.area_by_unit.at("memory"), result.area_memory_um2, 1e-9);
  EXPECT_NEAR(result.kge, result.area_logic_um2 / 24.0 / 1000.0, 1e-3);
}

TEST_F(SynthTest, ModulesAreMappedOnceAndCountedOften) {
  const Result result = run(tiny());
  ASSERT_EQ(result.area_by_module.size(), 3U);
  const ModuleArea& lane = result.area_by_module[0];
  EXPECT_EQ(lane.name, "shift_lane");
  EXPECT_EQ(lane.instances, 4);
  EXPECT_EQ(lane.cells, 3);
  EXPECT_DOUBLE_EQ(lane.area_um2, 3 * kFlipFlop);
  EXPECT_EQ(result.area_by_module[1].name, "ram_1r1w_4x16");
  EXPECT_EQ(result.area_by_module[1].memory_bits, 64);
  // A lane has nothing inside; the top has everything.
  EXPECT_EQ(lane.global_um2, lane.area_um2);
  const auto top = std::find_if(result.area_by_module.begin(), result.area_by_module.end(),
                                [](const ModuleArea& module) { return module.name == "tiny_top"; });
  ASSERT_NE(top, result.area_by_module.end());
  EXPECT_NEAR(top->global_um2, result.area_um2, 1e-6);
  EXPECT_THAT(read_file(result.netlist.parent_path() / "area.csv"),
              ::testing::HasSubstr("\ntiny_top,control,1,"));
}

TEST_F(SynthTest, TimesRegisterToRegisterPaths) {
  const Result result = run(tiny());
  ASSERT_TRUE(result.critical_path.has_value());
  EXPECT_THAT(result.critical_path->start, HasSubstr("u_ram.read_data_o"));
  EXPECT_THAT(result.critical_path->end, HasSubstr("u_lane.history_q[0]"));
  EXPECT_GT(result.critical_path->delay_ns, result.memory_access_ns);
  EXPECT_NEAR(result.fmax_mhz.value(), 1000.0 / result.critical_path->delay_ns, 0.2);
  EXPECT_TRUE(result.clock_is_default);
  EXPECT_NEAR(result.clock_ns, 9.9, 1e-9);
}

TEST_F(SynthTest, ASecondRunDoesNothing) {
  const Options design = tiny();
  const Result first = run(design);
  const fs::path kept = design.dir / "synth/osu018_stdcells";
  const auto written = fs::last_write_time(kept / "link.log");
  const Result second = run(design);
  EXPECT_FALSE(first.reused);
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(fs::last_write_time(kept / "link.log"), written);
  EXPECT_EQ(to_json(first).dump(), to_json(second).dump());
  EXPECT_EQ(second.netlist, fs::absolute(kept / "netlist.v"));
}

TEST_F(SynthTest, AChangeOfInputsRunsAgain) {
  Options design = tiny();
  run(design);
  design.memory_um2_per_bit = 5.0;
  const Result cheaper = run(design);
  EXPECT_FALSE(cheaper.reused);
  EXPECT_DOUBLE_EQ(cheaper.area_memory_um2, 320.0);
  const fs::path lane = design.dir / "rtl/shift_lane.v";
  write_file(lane, read_file(lane) + "// touched\n");
  EXPECT_FALSE(run(design).reused);
}

TEST_F(SynthTest, ParallelRunsGiveTheSameBytes) {
  Options one = tiny("one");
  Options four = tiny("four");
  one.jobs = 1;
  four.jobs = 4;
  const Result first = run(one);
  const Result second = run(four);
  EXPECT_EQ(read_file(first.netlist), read_file(second.netlist));
  EXPECT_EQ(to_json(first).dump(), to_json(second).dump());
}

TEST_F(SynthTest, AFailedRunLeavesTheLastResult) {
  const Options design = tiny();
  run(design);
  const fs::path kept = design.dir / "synth/osu018_stdcells/synth.json";
  const std::string before = read_file(kept);
  write_file(design.dir / "rtl/shift_lane.v", "module shift_lane (broken");
  EXPECT_THAT([&] { run(design); },
              ThrowsMessage<ToolError>(AllOf(HasSubstr("yosys failed"), HasSubstr("shift_lane"))));
  EXPECT_EQ(read_file(kept), before);
}

TEST_F(SynthTest, RefusesStorageOutsideTheMemoryModule) {
  testing::write_single_module(options().dir, "hoard", R"(module hoard (
  input logic clk_i, input logic [5:0] address_i, input logic [7:0] data_i,
  output logic [7:0] data_o
);
  logic [7:0] words [0:63];
  always_ff @(posedge clk_i) words[address_i] <= data_i;
  assign data_o = words[address_i];
endmodule
)",
                               {{"clk_i", 1}, {"address_i", 6}, {"data_i", 8}, {"data_o", 8}});
  EXPECT_THAT([&] { run(options()); }, ThrowsMessage<ToolError>(HasSubstr("$mem")));
}

TEST_F(SynthTest, SaysWhenNothingIsClocked) {
  testing::write_single_module(options().dir, "wires",
                               "module wires (input logic a_i, output logic y_o);\n"
                               "  assign y_o = ~a_i;\nendmodule\n",
                               {{"a_i", 1}, {"y_o", 1}});
  const Result result = run(options());
  EXPECT_FALSE(result.fmax_mhz.has_value());
  EXPECT_TRUE(to_json(result).at("fmax_mhz").is_null());
  EXPECT_THAT(result.remarks, Contains(HasSubstr("clk_i")));
  EXPECT_DOUBLE_EQ(result.area_logic_um2, kInverter);
}

TEST_F(SynthTest, RefusesBadOptions) {
  Options design = tiny();
  design.clock_ns = 0.0;
  EXPECT_THAT([&] { run(design); }, ThrowsMessage<InputError>(HasSubstr("clock period")));
  design.clock_ns.reset();
  design.liberty = design.dir / "manifest.json";
  EXPECT_THAT([&] { run(design); }, ThrowsMessage<InputError>(HasSubstr("manifest.json:1")));
}

TEST_F(SynthTest, JsonHasTheAgreedKeys) {
  const nlohmann::ordered_json object = to_json(run(tiny()));
  for (const char* key :
       {"liberty", "clock_ns", "fmax_mhz", "cells", "area_um2", "area_logic_um2", "area_memory_um2",
        "area_by_unit", "memory_bits", "critical_path", "area_by_module", "kge"}) {
    EXPECT_TRUE(object.contains(key)) << key;
  }
  const Result back = from_json(nlohmann::json::parse(object.dump()));
  EXPECT_EQ(to_json(back).dump(), object.dump());
}

TEST_F(SynthTest, MapsToAnotherLibraryWhenOneIsNamed) {
  const char* file = std::getenv("HASSE_TEST_LIBERTY");
  if (file == nullptr) {
    GTEST_SKIP() << "HASSE_TEST_LIBERTY names no Liberty file";
  }
  Options design = tiny();
  design.liberty = file;
  const Result result = run(design);
  EXPECT_GE(result.cells, 13);
  EXPECT_TRUE(result.fmax_mhz.has_value());
}

}  // namespace
}  // namespace hasse::synth
