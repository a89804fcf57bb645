// SPDX-License-Identifier: Apache-2.0
// The pace of the weight stream: what every beat is, and when it is taken.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

struct Shape {
  int n, k, m, bits;
};

class WeightSequencer : public testing::TestWithParam<const char*> {
 protected:
  struct Beat {
    bool first, opens, complete, first_k, last_k, first_row, tile_end;
    int lanes;
  };

  // The beats of a product by their definition.
  std::deque<Beat> beats(const Shape& shape) const {
    const int rows = g_.engine.rows_per_tile(shape.bits), depth = g_.engine.depth();
    const int planes = g_.engine.beats_per_row(shape.bits), lanes = g_.design.lanes;
    std::deque<Beat> all;
    for (int m = 0; m < shape.m; m += g_.design.columns)
      for (int n = 0; n < shape.n; n += rows)
        for (int k = 0; k < shape.k; k += depth)
          for (int row = 0; row < std::min(rows, shape.n - n); row += lanes)
            for (int beat = 0; beat < planes; ++beat) {
              const int left = std::min(rows, shape.n - n) - row;
              all.push_back({beat == 0, beat % g_.design.turns == 0, beat + 1 == planes, k == 0,
                             k + depth >= shape.k, row == 0, beat + 1 == planes && left <= lanes,
                             std::min(lanes, left)});
            }
    return all;
  }

  void begin(const Shape& shape) {
    bench_.set("n_i", static_cast<std::uint64_t>(shape.n));
    bench_.set("k_i", static_cast<std::uint64_t>(shape.k));
    bench_.set("m_i", static_cast<std::uint64_t>(shape.m));
    bench_.set("tile_rows_i", static_cast<std::uint64_t>(g_.engine.rows_per_tile(shape.bits)));
    if (bench_.model().has_port("weight_bits_i"))
      bench_.set("weight_bits_i", static_cast<std::uint64_t>(shape.bits));
    bench_.set("begin_i", 1);
    bench_.model().tick();
    bench_.set("begin_i", 0);
  }

  void expect_sent(const Beat& beat) {
    ASSERT_TRUE(bench_.is_set("valid_o"));
    EXPECT_EQ(bench_.is_set("first_o"), beat.first);
    if (g_.opens()) {
      EXPECT_EQ(bench_.is_set("opens_o"), beat.opens);
    }
    EXPECT_EQ(bench_.is_set("complete_o"), beat.complete);
    EXPECT_EQ(bench_.is_set("first_k_o"), beat.first_k);
    EXPECT_EQ(bench_.is_set("last_k_o"), beat.last_k);
    EXPECT_EQ(bench_.is_set("first_row_o"), beat.first_row);
    EXPECT_EQ(bench_.get("transrows_o"), static_cast<std::uint64_t>(beat.lanes));
    EXPECT_EQ(bench_.is_set("subtile_done_o"), beat.tile_end);
  }

  // Taken only with operands in place, adders free, and room for rows that end.
  void run(const Shape& shape, double chance) {
    begin(shape);
    bool standing = false, single_end = false;
    int gap = 0;
    std::deque<Beat> left = beats(shape);
    for (int i = 0; i < 20000 && !left.empty() && !HasFatalFailure(); ++i) {
      const bool valid = random_.chance(chance), loaded = random_.chance(chance);
      const bool full = !random_.chance(chance);
      bench_.set("weight_valid_i", valid);
      bench_.set("loaded_i", loaded);
      bench_.set("rows_full_i", full);
      bench_.settle();
      const Beat beat = left.front();
      const bool stands = standing || loaded;
      const bool written = g_.design.columns_per_adder == 1 && single_end;
      const bool waits = beat.complete && (gap > 0 || written || (beat.last_k && full));
      ASSERT_EQ(bench_.is_set("swap_o"), loaded && !standing);
      ASSERT_EQ(bench_.is_set("weight_ready_o"), stands && !waits);
      const bool taken = valid && stands && !waits;
      bench_.edge();
      bench_.settle();
      standing = stands && !(taken && beat.tile_end);
      single_end = taken && beat.tile_end && beat.first_row;
      gap = taken && beat.complete ? g_.design.columns_per_adder - 1 : std::max(gap - 1, 0);
      if (!taken) {
        ASSERT_FALSE(bench_.is_set("valid_o"));
        continue;
      }
      expect_sent(beat);
      left.pop_front();
    }
    ASSERT_TRUE(left.empty()) << left.size() << " beats are left";
    bench_.set("loaded_i", 1);
    bench_.settle();
    EXPECT_FALSE(bench_.is_set("weight_ready_o")) << "after the last beat";
    bench_.set("loaded_i", 0);
    bench_.model().reset();
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module walker_ = units::tile_walker(g_, units::Walk::weights);
  Bench bench_{{walker_, units::weight_sequencer(g_, walker_)}};
  harness::Random random_{67};
};

TEST_P(WeightSequencer, TakesBeatsWhenTheirOperandsStand) {
  for (const double chance : {1.0, 0.8, 0.4})
    for (int bits = 2; bits <= g_.design.weight_bits; bits += 2) {
      run({1, 1, 1, bits}, chance);
      run({2 * g_.engine.rows_per_tile(bits) + g_.design.lanes + 1, 2 * g_.engine.depth() + 1,
           g_.design.columns + 1, bits},
          chance);
      for (int i = 0; i < 6; ++i)
        run({1 + below(random_, 2 * g_.engine.rows_per_tile(bits)), 1, 1, bits}, chance);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Designs, WeightSequencer,
    testing::Values(
        R"({"engine": "split", "tile_bits": 3, "tables": 4, "planes": 1, "operand_rows": 3,
            "lanes": 3, "columns": 4, "columns_per_adder": 4, "rows": 48})",
        R"({"engine": "split", "tile_bits": 2, "tables": 8, "planes": 4, "lanes": 2, "columns": 2,
            "columns_per_adder": 1, "rows": 56})",
        R"({"engine": "split", "tile_bits": 2, "tables": 8, "planes": 2, "turns": 2, "lanes": 2,
            "columns": 2, "columns_per_adder": 1, "rows": 64})",
        R"({"engine": "bit_serial", "tile_bits": 2, "tables": 8, "planes": 2, "lanes": 1,
            "columns": 2, "columns_per_adder": 2, "rows": 16})",
        R"({"engine": "dot_product", "tile_bits": 2, "tables": 2, "lanes": 4, "columns": 2,
            "columns_per_adder": 1, "rows": 64, "weight_bits": 4})"));

}  // namespace
}  // namespace hasse::unit
