// SPDX-License-Identifier: Apache-2.0
// Places of nodes as golden defines them: noted in the table of a half, found again by the lookup.
#include <gtest/gtest.h>

#include <array>

#include "generator/units/dynamic.hpp"
#include "golden/transitive/dynamic_plan.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using transitive::Code;
using transitive::DynamicPlan;

class Places : public testing::TestWithParam<const char*> {
 protected:
  DynamicPlan random_plan() {
    std::vector<bool> present(static_cast<std::size_t>(g_.lattice.nodes()));
    for (std::size_t node = 0; node < present.size(); ++node) present[node] = random_.chance(0.6);
    return DynamicPlan(d_, present);
  }

  units::Geometry g_ = geometry(GetParam());
  int d_ = g_.engine.dimension();
  units::DynamicOrder order_{d_};
  harness::Random random_{11};
};

// Nodes in any order, a picker's lane at a time; the other half keeps what it has.
TEST_P(Places, AreKeptPerHalf) {
  Bench bench({units::place_table(g_)});
  const auto choose = [&](int number, bool pick) { bench.set_field("pick_i", number, 1, pick); };
  std::array<std::vector<int>, 2> expected;
  for (auto& half : expected) half.assign(static_cast<std::size_t>(order_.nodes()), -1);
  for (int cycle = 0; cycle < 40 * order_.nodes(); ++cycle) {
    const int number = below(random_, order_.nodes()), lane = below(random_, d_);
    const int picker = transitive::dynamic_class(order_.node(number), d_);
    const bool half = random_.chance(0.5), pick = random_.chance(0.8);
    choose(number, pick);
    for (int other = 0; other < d_; ++other)
      bench.set_field("picker_lane_i", other, order_.lane_bits(),
                      other == picker ? lane : below(random_, d_));
    bench.set("half_i", half);
    bench.settle();
    bench.edge();
    choose(number, false);
    if (pick) expected[half ? 1 : 0][static_cast<std::size_t>(number)] = lane;
    bench.settle();
    const int asked = below(random_, order_.nodes());
    for (int h = 0; h < 2; ++h) {
      const int lane_kept = expected[static_cast<std::size_t>(h)][static_cast<std::size_t>(asked)];
      if (lane_kept < 0) continue;
      ASSERT_EQ(bench.field("lane_o", h * order_.nodes() + asked, order_.lane_bits()),
                static_cast<std::uint64_t>(lane_kept));
    }
  }
}

TEST_P(Places, AreFoundByNodeAndHalf) {
  Bench bench({units::place_lookup(g_)});
  const int banks = g_.design.banks_per_lane;
  for (int round = 0; round < 5; ++round) {
    const std::array<DynamicPlan, 2> plans = {random_plan(), random_plan()};
    for (int half = 0; half < 2; ++half)
      for (int number = 0; number < order_.nodes(); ++number)
        bench.set_field("lane_i", half * order_.nodes() + number, order_.lane_bits(),
                        plans[static_cast<std::size_t>(half)]
                            .lane(order_.node(number))
                            .value_or(below(random_, d_)));
    for (int half = 0; half < 2; ++half)
      for (Code node = 0; node < Code{1} << d_; ++node) {
        const std::optional<int> lane = plans[static_cast<std::size_t>(half)].lane(node);
        if (!lane) continue;
        const int slot = transitive::dynamic_slot(node, *lane, d_);
        bench.set("node_i", node);
        bench.set("half_i", static_cast<std::uint64_t>(half));
        bench.model().eval();
        EXPECT_EQ(bench.get("bank_o"), static_cast<std::uint64_t>(*lane * banks + slot % banks));
        EXPECT_EQ(bench.get("address_o"), static_cast<std::uint64_t>(slot / banks));
      }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Designs, Places,
    testing::Values(R"({"planner": "dynamic", "tile_bits": 4, "banks_per_lane": 1})",
                    R"({"planner": "dynamic", "tile_bits": 5, "banks_per_lane": 4})",
                    R"({"planner": "dynamic", "tile_bits": 8, "banks_per_lane": 2})"));

}  // namespace
}  // namespace hasse::unit
