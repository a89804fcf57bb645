// SPDX-License-Identifier: Apache-2.0
// The fast model against the cycle-exact one.
#include "golden/transitive/fast_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/transitive/cycle_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

constexpr std::array kPlanners = {Planner::lattice, Planner::orbit, Planner::dynamic};

/// Streams the whole product, M-tile after M-tile.
FastModel run(const EngineConfig& config, const Shape& shape,
              const tensor::Matrix<std::int8_t>& weights) {
  FastModel model(config);
  NodeSlicer slicer(config, shape.weight_bits, shape.k);
  const int tile_rows = config.rows_per_tile(shape.weight_bits);
  for (int column = 0; column < shape.m; column += config.columns)
    for (int row = 0; row < shape.n; row += tile_rows) {
      slicer.slice(weights, row, std::min(tile_rows, shape.n - row));
      for (int tile = 0; tile < slicer.tiles(); ++tile) model.push(slicer.tile(tile));
    }
  model.finish();
  return model;
}

struct Point {
  EngineConfig config;
  Shape shape;
};

class FastModelTest : public ::testing::TestWithParam<Point> {};

TEST_P(FastModelTest, FinishesEverySubTileInTheCycleOfTheExactModel) {
  auto [config, shape] = GetParam();
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  for (const Planner planner : kPlanners) {
    config.planner = planner;
    const CycleCount exact = count_cycles(config, shape, WeightStream(config, shape, weights));
    const FastModel fast = run(config, shape, weights);
    EXPECT_EQ(fast.subtile_done(), exact.subtile_done) << static_cast<int>(planner);
    EXPECT_EQ(fast.count().transrows, exact.transrows);
    EXPECT_EQ(fast.count().nodes_built, exact.nodes_built);
    EXPECT_EQ(fast.count().subtiles, exact.subtile_done.size());
  }
}

TEST_P(FastModelTest, DoesSoWithABenesNetwork) {
  auto [config, shape] = GetParam();
  config.planner = Planner::dynamic;
  config.operand_network = OperandNetwork::benes;
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const CycleCount exact = count_cycles(config, shape, WeightStream(config, shape, weights));
  EXPECT_EQ(run(config, shape, weights).subtile_done(), exact.subtile_done);
}

INSTANTIATE_TEST_SUITE_P(
    Points, FastModelTest,
    ::testing::Values(
        Point{{}, {200, 512, 64, 4}}, Point{{}, {64, 600, 32, 2}}, Point{{}, {67, 509, 37, 3}},
        Point{{}, {130, 400, 65, 8}}, Point{{.look_ahead = 1}, {64, 400, 32, 4}},
        Point{{.banks_per_lane = 1, .look_ahead = 4}, {64, 400, 32, 4}},
        Point{{.rows = 64}, {64, 400, 32, 4}}, Point{{.rows = 1024}, {300, 300, 32, 4}},
        Point{{.tile_bits = 4, .lanes = 2, .look_ahead = 4, .columns = 4, .rows = 32},
              {19, 200, 11, 4}},
        Point{{.tile_bits = 5}, {128, 300, 32, 5}},
        Point{{.tile_bits = 10, .lanes = 16, .banks_per_lane = 4, .columns = 64, .rows = 512},
              {200, 600, 70, 5}}));

TEST(FastModel, NeverBeatsTheBound) {
  const Shape shape{128, 800, 32, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  for (const Planner planner : kPlanners)
    for (const int rows : {64, 256, 512}) {
      const FastModel model = run({.rows = rows, .planner = planner}, shape, weights);
      EXPECT_GE(model.subtile_done().back() * 8, model.count().transrows);
      EXPECT_TRUE(std::ranges::is_sorted(model.subtile_done()));
    }
}

TEST(FastModel, BuildsFasterWithFewerNodes) {
  const Shape shape{128, 800, 32, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const auto cycles = [&](Planner planner) {
    return run({.tile_bits = 10, .rows = 64, .planner = planner}, shape, weights)
        .subtile_done()
        .back();
  };
  EXPECT_LT(cycles(Planner::orbit), cycles(Planner::lattice));
  EXPECT_LT(cycles(Planner::dynamic), cycles(Planner::lattice));
}

TEST(FastModel, SaysTheSameTwice) {
  const Shape shape{100, 200, 32, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  for (const Planner planner : kPlanners)
    EXPECT_EQ(run({.planner = planner}, shape, weights).subtile_done(),
              run({.planner = planner}, shape, weights).subtile_done());
}

}  // namespace
}  // namespace hasse::transitive
