// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/weight_stream.hpp"

#include <algorithm>

#include "golden/quant/bits.hpp"

namespace hasse::transitive {

int EngineConfig::reorder_depth() const {
  return lanes + 2 * look_ahead;
}

int EngineConfig::code_queue_depth() const {
  return std::max(open_tiles() * ((rows + lanes - 1) / lanes), 8);
}

WeightStream::WeightStream(const EngineConfig& config, const Shape& shape,
                           const tensor::Matrix<std::int8_t>& weights)
    : lanes_(static_cast<std::size_t>(config.lanes)),
      calibration_rows_(shape.calibration_rows > 0 ? shape.calibration_rows : shape.n) {
  const int tile_rows = config.tile_rows(shape);
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
                lane < lanes ? quant::code(weights, static_cast<std::size_t>(n0 + group + lane),
                                           static_cast<std::size_t>(k0), plane, config.tile_bits)
                             : 0));
        }
      }
    }
  }
}

}  // namespace hasse::transitive
