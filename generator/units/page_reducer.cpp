// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "generator/units/attention.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::ones;
using hdl::reduce_and;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Width;

Module page_reducer(int bits, int ratio) {
  Module m("page_reducer",
           "The largest of the scores of a physical page's logical pages, which come one after\n"
           "another; fewer when the list ends.");
  m.set_unit("page_scorer");
  const Width score_bits = m.localparam("ScoreBits", bits, "Bits of a score.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr logical = m.input("logical_i", score_bits, "A logical page's score.");
  const Expr last = m.input("logical_last_i", 1, "It ends the list.");
  const Expr valid = m.input("logical_valid_i", 1, "It is valid.");
  const Expr score_ready = m.input("score_ready_i", 1, "The physical page's score is taken.");
  m.section("The largest so far");
  const Expr taken_q = m.logic("taken_q", bits_for(ratio - 1), "Scores of the page so far.");
  const Expr score_q = m.logic("score_q", score_bits, "The largest of them.");
  const Expr ends = m.let("ends", last || taken_q == lit(ratio - 1, taken_q.width()));
  const Expr larger = m.let("larger", taken_q == 0 || as_signed(score_q) < as_signed(logical));
  m.section("Handshakes");
  const Expr valid_q = m.logic("valid_q", 1, "The page is complete.");
  const Expr last_q = m.logic("last_q", 1);
  const Expr ready = m.let("ready", !valid_q || score_ready);
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(taken_q, 0);
        b.assign(valid_q, 0);
      },
      [&](Block& b) {
        b.when(ready, [&](Block& t) {
          t.assign(valid_q, valid && ends);
          t.when(valid, [&](Block& u) { u.assign(taken_q, mux(ends, 0, taken_q + 1)); });
        });
      });
  m.always_ff(clk, [&](Block& b) {
    b.when(valid && ready, [&](Block& t) {
      t.when(larger, [&](Block& u) { u.assign(score_q, logical); });
      t.assign(last_q, last);
    });
  });
  m.assign(m.output("logical_ready_o", 1, "The logical score is taken."), ready);
  m.assign(m.output("score_o", score_bits, "The physical page's score."), score_q);
  m.assign(m.output("score_last_o", 1, "It ends the list."), last_q);
  m.assign(m.output("score_valid_o", 1, "It is valid."), valid_q);
  return m;
}

Module score_coder(int bits, int code_bits) {
  constexpr int kShiftBits = 5;
  Module m(
      "score_coder",
      "The code of a score: shifted right, cut to what the code holds, and offset so that the\n"
      "smallest is 0. Order is kept.");
  m.set_unit("page_scorer");
  const Width score_bits = m.localparam("ScoreBits", bits, "Bits of a score.");
  const Expr score = m.input("score_i", score_bits, "The score, two's complement.");
  const Expr shift = m.input("shift_i", kShiftBits, "Places it is shifted to the right.");
  m.section("Shift");
  const Expr sign = m.let("sign", score.bit(bits - 1));
  Expr shifted = m.let("shifted_0", score);
  for (int level = 0; level < kShiftBits; ++level) {
    const int places = std::min(1 << level, bits);
    const Expr filled = places == bits
                            ? repeat(score_bits, sign)
                            : cat({repeat(places, sign), shifted.slice(places, bits - places)});
    shifted = m.let(fmt::format("shifted_{}", 1 << level), mux(shift.bit(level), filled, shifted));
  }
  m.section("Saturation");
  const Expr code = m.output("code_o", code_bits, "Its code, unsigned.");
  const Expr upper = m.let("upper", shifted.slice(code_bits - 1, bits - code_bits + 1));
  const Expr fits = m.let("fits", reduce_and(upper) || !reduce_or(upper));
  const Expr low = mux(fits, shifted.slice(0, code_bits - 1), repeat(code_bits - 1, !sign));
  m.assign(code, cat({!sign, m.let("low", low)}));
  return m;
}

}  // namespace hasse::units
