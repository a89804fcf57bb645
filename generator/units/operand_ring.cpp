// SPDX-License-Identifier: Apache-2.0
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

/// Builds the module, a section of it per function.
class OperandRing {
 public:
  explicit OperandRing(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("operands");
    const Expr row = ring();
    const Expr odd = sums(row);
    if (g_.scaled())
      m_.assign(m_.output("root_odd_o", columns_, "Odd bit of the sum behind every root value."),
                odd);
    keep_odd(odd);
    return m_;
  }

 private:
  Expr ring();
  Expr sums(const Expr& row);
  void keep_odd(const Expr& odd);

  const Geometry& g_;
  Module m_{
      "operand_ring",
      "Holds the operands of a K-tile in a ring and sums them per column.\n"
      "The mirrored lattice spans all operands but the last. Operand b+r (around the ring) stands\n"
      "at place r while bit b is being added, so every prefix lane taps one fixed place.\n"
      "The lattice grows from the root value floor(-sum/2), whose lost half is kept as odd_o."};
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width bits_ = m_.localparam("ActivationBits", g_.design.operand_bits(), "Bits of an activation.");
  Width node_bits_ = m_.localparam("NodeBits", g_.derived.node_bits, "Bits of a node value.");
  Width places_ = m_.localparam("Places", g_.engine.dimension(), "Operands in the ring.");
  Width row_bits_ = columns_ * bits_;
  Width sum_bits_ = node_bits_ + 1;
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr load_ = m_.input("load_i", 1, "Add the incoming row to the sums.");
  Expr first_ = m_.input("load_first_i", 1, "The row is the first of its K-tile.");
  Expr keep_ = m_.input("load_ring_i", 1, "Shift the row into the ring.");
  Expr empty_ = m_.input("load_zero_i", 1, "The row lies beyond K: take zeros.");
  Expr data_ = m_.input("data_i", row_bits_, "One operand for every column.");
  Expr advance_ = g_.selects_operands() ? hdl::lit(0, 1)
                                        : m_.input("advance_i", 1, "Turn the ring by one place.");
  Expr capture_ = m_.input("capture_odd_i", 1, "A sub-tile begins: keep its odd bits.");
  Expr half_ = m_.input("half_i", 1, "Half of the banks the sub-tile is built in.");
};

/// The ring: operand b+r stands at place r while bit b of the necklaces is being added.
Expr OperandRing::ring() {
  m_.section("Ring");
  const int places = g_.engine.dimension();
  const Expr row = m_.let("row", data_ & repeat(row_bits_, !empty_), "The row, or zeros beyond K.");
  const Expr ring_q = m_.logic("ring_q", Width(places) * row_bits_, "Place 0 lowest.");
  const Expr turn = g_.selects_operands() ? keep_ : m_.let("turn", keep_ || advance_);
  const Expr incoming =
      g_.selects_operands() ? row : m_.let("incoming", mux(keep_, row, ring_q.lane(0, row_bits_)));
  const Expr turned = places == 1
                          ? incoming
                          : cat({incoming, ring_q.slice(row_bits_, Width(places - 1) * row_bits_)});
  m_.always_ff(clk_, [&](Block& b) { b.when(turn, [&](Block& t) { t.assign(ring_q, turned); }); });
  m_.assign(m_.output("operand_o", places_ * columns_ * bits_, "Operands, place 0 lowest."),
            ring_q);
  return row;
}

Expr OperandRing::sums(const Expr& row) {
  m_.section("Negated column sums");
  const Expr sum_q = m_.logic("sum_q", columns_ * sum_bits_, "Minus the sum of the rows so far.");
  const Expr root = m_.output("root_o", columns_ * node_bits_, "Root value of every column.");
  const Expr odd = m_.logic("odd", columns_, "The sum is odd.");
  m_.generate_for("column", columns_, "gen_column", [&](Scope& s, const Expr& column) {
    const Expr so_far = s.let("so_far", mux(first_, 0, sum_q.lane(column, sum_bits_)));
    const Expr operand = s.let("operand", row.lane(column, bits_));
    s.always_ff(clk_, [&](Block& b) {
      b.when(load_, [&](Block& t) {
        t.assign(sum_q.lane(column, sum_bits_), so_far - sext(operand, sum_bits_));
      });
    });
    const Expr sum = s.let("sum", sum_q.lane(column, sum_bits_));
    s.assign(root.lane(column, node_bits_), sum.slice(1, node_bits_));
    s.assign(odd.bit(column), sum.bit(0));
  });
  return odd;
}

void OperandRing::keep_odd(const Expr& odd) {
  m_.section("Odd bits of the two sub-tiles whose nodes are in the banks");
  const Expr odd_q = m_.logic("odd_q", Width(2) * columns_, "Lower half of the banks lowest.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(capture_ && !half_, [&](Block& t) { t.assign(odd_q.lane(0, columns_), odd); });
    b.when(capture_ && half_, [&](Block& t) { t.assign(odd_q.lane(1, columns_), odd); });
  });
  m_.assign(m_.output("odd_o", Width(2) * columns_, "Odd bit of every column, per half."), odd_q);
}

}  // namespace

Module operand_ring(const Geometry& g) {
  return OperandRing(g).build();
}

}  // namespace hasse::units
