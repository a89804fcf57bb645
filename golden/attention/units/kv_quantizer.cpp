// SPDX-License-Identifier: Apache-2.0
// Extremes, then one restoring division an element.
#include "golden/attention/units/kv_quantizer.hpp"

#include <algorithm>

namespace hasse::attention::units {
namespace {

/// floor(dividend / divisor), one quotient bit a step from `bits` - 1 down; the quotient has no
/// more than `bits` bits.
std::uint8_t restoring_divide(std::uint32_t dividend, std::uint32_t divisor, int bits) {
  std::uint32_t quotient = 0;
  for (int step = bits - 1; step >= 0; --step) {
    const std::uint32_t part = divisor << step;
    if (dividend < part) continue;
    dividend -= part;
    quotient |= 1U << step;
  }
  return static_cast<std::uint8_t>(quotient);
}

}  // namespace

KvWord quantize_kv(std::span<const std::int16_t> vector, int bits) {
  const auto [least, most] = std::ranges::minmax(vector);
  KvWord word{std::vector<std::uint8_t>(vector.size()), least,
              static_cast<std::uint16_t>(most - least)};
  if (word.range == 0) return word;
  const std::uint32_t divisor = 2U * word.range;
  std::ranges::transform(vector, word.codes.begin(), [&](std::int16_t value) {
    const auto above = static_cast<std::uint32_t>(value - word.low);
    const std::uint32_t times_levels = (above << bits) - above;
    return restoring_divide(2 * times_levels + word.range, divisor, bits);
  });
  return word;
}

}  // namespace hasse::attention::units
