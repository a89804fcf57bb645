// SPDX-License-Identifier: Apache-2.0
#include "generator/units/adder_tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "generator/hdl/expr.hpp"

namespace hasse::units {
namespace {

using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Scope;
using hdl::zext;

/// a + b, one bit wider than the wider of them; takes the last of `carries` along, if any. The
/// carry enters through a lowest bit of 1 + carry, which synthesis turns into the first adder's
/// carry input.
Expr add(Scope& scope, const std::string& name, const Expr& a, const Expr& b,
         std::vector<Expr>& carries) {
  const int width = std::max(a.width().value(), b.width().value()) + 1;
  if (carries.empty()) return scope.let(name, zext(a, width) + zext(b, width));
  const Expr low = carries.back();
  carries.pop_back();
  const Expr wide =
      scope.let(name + "_low", cat({zext(a, width), lit(1, 1)}) + cat({zext(b, width), low}));
  scope.unused(wide.bit(0), "unused_" + name);
  return scope.let(name, wide.slice(1, width));
}

}  // namespace

Expr adder_tree(Scope& scope, const std::string& name, std::vector<Expr> terms,
                std::vector<Expr>& carries) {
  for (int level = 0; terms.size() > 1; ++level) {
    std::vector<Expr> sums;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2)
      sums.push_back(
          add(scope, fmt::format("{}_{}_{}", name, level, i / 2), terms[i], terms[i + 1], carries));
    if (terms.size() % 2 == 1) sums.push_back(terms.back());
    terms = std::move(sums);
  }
  return terms.front();
}

}  // namespace hasse::units
