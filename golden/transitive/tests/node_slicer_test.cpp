// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/node_slicer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

/// Compares every TransRow with the weight stream's code.
void expect_same_reads(const EngineConfig& config, const Shape& shape) {
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  const WeightStream stream(config, shape, weights);
  NodeSlicer slicer(config, shape.weight_bits, shape.k);
  std::size_t beat = 0;
  const int tile_rows = config.rows_per_tile(shape.weight_bits);
  for (int row = 0; row < shape.n; row += tile_rows) {
    slicer.slice(weights, row, std::min(tile_rows, shape.n - row));
    for (int tile = 0; tile < slicer.tiles(); ++tile) {
      const SubtileReads reads = slicer.tile(tile);
      for (int j = 0; j < reads.beats(config.lanes); ++j, ++beat) {
        const WeightBeat& info = stream.beats()[beat];
        for (int lane = 0; lane < info.lanes; ++lane)
          ASSERT_EQ(reads.nodes[static_cast<std::size_t>(j * config.lanes + lane)],
                    mirror(stream.code(beat, lane), config.tile_bits).node);
        ASSERT_EQ(info.end_of_tile, j + 1 == reads.beats(config.lanes));
        for (int lane = 0; lane < config.lanes; ++lane)
          ASSERT_EQ(j < reads.reads(config.lanes, lane), lane < info.lanes);
      }
    }
  }
  EXPECT_EQ(beat, stream.beats().size());
}

TEST(NodeSlicer, ReadsWhatTheWeightStreamCarries) {
  expect_same_reads({}, {130, 200, 1, 4});
  expect_same_reads({}, {67, 61, 1, 3});
  expect_same_reads({.tile_bits = 2, .lanes = 1, .rows = 8}, {7, 9, 1, 2});
  expect_same_reads({.tile_bits = 5, .lanes = 3, .rows = 48}, {20, 33, 1, 8});
  expect_same_reads({.tile_bits = 10, .lanes = 16, .rows = 512}, {50, 103, 1, 7});
}

}  // namespace
}  // namespace hasse::transitive
