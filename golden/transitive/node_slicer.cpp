// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/node_slicer.hpp"

#include <algorithm>
#include <cstring>

namespace hasse::transitive {
namespace {

/// Bit `plane` of eight weights, the first in bit 0.
std::uint8_t gather_plane(std::uint64_t weights, int plane) {
  const std::uint64_t bits = (weights >> plane) & 0x0101010101010101ULL;
  return static_cast<std::uint8_t>((bits * 0x0102040810204080ULL) >> 56);
}

}  // namespace

NodeSlicer::NodeSlicer(const EngineConfig& config, int weight_bits, int k)
    : config_(config),
      weight_bits_(weight_bits),
      k_(k),
      tiles_((k + config.tile_bits - 1) / config.tile_bits),
      // A code is read as four bytes from the one that holds its first bit.
      plane_bytes_(static_cast<std::size_t>(tiles_ * config.tile_bits) / 8 + 5) {}

void NodeSlicer::slice(const tensor::Matrix<std::int8_t>& weights, int first_row, int rows) {
  rows_ = rows;
  planes_.assign(static_cast<std::size_t>(rows * weight_bits_) * plane_bytes_, 0);
  for (int row = 0; row < rows; ++row)
    pack_row(weights.row(static_cast<std::size_t>(first_row + row)), static_cast<std::size_t>(row));
  const int groups = (rows + config_.lanes - 1) / config_.lanes;
  tile_nodes_ = static_cast<std::size_t>(groups * weight_bits_ * config_.lanes);
  nodes_.assign(tile_nodes_ * static_cast<std::size_t>(tiles_), 0);
  for (int tile = 0; tile < tiles_; ++tile)
    for (int group = 0; group < groups; ++group)
      fold_group(tile, group, std::min(config_.lanes, rows - group * config_.lanes));
}

void NodeSlicer::pack_row(std::span<const std::int8_t> weights, std::size_t row) {
  std::uint8_t* const planes =
      &planes_[row * static_cast<std::size_t>(weight_bits_) * plane_bytes_];
  const auto k = static_cast<std::size_t>(k_);
  for (std::size_t first = 0; first < k; first += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, &weights[first], std::min<std::size_t>(8, k - first));
    for (int plane = 0; plane < weight_bits_; ++plane)
      planes[static_cast<std::size_t>(plane) * plane_bytes_ + first / 8] =
          gather_plane(eight, plane);
  }
}

void NodeSlicer::fold_group(int tile, int group, int lanes) {
  const int bit = tile * config_.tile_bits;
  const auto stride = static_cast<std::size_t>(weight_bits_) * plane_bytes_;
  std::uint16_t* out = &nodes_[static_cast<std::size_t>(tile) * tile_nodes_ +
                               static_cast<std::size_t>(group * weight_bits_ * config_.lanes)];
  for (int plane = weight_bits_ - 1; plane >= 0; --plane, out += config_.lanes) {
    const std::uint8_t* from = &planes_[static_cast<std::size_t>(group * config_.lanes) * stride +
                                        static_cast<std::size_t>(plane) * plane_bytes_ +
                                        static_cast<std::size_t>(bit / 8)];
    for (int lane = 0; lane < lanes; ++lane, from += stride) {
      std::uint32_t word = 0;
      std::memcpy(&word, from, sizeof word);
      const Code code = (word >> (bit % 8)) & ((Code{1} << config_.tile_bits) - 1);
      out[lane] = static_cast<std::uint16_t>(mirror(code, config_.tile_bits).node);
    }
  }
}

SubtileReads NodeSlicer::tile(int tile) const {
  return {std::span(nodes_).subspan(static_cast<std::size_t>(tile) * tile_nodes_, tile_nodes_),
          rows_, weight_bits_};
}

}  // namespace hasse::transitive
