// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

/// Builds the module, a section of it per function.
class CodePresence {
 public:
  explicit CodePresence(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("planner");
    gather(decode());
    return m_;
  }

 private:
  Expr decode();
  void gather(const Expr& asked);

  const Geometry& g_;
  int low_bits_ = g_.engine.dimension() / 2;  ///< Bits of a node decoded first, the rest after.
  int high_bits_ = g_.engine.dimension() - low_bits_;
  Module m_{"code_presence",
            "Notes which nodes the codes of a sub-tile ask for, while they pass to the lanes.\n"
            "A complete sub-tile is handed to the planner as soon as that is free. Until then no\n"
            "further code may come: hold_o stops the stream a cycle ahead."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Width tile_bits_ = m_.localparam("TileBits", g_.design.tile_bits, "Bits of a code.");
  Width nodes_ = m_.localparam("Nodes", g_.lattice.nodes(), "Nodes of the mirrored lattice.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr valid_ = m_.input("code_valid_i", lanes_, "Lane receives a code.");
  Expr code_ = m_.input("code_i", lanes_* tile_bits_, "Codes, lane 0 lowest.");
  Expr complete_ = m_.input("tile_complete_i", 1, "They are the last of their sub-tile.");
  Expr free_ = m_.input("free_i", 1, "The planner can take a sub-tile.");
};

/// A bit per node: some lane's code asks for it. Lanes are sorted by the lower and by the higher
/// bits of their node; a lane found in both places asks for that node.
Expr CodePresence::decode() {
  m_.section("Nodes asked for in this cycle");
  const Expr high = m_.logic("high_lanes", Width(1 << high_bits_) * lanes_,
                             "Lanes whose node has these higher bits.");
  const Expr low = m_.logic("low_lanes", Width(1 << low_bits_) * lanes_,
                            "Lanes whose node has these lower bits.");
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    const Expr code = s.let("code", code_.lane(lane, tile_bits_));
    const int dimension = g_.engine.dimension();
    const Expr node = s.let("node", code.slice(0, dimension) ^ repeat(dimension, code.msb()),
                            "Complements share a node.");
    s.generate_for("value", 1 << high_bits_, "gen_high", [&](Scope& t, const Expr& value) {
      t.assign(high.bit(value * lanes_ + lane),
               valid_.bit(lane) && node.slice(low_bits_, high_bits_) == as_bits(value, high_bits_));
    });
    if (low_bits_ == 0) return;
    s.generate_for("value", 1 << low_bits_, "gen_low", [&](Scope& t, const Expr& value) {
      t.assign(low.bit(value * lanes_ + lane),
               node.slice(0, low_bits_) == as_bits(value, low_bits_));
    });
  });
  if (low_bits_ == 0) m_.assign(low, hdl::ones(lanes_));
  const Expr asked = m_.logic("asked", nodes_);
  m_.generate_for("upper", 1 << high_bits_, "gen_upper", [&](Scope& s, const Expr& upper) {
    s.generate_for("lower", 1 << low_bits_, "gen_node", [&](Scope& t, const Expr& lower) {
      t.assign(asked.bit(upper * (1 << low_bits_) + lower),
               reduce_or(high.lane(upper, lanes_) & low.lane(lower, lanes_)));
    });
  });
  return asked;
}

void CodePresence::gather(const Expr& asked) {
  m_.section("Nodes asked for in this sub-tile");
  const Expr present_q = m_.logic("present_q", nodes_);
  const Expr fresh_q = m_.logic("fresh_q", 1, "Nothing of the sub-tile has come yet.");
  const Expr complete_q = m_.logic("complete_q", 1, "All of it has come.");
  const Expr take = m_.let("take", complete_q && free_);
  const Expr keep = m_.let("keep", !fresh_q && !take);
  const Expr arrives = m_.let("arrives", reduce_or(valid_));
  m_.always_ff(clk_,
               [&](Block& b) { b.assign(present_q, (present_q & repeat(nodes_, keep)) | asked); });
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(fresh_q, 1);
        b.assign(complete_q, 0);
      },
      [&](Block& b) {
        b.assign(fresh_q, !arrives && (fresh_q || take));
        b.assign(complete_q, complete_ || (complete_q && !take));
      });
  m_.assign(m_.output("take_o", 1, "The planner takes the sub-tile."), take);
  m_.assign(m_.output("present_o", nodes_, "Nodes it asks for."), present_q);
  m_.comment("A beat taken from the host now arrives in the next cycle: is there room by then?");
  m_.assign(m_.output("hold_o", 1, "Take no further codes."),
            hdl::mux(complete_q, !free_ || complete_, complete_ && !free_));
}

}  // namespace

Module code_presence(const Geometry& g) {
  return CodePresence(g).build();
}

}  // namespace hasse::units
