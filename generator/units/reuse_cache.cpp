// SPDX-License-Identifier: Apache-2.0
#include "generator/units/attention.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::Width;

Module reuse_cache(int heads, int interval) {
  Module m("reuse_cache",
           "Whether a head's page list has to be chosen anew: at positions that the interval\n"
           "divides, and while there is none. The position counts along; nothing is divided.");
  m.set_unit("pages");
  const Width heads_wide = m.localparam("Heads", heads, "Query heads.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr clear = m.input("clear_i", 1, "A sequence begins: position 0, no lists.");
  const Expr advance = m.input("advance_i", 1, "The next position.");
  const Expr stored = m.input("stored_i", heads_wide, "A head's list has been stored.");
  const Expr since_q =
      m.logic("since_q", bits_for(interval - 1), "Positions since the last choice.");
  const Expr held_q = m.logic("held_q", heads_wide, "Heads that have a list.");
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(since_q, 0);
        b.assign(held_q, 0);
      },
      [&](Block& b) {
        b.when(clear, [&](Block& t) {
           t.assign(since_q, 0);
           t.assign(held_q, 0);
         }).otherwise([&](Block& t) {
          t.assign(held_q, held_q | stored);
          t.when(advance, [&](Block& u) {
            u.assign(since_q, mux(since_q == lit(interval - 1, since_q.width()), 0, since_q + 1));
          });
        });
      });
  const Expr due = m.let("due", since_q == 0);
  m.assign(m.output("miss_o", heads_wide, "The head has to be chosen for."),
           ~held_q | repeat(heads_wide, due));
  return m;
}

}  // namespace hasse::units
