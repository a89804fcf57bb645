// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/dynamic.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::Width;

Module place_table(const Geometry& g) {
  const DynamicOrder order(g.engine.dimension());
  Module m("place_table",
           "Remembers the lane of every node picked, for both halves of the banks.\n"
           "That is all there is to know: a node's address in its lane is its code without the\n"
           "lane's bit.");
  m.set_unit("planner");
  const Width lanes = m.localparam("Lanes", order.dimension(), "Prefix lanes, and pickers.");
  const Width lane_bits = m.localparam("LaneBits", order.lane_bits(), "Number of a lane.");
  const Width nodes = m.localparam("Nodes", order.nodes(), "Nodes of two bits and more.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr half = m.input("half_i", 1, "Half of the banks being built.");
  const Expr pick = m.input("pick_i", nodes, "Nodes picked, by picker.");
  const Expr lane = m.input("picker_lane_i", lanes * lane_bits, "Lane of each picker's node.");
  const Expr places =
      m.output("lane_o", Width(2) * nodes * lane_bits, "Lane per node, lower half lowest.");
  for (const bool upper : {false, true}) {
    const Expr table = m.logic(upper ? "upper_q" : "lower_q", nodes * lane_bits);
    const Expr here = m.let(upper ? "in_upper" : "in_lower", upper ? half : !half);
    m.always_ff(clk, [&](Block& b) {
      for (int number = 0; number < order.nodes(); ++number) {
        const int picker = transitive::dynamic_class(order.node(number), order.dimension());
        b.when(pick.bit(number) && here, [&](Block& t) {
          t.assign(table.lane(number, lane_bits), lane.lane(picker, lane_bits));
        });
      }
    });
    m.assign(places.lane(upper ? 1 : 0, nodes * lane_bits), table);
  }
  return m;
}

}  // namespace hasse::units
