// SPDX-License-Identifier: Apache-2.0
// How products are divided among units, and what must hold for every run of an array; that it
// equals the RTL is shown by the simulations of arrays.
#include "golden/transitive/array_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

const EngineConfig kSmall = {
    .tile_bits = 4, .lanes = 2, .columns = 4, .columns_per_adder = 2, .rows = 32};

TEST(SplitSteps, AreTheBitsOfTheQuotient) {
  EXPECT_EQ(split_steps(65535, 2), 15);
  EXPECT_EQ(split_steps(65535, 16), 12);
  EXPECT_EQ(split_steps(7, 8), 1);
  EXPECT_EQ(split_steps(8, 8), 1);
}

TEST(ArraySplit, GivesEveryUnitEnoughAndNoneMoreThanTheFirstNeeds) {
  for (const int units : {2, 3, 16})
    for (int size = 1; size < 200; ++size) {
      const ArrayConfig rows{kSmall, units, Share::activations};
      const int own_rows = rows.unit_shape({size, 5, 7, 4}).n;
      EXPECT_GE(own_rows * units, size);
      EXPECT_LT((own_rows - 1) * units, size);
      const ArrayConfig columns{kSmall, units, Share::weights};
      const int own_columns = columns.unit_shape({5, 5, size, 4}).m;
      EXPECT_GE(own_columns * units, size);
      EXPECT_EQ((own_columns + 3) / 4, (size + 4 * units - 1) / (4 * units)) << size;
    }
}

TEST(ArraySplit, BalancesTilesInWholeGroupsOfLanes) {
  for (const int units : {2, 3, 16})
    for (const Share share : {Share::activations, Share::weights})
      for (int n = 1; n < 400; ++n) {
        const ArrayConfig array{kSmall, units, share};
        const Shape shape{n, 5, 7, 4};
        const Shape own = array.unit_shape(array.balanced(shape));
        const int most = kSmall.rows_per_tile(4), rows = kSmall.tile_rows(own);
        EXPECT_EQ(rows % kSmall.lanes, 0);
        EXPECT_LE(rows, most);
        EXPECT_EQ((own.n + rows - 1) / rows, (own.n + most - 1) / most) << "as few tiles as ever";
        EXPECT_EQ(array.streams().tile_rows(array.balanced(shape)),
                  rows * (share == Share::activations ? units : 1));
      }
  const Shape shape{45, 30, 9, 3};
  EXPECT_EQ(ArrayConfig{kSmall}.balanced(shape), shape) << "a single unit";
}

TEST(ArraySplit, DealsRowsInTurn) {
  const ArrayConfig array{kSmall, 3, Share::activations};
  const auto weights = testing::random_weights(7, 5, 4);
  const auto part = array.unit_weights({7, 5, 1, 4}, weights, 1);
  ASSERT_EQ(part.rows(), 3U);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_EQ(part(0, k), weights(1, k));
    EXPECT_EQ(part(1, k), weights(4, k));
    EXPECT_EQ(part(2, k), 0) << "beyond N";
  }
  const ArrayConfig whole{kSmall, 3, Share::weights};
  EXPECT_EQ(whole.unit_weights({7, 5, 1, 4}, weights, 2), weights);
}

// The array's weight beats are those of its units side by side.
TEST(ArraySplit, StreamsAreThoseOfOneWideEngine) {
  const ArrayConfig array{kSmall, 3, Share::activations};
  const Shape shape{37, 9, 1, 3};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const WeightStream all(array.streams(), shape, weights);
  for (int unit = 0; unit < array.units; ++unit) {
    const WeightStream own(array.unit, array.unit_shape(shape),
                           array.unit_weights(shape, weights, unit));
    ASSERT_EQ(own.beats().size(), all.beats().size());
    for (std::size_t beat = 0; beat < own.beats().size(); ++beat)
      for (int lane = 0; lane < array.unit.lanes; ++lane)
        EXPECT_EQ(own.code(beat, lane), all.code(beat, lane * array.units + unit));
  }
}

TEST(ArrayModel, OfOneUnitIsTheEngine) {
  const Shape shape{45, 30, 9, 3};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const CycleCount engine = count_cycles(kSmall, shape, WeightStream(kSmall, shape, weights));
  const ArrayCount array = count_array_cycles({kSmall}, shape, weights);
  EXPECT_EQ(array.cycles, engine.cycles);
  EXPECT_EQ(array.transrows, engine.transrows);
  EXPECT_EQ(array.nodes_built, engine.nodes_built);
  EXPECT_EQ(array.units.front().subtile_done, engine.subtile_done);
}

TEST(ArrayModel, UnitsThatShareWeightsKeepStepUntilTheirResultsMeet) {
  const ArrayConfig config{kSmall, 4, Share::weights};
  const Shape shape{8, 200, 16, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const ArrayCount array = count_array_cycles(config, shape, weights);
  for (const CycleCount& unit : array.units)
    EXPECT_EQ(unit.subtile_done, array.units.front().subtile_done);
}

// Nobody waits for a turn: units that stream go as fast as one of them alone.
TEST(ArrayModel, JoinedUnitsKeepThePaceOfOne) {
  const EngineConfig split = {.tile_bits = 3,
                              .lanes = 4,
                              .columns = 4,
                              .columns_per_adder = 2,
                              .rows = 96,
                              .datapath = Datapath::split,
                              .tables = 4};
  for (const Share share : {Share::activations, Share::weights}) {
    ArrayConfig config{split, 3, share};
    const Shape shape{3 * 24, 100, 3 * 4, 4};
    const ArrayCount merged = count_array_cycles(config, shape);
    config.joined = true;
    const ArrayCount joined = count_array_cycles(config, shape);
    const auto start = static_cast<std::uint64_t>(config.start_cycles());
    EXPECT_EQ(joined.cycles, count_streamed_cycles(split, config.unit_shape(shape)).cycles + start);
    EXPECT_GT(merged.cycles, joined.cycles);
    EXPECT_EQ(merged.transrows, joined.transrows);
  }
}

// A unit's last tile would be small.
TEST(ArrayModel, BalancedTilesKeepUnitsBusier) {
  const EngineConfig unit{.rows = 512};
  const ArrayConfig config{unit, 2, Share::activations};
  const Shape shape{2 * (128 + 16), 512, 32, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  EXPECT_LT(count_array_cycles(config, config.balanced(shape), weights).cycles,
            count_array_cycles(config, shape, weights).cycles);
}

// The first 64 of the 2048 columns of a layer; the rest is the same again, and only dilutes what
// the start and the end of a product cost.
TEST(ArrayModel, KeepsItsUnitsBusyOnALargeLayer) {
  const Shape shape{4096, 4096, 64, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const ArrayConfig config{{.rows = 512}, 4, Share::activations};
  EXPECT_GE(array_utilisation(config, shape, count_array_cycles(config, shape, weights)), 0.97);
}

}  // namespace
}  // namespace hasse::transitive
