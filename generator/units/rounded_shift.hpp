// SPDX-License-Identifier: Apache-2.0
// What follows a product in fixed point: a shift, rounding, a clamp.
#pragma once

#include "generator/hdl/module.hpp"

namespace hasse::units {

/// `value` shifted right, sign first, by the number in `amount`: a multiplexer per bit of it.
hdl::Expr shifted_right(hdl::Module& m, const hdl::Expr& value, const hdl::Expr& amount);

/// `value` as `bits` bits, after one is added if `round_up`; clamped where it does not fit.
hdl::Expr clamped(hdl::Module& m, const hdl::Expr& value, const hdl::Expr& round_up, int bits);

}  // namespace hasse::units
