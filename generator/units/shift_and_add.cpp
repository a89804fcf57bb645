// SPDX-License-Identifier: Apache-2.0
#include "generator/units/shift_and_add.hpp"

#include <functional>

namespace hasse::units {

using hdl::Expr;
using hdl::Width;

Expr shift_and_add(const Expr& value, const Expr& factor, bool is_signed) {
  const Width& bits = value.width();
  const int places = factor.width().value();
  const auto multiple = [&](int place) {
    const Width kept = bits - place;
    const Expr shifted = value.slice(0, kept) & hdl::repeat(kept, factor.bit(place));
    return place == 0 ? shifted : hdl::cat({shifted, hdl::zeros(place)});
  };
  // A tree, so that the path is as short as the number of bits allows.
  const std::function<Expr(int, int)> sum = [&](int first, int count) -> Expr {
    if (count == 1) return multiple(first);
    return sum(first, count / 2) + sum(first + count / 2, count - count / 2);
  };
  return is_signed ? sum(0, places - 1) - multiple(places - 1) : sum(0, places);
}

}  // namespace hasse::units
