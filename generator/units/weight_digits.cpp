// SPDX-License-Identifier: Apache-2.0
#include "generator/units/weight_digits.hpp"

#include <fmt/format.h>

#include "generator/hdl/hdl.hpp"

namespace hasse::units {
namespace {

using hdl::Expr;
using hdl::lit;

/// The lines of one place.
using Digits = std::array<Expr, 3>;

/// Booth's digits are what two bits say and the bit below, with which 1 was passed on. Weights of
/// an odd number of bits repeat their sign.
Digits booth_digit(const std::vector<Expr>& planes, std::size_t at) {
  const Expr& low = planes[at];
  if (at + 1 == planes.size())
    return {low ^ planes[at - 1], hdl::zeros(low.width().value()), low & ~planes[at - 1]};
  const Expr& high = planes[at + 1];
  if (at == 0) return {low, high & ~low, high};
  const Expr& below = planes[at - 1];
  return {low ^ below, (high ^ low) & ~(low ^ below), high & ~(low & below)};
}

/// Digits from 0 to 3 are two bits.
Digits radix4_digit(const std::vector<Expr>& planes, std::size_t at) {
  const Expr& low = planes[at];
  const int depth = low.width().value();
  if (at + 1 == planes.size()) return {low, hdl::zeros(depth), hdl::repeat(depth, lit(1, 1))};
  const Expr& high = planes[at + 1];
  return {low & ~high, high & ~low, ~(high & low)};
}

template <class Digit>
DigitLines digits(const std::vector<Expr>& planes, const Digit& digit_of) {
  DigitLines lines;
  for (std::size_t place = (planes.size() - 1) / 2 * 2;; place -= 2) {
    const Digits of_place = digit_of(planes, place);
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].push_back(of_place[i]);
    if (place == 0) return lines;
  }
}

/// The lines of one code.
Expr lines_of(const Expr& code) {
  const int bits = code.width().value(), last = (1 << bits) - 1;
  std::vector<Expr> lines = {code != lit(last, bits)};
  for (int node = last - 1; node > 0; --node) lines.push_back(code == lit(node, bits));
  return hdl::cat(lines);
}

}  // namespace

Expr node_lines(hdl::Scope& scope, const std::vector<Expr>& codes, int tables) {
  std::vector<Expr> highest_first;
  for (const Expr& code : codes) {
    const int at = static_cast<int>(highest_first.size());
    highest_first.insert(
        highest_first.begin(),
        scope.let(fmt::format("hot_{}_{}", at / tables, at % tables), lines_of(code)));
  }
  return scope.let("hot", hdl::cat(highest_first),
                   "Nodes to be read, one hot or none per plane and table; the last one low.");
}

DigitLines booth_digits(const std::vector<Expr>& planes) {
  return digits(planes, booth_digit);
}

DigitLines radix4_digits(const std::vector<Expr>& planes) {
  return digits(planes, radix4_digit);
}

}  // namespace hasse::units
