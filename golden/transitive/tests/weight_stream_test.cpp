// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/weight_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

constexpr EngineConfig kSmall{.tile_bits = 4,
                              .lanes = 2,
                              .banks_per_lane = 2,
                              .look_ahead = 4,
                              .columns = 4,
                              .columns_per_adder = 2,
                              .rows = 16};

TEST(EngineConfig, TilesFollowTheWeightBits) {
  const EngineConfig engine;
  EXPECT_EQ(engine.dimension(), 7);
  EXPECT_EQ(engine.groups_per_tile(4), 8);
  EXPECT_EQ(engine.rows_per_tile(4), 64);
  EXPECT_EQ(engine.transrows_per_tile(4), 256);
  EXPECT_EQ(engine.groups_per_tile(3), 10);
  EXPECT_EQ(engine.transrows_per_tile(3), 240) << "256 is no multiple of 8 lanes of 3 planes";
}

/// The stream by its definition: what each beat must be, in order.
struct Expected {
  WeightBeat beat;
  int k0;
};

std::vector<Expected> definition(const EngineConfig& engine, const Shape& shape) {
  std::vector<Expected> beats;
  const int tile_rows = engine.rows_per_tile(shape.weight_bits);
  for (int n0 = 0; n0 < shape.n; n0 += tile_rows)
    for (int k0 = 0; k0 < shape.k; k0 += engine.tile_bits) {
      const int end = std::min(n0 + tile_rows, shape.n);
      for (int row = n0; row < end; row += engine.lanes)
        for (int plane = shape.weight_bits - 1; plane >= 0; --plane) {
          const bool last = plane == 0 && row + engine.lanes >= end;
          beats.push_back({{row, std::min(engine.lanes, end - row), plane, last}, k0});
        }
    }
  return beats;
}

class StreamOrder : public ::testing::TestWithParam<Shape> {};

TEST_P(StreamOrder, BeatsAndCodesFollowTheDefinition) {
  const Shape shape = GetParam();
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const WeightStream stream(kSmall, shape, weights);
  const std::vector<Expected> expected = definition(kSmall, shape);
  ASSERT_EQ(stream.beats().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const WeightBeat& beat = stream.beats()[i];
    EXPECT_EQ(beat.first_row, expected[i].beat.first_row);
    EXPECT_EQ(beat.lanes, expected[i].beat.lanes);
    EXPECT_EQ(beat.plane, expected[i].beat.plane);
    EXPECT_EQ(beat.end_of_tile, expected[i].beat.end_of_tile);
    for (int lane = 0; lane < kSmall.lanes; ++lane)
      for (int bit = 0; bit < kSmall.tile_bits; ++bit) {
        const int k = expected[i].k0 + bit;
        const bool there = lane < beat.lanes && k < shape.k;
        const int weight = there ? weights(static_cast<std::size_t>(beat.first_row + lane),
                                           static_cast<std::size_t>(k))
                                 : 0;
        EXPECT_EQ((stream.code(i, lane) >> bit) & 1U, static_cast<Code>(weight >> beat.plane) & 1U);
      }
  }
}

TEST_P(StreamOrder, HoldsEveryTransRowOnce) {
  const Shape shape = GetParam();
  const WeightStream stream(kSmall, shape,
                            testing::random_weights(shape.n, shape.k, shape.weight_bits));
  int transrows = 0;
  int ends = 0;
  for (const WeightBeat& beat : stream.beats()) {
    transrows += beat.lanes;
    ends += beat.end_of_tile ? 1 : 0;
  }
  const int tiles_k = (shape.k + kSmall.tile_bits - 1) / kSmall.tile_bits;
  EXPECT_EQ(transrows, shape.n * tiles_k * shape.weight_bits);
  EXPECT_EQ(ends, stream.tiles());
}

INSTANTIATE_TEST_SUITE_P(Shapes, StreamOrder,
                         ::testing::Values(Shape{1, 1, 1, 2}, Shape{4, 8, 4, 4}, Shape{5, 9, 3, 3},
                                           Shape{17, 13, 1, 8}, Shape{2, 31, 5, 5}));

TEST(WeightStream, MinusOneIsAllOnes) {
  const Shape shape{1, 4, 1, 4};
  const WeightStream stream(kSmall, shape, tensor::Matrix<std::int8_t>(1, 4, std::int8_t{-1}));
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat)
    EXPECT_EQ(stream.code(beat, 0), 0b1111U);
}

}  // namespace
}  // namespace hasse::transitive
