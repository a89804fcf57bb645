// SPDX-License-Identifier: Apache-2.0
// Weights whose groups along K have integer scales and zero points, and their exact products.
#pragma once

#include <cstdint>
#include <vector>

#include "golden/quant/quantize.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// Integer scale and zero point of every group of `group` consecutive columns (the last group may
/// be shorter) of every row: a code q of the group stands for scales(n, g) * (q - zeros(n, g)).
struct GroupScales {
  int group = 128;
  tensor::Matrix<std::uint8_t> scales;  ///< N x ceil(K / group)
  tensor::Matrix<std::int8_t> zeros;    ///< N x ceil(K / group)
};

/// Codes in `bits`-bit two's complement, shape N x K, their groups, and the real step of every row:
/// code q of row n and group g stands for row_scales[n] * scales(n, g) * (q - zeros(n, g)).
struct GroupedWeights {
  tensor::Matrix<std::int8_t> codes;
  GroupScales groups;
  std::vector<float> row_scales;
  int bits = 4;
};

/// Symmetric groups: rows are quantised to 8 bits first, then every group to `bits` = 2..8 with the
/// smallest integer scale that clips nothing. Zero points are 0. Values are rounded half to even.
/// Throws QuantError for other `bits`, a group below 1, and values that are not finite.
GroupedWeights quantize_symmetric_groups(const tensor::Matrix<float>& w, int bits, int group);

/// QServe's progressive quantisation to four bits: rows are quantised to -119..119, the protective
/// range, then groups to codes 0..15 with scale round((max - min) / 15) and a zero point, zero
/// being among the values that have a code. Codes and zero points are kept less 8, in two's
/// complement. Every scale * (code - zero point) is within eight bits. Throws as above.
GroupedWeights quantize_qserve(const tensor::Matrix<float>& w, int group);

/// QServe's variant per channel: codes 0..15 with a real step (max - min) / 15 and a zero point per
/// row, zero being within the range; no integer scale (it is 1, of one group). Codes and zero
/// points are kept less 8. Throws QuantError for values that are not finite.
GroupedWeights quantize_qserve_rows(const tensor::Matrix<float>& w);

/// Weights with a step per row and nothing else, as one group of scale 1 and zero point 0 per row.
GroupedWeights as_groups(QuantizedWeights w);

/// The integer weights scale * (code - zero point), N x K.
tensor::Matrix<std::int16_t> scaled_weights(const tensor::Matrix<std::int8_t>& codes,
                                            const GroupScales& groups);

/// The real matrix [N x K] that `w` stands for.
tensor::Matrix<float> dequantize(const GroupedWeights& w);

/// What a result is requantised by: value * multiplier / 2^shift.
struct Rescale {
  std::uint16_t multiplier = 0;
  std::uint8_t shift = 1;  ///< 1..63
};

/// value * multiplier / 2^shift, rounded to the nearest integer, halves away from zero, clamped to
/// -128..127. |value| < 2^47.
std::int8_t requantise(std::int64_t value, const Rescale& rescale);

/// The rescale closest to the positive `factor`: 16 significant bits as long as the shift allows.
/// Throws QuantError unless 2^-47 < factor <= 1.
Rescale rescale_of(double factor);

}  // namespace hasse::quant
