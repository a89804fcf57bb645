// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/weight_stream.hpp"

#include <algorithm>

namespace hasse::transitive {
namespace {

/// Plane `plane` of row `row`, operands k0..k0+tile_bits-1, as a TransRow.
Code slice(const tensor::Matrix<std::int8_t>& weights, int row, int k0, int tile_bits, int plane) {
  const int count = std::min(tile_bits, static_cast<int>(weights.cols()) - k0);
  Code code = 0;
  for (int bit = 0; bit < count; ++bit) {
    const auto weight = static_cast<unsigned>(
        weights(static_cast<std::size_t>(row), static_cast<std::size_t>(k0 + bit)));
    code |= ((weight >> plane) & 1U) << bit;
  }
  return code;
}

}  // namespace

int EngineConfig::reorder_depth() const {
  return lanes + 2 * look_ahead;
}

int EngineConfig::code_queue_depth() const {
  return std::max(2 * ((rows + lanes - 1) / lanes), 8);
}

WeightStream::WeightStream(const EngineConfig& config, const Shape& shape,
                           const tensor::Matrix<std::int8_t>& weights)
    : lanes_(static_cast<std::size_t>(config.lanes)) {
  const int tile_rows = config.rows_per_tile(shape.weight_bits);
  for (int n0 = 0; n0 < shape.n; n0 += tile_rows) {
    const int rows = std::min(tile_rows, shape.n - n0);
    for (int k0 = 0; k0 < shape.k; k0 += config.tile_bits, ++tiles_) {
      for (int group = 0; group < rows; group += config.lanes) {
        const int lanes = std::min(config.lanes, rows - group);
        for (int plane = shape.weight_bits - 1; plane >= 0; --plane) {
          const bool end = plane == 0 && group + config.lanes >= rows;
          beats_.push_back({n0 + group, lanes, plane, end});
          for (int lane = 0; lane < config.lanes; ++lane)
            codes_.push_back(static_cast<std::uint16_t>(
                lane < lanes ? slice(weights, n0 + group + lane, k0, config.tile_bits, plane) : 0));
        }
      }
    }
  }
}

}  // namespace hasse::transitive
