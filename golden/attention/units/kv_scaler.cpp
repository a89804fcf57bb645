// SPDX-License-Identifier: Apache-2.0
// Scales and smallest elements of keys and values.
#include "golden/attention/units/kv_scaler.hpp"

#include <algorithm>

namespace hasse::attention::units {
namespace {

constexpr int kProbabilityBits = 16;

/// `value` / 2^`shift`, halves rounded up; `shift` is at least 1.
std::int64_t rounded_shift(std::int64_t value, int shift) {
  return ((value >> (shift - 1)) + 1) >> 1;
}

/// `value` * (2^bits - 1).
std::int64_t times_levels(std::int64_t value, int bits) {
  return value * (std::int64_t{1} << bits) - value;
}

}  // namespace

std::int8_t key_score(std::int64_t sum, std::int32_t query_sum, std::int16_t low,
                      std::uint16_t range, int bits, int shift) {
  const std::int64_t codes = sum + std::int64_t{query_sum} * (1 << (bits - 1));
  const std::int64_t score = codes * range + times_levels(std::int64_t{low} * query_sum, bits);
  return static_cast<std::int8_t>(
      std::clamp<std::int64_t>(rounded_shift(score, shift), INT8_MIN, INT8_MAX));
}

std::uint16_t ValueScaler::take(std::uint16_t probability, std::int16_t low, std::uint16_t range) {
  const std::int64_t product = std::int64_t{probability} * range;
  const auto weight = static_cast<std::uint16_t>(
      std::min<std::int64_t>(rounded_shift(product, shift_), UINT16_MAX));
  weights_ += weight;
  lows_ += std::int64_t{probability} * low;
  return weight;
}

std::int32_t ValueScaler::output(std::int64_t sum) const {
  const std::int64_t codes = sum + weights_ * (std::int64_t{1} << (bits_ - 1));
  const std::int64_t scaled = codes * (std::int64_t{1} << shift_) + times_levels(lows_, bits_);
  return static_cast<std::int32_t>(rounded_shift(scaled, kProbabilityBits));
}

}  // namespace hasse::attention::units
