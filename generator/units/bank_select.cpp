// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::Module;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

Module bank_select(const Geometry& g) {
  Module m(
      "bank_select",
      "One lane's port of the result crossbar: the node of the bank its read went to.\n"
      "An AND-OR tree over one-hot selects, which maps to far fewer gates than an index into the\n"
      "flat vector of all banks.");
  m.set_unit("crossbar");
  const bool grouped = g.bank_phases() > 1;
  const Width columns = m.localparam("Columns", g.design.columns / g.bank_phases(),
                                     grouped ? "Columns of a group." : "Activation columns.");
  const Width node_bits = m.localparam("NodeBits", g.derived.node_bits, "Bits of a node value.");
  const Width banks = m.localparam("Banks", g.derived.banks, "Prefix banks.");
  const Width word = columns * node_bits;
  const Expr bank = m.input("bank_i", g.bank_bits, "Bank to take the node from.");
  const Expr data = m.input("data_i", banks * word, "Node of every bank, bank 0 lowest.");
  const Expr node = m.output("node_o", word, "The node.");
  const Expr select = m.logic("selected", banks, "One hot.");
  m.generate_for("bank", banks, "gen_select", [&](Scope& s, const Expr& index) {
    s.assign(select.bit(index), bank == as_bits(index, g.bank_bits));
  });
  m.generate_for("column", columns, "gen_column", [&](Scope& s, const Expr& column) {
    const auto masked = [&](int index) {
      return data.lane(index, word).lane(column, node_bits) & repeat(node_bits, select.bit(index));
    };
    Expr sum = masked(0);
    for (int i = 1; i < g.derived.banks; ++i) sum = sum | masked(i);
    s.assign(node.lane(column, node_bits), sum);
  });
  return m;
}

}  // namespace hasse::units
