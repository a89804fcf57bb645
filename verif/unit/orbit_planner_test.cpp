// SPDX-License-Identifier: Apache-2.0
// The orbit planner, step by step against the forest's plan: what every lane reads and writes, and
// which operand stands in front of it.
#include <gtest/gtest.h>

#include <map>

#include "generator/units/units.hpp"
#include "golden/transitive/orbit_forest.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using transitive::BuildPlan;
using transitive::Code;
using transitive::NodePlace;
using transitive::PlannedNode;

class OrbitPlanner : public testing::TestWithParam<const char*> {
 protected:
  void begin(int k, int m) {
    k_ = k;
    const auto& d = g_.design;
    tiles_k_ = (k + d.tile_bits - 1) / d.tile_bits;
    tiles_ = tiles_k_ * ((m + d.columns - 1) / d.columns);
    bench_.set("n_i", 1);
    bench_.set("k_i", static_cast<std::uint64_t>(k));
    bench_.set("m_i", static_cast<std::uint64_t>(m));
    bench_.set("tile_rows_i", 1);
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
    tile_ = rows_ = 0;
  }

  void cycle() {
    const bool plan = bench_.is_set("plan_free_o") && !plan_ && random_.chance(0.3);
    offer(plan);
    bench_.set("activation_valid_i", random_.chance(0.8));
    const bool full = random_.chance(0.3);
    bench_.set("correction_full_i", full);
    // Every other three sub-tiles are read so slowly that the next one waits beside them.
    const bool release = occupied_ > 0 && random_.chance(tile_ / 3 % 2 == 0 ? 0.05 : 0.004);
    bench_.set("release_i", release);
    bench_.set("release_number_i", static_cast<std::uint64_t>(oldest_));
    bench_.settle();
    const bool steps = step_ >= 0 || bench_.is_set("tile_begin_o");
    check_begin(full);
    check_writes();
    turns_ += bench_.is_set("advance_o") ? 1 : 0;
    if (steps) check_step();
    check_load();
    if (release) {
      oldest_ = (oldest_ + 1) % 4;
      --occupied_;
    }
    if (steps && step_ == length()) finish();
    bench_.edge();
    if (plan) plan_ = forest_.plan(present_);
  }

  // Codes of the next sub-tile: few, or most of all.
  void offer(bool plan) {
    const double share = random_.chance(0.5) ? 0.1 : 0.8;
    for (int node = 0; node < g_.lattice.nodes(); ++node) {
      const bool present = random_.chance(share);
      bench_.set_field("present_i", node, 1, present ? 1 : 0);
      if (plan) present_[static_cast<std::size_t>(node)] = present;
    }
    bench_.set("take_i", plan);
  }

  // Rows of activations, then zeros beyond K, until the sub-tile has all.
  void check_load() {
    const int depth = g_.design.tile_bits;
    const int within = tile_ == tiles_ ? 0 : std::min(depth, k_ - tile_ % tiles_k_ * depth);
    const bool load = bench_.is_set("load_o");
    const bool taken = bench_.is_set("activation_ready_o") && bench_.is_set("activation_valid_i");
    EXPECT_EQ(load, taken || (tile_ < tiles_ && rows_ >= within && rows_ < depth));
    if (!load) return;
    EXPECT_EQ(taken, rows_ < within);
    EXPECT_EQ(bench_.is_set("load_first_o"), rows_ == 0);
    EXPECT_EQ(bench_.is_set("load_ring_o"), rows_ + 1 < depth);
    EXPECT_EQ(bench_.is_set("load_zero_o"), rows_ >= within);
    ++rows_;
  }

  int length() const { return std::max(plan_->steps, g_.design.columns_per_adder); }

  void check_begin(bool full) {
    const std::uint64_t built = bench_.get("built_o");
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ((built >> ((oldest_ + i) % 4)) & 1U, i < occupied_ ? 1U : 0U);
    if (!bench_.is_set("tile_begin_o")) return;
    ASSERT_TRUE(plan_) << "nobody knows the codes";
    EXPECT_EQ(step_, -1);
    EXPECT_EQ(rows_, g_.design.tile_bits) << "operands are missing";
    EXPECT_LT(occupied_, 2) << "nodes that are still being read would be overwritten";
    const bool last_k = tile_ % tiles_k_ == tiles_k_ - 1;
    EXPECT_EQ(bench_.is_set("first_k_o"), tile_ % tiles_k_ == 0);
    EXPECT_EQ(bench_.is_set("last_k_o"), last_k);
    EXPECT_FALSE(last_k && full);
    step_ = turns_ = 0;
    steps_of_.clear();
    for (const PlannedNode& node : plan_->nodes) steps_of_[{node.step, node.lane}] = node.node;
  }

  std::uint64_t bank(const NodePlace& place) const {
    return std::uint64_t{1} << (place.slot % g_.design.banks_per_lane);
  }
  std::uint64_t address(const NodePlace& place) const {
    return static_cast<std::uint64_t>(place.slot / g_.design.banks_per_lane);
  }

  // Parents are read in the cycle of the step; what is written follows a cycle later.
  void check_step() {
    const int banks = g_.design.banks_per_lane, half = static_cast<int>(bench_.get("tile_half_o"));
    due_.clear();
    for (int lane = 0; lane < g_.engine.dimension(); ++lane) {
      const auto node = steps_of_.find({step_, lane});
      const std::uint64_t read = bench_.field("parent_read_o", lane, banks);
      if (node == steps_of_.end()) {
        EXPECT_EQ(read, 0U);
        continue;
      }
      const transitive::OrbitSlot& slot = slot_of(node->second);
      EXPECT_EQ(turns_, slot.phase) << "another operand is in place";
      const bool root = !slot.parent;
      EXPECT_EQ(read, root ? 0 : bank({lane, *slot.parent}));
      if (!root) {
        EXPECT_EQ(bench_.field("parent_address_o", lane, g_.bank_address_bits),
                  address({lane, *slot.parent}));
      }
      due_[lane] = {node->second, root, half};
    }
    ++step_;
  }

  const transitive::OrbitSlot& slot_of(Code node) const {
    return forest_.slots()[static_cast<std::size_t>(g_.lattice.place(node).slot)];
  }

  void check_writes() {
    for (int lane = 0; lane < g_.engine.dimension(); ++lane) {
      const std::uint64_t write = bench_.field("write_o", lane, g_.design.banks_per_lane);
      const auto due = due_.find(lane);
      if (due == due_.end()) {
        EXPECT_EQ(write, 0U) << "lane " << lane;
        continue;
      }
      const NodePlace place = g_.lattice.place(due->second.node);
      EXPECT_EQ(place.lane, lane);
      EXPECT_EQ(write, bank(place));
      EXPECT_EQ(bench_.field("write_address_o", lane, g_.bank_address_bits), address(place));
      EXPECT_EQ(bench_.field("from_root_o", lane, 1), due->second.from_root ? 1U : 0U);
      EXPECT_EQ(bench_.get("write_half_o"), static_cast<std::uint64_t>(due->second.half));
      if (lane == 0) {
        EXPECT_EQ(bench_.is_set("at_root_o"), due->second.node == 0);
      }
    }
    EXPECT_EQ(bench_.get("nodes_built_o"), due_.size());
    nodes_ += due_.size();
    due_.clear();
  }

  void finish() {
    plan_.reset();
    step_ = -1;
    rows_ = 0;
    ++tile_;
    ++occupied_;
  }

  void build(int k, int m) {
    begin(k, m);
    for (int i = 0; i < tiles_ * 2000 && tile_ < tiles_ && !HasFailure(); ++i) cycle();
    EXPECT_EQ(tile_, tiles_);
    for (int i = 0; i < 100 && !HasFailure(); ++i) cycle();
    EXPECT_EQ(tile_, tiles_);
  }

  struct Due {
    Code node;
    bool from_root;
    int half;
  };

  units::Geometry g_ = geometry(GetParam());
  hdl::Module walker_ = units::tile_walker(g_, units::Walk::activations);
  hdl::Module lane_ = units::orbit_lane(g_);
  Bench bench_{{walker_, lane_, units::orbit_planner(g_, walker_, lane_)}};
  harness::Random random_{59};
  transitive::OrbitForest forest_{g_.engine.dimension()};
  std::vector<bool> present_ = std::vector<bool>(static_cast<std::size_t>(g_.lattice.nodes()));
  std::optional<BuildPlan> plan_;
  std::map<std::pair<int, int>, Code> steps_of_;  ///< Node by step and lane.
  std::map<int, Due> due_;                        ///< Writes of this cycle, by lane.
  std::size_t nodes_ = 0;
  int k_ = 0, tiles_k_ = 0, tiles_ = 0, tile_ = 0, rows_ = 0, step_ = -1, turns_ = 0;
  int oldest_ = 0, occupied_ = 0;
};

TEST_P(OrbitPlanner, BuildsWhatIsAskedFor) {
  const int t = g_.design.tile_bits;
  for (const int k : {5 * t + 1, t - 1, 2 * t, 8 * t}) build(k, g_.design.columns + 1);
  EXPECT_GT(nodes_, 0U);
}

TEST_P(OrbitPlanner, StopsInTheMiddleAndBuildsAnew) {
  begin(4 * g_.design.tile_bits, 1);
  for (int i = 0; i < 40; ++i) cycle();
  for (const char* port : {"release_i", "take_i"}) bench_.set(port, 0);
  bench_.model().reset();
  plan_.reset();
  due_.clear();
  step_ = -1;
  oldest_ = occupied_ = 0;
  build(4 * g_.design.tile_bits, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, OrbitPlanner,
    testing::Values(R"({"planner": "orbit", "tile_bits": 2, "banks_per_lane": 1, "columns": 4})",
                    R"({"planner": "orbit", "tile_bits": 4, "banks_per_lane": 3, "columns": 4})",
                    R"({"planner": "orbit", "tile_bits": 7, "banks_per_lane": 2, "columns": 4})",
                    R"({"planner": "orbit", "tile_bits": 8, "banks_per_lane": 2, "columns": 4})",
                    R"({"planner": "orbit", "tile_bits": 10, "banks_per_lane": 4, "columns": 4})"));

}  // namespace
}  // namespace hasse::unit
