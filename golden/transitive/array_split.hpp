// SPDX-License-Identifier: Apache-2.0
// How an array of units divides one product, and the streams it takes.
#pragma once

#include "golden/tensor/matrix.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// The stream that all units read.
enum class Share { activations, weights };

/// Several engines behind one set of ports; names as in the design JSON.
struct ArrayConfig {
  EngineConfig unit;
  int units = 1;
  Share share = Share::activations;
  int max_n = 65535;    ///< Most rows of a product.
  int max_m = 65535;    ///< Most columns of a product.
  bool joined = false;  ///< Results of all units leave side by side, not in turn.

  /// The one engine whose streams are those of the array, in order and layout: `units` times the
  /// lanes and rows of a unit, or with shared weights `units` times its columns.
  EngineConfig streams() const;
  /// `shape` with rows spread evenly over the N-tiles it takes, in whole groups of lanes, so that
  /// no unit has a small last tile; as it is for a single unit.
  Shape balanced(const Shape& shape) const;
  /// The product each unit makes of `shape`; rows or columns beyond the product are dropped.
  Shape unit_shape(const Shape& shape) const;
  /// The weights of unit `index` for a product of `shape`, missing rows zero.
  tensor::Matrix<std::int8_t> unit_weights(const Shape& shape,
                                           const tensor::Matrix<std::int8_t>& weights,
                                           int index) const;
  /// The codes of unit `index`; a table of nodes is that of all weights.
  WeightStream unit_stream(const Shape& shape, const tensor::Matrix<std::int8_t>& weights,
                           int index) const;
  /// Cycles from the start of the array to the start of its units; 0 for a single unit.
  int start_cycles() const;
};

/// Steps of the long division of up to `most` by `divisor`, at least 1.
int split_steps(int most, int divisor);

}  // namespace hasse::transitive
