// SPDX-License-Identifier: Apache-2.0
// The weights of a layer, row after row, made or read when they are asked for.
#pragma once

#include <cstdint>

#include "flows/predict/shapes.hpp"
#include "golden/transitive/layer_model.hpp"

namespace hasse::predict {

/// Rows of Gaussian weights, quantised as quant::quantize_weights does. A row depends on the seed
/// and its number only, so that a sample sees the rows of the whole.
transitive::WeightRows gaussian_rows(int k, int weight_bits, std::uint64_t seed);

/// The rows of `layer`: from its tensor - integers as they are, real numbers quantised per row - or
/// Gaussian. Throws tensor::FormatError for a tensor that cannot be read, or holds an integer that
/// does not fit the layer's weight bits.
transitive::WeightRows layer_rows(const Layer& layer, std::uint64_t seed);

}  // namespace hasse::predict
