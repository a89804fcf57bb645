// SPDX-License-Identifier: Apache-2.0
// Bit slicing: the two's complement planes of weights, and the TransRows cut from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/quant/quantize.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// The planes of `w` [N x K] in `bits` = 1..8 bit two's complement: result[s](n, k) is bit s of
/// w(n, k), 0 or 1. Plane s weighs 2^s, the last one -2^(bits - 1). Throws QuantError for other
/// `bits` and for a value outside -2^(bits - 1) .. 2^(bits - 1) - 1.
std::vector<tensor::Matrix<std::uint8_t>> planes(const tensor::Matrix<std::int8_t>& w, int bits);

/// What plane `plane` of `bits` is worth: 2^plane, or -2^plane for the last plane.
int plane_weight(int plane, int bits);

/// TransRow code: bit b is bit `plane` of w(n, k0 + b), for b = 0..tile_bits - 1; bits at and
/// beyond column K are 0. `n` < N, `plane` < 8 and `tile_bits` <= 32 are the caller's to ensure.
std::uint32_t code(const tensor::Matrix<std::int8_t>& w, std::size_t n, std::size_t k0, int plane,
                   int tile_bits);

}  // namespace hasse::quant
