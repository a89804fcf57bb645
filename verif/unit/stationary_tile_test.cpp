// SPDX-License-Identifier: Apache-2.0
// The stationary words of streaming engines against their definition.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "verif/unit/stationary_model.hpp"

namespace hasse::unit {
namespace {

class StationaryTile : public testing::TestWithParam<const char*> {
 protected:
  using Columns = std::vector<std::vector<std::int64_t>>;

  int depth() const { return g_.engine.depth(); }

  void cycle(bool load, bool swap) {
    bench_.set("load_i", load);
    bench_.set("swap_i", swap);
    bench_.settle();
    bench_.edge();
    bench_.settle();
  }

  // Shifts `operands` in, the last `beyond` rows as zeros the host never sent; pauses now and then.
  void load(const Columns& operands, int beyond) {
    for (int row = 0; row < depth(); ++row) {
      while (random_.chance(0.2)) cycle(false, false);
      const bool empty = row >= depth() - beyond;
      bench_.set("load_first_i", row == 0);
      bench_.set("load_zero_i", empty);
      for (int c = 0; c < g_.design.columns; ++c)
        bench_.set_field(
            "data_i", c, g_.design.activation_bits,
            empty ? random_number(random_, g_.design.activation_bits)
                  : operands[static_cast<std::size_t>(c)][static_cast<std::size_t>(row)]);
      cycle(true, false);
    }
  }

  void expect(const Columns& operands) {
    const int words = g_.engine.stationary_words(), bits = g_.derived.node_bits;
    const auto low = [](std::int64_t value, int width) {
      return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - width));
    };
    for (int c = 0; c < g_.design.columns; ++c) {
      const StationaryModel model(g_, operands[static_cast<std::size_t>(c)]);
      for (int i = 0; i < words; ++i)
        ASSERT_EQ(bench_.field("words_o", c * words + i, bits),
                  low(model.words[static_cast<std::size_t>(i)], bits))
            << "word " << i << ", column " << c;
      for (std::size_t t = 0; t < model.odd.size(); ++t)
        ASSERT_EQ(bench_.field("odd_o", c * g_.design.tables + static_cast<int>(t), 1),
                  low(model.odd[t], 1));
      if (g_.start_bits > 0) {
        ASSERT_EQ(bench_.field("start_o", c, g_.start_bits), low(model.start, g_.start_bits));
      }
      ASSERT_EQ(bench_.number("correction_o", c, g_.correction_bits), model.correction);
    }
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::stationary_tile(g_)}};
  harness::Random random_{97};
};

TEST_P(StationaryTile, HoldsOneKTileWhileTheNextIsLoaded) {
  Columns before;
  for (int tile = 0; tile < 60 && !HasFatalFailure(); ++tile) {
    const int beyond = tile % 3 == 0 ? below(random_, depth()) : 0;
    Columns operands(static_cast<std::size_t>(g_.design.columns));
    for (auto& column : operands)
      for (int i = 0; i < depth(); ++i)
        column.push_back(i >= depth() - beyond ? 0
                                               : random_number(random_, g_.design.activation_bits));
    load(operands, beyond);
    if (tile > 0) expect(before);
    cycle(false, true);
    expect(operands);
    before = operands;
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, StationaryTile, testing::ValuesIn(kStreamedDesigns));

}  // namespace
}  // namespace hasse::unit
