// SPDX-License-Identifier: Apache-2.0
// Cycles of products too large to follow every one: sampled N-tiles, with the error that costs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "golden/tensor/matrix.hpp"
#include "golden/transitive/array_model.hpp"

namespace hasse::transitive {

/// Rows first..first+count-1 of a weight matrix, made when they are needed.
using WeightRows = std::function<tensor::Matrix<std::int8_t>(int first, int count)>;

/// What is followed of a product.
struct Sampling {
  int tiles = 16;          ///< N-tiles, at least 2; 0: all of them, over all columns.
  std::uint32_t seed = 1;  ///< Of the choice of tiles.
};

/// Cycles of a product, and how well they are known.
struct LayerCycles {
  double cycles = 0;          ///< A whole number when exact.
  double standard_error = 0;  ///< Of `cycles`; 0 when exact.
  int tiles = 0;              ///< Full N-tiles of the product.
  int sampled_tiles = 0;      ///< Those of them that were followed.
  bool exact = true;          ///< The whole product was followed.
};

/// Counts the cycles of `product`, on arrays with balanced N-tiles, on `config` with a host that
/// never waits, or for `memory` only.
///
/// Followed whole, they are exact. Sampled, N-tiles drawn without replacement, and the last one if
/// it is not full, are followed over two passes of columns (more, when there is but one tile); the
/// time between the ends of successive N-tiles stands for the tiles and passes left out. Streaming
/// engines, whose pace is that of any weights, are always followed whole.
LayerCycles layer_cycles(const ArrayConfig& config, const Shape& product, const WeightRows& weights,
                         const Sampling& sampling, const std::optional<MemoryConfig>& memory = {});

}  // namespace hasse::transitive
