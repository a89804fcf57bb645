// SPDX-License-Identifier: Apache-2.0
// Groups with a real scale and a zero point: the quantiser of AWQ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/quant/group_scales.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// Codes 0..2^bits - 1 of the weights [N x K] whose groups of `group` consecutive columns (the last
/// may be shorter) have a real scale and a zero point: code q stands for scale * (q - zero).
struct AffineWeights {
  tensor::Matrix<std::uint8_t> codes;  ///< N x K
  tensor::Matrix<float> scales;        ///< N x ceil(K / group)
  tensor::Matrix<std::uint8_t> zeros;  ///< N x ceil(K / group)
  int bits = 4;
  int group = 128;
};

/// Scale and zero point of one group.
struct AffineStep {
  float scale = 1;
  float zero = 0;

  /// The code of `value`, 0..most.
  float code(float value, float most) const;
};

/// The step of a group of `values` with codes 0..most, as llm-awq's pseudo_quantize_tensor has it:
/// scale = max(max - min, 1e-5) / most, zero = clamp(-round(min / scale), 0, most), in float32,
/// halves rounded to even. Zero is not made part of the range: a group of positive values only has
/// zero point 0 and saturates above `most * scale`.
AffineStep affine_step(std::span<const float> values, float most);

/// Quantises `w` [N x K] to `bits` = 2..8 by affine_step. Throws QuantError for other `bits`, a
/// group below 1, and values that are not finite.
AffineWeights quantize_affine(const tensor::Matrix<float>& w, int bits, int group);

/// The real matrix [N x K] that `w` stands for.
tensor::Matrix<float> dequantize(const AffineWeights& w);

/// `w` as the hardware takes it: codes and zero points less 2^(bits - 1), in two's complement, and
/// scales as integers 1..255 of a step per row, the row's largest scale being 255 of them. Codes
/// and zero points do not change; a scale moves by at most half a step.
GroupedWeights with_integer_scales(const AffineWeights& w);

}  // namespace hasse::quant
