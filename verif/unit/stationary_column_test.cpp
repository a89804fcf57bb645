// SPDX-License-Identifier: Apache-2.0
// The stationary words of a column of streaming engines against their definition.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "verif/unit/stationary_model.hpp"

namespace hasse::unit {
namespace {

using Numbers = std::vector<std::int64_t>;

class StationaryColumn : public testing::TestWithParam<const char*> {
 protected:
  int depth() const { return g_.engine.depth(); }
  int together() const { return g_.design.operand_rows; }

  void cycle(bool load, bool swap) {
    bench_.set("load_i", load);
    bench_.set("swap_i", swap);
    bench_.settle();
    bench_.edge();
    bench_.settle();
  }

  // A number that is taken for `operand`: the lowest of all may be, where it is promised not to
  // come.
  std::int64_t sent_for(std::int64_t operand) {
    const std::int64_t lowest = -(std::int64_t{1} << (g_.design.activation_bits - 1));
    return operand == lowest_operand(g_) && random_.chance(0.5) ? lowest : operand;
  }

  // Shifts `operands` in, the last `beyond` as zeros the host never sent; pauses now and then.
  void load(const Numbers& operands, int beyond) {
    for (int row = 0; row < depth(); row += together()) {
      while (random_.chance(0.2)) cycle(false, false);
      bench_.set("load_first_i", row == 0);
      if (bench_.model().has_port("load_table_i"))
        bench_.set("load_table_i", (row + together()) % g_.design.tile_bits == 0);
      for (int i = 0; i < together(); ++i) {
        const bool empty = row + i >= depth() - beyond;
        bench_.set_field("load_zero_i", i, 1, empty);
        bench_.set_field("data_i", i, g_.design.activation_bits,
                         empty ? random_number(random_, g_.design.activation_bits)
                               : sent_for(operands[static_cast<std::size_t>(row + i)]));
      }
      cycle(true, false);
    }
  }

  void expect(const Numbers& operands) {
    const auto low = [](std::int64_t value, int width) {
      return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - width));
    };
    const StationaryModel model(g_, operands);
    int at = 0;
    for (std::size_t i = 0; i < model.words.size(); ++i)
      for (int b = 0; b < model.widths[i]; ++b, ++at)
        ASSERT_EQ(bench_.field("words_o", at, 1), low(model.words[i] >> b, 1))
            << "bit " << b << " of word " << i;
    for (std::size_t t = 0; t < model.totals.size(); ++t)
      ASSERT_EQ(bench_.field("totals_o", static_cast<int>(t), g_.group_total_bits),
                low(model.totals[t], g_.group_total_bits));
    if (g_.start_bits > 0) {
      ASSERT_EQ(bench_.field("start_o", 0, g_.start_bits), low(model.start, g_.start_bits));
    }
    ASSERT_EQ(bench_.number("correction_o", 0, g_.correction_bits), model.correction);
  }

  // What the lanes read in the cycle after the swap, and what trees with a register read later.
  void swap() {
    cycle(false, true);
    if (g_.design.tree_stages > 0) cycle(false, false);
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::stationary_column(g_)}};
  harness::Random random_{97};
};

TEST_P(StationaryColumn, HoldsOneKTileWhileTheNextIsLoaded) {
  Numbers before;
  for (int tile = 0; tile < 100 && !HasFatalFailure(); ++tile) {
    const int beyond = tile % 3 == 0 ? below(random_, depth()) : 0;
    Numbers operands;
    for (int i = 0; i < depth(); ++i)
      operands.push_back(i >= depth() - beyond ? 0
                         : tile % 10 == 9      ? lowest_operand(g_)
                                               : random_operand(g_, random_));
    load(operands, beyond);
    if (tile > 0) expect(before);
    swap();
    expect(operands);
    before = operands;
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, StationaryColumn, testing::ValuesIn(kStreamedDesigns));

}  // namespace
}  // namespace hasse::unit
