// SPDX-License-Identifier: Apache-2.0
// Sampled products against the same products followed whole.
#include "golden/transitive/layer_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "golden/transitive/streamed_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

WeightRows rows_of(const tensor::Matrix<std::int8_t>& weights) {
  return [&weights](int first, int count) {
    const std::int8_t* begin = weights.row(static_cast<std::size_t>(first)).data();
    const auto size = static_cast<std::size_t>(count) * weights.cols();
    return tensor::Matrix<std::int8_t>(static_cast<std::size_t>(count), weights.cols(),
                                       std::vector<std::int8_t>(begin, begin + size));
  };
}

struct Point {
  ArrayConfig config;
  Shape shape;
};

class LayerModelTest : public ::testing::TestWithParam<Point> {};

TEST_P(LayerModelTest, WholeProductsTakeTheCyclesOfTheArrayModel) {
  const auto& [config, shape] = GetParam();
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const LayerCycles layer = layer_cycles(config, shape, rows_of(weights), {.tiles = 0});
  EXPECT_TRUE(layer.exact);
  EXPECT_EQ(layer.standard_error, 0);
  const ArrayCount count = count_array_cycles(config, config.balanced(shape), weights);
  EXPECT_EQ(layer.cycles, static_cast<double>(count.cycles));
}

TEST_P(LayerModelTest, SamplesAreOffByAFewStandardErrors) {
  const auto& [config, shape] = GetParam();
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const double whole =
      static_cast<double>(count_array_cycles(config, config.balanced(shape), weights).cycles);
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    const LayerCycles layer = layer_cycles(config, shape, rows_of(weights), {4, seed});
    EXPECT_FALSE(layer.exact);
    EXPECT_LE(layer.sampled_tiles, 4);
    EXPECT_EQ(layer.standard_error > 0, layer.tiles > 1) << "one tile takes equal times";
    EXPECT_NEAR(layer.cycles, whole, 5 * layer.standard_error);
    EXPECT_NEAR(layer.cycles, whole, 0.02 * whole);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Points, LayerModelTest,
    ::testing::Values(Point{{EngineConfig{}}, {640, 256, 128, 4}},
                      Point{{EngineConfig{}}, {600, 131, 160, 4}},
                      Point{{EngineConfig{}}, {64, 512, 400, 4}},
                      Point{{EngineConfig{.rows = 512}, 2, Share::activations}, {2100, 128, 96, 4}},
                      Point{{EngineConfig{.rows = 128}, 2, Share::weights}, {330, 200, 290, 4}}));

TEST(LayerModel, AsksOnlyForTheRowsItFollows) {
  const Shape shape{4096, 128, 2048, 4};
  int rows = 0;
  const auto count_rows = [&](int first, int count) {
    EXPECT_EQ(first % 64, 0);
    rows += count;
    return testing::random_weights(count, shape.k, 4, static_cast<std::uint32_t>(first + 1));
  };
  const LayerCycles layer = layer_cycles({EngineConfig{}}, shape, count_rows, {.tiles = 3});
  EXPECT_EQ(rows, 3 * 64);
  EXPECT_EQ(layer.sampled_tiles, 3);
  EXPECT_EQ(layer.tiles, 64);
}

TEST(LayerModel, SmallProductsAreFollowedWhole) {
  const Shape shape{100, 64, 40, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, 4);
  const LayerCycles layer = layer_cycles({EngineConfig{}}, shape, rows_of(weights), {});
  EXPECT_TRUE(layer.exact);
  EXPECT_EQ(layer.cycles,
            static_cast<double>(count_array_cycles({EngineConfig{}}, shape, weights).cycles));
}

TEST(LayerModel, FollowsStreamingEnginesWhole) {
  const EngineConfig split{.tile_bits = 4,
                           .lanes = 8,
                           .columns = 4,
                           .columns_per_adder = 2,
                           .rows = 512,
                           .datapath = Datapath::split,
                           .tables = 4};
  const Shape shape{1000, 200, 37, 4};
  const LayerCycles layer = layer_cycles({split}, shape, {}, {});
  EXPECT_TRUE(layer.exact);
  EXPECT_EQ(layer.cycles, static_cast<double>(count_streamed_cycles(split, shape).cycles));
}

TEST(LayerModel, RefusesASampleWithoutAnError) {
  EXPECT_THROW(layer_cycles({EngineConfig{}}, {64, 64, 64, 4}, {}, {.tiles = 1}),
               std::invalid_argument);
}

TEST(NeededLaneCycles, AreWhatTheLanesDoWhenNoneWaits) {
  EXPECT_EQ(needed_lane_cycles({EngineConfig{}}, {10, 9, 33, 4}), 10 * 4 * 2 * 2);
  const EngineConfig dense{
      .tile_bits = 1, .columns = 4, .datapath = Datapath::dot_product, .tables = 32};
  EXPECT_EQ(needed_lane_cycles({dense}, {10, 33, 5, 4}), 10 * 1 * 2 * 2);
}

}  // namespace
}  // namespace hasse::transitive
