// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "generator/units/array.hpp"
#include "golden/transitive/array_split.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;

/// Builds the module, a section of it per function.
class WorkSplitter {
 public:
  explicit WorkSplitter(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Division;

  void step(const Division& d);
  void control(const Division& d);

  const Geometry& g_;
  bool by_columns_ = shares_weights(g_);
  int grain_ = by_columns_ ? g_.design.columns : 1;
  int divisor_ = grain_ * g_.design.units;
  int most_ = by_columns_ ? g_.design.max_m : g_.design.max_n;
  int steps_ = transitive::split_steps(most_, divisor_);
  int total_bits_ = by_columns_ ? g_.m_bits : g_.n_bits;
  int width_ = bits_for(std::max(most_, divisor_ << (steps_ - 1)));
  Module m_{"work_splitter",
            by_columns_ ? "Divides the activation columns of a product among the units.\n"
                          "Long division, a bit of the quotient per cycle: of every `Divisor` "
                          "columns each unit has\n"
                          "`Grain`, and of what is left over as many as the first unit has."
                        : "Divides the weight rows of a product among the units.\n"
                          "Long division, a bit of the quotient per cycle: of every `Divisor` rows "
                          "each unit has\n"
                          "`Grain`, and one more when rows are left over."};
  hdl::Width bits_ = m_.localparam("Bits", width_, "Bits of a dividend or a shifted divisor.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr start_ = m_.input("start_i", 1, "Divide.");
  Expr total_ = m_.input("total_i", total_bits_, "Rows or columns of the product.");
};

/// Registers of the division.
struct WorkSplitter::Division {
  const WorkSplitter& in;
  Module m = in.m_;
  Expr active_q = m.logic("active_q", 1);
  Expr done_q = m.logic("done_q", 1);
  Expr left_q = m.logic("left_q", in.bits_, "What is not divided yet.");
  Expr divisor_q = m.logic("divisor_q", in.bits_, "All units' part, shifted.");
  Expr grain_q = m.logic("grain_q", in.bits_, "One unit's part, shifted.");
  Expr share_q = m.logic("share_q", in.bits_, "One unit's share so far.");
  Expr fits = m.let("fits", left_q >= divisor_q);
  Expr last = m.let("last", divisor_q == lit(in.divisor_, in.bits_));
};

Module WorkSplitter::build() {
  m_.set_unit("control");
  const Division d{*this};
  control(d);
  step(d);
  const Expr grain = lit(grain_, bits_);
  m_.assign(m_.output("share_o", total_bits_, "Rows or columns of every unit."),
            trunc(d.share_q + mux(d.left_q > grain, grain, d.left_q), total_bits_));
  m_.assign(m_.output("done_o", 1, "The share is known: one cycle."), d.done_q);
  return m_;
}

void WorkSplitter::control(const Division& d) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(d.active_q, 0);
        b.assign(d.done_q, 0);
      },
      [&](Block& b) {
        b.assign(d.active_q, start_ || (d.active_q && !d.last));
        b.assign(d.done_q, d.active_q && d.last);
      });
}

void WorkSplitter::step(const Division& d) {
  m_.always_ff(clk_, [&](Block& b) {
    b.when(start_, [&](Block& t) {
       t.assign(d.left_q, zext(total_, bits_));
       t.assign(d.divisor_q, lit(divisor_ << (steps_ - 1), bits_));
       t.assign(d.grain_q, lit(grain_ << (steps_ - 1), bits_));
       t.assign(d.share_q, 0);
     }).else_when(d.active_q, [&](Block& t) {
      t.assign(d.left_q, mux(d.fits, d.left_q - d.divisor_q, d.left_q));
      t.assign(d.share_q, mux(d.fits, d.share_q + d.grain_q, d.share_q));
      t.assign(d.divisor_q, d.divisor_q >> 1);
      t.assign(d.grain_q, d.grain_q >> 1);
    });
  });
}

}  // namespace

Module work_splitter(const Geometry& g) {
  return WorkSplitter(g).build();
}

}  // namespace hasse::units
