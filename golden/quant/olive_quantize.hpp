// SPDX-License-Identifier: Apache-2.0
// Whole tensors as outlier-victim pairs: scales, types, and how many pairs hold outliers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/quant/olive_pair.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// How scales are searched: the largest normal value stands for i / 100 of x_max, the farther of
/// mean +- 3 standard deviations (unbiased), for i = low, low + step, .. below high; the first i
/// with the least squared error of the pairs is taken. The defaults are those of the authors'
/// scripts.
struct OliveSearch {
  int low = 75;
  int high = 250;
  int step = 2;
  OutlierRule rule = OutlierRule::keep_larger;
};

/// How many pairs had one or two outliers.
struct PairStatistics {
  std::size_t pairs = 0;
  std::size_t outlier_normal = 0;
  std::size_t outlier_outlier = 0;

  PairStatistics& operator+=(const PairStatistics& other);
  bool operator==(const PairStatistics&) const = default;
};

/// Weights [N x K] in codes [N x K'], K' = K rounded up to pairs, which lie along K (an odd row
/// ends with a normal 0). Row n stands for its decoded values times scales[n].
struct OliveWeights {
  OliveFormat format;
  tensor::Matrix<std::uint8_t> codes;
  std::size_t k = 0;
  std::vector<float> scales;
  PairStatistics statistics;
  double squared_error = 0;  ///< Summed over all weights.
};

/// A type and a scale for a whole tensor.
struct OliveScale {
  OliveFormat format;
  float scale = 0;
  double squared_error = 0;  ///< Summed over the values it was chosen for.
};

/// Activations [K x M], one token a column, in codes [K' x M]; pairs lie along K.
struct OliveActivations {
  OliveFormat format;
  tensor::Matrix<std::uint8_t> codes;
  std::size_t k = 0;
  float scale = 0;
  PairStatistics statistics;
};

/// Quantises `w` with a scale per row, in the type of `candidates` (at least one; see
/// olive_candidates) whose total squared error is least, the first of equals. A row of zeros gets
/// scale 0. Throws QuantError for values that are not finite, `candidates` that are empty, and a
/// search that is empty or not positive.
OliveWeights quantize_olive_weights(const tensor::Matrix<float>& w,
                                    std::span<const OliveFormat> candidates,
                                    const OliveSearch& search = {});

/// Chooses type and scale for activations like `x` [K x M], by the same rule over the whole tensor.
/// Throws as above.
OliveScale calibrate_olive(const tensor::Matrix<float>& x, std::span<const OliveFormat> candidates,
                           const OliveSearch& search = {});

/// Quantises `x` [K x M] with a type and scale found before; scale 0 makes all values 0. Throws
/// QuantError for values that are not finite.
OliveActivations quantize_olive_activations(const tensor::Matrix<float>& x, const OliveScale& scale,
                                            OutlierRule rule = OutlierRule::keep_larger);

/// The decoded integers [N x K] or [K x M], without scales, in 16 bits.
tensor::Matrix<std::int16_t> decoded(const OliveWeights& w);
tensor::Matrix<std::int16_t> decoded(const OliveActivations& x);

/// The real matrix that the codes stand for.
tensor::Matrix<float> dequantize(const OliveWeights& w);
tensor::Matrix<float> dequantize(const OliveActivations& x);

}  // namespace hasse::quant
