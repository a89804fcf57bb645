// SPDX-License-Identifier: Apache-2.0
// Multiplication by a small factor, as the sum of the shifted multiples that its bits ask for.
#pragma once

#include "generator/hdl/expr.hpp"

namespace hasse::units {

/// Lowest bits of value * factor, as many as the signal `value` has: to a narrower value the caller
/// extends the sign. The factor is two's complement if `is_signed`, else unsigned.
hdl::Expr shift_and_add(const hdl::Expr& value, const hdl::Expr& factor, bool is_signed = false);

}  // namespace hasse::units
