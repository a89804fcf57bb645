// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::Module;

Module node_lookup(const Geometry& g) {
  Module m(
      "node_lookup",
      "Table from a node of the mirrored lattice to its bank and address.\n"
      "Bank: rotation of the node's necklace (the prefix lane that builds it) times the banks of\n"
      "a lane, plus the remainder of its slot. Address: the quotient.");
  m.set_unit("look_ahead");
  const Expr node = m.input("node_i", g.engine.dimension(), "Node.");
  const Expr bank = m.output("bank_o", g.bank_bits, "Bank that keeps it.");
  const Expr address = m.output("address_o", g.bank_address_bits, "Address in the bank.");
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> rows;
  for (int code = 1; code < g.lattice.nodes(); ++code)
    rows.emplace_back(code, [&g, &bank, &address, code](Block& b) {
      const auto place = g.lattice.place(static_cast<transitive::Code>(code));
      b.assign(bank, place.lane * g.design.banks_per_lane + place.slot % g.design.banks_per_lane);
      b.assign(address, place.slot / g.design.banks_per_lane);
    });
  m.always_comb([&](Block& b) {
    b.select(node, rows, [&](Block& t) {
      t.comment("The root stands first in the first bank.");
      t.assign(bank, 0);
      t.assign(address, 0);
    });
  });
  return m;
}

}  // namespace hasse::units
