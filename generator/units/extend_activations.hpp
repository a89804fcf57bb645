// SPDX-License-Identifier: Apache-2.0
// What turns activations of either sign into the signed operands that an engine computes with.
#pragma once

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// The operands of a row of activations, one per column: `data` itself where activations are
/// signed; else a bit wider, and extended by zero where `is_unsigned`, by the sign elsewhere.
hdl::Expr extend_activations(hdl::Module& m, const Geometry& g, const hdl::Expr& data,
                             const hdl::Expr& is_unsigned);

}  // namespace hasse::units
