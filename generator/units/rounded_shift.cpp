// SPDX-License-Identifier: Apache-2.0
#include "generator/units/rounded_shift.hpp"

#include <algorithm>
#include <string>

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;

Expr shifted_right(Module& m, const Expr& value, const Expr& amount) {
  Expr result = value;
  const int bits = value.width().value();
  for (int i = 0; i < amount.width().value(); ++i) {
    const int places = std::min(1 << i, bits - 1);
    const Expr further = cat({repeat(places, result.msb()), result.slice(places, bits - places)});
    result = m.let("shifted_" + std::to_string(1 << i), mux(amount.bit(i), further, result));
  }
  return result;
}

Expr clamped(Module& m, const Expr& value, const Expr& round_up, int bits) {
  const int all = value.width().value();
  const Expr most = lit((1 << (bits - 1)) - 1, bits);
  const Expr low = m.let("low", value.slice(0, bits));
  const Expr fits =
      m.let("fits", value.slice(bits - 1, all - bits + 1) == repeat(all - bits + 1, value.msb()));
  const Expr rounded = m.let("rounded", mux(low == most, most, low + zext(round_up, bits)));
  return mux(fits, rounded, mux(value.msb(), ~most, most));
}

}  // namespace hasse::units
