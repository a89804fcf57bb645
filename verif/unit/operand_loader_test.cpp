// SPDX-License-Identifier: Apache-2.0
// The operand loader against a host and lanes that take their time.
#include <gtest/gtest.h>

#include <algorithm>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

struct Shape {
  int n, k, m;
};

class OperandLoader : public testing::TestWithParam<const char*> {
 protected:
  int depth() const { return g_.engine.depth(); }
  int together() const { return g_.design.operand_rows; }

  void begin(const Shape& shape) {
    bench_.set("n_i", static_cast<std::uint64_t>(shape.n));
    bench_.set("k_i", static_cast<std::uint64_t>(shape.k));
    bench_.set("m_i", static_cast<std::uint64_t>(shape.m));
    bench_.set("tile_rows_i", static_cast<std::uint64_t>(kTileRows));
    bench_.set("begin_i", 1);
    bench_.model().tick();
    bench_.set("begin_i", 0);
  }

  /// Whether a K-tile is the first and the last along K.
  struct Ends {
    bool first = false, last = false;
  };

  // A cycle of loading row `row` of a K-tile that has `rows`; whether its rows were taken in.
  bool cycle(int row, int rows, bool swap) {
    const bool valid = random_.chance(0.7), full = random_.chance(0.2);
    bench_.set("activation_valid_i", valid);
    bench_.set("correction_full_i", full);
    bench_.settle();
    const bool loaded = bench_.is_set("loaded_o");
    EXPECT_EQ(loaded, loaded_ && !(loaded_ends_.last && full));
    if (loaded_) {
      EXPECT_EQ(bench_.is_set("first_k_o"), loaded_ends_.first);
      EXPECT_EQ(bench_.is_set("last_k_o"), loaded_ends_.last);
    }
    bench_.set("swap_i", swap && loaded);
    bench_.settle();
    swapped_ = swap && loaded;
    const bool load = bench_.is_set("load_o");
    EXPECT_EQ(bench_.is_set("activation_ready_o") && valid, load && row < rows);
    if (load) expect_load(row, rows);
    bench_.edge();
    const bool complete = load && row + together() == depth();
    if (complete) loaded_ends_ = ends_;
    loaded_ = complete || (loaded_ && !swapped_);
    return load;
  }

  void expect_load(int row, int rows) {
    EXPECT_EQ(bench_.is_set("load_first_o"), row == 0);
    for (int i = 0; i < together(); ++i)
      EXPECT_EQ(bench_.field("load_zero_o", i, 1), row + i >= rows ? 1U : 0U)
          << "row " << row + i << " of " << rows;
    if (bench_.model().has_port("load_table_o")) {
      EXPECT_EQ(bench_.is_set("load_table_o"), (row + together()) % g_.design.tile_bits == 0);
    }
  }

  static constexpr int kTileRows = 8;
  units::Geometry g_ = geometry(GetParam());
  hdl::Module walker_ = units::tile_walker(g_, units::Walk::activations);
  Bench bench_{{walker_, units::operand_loader(g_, walker_)}};
  harness::Random random_{61};
  bool swapped_ = false, loaded_ = false;
  Ends ends_, loaded_ends_;  ///< Of the K-tile being loaded, and of the one that is.
};

TEST_P(OperandLoader, LoadsKTileAfterKTile) {
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{20, 3 * depth() + 1, 2 * g_.design.columns},
                             Shape{9, depth(), 1}, Shape{3, 2 * depth() - 1, 3}}) {
    begin(shape);
    const int passes = (shape.m + g_.design.columns - 1) / g_.design.columns *
                       ((shape.n + kTileRows - 1) / kTileRows);
    for (int pass = 0; pass < passes; ++pass)
      for (int k = 0; k < shape.k; k += depth()) {
        const int rows = std::min(depth(), shape.k - k);
        ends_ = {k == 0, k + depth() >= shape.k};
        // The K-tile before moves when its weights have passed, at any time.
        int row = 0;
        for (int i = 0; i < 1000 && row < depth(); ++i)
          if (cycle(row, rows, random_.chance(0.1))) row += together();
        ASSERT_EQ(row, depth()) << "K-tile at " << k;
      }
    swapped_ = false;
    for (int i = 0; i < 100 && !swapped_; ++i) EXPECT_FALSE(cycle(0, 0, true));
    EXPECT_TRUE(swapped_);
    EXPECT_TRUE(bench_.is_set("last_k_o"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Designs, OperandLoader,
    testing::Values(
        R"({"engine": "split", "tile_bits": 3, "tables": 4, "planes": 1, "operand_rows": 1,
            "columns": 4, "columns_per_adder": 2, "rows": 64})",
        R"({"engine": "split", "tile_bits": 2, "tables": 8, "planes": 2, "operand_rows": 4,
            "columns": 2, "columns_per_adder": 2, "rows": 64})",
        R"({"engine": "bit_serial", "tile_bits": 2, "tables": 2, "planes": 1, "operand_rows": 4,
            "columns": 2, "columns_per_adder": 1, "rows": 64})"));

}  // namespace
}  // namespace hasse::unit
