// SPDX-License-Identifier: Apache-2.0
// Codes of sub-tile after sub-tile pass; what is handed to the planner is what they ask for.
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "generator/units/units.hpp"
#include "golden/transitive/hasse_graph.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class CodePresence : public testing::TestWithParam<const char*> {
 protected:
  using Nodes = std::set<int>;

  // A beat taken from the host in this cycle, unless the unit holds, arrives in the next.
  void cycle(double feed, double ready) {
    const bool arrives = taken_;
    const bool ends = arrives && random_.chance(0.4);
    Nodes asked;
    std::uint64_t valid = 0;
    for (int lane = 0; lane < g_.design.lanes; ++lane) {
      const int code = below(random_, 1 << g_.design.tile_bits);
      bench_.set_field("code_i", lane, g_.design.tile_bits, code);
      if (!arrives || (lane > 0 && random_.chance(0.3))) continue;
      valid |= std::uint64_t{1} << lane;
      asked.insert(
          transitive::mirror(static_cast<transitive::Code>(code), g_.design.tile_bits).node);
    }
    bench_.set("code_valid_i", valid);
    bench_.set("tile_complete_i", ends);
    bench_.set("free_i", free_);
    bench_.settle();
    check(ready);
    gathered_.insert(asked.begin(), asked.end());
    if (ends) {
      EXPECT_TRUE(!waiting_) << "a sub-tile was complete before the last one had gone";
      waiting_ = gathered_;
      gathered_.clear();
    }
    taken_ = !bench_.is_set("hold_o") && random_.chance(feed);
    held_ += bench_.is_set("hold_o") ? 1 : 0;
    bench_.edge();
  }

  // The planner is given a sub-tile as soon as it is free, and works on it for a while.
  void check(double ready) {
    ASSERT_EQ(bench_.is_set("take_o"), waiting_ && free_);
    if (!free_) {
      free_ = random_.chance(ready);
      return;
    }
    if (!waiting_) return;
    for (int node = 0; node < g_.lattice.nodes(); ++node)
      ASSERT_EQ(bench_.field("present_o", node, 1), waiting_->count(node)) << "node " << node;
    waiting_.reset();
    free_ = false;
    ++tiles_;
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::code_presence(g_)}};
  harness::Random random_{53};
  Nodes gathered_;
  std::optional<Nodes> waiting_;
  bool taken_ = false, free_ = true;
  int tiles_ = 0, held_ = 0;
};

TEST_P(CodePresence, TellsWhatEverySubTileAsksFor) {
  for (int i = 0; i < 4000 && !HasFatalFailure(); ++i) cycle(0.8, i < 2000 ? 0.9 : 0.1);
  EXPECT_GT(tiles_, 300);
  EXPECT_GT(held_, 300);
}

TEST_P(CodePresence, HoldsOnlyWhenThePlannerIsBusy) {
  for (int i = 0; i < 500 && !HasFatalFailure(); ++i) {
    free_ = true;
    cycle(1, 1);
    ASSERT_FALSE(bench_.is_set("hold_o") && !free_ && !waiting_);
  }
  EXPECT_GT(tiles_, 100);
}

TEST_P(CodePresence, ForgetsEverythingAtReset) {
  for (int i = 0; i < 40; ++i) cycle(1, 0.1);
  for (const char* port : {"code_valid_i", "tile_complete_i"}) bench_.set(port, 0);
  bench_.model().reset();
  gathered_.clear();
  waiting_.reset();
  taken_ = false;
  free_ = true;
  for (int i = 0; i < 400 && !HasFatalFailure(); ++i) cycle(0.8, 0.5);
  EXPECT_GT(tiles_, 20);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, CodePresence,
    testing::Values(R"({"planner": "orbit", "tile_bits": 2, "lanes": 3, "rows": 24})",
                    R"({"planner": "orbit", "tile_bits": 5, "lanes": 1, "rows": 8})",
                    R"({"planner": "orbit", "tile_bits": 8, "lanes": 8})",
                    R"({"planner": "orbit", "tile_bits": 10, "lanes": 16})"));

}  // namespace
}  // namespace hasse::unit
