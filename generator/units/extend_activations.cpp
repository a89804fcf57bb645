// SPDX-License-Identifier: Apache-2.0
#include "generator/units/extend_activations.hpp"

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::Scope;

Expr extend_activations(hdl::Module& m, const Geometry& g, const Expr& data,
                        const Expr& is_unsigned) {
  if (!g.takes_unsigned()) return data;
  const int bits = g.design.activation_bits, wide = g.design.operand_bits();
  const int count = g.design.columns * g.design.operand_rows;
  const Expr operands =
      m.logic("operands_in", count * hdl::Width(wide), "Activations, extended to signed operands.");
  m.generate_for("element", count, "gen_extend", [&](Scope& s, const Expr& element) {
    const Expr activation = s.let("activation", data.lane(element, bits));
    s.assign(operands.lane(element, wide), cat({activation.msb() && !is_unsigned, activation}));
  });
  return operands;
}

}  // namespace hasse::units
