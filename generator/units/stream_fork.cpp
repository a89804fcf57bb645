// SPDX-License-Identifier: Apache-2.0
#include "generator/units/array.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::repeat;

Module stream_fork(const Geometry& g) {
  Module m{"stream_fork",
           "Hands every beat of a valid/ready stream to every unit once.\n"
           "Units take a beat in cycles of their own; it leaves the stream with the last of them. "
           "Only the\n"
           "handshake passes through here, the data go to all units as they are."};
  m.set_unit("control");
  const hdl::Width units =
      m.localparam("ArrayUnits", g.design.units, "Units that take every beat.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr valid = m.input("valid_i", 1, "There is a beat.");
  const Expr ready = m.output("ready_o", 1, "The beat is taken by the last units that lack it.");
  const Expr unit_valid = m.output("unit_valid_o", units, "The unit is offered the beat.");
  const Expr unit_ready = m.input("unit_ready_i", units, "The unit takes the beat.");
  const Expr taken_q = m.logic("taken_q", units, "The unit has taken the beat before.");
  const Expr served = m.let("served", taken_q | unit_ready, "The unit lacks the beat no longer.");
  m.assign(ready, reduce_and(served));
  m.assign(unit_valid, repeat(units, valid) & ~taken_q);
  m.always_ff(
      clk, rst_n, [&](Block& b) { b.assign(taken_q, 0); },
      [&](Block& b) {
        b.when(valid, [&](Block& t) { t.assign(taken_q, served & repeat(units, !ready)); });
      });
  return m;
}

}  // namespace hasse::units
