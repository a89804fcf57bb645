// SPDX-License-Identifier: Apache-2.0
// Cuts weight rows into the mirrored nodes that the engine reads, many at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/tensor/matrix.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// The reads of one sub-tile: beat j of lane l is nodes[j * lanes + l].
struct SubtileReads {
  std::span<const std::uint16_t> nodes;  ///< Beats one after the other, a node per lane.
  int rows = 0;                          ///< Weight rows; lanes beyond them hold node 0, unread.
  int weight_bits = 4;

  /// Beats, that is, TransRows of lane 0.
  int beats(int lanes) const { return (rows + lanes - 1) / lanes * weight_bits; }
  /// TransRows of lane `lane`.
  int reads(int lanes, int lane) const {
    return (rows / lanes + (lane < rows % lanes ? 1 : 0)) * weight_bits;
  }
};

/// Slices one N-tile after the other. The nodes are those of `WeightStream`, mirrored; slicing a
/// whole row at once makes it two orders of magnitude faster.
class NodeSlicer {
 public:
  /// For `weight_bits`-bit weights of `k` columns.
  NodeSlicer(const EngineConfig& config, int weight_bits, int k);

  /// Takes the rows of one N-tile, at most `rows_per_tile` of them, from `first_row` of `weights`
  /// [N x K] on. Values have to fit the bits.
  void slice(const tensor::Matrix<std::int8_t>& weights, int first_row, int rows);

  /// Sub-tiles along K.
  int tiles() const { return tiles_; }
  /// The reads of sub-tile `tile` of the N-tile sliced last; valid until the next `slice`.
  SubtileReads tile(int tile) const;

 private:
  void pack_row(std::span<const std::int8_t> weights, std::size_t row);
  void fold_group(int tile, int group, int lanes);

  EngineConfig config_;
  int weight_bits_;
  int k_;
  int tiles_;
  int rows_ = 0;
  std::size_t plane_bytes_;           ///< Bytes of one plane of one row, padded.
  std::vector<std::uint8_t> planes_;  ///< [row][plane][k / 8], bit k % 8.
  std::vector<std::uint16_t> nodes_;  ///< [tile][beat][lane]
  std::size_t tile_nodes_ = 0;
};

}  // namespace hasse::transitive
