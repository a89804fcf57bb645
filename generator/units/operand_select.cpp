// SPDX-License-Identifier: Apache-2.0
#include "generator/units/dynamic.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::Module;
using hdl::repeat;
using hdl::Width;

Module operand_select(const Geometry& g) {
  const int dimension = g.engine.dimension();
  Module m(
      "operand_select",
      "The operand of one prefix lane, any of a K-tile's; zero when none is selected.\n"
      "Several lanes may want the same operand in a step, so every lane has a selector of its\n"
      "own.");
  m.set_unit("operands");
  const Width operands = m.localparam("Operands", dimension, "Operands to choose from.");
  const Width row =
      m.localparam("RowBits", g.design.columns * g.design.operand_bits(), "One, all columns.");
  const Expr select = m.input("select_i", operands, "One hot.");
  const Expr all = m.input("operand_i", operands * row, "The operands, operand 0 lowest.");
  Expr chosen = all.lane(0, row) & repeat(row, select.bit(0));
  for (int operand = 1; operand < dimension; ++operand)
    chosen = chosen | (all.lane(operand, row) & repeat(row, select.bit(operand)));
  m.assign(m.output("operand_o", row, "The chosen one."), chosen);
  return m;
}

}  // namespace hasse::units
