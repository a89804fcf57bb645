// SPDX-License-Identifier: Apache-2.0
// Numbers as a reader wants them: thousands separators and no more digits than mean something.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hasse::report {

/// 1234567 -> "1,234,567".
std::string whole(std::int64_t value);

/// At least `digits` significant digits, never fewer than the integer part has: 13421.7 ->
/// "13,422", 497.25 -> "497", 33.46 -> "33.5", 0.01234 -> "0.0123" (digits = 3). Not a number ->
/// "–".
std::string significant(double value, int digits = 3);

/// 0.1234 -> "12.3 %".
std::string percent(double fraction);

/// 3 -> "3 nodes", 1 -> "1 node".
std::string plural(std::int64_t count, std::string_view noun);

/// The low `bits` bits of `code`, most significant first: (5, 4) -> "0101".
std::string binary(std::uint64_t code, int bits);

}  // namespace hasse::report
