// SPDX-License-Identifier: Apache-2.0
#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::Scope;
using hdl::sext;
using hdl::Width;

/// {valid, first, negate} of every column group: group p sees group 0's, p cycles later.
Expr staggered(Module& m, const Expr& clk, const Expr& now, int phases) {
  if (phases == 1) return now;
  const Width bits = now.width();
  const Expr later_q =
      m.logic("later_q", Width(phases - 1) * bits, "Controls of the later column groups.");
  const Expr all =
      m.let("controls", cat({later_q, now}), "{valid, first, negate} per column group.");
  m.always_ff(clk, [&](Block& b) { b.assign(later_q, all.slice(0, Width(phases - 1) * bits)); });
  return all;
}

}  // namespace

Module partial_sums(const Geometry& g) {
  Module m(
      "partial_sums",
      "Horner sums of the planes of one weight row, one per column: p = 2p + node or 2p - node.\n"
      "A stored node is floor(f/2) of its +-1 digit sum f; odd_i tells the lost half. The minus "
      "of\n"
      "a mirrored node is ~node plus 1 if f is even, and the plane of weight -2^(S-1) needs one "
      "more\n"
      "if f is odd; both fit the free lowest bit of 2p.");
  m.set_unit("accumulate_lanes");
  const int phases = g.design.columns_per_adder;
  const Width columns = m.localparam("Columns", g.design.columns, "Activation columns.");
  const Width node_bits = m.localparam("NodeBits", g.derived.node_bits, "Bits of a node value.");
  const Width sum_bits = m.localparam("SumBits", g.derived.partial_bits, "Bits of a partial sum.");
  const Width phase_count = m.localparam("Phases", phases, "Column groups, one cycle apart.");
  const Width group = m.localparam("GroupColumns", g.beat_columns, "Columns of a group.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr valid = m.input("valid_i", 1, "A TransRow, for column group 0.");
  const Expr first = m.input("first_i", 1, "First plane of its weight row, of weight -2^(S-1).");
  const Expr negate = m.input("negate_i", 1, "Subtract the node.");
  const Expr node =
      m.input("node_i", columns * node_bits, "Nodes; group p comes p cycles after group 0.");
  const Expr odd = m.input("odd_i", columns, "Their odd bits, at the same time.");
  const Expr sum = m.output("sum_o", columns * sum_bits, "Partial sum of every column.");
  const Expr controls = staggered(m, clk, m.let("now", cat({valid, first, negate})), phases);
  const Expr sum_q = m.logic("sum_q", columns * sum_bits);
  m.assign(sum, sum_q);
  m.generate_for("phase", phase_count, "gen_phase", [&](Scope& p, const Expr& phase) {
    const Expr control = p.let("control", controls.lane(phase, 3));
    const Expr minus = p.let("minus", control.bit(0));
    const Expr starts = p.let("starts", control.bit(1));
    const Expr adds = p.let("adds", control.bit(2));
    p.generate_for("column", group, "gen_column", [&](Scope& s, const Expr& in_group) {
      const Expr column = phase * group + in_group;
      const Expr low =
          s.let("low", mux(starts, minus || odd.bit(column), minus && !odd.bit(column)));
      const Expr addend = s.let("addend", node.lane(column, node_bits) ^ repeat(node_bits, minus));
      const Expr doubled = s.let(
          "doubled",
          cat({sum_q.lane(column, sum_bits).slice(0, sum_bits - 1) & repeat(sum_bits - 1, !starts),
               low}));
      s.always_ff(clk, [&](Block& b) {
        b.when(adds, [&](Block& t) {
          t.assign(sum_q.lane(column, sum_bits), doubled + sext(addend, sum_bits));
        });
      });
    });
  });
  return m;
}

}  // namespace hasse::units
