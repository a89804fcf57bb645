// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/tests/random_weights.hpp"

#include <random>

namespace hasse::transitive::testing {

tensor::Matrix<std::int8_t> random_weights(int n, int k, int weight_bits, std::uint32_t seed) {
  std::mt19937 random(seed);
  tensor::Matrix<std::int8_t> weights(static_cast<std::size_t>(n), static_cast<std::size_t>(k));
  const int half = 1 << (weight_bits - 1);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto value = static_cast<int>(random() >> (32 - weight_bits));
    weights.data()[i] = static_cast<std::int8_t>(value - half);
  }
  return weights;
}

}  // namespace hasse::transitive::testing
