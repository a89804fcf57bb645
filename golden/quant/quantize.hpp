// SPDX-License-Identifier: Apache-2.0
// Symmetric linear quantisation of weights (per output channel) and activations (per token).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// Bits out of range, or values that are not finite or do not fit their bits.
class QuantError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Weights in `bits`-bit two's complement, shape N x K. Row n stands for values(n, k) * scales[n].
/// The grid is symmetric: |values(n, k)| <= 2^(bits - 1) - 1.
struct QuantizedWeights {
  tensor::Matrix<std::int8_t> values;
  std::vector<float> scales;
  int bits = 8;
};

/// Activations in `bits`-bit two's complement, shape K x M, one token a column. Column m stands for
/// values(k, m) * scales[m]. The grid is symmetric, as in QuantizedWeights.
template <class T>
struct QuantizedActivations {
  tensor::Matrix<T> values;
  std::vector<float> scales;
  int bits = 8;
};

/// Quantises `w` [N x K] to `bits` = 2..8: scale = max|row| / (2^(bits - 1) - 1), values rounded
/// half to even. A row of zeros gets scale 0. Throws QuantError for other `bits` and for values
/// that are not finite.
QuantizedWeights quantize_weights(const tensor::Matrix<float>& w, int bits);

/// Quantises `x` [K x M] to `bits` = 4, 8 (into int8_t or int16_t) or 16 (into int16_t) with the
/// rule of quantize_weights applied to columns. Throws as it does.
template <class T>
QuantizedActivations<T> quantize_activations(const tensor::Matrix<float>& x, int bits);

/// Activations in `bits` unsigned bits, shape K x M, one token a column. Column m stands for
/// (values(k, m) - zeros[m]) * scales[m].
struct UnsignedActivations {
  tensor::Matrix<std::int32_t> values;
  std::vector<float> scales;
  std::vector<std::int32_t> zeros;  ///< What 0 is quantised to.
  int bits = 8;
};

/// Quantises `x` [K x M] to `bits` = 4, 8 or 16 over each column's range, 0 included: scale =
/// (max - min) / (2^bits - 1), zero = -min / scale rounded. A column of zeros gets scale 0.
/// Throws QuantError for other `bits` and for values that are not finite.
UnsignedActivations quantize_unsigned_activations(const tensor::Matrix<float>& x, int bits);

/// The real matrix [N x K] that `w` stands for.
tensor::Matrix<float> dequantize(const QuantizedWeights& w);

}  // namespace hasse::quant
