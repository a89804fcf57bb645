// SPDX-License-Identifier: Apache-2.0
// A product in blocks of 4 x 32 sums that the compiler keeps in registers.
#include "golden/attribution/products.hpp"

#include <algorithm>
#include <array>

namespace hasse::attribution {
namespace {

using tensor::Matrix;

constexpr std::size_t kWide = 32;
constexpr std::size_t kTall = 4;

using Rows = std::array<const float*, kTall>;
using Sums = std::array<std::array<float, kWide>, kTall>;

/// Always whole blocks, so that no sum is ever taken by a different instruction.
void sum_block(const Rows& x, const Matrix<float>& packed, std::size_t column, Sums& sums) {
  for (auto& row : sums) row.fill(0);
  for (std::size_t k = 0; k < packed.rows(); ++k) {
    const float* w = packed.data() + k * packed.cols() + column;
    for (std::size_t r = 0; r < kTall; ++r) {
      const float value = x[r][k];
      for (std::size_t n = 0; n < kWide; ++n) sums[r][n] += value * w[n];
    }
  }
}

std::size_t whole_blocks(std::size_t size) {
  return (size + kWide - 1) / kWide * kWide;
}

}  // namespace

Matrix<float> pack_transposed(const Matrix<float>& weights) {
  Matrix<float> packed(weights.cols(), whole_blocks(weights.rows()));
  for (std::size_t n = 0; n < weights.rows(); ++n)
    for (std::size_t k = 0; k < weights.cols(); ++k) packed(k, n) = weights(n, k);
  return packed;
}

Matrix<float> pack(const Matrix<float>& weights) {
  if (weights.cols() == whole_blocks(weights.cols())) return weights;
  Matrix<float> packed(weights.rows(), whole_blocks(weights.cols()));
  for (std::size_t k = 0; k < weights.rows(); ++k)
    std::ranges::copy(weights.row(k), packed.row(k).begin());
  return packed;
}

Matrix<float> multiply_packed(const Matrix<float>& x, const Matrix<float>& packed,
                              std::size_t outputs) {
  Matrix<float> result(x.rows(), outputs);
  Sums sums;
  for (std::size_t m = 0; m < x.rows(); m += kTall) {
    const std::size_t tall = std::min(kTall, x.rows() - m);
    Rows rows;
    for (std::size_t r = 0; r < kTall; ++r) rows[r] = x.row(m + std::min(r, tall - 1)).data();
    for (std::size_t n = 0; n < outputs; n += kWide) {
      sum_block(rows, packed, n, sums);
      for (std::size_t r = 0; r < tall; ++r)
        std::copy_n(sums[r].data(), std::min(kWide, outputs - n), &result(m + r, n));
    }
  }
  return result;
}

}  // namespace hasse::attribution
