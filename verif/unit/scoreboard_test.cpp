// SPDX-License-Identifier: Apache-2.0
// The scoreboard against the golden plan: every lane's node and operand in every step.
#include <gtest/gtest.h>

#include <map>

#include "generator/units/dynamic.hpp"
#include "golden/transitive/dynamic_plan.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using transitive::Code;
using transitive::DynamicNode;
using transitive::DynamicPlan;

class Scoreboard : public testing::TestWithParam<const char*> {
 protected:
  void take(const std::vector<bool>& present) {
    bench_.set("take_i", 1);
    for (std::size_t node = 0; node < present.size(); ++node)
      bench_.set_field("present_i", static_cast<int>(node), 1, present[node] ? 1 : 0);
    bench_.settle();
    bench_.edge();
    bench_.set("take_i", 0);
  }

  /// Cycles until the plan can be carried out.
  int search() {
    int cycles = 0;
    for (bench_.settle(); bench_.is_set("searching_o"); bench_.settle(), ++cycles) bench_.edge();
    return cycles;
  }

  void carry_out(const DynamicPlan& plan) {
    std::map<std::pair<int, int>, DynamicNode> expected;
    for (const DynamicNode& node : plan.nodes()) expected[{node.step, node.lane}] = node;
    const int steps = std::max(plan.steps(), 2);
    std::map<Code, int> lanes;
    bench_.set("go_i", 1);
    for (int step = 0; step < steps && !HasFailure(); ++step) {
      bench_.settle();
      expect_step(expected, step);
      collect(lanes);
      ASSERT_EQ(bench_.is_set("last_o"), step + 1 == steps) << "step " << step;
      bench_.edge();
    }
    bench_.set("go_i", 0);
    for (const DynamicNode& node : plan.nodes()) {
      const int noted = transitive::level(node.node) > 1 ? lanes[node.node] : node.lane;
      EXPECT_EQ(noted, node.lane) << "lane noted for node " << node.node;
    }
  }

  void expect_step(const std::map<std::pair<int, int>, DynamicNode>& expected, int step) {
    for (int lane = 0; lane < d_; ++lane) {
      const auto node = expected.find({step, lane});
      const bool valid = ((bench_.get("valid_o") >> lane) & 1U) != 0;
      ASSERT_EQ(valid, node != expected.end()) << "step " << step << ", lane " << lane;
      if (!valid) continue;
      const Code operand = node->second.node == 0 ? 0 : Code{1} << node->second.operand;
      EXPECT_EQ(bench_.field("node_o", lane, d_), node->second.node) << "step " << step;
      EXPECT_EQ(bench_.field("operand_o", lane, d_), operand) << "step " << step;
    }
  }

  /// What a table of places is told.
  void collect(std::map<Code, int>& lanes) {
    for (int picker = 0; picker < d_; ++picker)
      for (int number = order_.first(picker); number < order_.first(picker + 1); ++number)
        if (bench_.field("pick_o", number, 1) != 0)
          lanes[order_.node(number)] =
              static_cast<int>(bench_.field("picker_lane_o", picker, order_.lane_bits()));
  }

  void plan(const std::vector<bool>& present) {
    take(present);
    EXPECT_EQ(search(), d_ - 2);
    for (int pause = below(random_, 3); pause > 0; --pause) bench_.edge();
    carry_out(DynamicPlan(d_, present, g_.engine.operand_network));
    bench_.settle();
    bench_.edge();
  }

  units::Geometry g_ = geometry(GetParam());
  int d_ = g_.engine.dimension();
  units::DynamicOrder order_{d_};
  units::ScoreboardParts parts_{units::prefix_search(g_), units::wavefront_arbiter(d_)};
  Bench bench_{{parts_.search, parts_.arbiter, units::scoreboard(g_, parts_)}};
  harness::Random random_{7};
};

TEST_P(Scoreboard, PlansRandomSubTilesAsGoldenDoes) {
  const int nodes = 1 << d_;
  for (int tile = 0; tile < (d_ < 7 ? 100 : 40) && !HasFailure(); ++tile) {
    std::vector<bool> present(static_cast<std::size_t>(nodes));
    for (int code = below(random_, 3 * nodes); code > 0; --code)
      present[static_cast<std::size_t>(below(random_, nodes))] = true;
    plan(present);
  }
}

TEST_P(Scoreboard, PlansEverySetOfTheFirstEightNodes) {
  for (unsigned set = 0; set < 256 && !HasFailure(); ++set) {
    std::vector<bool> present(std::size_t{1} << d_);
    for (std::size_t node = 0; node < 8; ++node) present[node] = (set >> node) & 1U;
    plan(present);
  }
}

TEST_P(Scoreboard, PlansFewCodesAndNone) {
  const int nodes = 1 << d_;
  plan(std::vector<bool>(static_cast<std::size_t>(nodes)));
  plan(std::vector<bool>(static_cast<std::size_t>(nodes), true));
  for (int tile = 0; tile < 150 && !HasFailure(); ++tile) {
    std::vector<bool> present(static_cast<std::size_t>(nodes));
    for (int code = 1 + below(random_, 3); code > 0; --code)
      present[static_cast<std::size_t>(below(random_, nodes))] = true;
    plan(present);
  }
}

TEST_P(Scoreboard, StartsAnewAfterAReset) {
  const auto present = std::vector<bool>(std::size_t{1} << d_, true);
  take(present);
  bench_.settle();
  bench_.edge();
  bench_.model().reset();
  bench_.settle();
  EXPECT_FALSE(bench_.is_set("searching_o"));
  plan(present);
}

INSTANTIATE_TEST_SUITE_P(Designs, Scoreboard,
                         testing::Values(R"({"tile_bits": 4})", R"({"tile_bits": 5})",
                                         R"({"tile_bits": 7})", R"({"tile_bits": 8})",
                                         R"({"planner": "dynamic", "operand_network": "benes",
                                             "tile_bits": 5})",
                                         R"({"planner": "dynamic", "operand_network": "benes"})"));

}  // namespace
}  // namespace hasse::unit
