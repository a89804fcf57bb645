// SPDX-License-Identifier: Apache-2.0
// The operand ring against a list of rows and their plain sum.
#include <gtest/gtest.h>

#include <numeric>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Row = std::vector<std::int64_t>;

class OperandRing : public testing::TestWithParam<const char*> {
 protected:
  int columns() const { return g_.design.columns; }
  int bits() const { return g_.design.activation_bits; }
  int places() const { return g_.engine.dimension(); }

  // Loads the rows of a K-tile of which the last tile_bits - depth lie beyond K.
  void load(int depth) {
    rows_.assign(static_cast<std::size_t>(g_.design.tile_bits),
                 Row(static_cast<std::size_t>(columns())));
    for (int row = 0; row < g_.design.tile_bits; ++row) {
      idle_sometimes();
      bench_.set("load_i", 1);
      bench_.set("load_first_i", row == 0);
      bench_.set("load_ring_i", row < places());
      bench_.set("load_zero_i", row >= depth);
      for (int c = 0; c < columns(); ++c) {
        const std::int64_t value = random_number(random_, bits());
        bench_.set_field("data_i", c, bits(), value);
        at(row, c) = row < depth ? value : 0;
      }
      tick();
    }
    bench_.set("load_i", 0);
    bench_.set("load_ring_i", 0);
  }

  void idle_sometimes() {
    if (!random_.chance(0.2)) return;
    bench_.set("load_i", 0);
    bench_.set("load_ring_i", 0);
    tick();
  }

  void tick() {
    bench_.settle();
    bench_.edge();
  }

  std::int64_t& at(int row, int column) {
    return rows_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
  }
  std::int64_t sum(int column) {
    return std::accumulate(
        rows_.begin(), rows_.end(), std::int64_t{0},
        [&](auto s, const Row& row) { return s + row[static_cast<std::size_t>(column)]; });
  }

  void expect_ring(int turns) {
    for (int place = 0; place < places(); ++place)
      for (int c = 0; c < columns(); ++c)
        ASSERT_EQ(bench_.number("operand_o", place * columns() + c, bits()),
                  at((place + turns) % places(), c))
            << "place " << place << ", column " << c << " after " << turns << " turns";
  }

  void expect_roots() {
    for (int c = 0; c < columns(); ++c)
      ASSERT_EQ(bench_.number("root_o", c, g_.derived.node_bits), half_of(-sum(c)))
          << "column " << c;
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::operand_ring(g_)}};
  harness::Random random_{11};
  std::vector<Row> rows_;
};

TEST_P(OperandRing, TurnsAndSums) {
  for (int tile = 0; tile < 40; ++tile) {
    load(tile % 3 == 0 ? 1 + below(random_, g_.design.tile_bits) : g_.design.tile_bits);
    for (int turn = 0; turn <= places(); ++turn) {
      bench_.set("advance_i", 0);
      bench_.settle();
      expect_ring(turn);
      expect_roots();
      bench_.edge();
      bench_.set("advance_i", 1);
      tick();
    }
    bench_.set("advance_i", 0);
  }
}

TEST_P(OperandRing, SumsOfExtremeOperandsDoNotOverflow) {
  for (const std::int64_t extreme :
       {-(std::int64_t{1} << (bits() - 1)), (std::int64_t{1} << (bits() - 1)) - 1}) {
    rows_.assign(static_cast<std::size_t>(g_.design.tile_bits),
                 Row(static_cast<std::size_t>(columns()), extreme));
    for (int row = 0; row < g_.design.tile_bits; ++row) {
      bench_.set("load_i", 1);
      bench_.set("load_first_i", row == 0);
      for (int c = 0; c < columns(); ++c) bench_.set_field("data_i", c, bits(), extreme);
      tick();
    }
    bench_.settle();
    expect_roots();
  }
}

TEST_P(OperandRing, KeepsTheOddBitsOfBothHalves) {
  std::vector<std::vector<std::int64_t>> odd(2);
  for (int tile = 0; tile < 20; ++tile) {
    load(g_.design.tile_bits);
    const std::size_t half = static_cast<std::size_t>(tile % 2);
    bench_.set("half_i", half);
    bench_.set("capture_odd_i", 1);
    tick();
    bench_.set("capture_odd_i", 0);
    odd[half].clear();
    for (int c = 0; c < columns(); ++c) odd[half].push_back(sum(c) & 1);
    bench_.settle();
    for (std::size_t h = 0; h < (tile == 0 ? 1U : 2U); ++h)
      for (int c = 0; c < columns(); ++c)
        ASSERT_EQ(bench_.field("odd_o", static_cast<int>(h) * columns() + c, 1),
                  odd[h][static_cast<std::size_t>(c)]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Designs, OperandRing,
    testing::Values(
        R"({"tile_bits": 2, "columns": 1, "columns_per_adder": 1, "activation_bits": 4})",
        R"({"tile_bits": 8, "columns": 4})",
        R"({"tile_bits": 10, "columns": 2, "columns_per_adder": 2, "activation_bits": 16, "accumulator_bits": 40})"));

}  // namespace
}  // namespace hasse::unit
