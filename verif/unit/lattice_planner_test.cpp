// SPDX-License-Identifier: Apache-2.0
// The lattice planner drives a ring, lanes and banks made of plain arrays; the nodes they end up
// with are compared with their definition.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>

#include "generator/units/units.hpp"
#include "golden/transitive/hasse_graph.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

/// One column of everything the planner commands: what the RTL's registers would hold.
struct DataPath {
  explicit DataPath(const units::Geometry& g)
      : ring(static_cast<std::size_t>(g.engine.dimension())),
        parent(ring.size()),
        slots_per_bank(g.bank_depth),
        banks(g.design.banks_per_lane) {
    for (auto& half : nodes)
      half.assign(ring.size(),
                  std::vector<std::int64_t>(static_cast<std::size_t>(banks * slots_per_bank)));
  }

  std::int64_t& node(std::size_t half, std::size_t lane, int bank, int address) {
    return nodes[half][lane][static_cast<std::size_t>(bank * slots_per_bank + address)];
  }

  void load(std::int64_t operand, bool first, bool keep) {
    sum = (first ? 0 : sum) - operand;
    if (keep) turn(operand);
  }
  void turn(std::int64_t incoming) {
    std::rotate(ring.begin(), ring.begin() + 1, ring.end());
    ring.back() = incoming;
  }

  std::vector<std::int64_t> ring;
  std::vector<std::int64_t> parent;  ///< Read in the cycle before, per lane.
  std::int64_t sum = 0;              ///< Minus the operands of the K-tile.
  std::array<std::vector<std::vector<std::int64_t>>, 2> nodes;
  int slots_per_bank;
  int banks;
};

class LatticePlanner : public testing::TestWithParam<const char*> {
 protected:
  static int bank_in(std::uint64_t one_hot) {
    EXPECT_EQ(std::popcount(one_hot), 1);
    return std::countr_zero(one_hot);
  }

  void begin(int n, int k, int m, int tile_rows) {
    k_ = k;
    const auto& d = g_.design;
    tiles_k_ = (k + d.tile_bits - 1) / d.tile_bits;
    tiles_ = tiles_k_ * ((n + tile_rows - 1) / tile_rows) * ((m + d.columns - 1) / d.columns);
    bench_.set("n_i", static_cast<std::uint64_t>(n));
    bench_.set("k_i", static_cast<std::uint64_t>(k));
    bench_.set("m_i", static_cast<std::uint64_t>(m));
    bench_.set("tile_rows_i", static_cast<std::uint64_t>(tile_rows));
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
    tile_ = row_ = built_ = 0;
  }

  void cycle() {
    const std::int64_t operand = random_number(random_, g_.design.activation_bits);
    bench_.set("activation_valid_i", random_.chance(0.8));
    bench_.set("correction_full_i", random_.chance(0.3));
    release_sometimes();
    bench_.settle();
    check_loading();
    check_building();
    command(operand);
    bench_.edge();
    if (check_nodes_) expect_nodes();
    check_nodes_ = bench_built_;
    bench_built_ = false;
  }

  // Plays the tile tracker: the older half is given back after a while.
  void release_sometimes() {
    const bool release = occupied_[oldest_] && random_.chance(0.05);
    bench_.set("release_i", release);
    bench_.set("release_half_i", oldest_);
    released_ = release;
  }

  void check_loading() {
    const int depth = std::min(g_.design.tile_bits, k_ - (tile_ % tiles_k_) * g_.design.tile_bits);
    if (!bench_.is_set("load_o")) return;
    EXPECT_LT(tile_, tiles_) << "loads after the last sub-tile";
    EXPECT_EQ(bench_.is_set("load_first_o"), row_ == 0);
    EXPECT_EQ(bench_.is_set("load_ring_o"), row_ < g_.engine.dimension());
    EXPECT_EQ(bench_.is_set("load_zero_o"), row_ >= depth);
    EXPECT_EQ(bench_.is_set("activation_ready_o"), row_ < depth);
    EXPECT_TRUE(row_ >= depth || bench_.is_set("activation_valid_i"));
  }

  void check_building() {
    const std::size_t half = bench_.get("tile_half_o");
    if (bench_.is_set("tile_begin_o")) {
      EXPECT_EQ(row_, g_.design.tile_bits) << "operands are missing";
      EXPECT_EQ(half, static_cast<std::size_t>(built_ % 2));
      EXPECT_FALSE(occupied_[half]) << "nodes that are still being read would be overwritten";
      const bool last_k = tile_ % tiles_k_ == tiles_k_ - 1;
      EXPECT_EQ(bench_.is_set("first_k_o"), tile_ % tiles_k_ == 0);
      EXPECT_EQ(bench_.is_set("last_k_o"), last_k);
      EXPECT_FALSE(last_k && bench_.is_set("correction_full_i"));
      steps_ = 0;
    }
    ++steps_;
    EXPECT_EQ(bench_.get("built_o"), (occupied_[0] ? 1U : 0U) + (occupied_[1] ? 2U : 0U));
  }

  // Does in one column what the planner commands in this cycle.
  void command(std::int64_t operand) {
    const DataPath before = path_;
    write_node(before);
    if (const std::uint64_t banks = bench_.get("parent_read_o"); banks != 0) {
      const int address = static_cast<int>(bench_.get("parent_address_o"));
      for (std::size_t lane = 0; lane < path_.parent.size(); ++lane)
        path_.parent[lane] =
            DataPath(before).node(bench_.get("tile_half_o"), lane, bank_in(banks), address);
    }
    if (bench_.is_set("advance_o")) path_.turn(before.ring.front());
    if (bench_.is_set("load_o")) load(bench_.is_set("load_zero_o") ? 0 : operand);
    if (released_) {
      occupied_[oldest_] = false;
      oldest_ ^= 1U;
    }
    if (bench_.is_set("tile_built_o")) finish_tile();
  }

  void load(std::int64_t operand) {
    if (row_ == 0) operands_.clear();
    operands_.push_back(operand);
    path_.load(operand, row_ == 0, row_ < g_.engine.dimension());
    ++row_;
  }

  void write_node(const DataPath& before) {
    const std::uint64_t banks = bench_.get("write_o");
    if (banks == 0) return;
    for (std::size_t lane = 0; lane < path_.ring.size(); ++lane) {
      if (((bench_.get("write_lanes_o") >> lane) & 1U) == 0) continue;
      const std::int64_t base =
          bench_.is_set("from_root_o") ? half_of(before.sum) : before.parent[lane];
      const bool rooted = bench_.is_set("at_root_o") && lane == 0;
      path_.node(bench_.get("write_half_o"), lane, bank_in(banks),
                 static_cast<int>(bench_.get("write_address_o"))) =
          base + (rooted ? 0 : before.ring[lane]);
    }
  }

  void finish_tile() {
    EXPECT_EQ(steps_,
              std::max(static_cast<int>(g_.lattice.steps().size()), g_.design.columns_per_adder));
    const std::size_t half = static_cast<std::size_t>(built_ % 2);
    occupied_[half] = true;
    ++built_;
    ++tile_;
    row_ = 0;
    built_operands_ = operands_;
    built_half_ = half;
    bench_built_ = true;
  }

  void expect_nodes() {
    for (int code = 0; code < g_.lattice.nodes(); ++code) {
      const auto node = static_cast<transitive::Code>(code);
      const transitive::NodePlace place = g_.lattice.place(node);
      ASSERT_EQ(
          path_.node(built_half_, static_cast<std::size_t>(place.lane),
                     place.slot % g_.design.banks_per_lane, place.slot / g_.design.banks_per_lane),
          transitive::mirrored_value(node, built_operands_))
          << "node " << code;
    }
    ++tiles_checked_;
  }

  void build(int n, int k, int m, int tile_rows) {
    begin(n, k, m, tile_rows);
    const int limit = 200 + tiles_ * 2000;
    for (int i = 0; i < limit && built_ < tiles_ && !HasFailure(); ++i) cycle();
    EXPECT_EQ(built_, tiles_);
    for (int i = 0; i < 100; ++i) cycle();
    EXPECT_EQ(built_, tiles_);
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module walker_ = units::tile_walker(g_, units::Walk::activations);
  Bench bench_{{walker_, units::lattice_planner(g_, walker_)}};
  harness::Random random_{13};
  DataPath path_{g_};
  std::vector<std::int64_t> operands_, built_operands_;
  std::array<bool, 2> occupied_{};
  std::size_t oldest_ = 0, built_half_ = 0;
  bool released_ = false, bench_built_ = false, check_nodes_ = false;
  int k_ = 0, tiles_k_ = 0, tiles_ = 0, tile_ = 0, row_ = 0, built_ = 0, steps_ = 0,
      tiles_checked_ = 0;
};

TEST_P(LatticePlanner, BuildsEveryNode) {
  const int t = g_.design.tile_bits;
  int tiles = 0;
  for (const int k : {3 * t + 1, t - 1, 2 * t}) {
    build(9, k, g_.design.columns + 1, 2);
    tiles += tiles_;
  }
  EXPECT_EQ(tiles_checked_, tiles);
}

TEST_P(LatticePlanner, StopsInTheMiddleAndBuildsAnew) {
  begin(1, 4 * g_.design.tile_bits, 1, 1);
  for (int i = 0; i < 30; ++i) cycle();
  bench_.set("release_i", 0);
  bench_.model().reset();
  occupied_ = {};
  oldest_ = 0;
  check_nodes_ = bench_built_ = false;
  build(1, 4 * g_.design.tile_bits, 1, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, LatticePlanner,
    testing::Values(
        R"({"tile_bits": 2, "banks_per_lane": 1, "columns": 4})",
        R"({"tile_bits": 5, "banks_per_lane": 3, "columns": 1, "columns_per_adder": 1})",
        R"({"tile_bits": 8, "banks_per_lane": 2, "columns": 4})",
        R"({"tile_bits": 10, "banks_per_lane": 4, "columns": 4})"));

}  // namespace
}  // namespace hasse::unit
