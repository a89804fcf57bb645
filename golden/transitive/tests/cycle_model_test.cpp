// SPDX-License-Identifier: Apache-2.0
// What must hold for every run of the cycle model; that it equals the RTL is shown by the
// simulations of the engine.
#include "golden/transitive/cycle_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

CycleCount run(const EngineConfig& engine, const Shape& shape, Window window = {}) {
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  return count_cycles(engine, shape, WeightStream(engine, shape, weights), window);
}

std::uint64_t divide_up(int value, int by) {
  return static_cast<std::uint64_t>((value + by - 1) / by);
}

struct Point {
  EngineConfig engine;
  Shape shape;
};

class CycleModel : public ::testing::TestWithParam<Point> {
 protected:
  const EngineConfig engine_ = GetParam().engine;
  const Shape shape_ = GetParam().shape;
  const std::uint64_t passes_ = divide_up(shape_.m, engine_.columns);
  const std::uint64_t subtiles_ = passes_ * divide_up(shape_.k, engine_.tile_bits) *
                                  divide_up(shape_.n, engine_.rows_per_tile(shape_.weight_bits));
};

TEST_P(CycleModel, CountsEveryTransRowAndNode) {
  const CycleCount count = run(engine_, shape_);
  EXPECT_EQ(count.transrows, static_cast<std::uint64_t>(shape_.n * shape_.weight_bits) *
                                 divide_up(shape_.k, engine_.tile_bits) * passes_);
  EXPECT_EQ(count.nodes_built, subtiles_ << engine_.dimension());
}

TEST_P(CycleModel, AccountsForEveryLaneCycle) {
  const CycleCount count = run(engine_, shape_);
  const LaneCycles& lanes = count.lanes;
  EXPECT_EQ(lanes.reading, count.transrows);
  const std::uint64_t all =
      lanes.reading + lanes.conflict + lanes.reorder + lanes.nodes + lanes.codes;
  // The two cycles that check the shape, and those the last result takes to leave, have no lane.
  EXPECT_LE(all, count.cycles * static_cast<std::uint64_t>(engine_.lanes));
  EXPECT_GE(all + 4 * static_cast<std::uint64_t>(engine_.lanes),
            count.cycles * static_cast<std::uint64_t>(engine_.lanes));
}

TEST_P(CycleModel, FinishesSubTilesInOrder) {
  const CycleCount count = run(engine_, shape_);
  EXPECT_EQ(count.subtile_done.size(), subtiles_);
  EXPECT_TRUE(std::is_sorted(count.subtile_done.begin(), count.subtile_done.end()));
  EXPECT_LE(count.subtile_done.back(), count.cycles);
}

TEST_P(CycleModel, NeverBeatsOneTransRowPerLaneAndCycle) {
  const CycleCount count = run(engine_, shape_);
  EXPECT_GE(count.cycles * static_cast<std::uint64_t>(engine_.lanes), count.transrows);
}

TEST_P(CycleModel, RecordsWhatTheLanesDid) {
  const CycleCount count = run(engine_, shape_, {0, 1'000'000});
  ASSERT_EQ(count.occupation.accumulate.size(), static_cast<std::size_t>(engine_.lanes));
  ASSERT_EQ(count.occupation.prefix.size(), static_cast<std::size_t>(engine_.dimension()));
  const auto marks = [](const std::vector<std::vector<std::uint8_t>>& lanes) {
    std::uint64_t sum = 0;
    for (const auto& lane : lanes)
      sum += std::accumulate(lane.begin(), lane.end(), std::uint64_t{0});
    return sum;
  };
  EXPECT_EQ(marks(count.occupation.accumulate), count.transrows);
  EXPECT_EQ(marks(count.occupation.prefix), count.nodes_built);
}

TEST_P(CycleModel, SaysTheSameTwice) {
  EXPECT_EQ(run(engine_, shape_).cycles, run(engine_, shape_).cycles);
}

constexpr EngineConfig kTiny{.tile_bits = 4,
                             .lanes = 2,
                             .banks_per_lane = 2,
                             .look_ahead = 4,
                             .columns = 4,
                             .columns_per_adder = 2,
                             .rows = 16};
constexpr EngineConfig kOneLane{.tile_bits = 2,
                                .lanes = 1,
                                .banks_per_lane = 1,
                                .look_ahead = 1,
                                .columns = 1,
                                .columns_per_adder = 1,
                                .rows = 8};
constexpr EngineConfig kLarge{.tile_bits = 10,
                              .lanes = 16,
                              .banks_per_lane = 4,
                              .look_ahead = 8,
                              .columns = 64,
                              .columns_per_adder = 4,
                              .rows = 512};

INSTANTIATE_TEST_SUITE_P(Points, CycleModel,
                         ::testing::Values(Point{{}, {64, 256, 32, 4}}, Point{{}, {1, 1, 1, 2}},
                                           Point{{}, {67, 61, 37, 3}}, Point{{}, {130, 40, 65, 8}},
                                           Point{kTiny, {9, 21, 11, 4}}, Point{kTiny, {3, 4, 4, 8}},
                                           Point{kOneLane, {5, 7, 3, 2}},
                                           Point{kLarge, {200, 100, 70, 5}}));

/// Cycles of one full N-tile of 4-bit weights over a long K.
std::uint64_t long_run(const EngineConfig& engine) {
  return run(engine, {engine.rows_per_tile(4), 64 * engine.tile_bits, engine.columns, 4}).cycles;
}

double steady(const EngineConfig& engine) {
  const Shape shape{engine.rows_per_tile(4), 64 * engine.tile_bits, engine.columns, 4};
  return steady_state_cycles(engine, shape, run(engine, shape).subtile_done);
}

/// The same engine followed through every pass.
CycleCount step_through(const EngineConfig& engine, const Shape& shape) {
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const WeightStream stream(engine, shape, weights);
  SteppedEngine stepped(engine, shape, stream);
  while (!stepped.finished()) stepped.step({});
  return stepped.result();
}

void expect_same(const EngineConfig& engine, const Shape& shape) {
  const CycleCount skipped = run(engine, shape), followed = step_through(engine, shape);
  EXPECT_EQ(skipped.cycles, followed.cycles);
  EXPECT_EQ(skipped.transrows, followed.transrows);
  EXPECT_EQ(skipped.nodes_built, followed.nodes_built);
  EXPECT_EQ(skipped.subtile_done, followed.subtile_done);
  EXPECT_EQ(skipped.lanes.reading, followed.lanes.reading);
  EXPECT_EQ(skipped.lanes.conflict, followed.lanes.conflict);
  EXPECT_EQ(skipped.lanes.reorder, followed.lanes.reorder);
  EXPECT_EQ(skipped.lanes.nodes, followed.lanes.nodes);
  EXPECT_EQ(skipped.lanes.codes, followed.lanes.codes);
}

// Odd numbers of sub-tiles, a last pass with few columns, edges of N and K, drains that limit.
TEST(RepeatedPasses, AreCountedAsIfTheyWereFollowed) {
  for (const Planner planner : {Planner::lattice, Planner::orbit, Planner::dynamic})
    for (const int rows : {64, 256})
      for (const Shape& shape :
           {Shape{64, 64, 400, 4}, Shape{70, 41, 390, 4}, Shape{150, 24, 1000, 3},
            Shape{1, 1, 777, 2}, Shape{9, 17, 640, 8}, Shape{200, 100, 300, 5}}) {
        SCOPED_TRACE("planner " + std::to_string(static_cast<int>(planner)) + ", " +
                     std::to_string(rows) + " rows, n " + std::to_string(shape.n));
        expect_same({.rows = rows, .planner = planner}, shape);
        expect_same({.tile_bits = 5,
                     .lanes = 3,
                     .columns = 6,
                     .columns_per_adder = 3,
                     .rows = rows,
                     .planner = planner},
                    {shape.n, shape.k, shape.m / 5, shape.weight_bits});
      }
}

TEST(CycleTrend, MoreRowsTakeLonger) {
  std::uint64_t before = 0;
  for (const int rows : {64, 128, 256, 512, 1024}) {
    const std::uint64_t now = long_run({.rows = rows});
    EXPECT_GT(now, before) << rows << " rows";
    before = now;
  }
}

TEST(CycleTrend, LargerTilesComeCloserToTheBound) {
  double before = 100;
  for (const int rows : {64, 128, 256, 512}) {
    const EngineConfig engine{.rows = rows};
    const double ratio = steady(engine) / bound_cycles(engine, 4);
    EXPECT_LT(ratio, before) << rows << " rows";
    before = ratio;
  }
}

TEST(CycleTrend, LongerInnerDimensionsTakeLonger) {
  std::uint64_t before = 0;
  for (int k = 8; k <= 128; k += 8) {
    const std::uint64_t now = run({}, {64, k, 32, 4}).cycles;
    EXPECT_GT(now, before);
    before = now;
  }
}

TEST(CycleTrend, MoreBanksAndDeeperLookAheadHelp) {
  EXPECT_LT(long_run({.banks_per_lane = 2}), long_run({.banks_per_lane = 1}));
  EXPECT_LT(long_run({.look_ahead = 8}), long_run({.look_ahead = 1}));
}

TEST(CycleTrend, EqualCodesNeverConflictWithinASubTile) {
  const Shape shape{64, 8, 32, 4};
  const tensor::Matrix<std::int8_t> weights(64, 8, std::int8_t{5});
  const EngineConfig engine;
  const CycleCount count = count_cycles(engine, shape, WeightStream(engine, shape, weights));
  EXPECT_EQ(count.lanes.conflict, 0U);
}

TEST(SteadyState, IsTheMeanDistanceWithinAnNTile) {
  const EngineConfig engine;
  EXPECT_EQ(steady_state_cycles(engine, {64, 16, 32, 4}, {10, 20}), 0);
  EXPECT_EQ(steady_state_cycles(engine, {64, 48, 32, 4}, {10, 90, 120, 152, 186, 300}), 32);
}

TEST(Bound, IsTheShareOfTransRowsThatAreNotZero) {
  EXPECT_DOUBLE_EQ(bound_cycles({}, 4), 32 * (1 - 1.0 / 256));
  EXPECT_DOUBLE_EQ(bound_cycles({}, 3), 30 * (1 - 1.0 / 256));
}

}  // namespace
}  // namespace hasse::transitive
