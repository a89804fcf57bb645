// SPDX-License-Identifier: Apache-2.0
// The nodes of a sub-tile as a picture shows them, for every planner.
#include "golden/transitive/subtile.hpp"

#include <gtest/gtest.h>

#include <set>

#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

class Subtile : public ::testing::TestWithParam<Planner> {
 protected:
  EngineConfig config_{.tile_bits = 7, .lanes = 3, .rows = 24, .planner = GetParam()};
  Shape shape_{.n = 7, .k = 20, .m = 1, .weight_bits = 3, .calibration_rows = 1};
  WeightStream stream_{config_, shape_, testing::random_weights(shape_.n, shape_.k, 3)};
};

TEST_P(Subtile, HoldsWhatIsReadAndWhatThatIsBuiltFrom) {
  for (int tile = 0; tile < stream_.tiles(); ++tile) {
    std::set<Code> built;
    int uses = 0;
    int last_step = 0;
    for (const SubtileNode& node : subtile_nodes(config_, stream_, tile)) {
      EXPECT_TRUE(!node.parent || built.count(*node.parent) == 1) << "parents come first";
      EXPECT_TRUE(built.insert(node.node).second);
      EXPECT_GE(node.step, last_step);
      EXPECT_LE(node.uses_mirrored, node.uses);
      last_step = node.step;
      uses += node.uses;
    }
    const int rows = tile < 3 ? config_.rows_per_tile(3) : 1;  // 7 rows, three K-tiles
    EXPECT_EQ(uses, rows * 3) << "every TransRow reads a node";
    EXPECT_EQ(built.size() == 64, GetParam() == Planner::lattice);
  }
  EXPECT_THROW(subtile_nodes(config_, stream_, stream_.tiles()), std::out_of_range);
}

INSTANTIATE_TEST_SUITE_P(Planners, Subtile,
                         ::testing::Values(Planner::lattice, Planner::orbit, Planner::listed,
                                           Planner::dynamic));

}  // namespace
}  // namespace hasse::transitive
