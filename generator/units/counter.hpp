// SPDX-License-Identifier: Apache-2.0
// Pieces that every control unit needs: checks of a shape and counters of a product.
#pragma once

#include <string>
#include <vector>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// Bits of a counter that are added in one cycle; a carry reaches the next part a cycle later.
inline constexpr int kCounterPartBits = 16;
inline constexpr int kCounterParts = Geometry::kCounterBits / kCounterPartBits;

/// One bit: `value` lies in 1..`largest`; the upper check is left out where the field cannot exceed
/// it.
hdl::Expr in_range(const hdl::Expr& value, int largest);

/// One bit: the shape and weight bits of a product are those that were generated.
hdl::Expr is_valid_shape(const Geometry& g, const hdl::Expr& n, const hdl::Expr& k,
                         const hdl::Expr& m, const hdl::Expr& weight_bits);

/// One bit: groups of so many columns of the weights, or of none, end where K-tiles end.
hdl::Expr is_valid_group(const Geometry& g, const hdl::Expr& group);

/// A counter called `name` in module `m`, emptied by `clear` and fed by `amount` every cycle.
hdl::Expr carried_counter(hdl::Module& m, const hdl::Expr& clock, const hdl::Expr& clear,
                          const std::string& name, const hdl::Expr& amount);

/// The same, fed part by part: `amounts`[i] is added to part i, lowest part first. A part's carry
/// reaches the next part a cycle later, so amounts of the same number come a cycle apart.
hdl::Expr carried_counter(hdl::Module& m, const hdl::Expr& clock, const hdl::Expr& clear,
                          const std::string& name, const std::vector<hdl::Expr>& amounts);

}  // namespace hasse::units
