// SPDX-License-Identifier: Apache-2.0
// What the bits of weights ask for: lines that pick nodes of a table, or multiples of operands.
#pragma once

#include <array>
#include <vector>

#include "generator/hdl/expr.hpp"

namespace hasse::units {

/// A line per node of a table, code 1 lowest. The highest, of all operands, is low when its node is
/// read.
hdl::Expr node_lines(const hdl::Expr& code);

/// Lines of the digits of many weights: which take operands once; which take them twice; and which
/// are below 0, or do not take them three times. Of each a vector per place, the highest first, as
/// concatenations want them.
using DigitLines = std::array<std::vector<hdl::Expr>, 3>;

/// Digits from -2 to 2 of signed weights, whose bits `planes` hold place by place.
DigitLines booth_digits(const std::vector<hdl::Expr>& planes);
/// Digits from 0 to 3 of unsigned ones.
DigitLines radix4_digits(const std::vector<hdl::Expr>& planes);

}  // namespace hasse::units
