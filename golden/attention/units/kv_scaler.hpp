// SPDX-License-Identifier: Apache-2.0
// Bit-true models of key_scaler and value_scaler: what a token's scale and smallest element do to
// the sums of its codes.
#pragma once

#include <cstdint>

namespace hasse::attention::units {

// A cached vector of codes c, `bits` = 4 or 8 each, stands for low + c * range / (2^bits - 1)
// (KvWord). The array multiplies two's complement numbers, so it is given c - 2^(bits - 1). All
// that follows is in units of 1 / (2^bits - 1).

/// The score of a query with elements q, whose sum is `query_sum`, and a key whose codes gave `sum`
/// = sum of q * (c - 2^(bits - 1)):
/// (range * (sum + 2^(bits - 1) * query_sum) + (2^bits - 1) * low * query_sum) / 2^shift, halves
/// rounded up, saturated to eight bits. `shift` is 1..63.
std::int8_t key_score(std::int64_t sum, std::int32_t query_sum, std::int16_t low,
                      std::uint16_t range, int bits, int shift);

/// The probabilities of one query on their way to the product with the values' codes.
class ValueScaler {
 public:
  /// Ranges below 2^`shift`, 1..16; with larger ones weights saturate.
  ValueScaler(int bits, int shift) : bits_(bits), shift_(shift) {}

  /// What the codes of a value of `range` are multiplied by when its token has `probability`
  /// (U0.16): probability * range / 2^shift, halves rounded up, at most 2^16 - 1.
  std::uint16_t take(std::uint16_t probability, std::int16_t low, std::uint16_t range);

  /// The output that belongs to `sum`, the sum of weight * (c - 2^(bits - 1)) over the tokens that
  /// were taken: ((sum + 2^(bits - 1) * weights) * 2^shift + (2^bits - 1) * lows) / 2^16, halves
  /// rounded up, modulo 2^32.
  std::int32_t output(std::int64_t sum) const;

 private:
  int bits_;
  int shift_;
  std::int64_t weights_ = 0;  ///< Sum of the weights.
  std::int64_t lows_ = 0;     ///< Sum of probability * low.
};

}  // namespace hasse::attention::units
