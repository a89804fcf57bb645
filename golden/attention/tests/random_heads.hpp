// SPDX-License-Identifier: Apache-2.0
// Random queries, keys and values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// `rows` x `cols` Gaussian numbers.
inline tensor::Matrix<float> gaussian(std::size_t rows, std::size_t cols, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  tensor::Matrix<float> matrix(rows, cols);
  for (std::size_t i = 0; i < matrix.size(); ++i) matrix.data()[i] = value(random);
  return matrix;
}

}  // namespace hasse::attention
