// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::Scope;
using hdl::sext;
using hdl::Width;

Module prefix_lane(const Geometry& g) {
  Module m("prefix_lane",
           "One adder per column: the value of a node is its parent's plus one operand.\n"
           "Purely combinational; parent and node both live in the lane's prefix banks.");
  m.set_unit("prefix_lanes");
  const Width columns = m.localparam("Columns", g.design.columns, "Activation columns.");
  const Width bits =
      m.localparam("ActivationBits", g.design.operand_bits(), "Bits of an activation.");
  const Width node_bits = m.localparam("NodeBits", g.derived.node_bits, "Bits of a node value.");
  const Expr from_root = m.input("from_root_i", 1, "The parent is the root value.");
  const Expr root = m.input("root_i", columns * node_bits, "Root value of every column.");
  const Expr parent = m.input("parent_i", columns * node_bits, "Parent read from the banks.");
  const Expr operand = m.input("operand_i", columns * bits, "Operand of every column.");
  const Expr node = m.output("node_o", columns * node_bits, "Node value of every column.");
  m.generate_for("column", columns, "gen_column", [&](Scope& s, const Expr& column) {
    const Expr base =
        s.let("base", mux(from_root, root.lane(column, node_bits), parent.lane(column, node_bits)));
    const Expr addend = s.let("addend", operand.lane(column, bits));
    s.assign(node.lane(column, node_bits), base + sext(addend, node_bits));
  });
  return m;
}

}  // namespace hasse::units
