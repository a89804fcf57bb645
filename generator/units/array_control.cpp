// SPDX-License-Identifier: Apache-2.0
#include "generator/units/array.hpp"
#include "generator/units/counter.hpp"
#include "generator/units/ports.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::repeat;

/// Builds the module, a section of it per function.
class ArrayControl {
 public:
  ArrayControl(const Geometry& g, const Module& splitter) : g_(g), splitter_(splitter) {}

  Module build();

 private:
  struct Product;

  std::vector<Expr> mode_registers(Module m) const;
  Expr is_valid(const Product& p) const;
  Expr ended(const Product& p) const;
  void take(const Product& p);
  void take_modes(const Product& p);
  void split(const Product& p);
  void advance(const Product& p);
  void give_up(const Product& p);
  void counters(const Product& p);

  const Geometry& g_;
  const Module& splitter_;
  Module m_{"array_control",
            "Starts, checks, ends and counts a product of all units.\n"
            "The shape is taken with start_i, checked and divided; then the units start together. "
            "When the last\n"
            "of them is done, their counters are added up, a unit per cycle." +
                std::string(g_.takes_programs()
                                ? "\nUnits that refuse their program end the product, once no "
                                  "result waits for the host."
                                : "")};
  hdl::Width units_ = m_.localparam("ArrayUnits", g_.design.units, "Units of the array.");
  hdl::Width counter_ = m_.localparam("CounterBits", Geometry::kCounterBits, "Bits of a counter.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr start_ = m_.input("start_i", 1, "Take the shape and begin, ignored while busy.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = m_.input("k_i", g_.k_bits, "Inner dimension K.");
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr bits_ = m_.input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight.");
  Expr finished_ = m_.input("finished_i", 1, "The last result has been taken.");
  Expr stall_ = m_.input("stall_i", 1, "The array waits for the host.");
  Expr unit_done_ = m_.input("unit_done_i", units_, "The unit is done: one cycle.");
  Expr unit_error_ = g_.takes_programs()
                         ? m_.input("unit_error_i", units_, "With it: its program was wrong.")
                         : unit_done_;
  Expr held_ =
      g_.takes_programs() ? m_.input("result_held_i", 1, "A result waits for the host.") : stall_;
};

/// The product's shape, and how far it is.
struct ArrayControl::Product {
  const ArrayControl& in;
  Module m = in.m_;
  Expr n_q = m.logic("n_q", in.g_.n_bits);
  Expr k_q = m.logic("k_q", in.g_.k_bits);
  Expr m_q = m.logic("m_q", in.g_.m_bits);
  Expr bits_q = m.logic("weight_bits_q", in.g_.weight_bits_bits);
  Expr busy_q = m.logic("busy_q", 1, "From start to done.");
  Expr accept = m.let("accept", in.start_ && !busy_q);
  Expr check_q = m.logic("check_q", 1, "The shape was taken in the cycle before.");
  std::vector<Expr> modes_q = in.mode_registers(m);
  Expr valid = m.let("shape_valid", in.is_valid(*this));
  Expr fault_q =
      in.g_.takes_programs() ? m.logic("fault_q", 1, "A unit refused its program.") : check_q;
  Expr clear_q =
      in.g_.takes_programs() ? m.logic("clear_q", 1, "The product is given up.") : check_q;
  Expr refuse =
      m.let("refuse", in.g_.takes_programs() ? (check_q && !valid) || clear_q : check_q && !valid);
  Expr split_q = m.logic("split_q", 1, "The shape is to be divided.");
  Expr running_q = m.logic("running_q", 1, "From start to the last result.");
  Expr waiting_q = m.logic("waiting_q", in.units_, "The unit is not done yet.");
  Expr ended = m.let("ended", in.ended(*this), "The last unit is done.");
  hdl::Width turns = in.units_ + (kCounterParts - 1);
  Expr sum_q = m.logic("sum_q", turns, "Unit whose counters are added, one hot; then carries.");
  Expr done_q = m.logic("done_q", 1);
  Expr error_q = m.logic("error_q", 1);
};

Module ArrayControl::build() {
  m_.set_unit("control");
  m_.section("The product's shape");
  const Product p{*this};
  take(p);
  split(p);
  m_.section("Begin, end, refusal");
  advance(p);
  if (g_.takes_programs()) give_up(p);
  m_.section("Counters of the last product");
  counters(p);
  return m_;
}

std::vector<Expr> ArrayControl::mode_registers(Module m) const {
  std::vector<Expr> registers;
  for (const Signal& mode : modes(g_)) registers.push_back(m.logic(mode.name + "_q", mode.bits));
  return registers;
}

Expr ArrayControl::is_valid(const Product& p) const {
  Expr valid = is_valid_shape(g_, p.n_q, p.k_q, p.m_q, p.bits_q);
  const std::vector<Signal> all = modes(g_);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == "group") valid = valid && is_valid_group(g_, p.modes_q[i]);
  return valid;
}

Expr ArrayControl::ended(const Product& p) const {
  const Expr all = reduce_or(p.waiting_q) && (p.waiting_q & ~unit_done_) == 0;
  return g_.takes_programs() ? all && !p.fault_q && unit_error_ == 0 : all;
}

/// Modes go to the units as they are.
void ArrayControl::take_modes(const Product& p) {
  const std::vector<Signal> all = modes(g_);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Expr mode = m_.input(all[i].name + "_i", all[i].bits, all[i].doc);
    m_.always_ff(
        clk_, [&](Block& b) { b.when(p.accept, [&](Block& t) { t.assign(p.modes_q[i], mode); }); });
    m_.assign(m_.output("unit_" + all[i].name + "_o", all[i].bits, all[i].doc), p.modes_q[i]);
  }
}

void ArrayControl::take(const Product& p) {
  m_.always_ff(clk_, [&](Block& b) {
    b.when(p.accept, [&](Block& t) {
      t.assign(p.n_q, n_);
      t.assign(p.k_q, k_);
      t.assign(p.m_q, columns_);
      t.assign(p.bits_q, bits_);
    });
  });
  m_.assign(m_.output("n_o", g_.n_bits, "Weight rows N of the product."), p.n_q);
  m_.assign(m_.output("m_o", g_.m_bits, "Activation columns M of the product."), p.m_q);
  m_.assign(m_.output("unit_k_o", g_.k_bits, "Inner dimension K."), p.k_q);
  m_.assign(m_.output("unit_weight_bits_o", g_.weight_bits_bits, "Bits of every weight."),
            p.bits_q);
  take_modes(p);
}

void ArrayControl::split(const Product& p) {
  const bool by_columns = shares_weights(g_);
  const Expr share = m_.logic("share", by_columns ? g_.m_bits : g_.n_bits);
  m_.instance("u_splitter", splitter_,
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"start_i", p.split_q},
               {"total_i", by_columns ? p.m_q : p.n_q},
               {"share_o", share},
               {"done_o", m_.output("unit_start_o", 1, "All units start.")}});
  m_.assign(m_.output("unit_n_o", g_.n_bits, "Weight rows of every unit."),
            by_columns ? p.n_q : share);
  m_.assign(m_.output("unit_m_o", g_.m_bits, "Activation columns of every unit."),
            by_columns ? share : p.m_q);
}

void ArrayControl::advance(const Product& p) {
  const Expr summed = m_.let("summed", p.sum_q.bit(p.turns.value() - 1));
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {p.busy_q, p.running_q, p.check_q, p.split_q, p.waiting_q, p.sum_q,
                              p.done_q, p.error_q})
          b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(p.busy_q, p.accept || (p.busy_q && !summed && !p.refuse));
        b.assign(p.running_q, p.accept || (p.running_q && !finished_ && !p.refuse));
        b.assign(p.check_q, p.accept);
        b.assign(p.split_q, p.check_q && p.valid);
        const Expr waiting =
            g_.takes_programs() ? p.waiting_q & ~repeat(units_, p.clear_q) : p.waiting_q;
        b.assign(p.waiting_q, (waiting & ~unit_done_) | repeat(units_, p.split_q));
        b.assign(p.sum_q, cat({p.sum_q.slice(0, p.turns - 1), p.ended}));
        b.assign(p.done_q, summed || p.refuse);
        b.assign(p.error_q, p.refuse);
      });
  m_.assign(m_.output("begin_o", 1, "A product begins."), p.split_q);
  m_.assign(m_.output("busy_o", 1, "A product is under way."), p.busy_q);
  m_.assign(m_.output("done_o", 1, "The product is complete, or refused: one cycle."), p.done_q);
  m_.assign(m_.output("error_o", 1, "With done_o: refused, nothing was computed."), p.error_q);
}

/// A unit's wrong program empties all units, in a cycle in which no result is held.
void ArrayControl::give_up(const Product& p) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(p.fault_q, 0);
        b.assign(p.clear_q, 0);
      },
      [&](Block& b) {
        b.assign(p.fault_q, (p.fault_q || reduce_or(unit_error_)) && !p.clear_q);
        b.assign(p.clear_q, p.fault_q && !held_ && !p.clear_q);
      });
  m_.assign(m_.output("clear_o", 1, "Reset everything but this unit."), p.clear_q);
}

void ArrayControl::counters(const Product& p) {
  const auto give = [&](const std::string& name, const Expr& value, const std::string& doc) {
    m_.assign(m_.output(name + "_o", counter_, doc), value);
  };
  const auto sum = [&](const std::string& name, const std::string& doc) {
    const Expr all = m_.input("unit_" + name + "_i", units_ * counter_, doc + " By every unit.");
    std::vector<Expr> amounts;
    for (int part = 0; part < kCounterParts; ++part) {
      Expr amount = hdl::zeros(kCounterPartBits);
      for (int unit = 0; unit < g_.design.units; ++unit) {
        const Expr own =
            all.slice(Geometry::kCounterBits * unit + kCounterPartBits * part, kCounterPartBits) &
            repeat(kCounterPartBits, p.sum_q.bit(unit + part));
        amount = unit == 0 ? own : amount | own;
      }
      amounts.push_back(amount);
    }
    give(name, carried_counter(m_, clk_, p.accept, name, amounts), doc);
  };
  for (const Signal& counter : units::counters(g_)) {
    if (counter.name == "cycles")
      give(counter.name, carried_counter(m_, clk_, p.accept, counter.name, p.running_q),
           counter.doc);
    else if (counter.name == "stall_cycles")
      give(counter.name, carried_counter(m_, clk_, p.accept, counter.name, p.running_q && stall_),
           "Cycles in which the array waited for the host.");
    else
      sum(counter.name, counter.doc);
  }
}

}  // namespace

Module array_control(const Geometry& g, const Module& splitter) {
  return ArrayControl(g, splitter).build();
}

}  // namespace hasse::units
