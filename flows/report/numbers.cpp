// SPDX-License-Identifier: Apache-2.0
// Formatting of numbers.
#include "flows/report/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hasse::report {

std::string whole(std::int64_t value) {
  std::string text = fmt::format("{}", value);
  const std::ptrdiff_t first = value < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > first; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  if (value == 0.0) return "0";
  const int integer_digits = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  if (integer_digits >= digits) {
    return std::abs(value) < 9e18 ? whole(std::llround(value)) : fmt::format("{:.3e}", value);
  }
  return fmt::format("{:.{}f}", value, std::min(digits - integer_digits, 12));
}

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", 100.0 * fraction);
}

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", whole(count), noun, count == 1 ? "" : "s");
}

std::string binary(std::uint64_t code, int bits) {
  std::string text(static_cast<std::size_t>(bits), '0');
  for (int bit = 0; bit < bits; ++bit) {
    if ((code >> bit) & 1U) text[static_cast<std::size_t>(bits - 1 - bit)] = '1';
  }
  return text;
}

}  // namespace hasse::report
