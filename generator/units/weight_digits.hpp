// SPDX-License-Identifier: Apache-2.0
// What the bits of weights ask for: lines that pick nodes of a table, or multiples of operands.
#pragma once

#include <array>
#include <vector>

#include "generator/hdl/scope.hpp"

namespace hasse::units {

/// Lines of the nodes that `codes` ask for, those of `tables` tables for every plane: one hot or
/// none per code, code 1 lowest. The highest line of a code, of all operands, is low when its node
/// is read. They are named "hot" in `scope`, and each code's hot_<plane>_<table>.
hdl::Expr node_lines(hdl::Scope& scope, const std::vector<hdl::Expr>& codes, int tables);

/// Lines of the digits of many weights: which take operands once; which take them twice; and which
/// are below 0, or do not take them three times. Of each a vector per place, the highest first, as
/// concatenations want them.
using DigitLines = std::array<std::vector<hdl::Expr>, 3>;

/// Digits from -2 to 2 of signed weights, whose bits `planes` hold place by place.
DigitLines booth_digits(const std::vector<hdl::Expr>& planes);
/// Digits from 0 to 3 of unsigned ones.
DigitLines radix4_digits(const std::vector<hdl::Expr>& planes);

}  // namespace hasse::units
