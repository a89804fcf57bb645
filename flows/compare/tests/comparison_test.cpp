// SPDX-License-Identifier: Apache-2.0
// Two small designs through all steps, and how the result is told.
#include "flows/compare/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/tensor/file.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::compare {
namespace {

using testing::HasSubstr;

DesignResult result(const std::string& name, double mac_per_cycle, double logic, double fmax) {
  DesignResult design;
  design.contender.name = name;
  design.format = "W4A8";
  design.outputs = 7;
  design.mac_per_cycle = mac_per_cycle;
  design.area_logic_um2 = logic;
  design.fmax_mhz = fmax;
  design.pj_per_mac = logic * 1e-6;
  return design;
}

Comparison two() {
  Comparison comparison;
  comparison.name = "two";
  comparison.reference = "good";
  comparison.clock_ns = 10;
  comparison.designs = {result("good", 100, 1e6, 101), result("poor", 50, 2e6, 99)};
  return comparison;
}

TEST(Comparison, AdvantagesAreOfThroughputPerArea) {
  const Comparison comparison = two();
  EXPECT_DOUBLE_EQ(comparison.advantage(comparison.designs[0]), 1);
  EXPECT_DOUBLE_EQ(comparison.advantage(comparison.designs[1]), 4);
  EXPECT_DOUBLE_EQ(comparison.energy_advantage(comparison.designs[1]), 2);
  EXPECT_DOUBLE_EQ(comparison.designs[1].edp(comparison.clock_ns), 2.0 * 10 / 50);
  EXPECT_TRUE(comparison.meets_clock(comparison.designs[0]));
  EXPECT_FALSE(comparison.meets_clock(comparison.designs[1]));
}

TEST(Comparison, IsToldAsJsonTableAndPage) {
  const Comparison comparison = two();
  const nlohmann::ordered_json json = to_json(comparison);
  EXPECT_EQ(json["designs"]["good"]["mac_per_cycle_per_mm2"], 100);
  EXPECT_EQ(json["layout"], "pre-layout");
  EXPECT_THAT(to_table(comparison), HasSubstr("99.0, late"));
  EXPECT_THAT(to_table(comparison), HasSubstr("pre-layout"));
  EXPECT_THAT(to_page(comparison), HasSubstr("40,000 (4.00x)"));
}

/// Small designs, so that the tools take seconds.
class CompareTest : public testing::Test {
 protected:
  CompareTest() {
    tensor::write_file(folder_ + "split.json",
                       R"({"tables": 4, "lanes": 2, "columns": 4, "rows": 64, "operand_rows": 2})");
    tensor::write_file(
        folder_ + "bitvert.json",
        R"({"engine": "bitvert", "tables": 1, "lanes": 2, "columns": 4, "rows": 64})");
    tensor::write_file(folder_ + "shapes.json", R"({"tokens": 8, "layers": [
        {"name": "a", "n": 64, "k": 128}]})");
    tensor::write_file(folder_ + "workload.json", R"({"shapes": "shapes.json", "designs": [
        {"design": "split.json", "weight_bits": 4}, {"design": "bitvert.json", "weight_bits": 8}]})");
  }

  harness::Workspace scratch_{testing::TempDir()};
  std::string folder_ = scratch_.path().string() + "/";
};

TEST_F(CompareTest, TakesEveryDesignThroughAllSteps) {
  const Comparison comparison =
      compare({load_workload(folder_ + "workload.json"), folder_ + "compared"});
  ASSERT_EQ(comparison.designs.size(), 2U);
  for (const DesignResult& design : comparison.designs) {
    EXPECT_EQ(design.mismatches, 0U);
    EXPECT_EQ(design.gate_mismatches, 0U);
    EXPECT_GT(design.pj_per_mac, 0);
    EXPECT_GT(design.outputs, 0U);
    EXPECT_GT(design.area_logic_um2, 0);
    EXPECT_GT(design.mac_per_cycle, 0);
  }
  // 2 lanes x 4 columns x 8 elements, of 4 planes a cycle in split and of one of 8 in bitvert.
  EXPECT_GT(comparison.designs[0].utilisation, 0.8);
  EXPECT_NEAR(comparison.designs[0].mac_per_cycle, 64 * comparison.designs[0].utilisation, 1e-9);
  EXPECT_NEAR(comparison.designs[1].mac_per_cycle, 8 * comparison.designs[1].utilisation, 1e-9);
  EXPECT_EQ(comparison.designs[1].format, "W8A8");
}

}  // namespace
}  // namespace hasse::compare
