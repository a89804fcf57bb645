// SPDX-License-Identifier: Apache-2.0
// Takes weights apart into bits.
#include "golden/quant/bits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hasse::quant {
namespace {

using tensor::Matrix;

std::uint32_t bit_of(std::int8_t value, int plane) {
  return (static_cast<std::uint32_t>(value) >> plane) & 1U;
}

void check_fit(const Matrix<std::int8_t>& w, int bits) {
  if (bits < 1 || bits > 8) {
    throw QuantError(fmt::format("planes: bits is {}, expected 1 to 8", bits));
  }
  const int low = -(1 << (bits - 1));
  const int high = -low - 1;
  for (const std::int8_t value : w.values()) {
    if (value >= low && value <= high) continue;
    throw QuantError(fmt::format("planes: a weight is {}, expected {} to {} for {} bits", value,
                                 low, high, bits));
  }
}

}  // namespace

std::vector<Matrix<std::uint8_t>> planes(const Matrix<std::int8_t>& w, int bits) {
  check_fit(w, bits);
  std::vector<Matrix<std::uint8_t>> result;
  for (int plane = 0; plane < bits; ++plane) {
    auto& bit = result.emplace_back(w.rows(), w.cols());
    std::ranges::transform(w.values(), bit.data(), [plane](std::int8_t value) {
      return static_cast<std::uint8_t>(bit_of(value, plane));
    });
  }
  return result;
}

int plane_weight(int plane, int bits) {
  return plane == bits - 1 ? -(1 << plane) : 1 << plane;
}

std::uint32_t code(const Matrix<std::int8_t>& w, std::size_t n, std::size_t k0, int plane,
                   int tile_bits) {
  const std::size_t end = std::min(k0 + static_cast<std::size_t>(tile_bits), w.cols());
  std::uint32_t result = 0;
  for (std::size_t k = k0; k < end; ++k) result |= bit_of(w(n, k), plane) << (k - k0);
  return result;
}

}  // namespace hasse::quant
