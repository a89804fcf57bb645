// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "generator/units/counter.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::repeat;
using hdl::zext;

/// Builds the module, a section of it per function.
class GemmControl {
 public:
  explicit GemmControl(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Shape;
  struct State;

  void take(const Shape& shape);
  void tile_rows(const Shape& shape);
  void tile_rows_table(const Expr& weight_bits, const Expr& tile_rows);
  Expr given_tile_rows(const Expr& accept);
  Expr is_valid(const Shape& shape) const;
  void take_scaling(const Shape& shape, Block& b);
  void take_sign(const Shape& shape);
  void advance(const Shape& shape, const State& state);
  void refuse(const State& state);
  void counters(const Expr& clear, const Expr& running);
  Expr nodes_built() const;

  const Geometry& g_;
  int lane_bits_ = bits_for(g_.design.lanes);
  Module m_{"gemm_control",
            "Starts, checks, ends and counts a product.\n"
            "The shape is taken with start_i and checked; two cycles later begin_o starts the "
            "walkers, or\n"
            "done_o and error_o refuse a shape or weight bits outside what was generated." +
                std::string(g_.takes_programs() ? "\nA wrong program ends the product in the same "
                                                  "way, once no result waits for the host."
                                                : "")};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr start_ = m_.input("start_i", 1, "Take the shape and begin, ignored while busy.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = m_.input("k_i", g_.k_bits, "Inner dimension K.");
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr bits_ = m_.input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight.");
  Expr group_ = g_.scaled() ? m_.input("group_i", g_.k_bits,
                                       "Columns of the weights that share a scale; 0: no scales.")
                            : k_;
  Expr requantise_ = g_.scaled() ? m_.input("requantise_i", 1, "Results of eight bits.") : k_;
  Expr finished_ = m_.input("finished_i", 1, "The last result has been taken.");
  Expr taken_ = m_.input("transrows_i", lane_bits_, "TransRows taken in this cycle.");
  Expr zeros_taken_ = m_.input("zero_transrows_i", lane_bits_, "Zero TransRows among them.");
  Expr built_ = g_.steps_by_lane()
                    ? m_.input("nodes_built_i", bits_for(g_.derived.prefix_lanes), "Nodes built.")
                    : m_.input("tile_built_i", 1, "All nodes of a sub-tile have been built.");
  Expr stall_ = m_.input("stall_i", 1, "The engine waits for the host.");
  Expr fault_ = g_.takes_programs() ? m_.input("fault_i", 1, "The program is wrong.") : stall_;
  Expr held_ =
      g_.takes_programs() ? m_.input("result_held_i", 1, "A result waits for the host.") : stall_;
};

/// The product's shape.
struct GemmControl::Shape {
  const GemmControl& in;
  Module m = in.m_;
  Expr n_q = m.logic("n_q", in.g_.n_bits);
  Expr k_q = m.logic("k_q", in.g_.k_bits);
  Expr m_q = m.logic("m_q", in.g_.m_bits);
  Expr bits_q = m.logic("weight_bits_q", in.g_.weight_bits_bits);
  Expr group_q = in.g_.scaled() ? m.logic("group_q", in.g_.k_bits) : k_q;
  Expr scaled_q = in.g_.scaled() ? m.logic("scaled_q", 1) : k_q;
  Expr requantise_q = in.g_.scaled() ? m.logic("requantise_q", 1) : k_q;
  Expr busy_q = m.logic("busy_q", 1, "From start to done.");
  Expr accept = m.let("accept", in.start_ && !busy_q);
};

/// How far the product is.
struct GemmControl::State {
  const GemmControl& in;
  const Shape& shape;
  Module m = in.m_;
  Expr check_q = m.logic("check_q", 1, "The shape was taken in the cycle before.");
  Expr valid = m.let("shape_valid", in.is_valid(shape));
  Expr begin_q = m.logic("begin_q", 1);
  Expr clear_q = in.g_.takes_programs() ? m.logic("clear_q", 1, "The program was wrong.") : check_q;
  Expr refuse =
      m.let("refuse", in.g_.takes_programs() ? (check_q && !valid) || clear_q : check_q && !valid);
  Expr running_q = m.logic("running_q", 1, "From start to the last result.");
  Expr settle_q =
      m.logic("settle_q", kCounterParts, "Carries are still on their way through the counters.");
  Expr done_q = m.logic("done_q", 1);
  Expr error_q = m.logic("error_q", 1);
};

Module GemmControl::build() {
  m_.set_unit("control");
  m_.section("The product's shape");
  const Shape shape{*this};
  take(shape);
  tile_rows(shape);

  m_.section("Begin, end, refusal");
  const State state{*this, shape};
  if (g_.takes_programs()) refuse(state);
  advance(shape, state);

  m_.section("Counters of the last product");
  counters(shape.accept, state.running_q);
  return m_;
}

void GemmControl::take(const Shape& shape) {
  m_.always_ff(clk_, [&](Block& b) {
    b.when(shape.accept, [&](Block& t) {
      t.assign(shape.n_q, n_);
      t.assign(shape.k_q, k_);
      t.assign(shape.m_q, columns_);
      t.assign(shape.bits_q, bits_);
      if (g_.scaled()) take_scaling(shape, t);
    });
  });
  m_.assign(m_.output("n_o", g_.n_bits, "Weight rows N of the product."), shape.n_q);
  m_.assign(m_.output("k_o", g_.k_bits, "Inner dimension K of the product."), shape.k_q);
  m_.assign(m_.output("m_o", g_.m_bits, "Activation columns M of the product."), shape.m_q);
  m_.assign(m_.output("weight_bits_o", g_.weight_bits_bits, "Bits of every weight of the product."),
            shape.bits_q);
  if (g_.takes_unsigned()) take_sign(shape);
}

void GemmControl::take_sign(const Shape& shape) {
  const Expr given = m_.input("unsigned_activations_i", 1, "Activations are unsigned.");
  const Expr unsigned_q = m_.logic("unsigned_activations_q", 1);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(shape.accept, [&](Block& t) { t.assign(unsigned_q, given); });
  });
  m_.assign(m_.output("unsigned_activations_o", 1, "Activations are unsigned."), unsigned_q);
}

/// A product without scales is a single group of scale 1.
void GemmControl::take_scaling(const Shape& shape, Block& b) {
  b.assign(shape.group_q, mux(group_ == 0, k_, group_));
  b.assign(shape.scaled_q, group_ != 0);
  b.assign(shape.requantise_q, requantise_);
  m_.assign(
      m_.output("group_o", g_.k_bits, "Columns of the weights whose sums are scaled at once."),
      shape.group_q);
  m_.assign(m_.output("scaled_o", 1, "Groups have scales and zero points."), shape.scaled_q);
  m_.assign(m_.output("requantise_o", 1, "Results of eight bits."), shape.requantise_q);
}

void GemmControl::tile_rows(const Shape& shape) {
  const Expr tile_rows = m_.logic("tile_rows", g_.tile_row_bits, "Looked up a cycle after start.");
  if (g_.design.units > 1) {
    const Expr most = m_.logic("most_rows", g_.tile_row_bits, "Weight rows that fit.");
    tile_rows_table(shape.bits_q, most);
    const Expr given = given_tile_rows(shape.accept);
    m_.assign(tile_rows, mux(given == 0 || given > most, most, given));
  } else {
    tile_rows_table(shape.bits_q, tile_rows);
  }
  const Expr tile_rows_q = m_.logic("tile_rows_q", g_.tile_row_bits);
  m_.always_ff(clk_, [&](Block& b) { b.assign(tile_rows_q, tile_rows); });
  m_.assign(m_.output("tile_rows_o", g_.tile_row_bits, "Weight rows of a full sub-tile."),
            tile_rows_q);
}

/// What the host asks for.
Expr GemmControl::given_tile_rows(const Expr& accept) {
  const Expr given =
      m_.input("tile_rows_i", g_.tile_row_bits, "Weight rows of an N-tile; 0: as many as fit.");
  const Expr given_q = m_.logic("given_rows_q", g_.tile_row_bits);
  m_.always_ff(clk_,
               [&](Block& b) { b.when(accept, [&](Block& t) { t.assign(given_q, given); }); });
  return given_q;
}

/// Weight rows of a full sub-tile for every number of weight bits.
void GemmControl::tile_rows_table(const Expr& weight_bits, const Expr& tile_rows) {
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> cases;
  for (int bits = g_.least_weight_bits(); bits < g_.design.weight_bits; ++bits)
    cases.emplace_back(bits, [this, &tile_rows, bits](Block& b) {
      b.assign(tile_rows, g_.engine.rows_per_tile(bits));
    });
  const int widest = g_.engine.rows_per_tile(g_.design.weight_bits);
  if (cases.empty()) return m_.assign(tile_rows, widest);
  m_.always_comb([&](Block& b) {
    b.select(weight_bits, cases, [&](Block& t) { t.assign(tile_rows, widest); });
  });
}

Expr GemmControl::is_valid(const Shape& shape) const {
  const Expr valid = is_valid_shape(g_, shape.n_q, shape.k_q, shape.m_q, shape.bits_q);
  return g_.scaled() ? valid && (!shape.scaled_q || is_valid_group(g_, shape.group_q)) : valid;
}

void GemmControl::advance(const Shape& shape, const State& s) {
  const Expr busy_q = shape.busy_q, settled = s.settle_q.bit(kCounterParts - 1);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r :
             {busy_q, s.running_q, s.check_q, s.begin_q, s.settle_q, s.done_q, s.error_q})
          b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(busy_q, shape.accept || (busy_q && !settled && !s.refuse));
        b.assign(s.running_q, shape.accept || (s.running_q && !finished_ && !s.refuse));
        b.assign(s.check_q, shape.accept);
        b.assign(s.begin_q, s.check_q && s.valid);
        b.assign(s.settle_q, kCounterParts == 1
                                 ? finished_
                                 : cat({s.settle_q.slice(0, kCounterParts - 1), finished_}));
        b.assign(s.done_q, settled || s.refuse);
        b.assign(s.error_q, s.refuse);
      });
  m_.assign(m_.output("begin_o", 1, "A product begins."), s.begin_q);
  m_.assign(m_.output("busy_o", 1, "A product is under way."), busy_q);
  m_.assign(m_.output("done_o", 1, "The product is complete, or refused: one cycle."), s.done_q);
  m_.assign(m_.output("error_o", 1, "With done_o: refused, nothing was computed."), s.error_q);
}

/// A program that is wrong empties the engine, in a cycle in which no result is held.
void GemmControl::refuse(const State& s) {
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(s.clear_q, 0); },
      [&](Block& b) { b.assign(s.clear_q, fault_ && !held_ && !s.clear_q); });
  m_.assign(m_.output("clear_o", 1, "Reset everything but this unit."), s.clear_q);
}

void GemmControl::counters(const Expr& clear, const Expr& running) {
  const auto count = [&](const std::string& name, const Expr& amount, const std::string& doc) {
    const Expr value = carried_counter(m_, clk_, clear, name, amount);
    m_.assign(m_.output(name + "_o", Geometry::kCounterBits, doc), value);
  };
  count("cycles", running, "Cycles from start to the last result.");
  count("transrows", taken_, "TransRows taken.");
  count("zero_transrows", zeros_taken_, "TransRows without a set bit among them.");
  count("stall_cycles", running && stall_, "Cycles in which the engine waited for the host.");
  if (g_.lists_nodes())
    count("si_misses", m_.input("misses_i", bits_for(g_.lattice.nodes()), "Nodes missed."),
          "Nodes that sub-tiles asked for and the planner did not list.");
  count("nodes_built", nodes_built(),
        g_.steps_by_lane() ? "Nodes built." : "Nodes built: every node of every sub-tile.");
}

/// Nodes built in this cycle.
Expr GemmControl::nodes_built() const {
  if (g_.steps_by_lane()) return built_;
  const int words = g_.engine.stationary_words();
  return g_.design.streams() ? lit(words, bits_for(words)) & repeat(bits_for(words), built_)
                             : cat({built_, hdl::zeros(g_.engine.dimension())});
}

}  // namespace

Module gemm_control(const Geometry& g) {
  return GemmControl(g).build();
}

}  // namespace hasse::units
