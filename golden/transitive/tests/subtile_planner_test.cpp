// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/subtile_planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "golden/transitive/dynamic_plan.hpp"
#include "golden/transitive/orbit_forest.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

std::set<Code> nodes_of(const SubtileReads& reads, int lanes) {
  std::set<Code> nodes;
  for (int lane = 0; lane < lanes; ++lane)
    for (int beat = 0; beat < reads.reads(lanes, lane); ++beat)
      nodes.insert(reads.nodes[static_cast<std::size_t>(beat * lanes + lane)]);
  return nodes;
}

std::vector<bool> presence(const std::set<Code>& nodes, int dimension) {
  std::vector<bool> present(std::size_t{1} << dimension);
  for (const Code node : nodes) present[node] = true;
  return present;
}

/// The numbers of a plan whose nodes have the lanes given.
TilePlan numbers(int present, int steps, const std::vector<int>& lanes) {
  std::map<int, int> count;
  for (const int lane : lanes) ++count[lane];
  int busiest = 0;
  for (const auto& [lane, nodes] : count) busiest = std::max(busiest, nodes);
  return {present, static_cast<int>(lanes.size()), busiest, steps};
}

class SubtilePlannerTest : public ::testing::TestWithParam<EngineConfig> {
 protected:
  static EngineConfig with(Planner planner) {
    EngineConfig config = GetParam();
    config.planner = planner;
    return config;
  }

  /// Calls `check` with the reads of some random sub-tiles, a partly filled one among them.
  template <class Check>
  void for_each_tile(Check check) {
    const EngineConfig& config = GetParam();
    const int full = config.rows_per_tile(4);
    const auto weights = testing::random_weights(full, 12 * config.tile_bits, 4);
    NodeSlicer slicer(config, 4, 12 * config.tile_bits);
    for (const int rows : {full, std::max(full - 3, 1), 1}) {
      slicer.slice(weights, 0, rows);
      for (int tile = 0; tile < slicer.tiles(); ++tile) check(slicer.tile(tile));
    }
  }

  void expect_dynamic_plans(OperandNetwork network) {
    EngineConfig config = with(Planner::dynamic);
    config.operand_network = network;
    SubtilePlanner planner(config);
    for_each_tile([&](const SubtileReads& reads) {
      const std::set<Code> nodes = nodes_of(reads, config.lanes);
      const DynamicPlan golden(config.dimension(), presence(nodes, config.dimension()), network);
      std::vector<int> lanes;
      for (const DynamicNode& node : golden.nodes()) lanes.push_back(node.lane);
      EXPECT_EQ(planner.plan(reads),
                numbers(static_cast<int>(nodes.size()), golden.steps(), lanes));
      for (const DynamicNode& node : golden.nodes()) {
        const int slot = dynamic_slot(node.node, node.lane, config.dimension());
        EXPECT_EQ(planner.bank(static_cast<std::uint16_t>(node.node)),
                  node.lane * config.banks_per_lane + slot % config.banks_per_lane);
      }
    });
  }
};

TEST_P(SubtilePlannerTest, OrbitPlansAsTheForestDoes) {
  const EngineConfig config = with(Planner::orbit);
  SubtilePlanner planner(config);
  const OrbitForest forest(config.dimension());
  for_each_tile([&](const SubtileReads& reads) {
    const std::set<Code> nodes = nodes_of(reads, config.lanes);
    const BuildPlan golden = forest.plan(presence(nodes, config.dimension()));
    std::vector<int> lanes;
    for (const PlannedNode& node : golden.nodes) lanes.push_back(node.lane);
    EXPECT_EQ(planner.plan(reads), numbers(static_cast<int>(nodes.size()), golden.steps, lanes));
  });
}

TEST_P(SubtilePlannerTest, DynamicPlansAsTheScoreboardDoes) {
  expect_dynamic_plans(OperandNetwork::select);
}

TEST_P(SubtilePlannerTest, DynamicPlansForABenesNetworkAsTheScoreboardDoes) {
  expect_dynamic_plans(OperandNetwork::benes);
}

TEST_P(SubtilePlannerTest, LatticeBuildsEverything) {
  const EngineConfig config = with(Planner::lattice);
  SubtilePlanner planner(config);
  for_each_tile([&](const SubtileReads& reads) {
    const TilePlan plan = planner.plan(reads);
    EXPECT_EQ(plan.present, static_cast<int>(nodes_of(reads, config.lanes).size()));
    EXPECT_EQ(plan.built, 1 << config.dimension());
    EXPECT_EQ(plan.steps, static_cast<int>(Lattice(config.dimension()).steps().size()));
  });
}

INSTANTIATE_TEST_SUITE_P(Points, SubtilePlannerTest,
                         ::testing::Values(EngineConfig{}, EngineConfig{.rows = 64},
                                           EngineConfig{.tile_bits = 4, .lanes = 2, .rows = 32},
                                           EngineConfig{.tile_bits = 10, .lanes = 16, .rows = 512},
                                           EngineConfig{.tile_bits = 3, .rows = 32},
                                           EngineConfig{.tile_bits = 5, .lanes = 3, .rows = 24},
                                           EngineConfig{.tile_bits = 6, .rows = 64},
                                           EngineConfig{.tile_bits = 7, .rows = 128},
                                           EngineConfig{.tile_bits = 9, .rows = 256},
                                           EngineConfig{.tile_bits = 9, .rows = 1024},
                                           EngineConfig{.tile_bits = 10, .rows = 64}));

TEST(SubtilePlanner, RefusesLatticesThatHaveNoPlan) {
  EXPECT_THROW(SubtilePlanner({.tile_bits = 2, .planner = Planner::dynamic}),
               std::invalid_argument);
}

}  // namespace
}  // namespace hasse::transitive
