// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "generator/units/array.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;

/// Builds the module, a section of it per function.
class ResultMerge {
 public:
  explicit ResultMerge(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Position;
  struct Ends;

  void choose(const Position& at);
  void advance(const Position& at, const Ends& ends);
  void next_row(const Position& at, const Ends& ends, Block& b) const;
  Expr is_last(const Position& at, const Ends& ends) const;

  const Geometry& g_;
  bool by_columns_ = shares_weights(g_);
  int pass_columns_ = by_columns_ ? g_.design.units * g_.design.columns : g_.design.columns;
  int column_bits_ = bits_for(g_.design.columns);
  // Wide enough for more than a row or a tile, or "is this the last one" would be a constant.
  int n_bits_ = std::max(g_.n_bits, 2);
  int m_bits_ = std::max(g_.m_bits, bits_for(pass_columns_ + 1));
  Module m_{"result_merge",
            by_columns_ ? "Makes one result stream of those of the units: of every row, each "
                          "unit's columns in turn.\n"
                          "Columns beyond M are dropped."
                        : "Makes one result stream of those of the units, which hold every "
                          "`ArrayUnits`-th row each.\n"
                          "Rows beyond N are dropped."};
  hdl::Width units_ = m_.localparam("ArrayUnits", g_.design.units, "Units that take turns.");
  hdl::Width beat_ = m_.localparam("BeatBits", g_.beat_bits, "Results of one column group.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr unit_data_ = m_.input("unit_data_i", units_* beat_, "Results of every unit, unit 0 lowest.");
  Expr unit_valid_ = m_.input("unit_valid_i", units_, "The unit's results are valid.");
  Expr ready_ = m_.input("ready_i", 1, "The host takes the beat.");
};

/// The unit, the row and the column group that is next.
struct ResultMerge::Position {
  const ResultMerge& in;
  Module m = in.m_;
  Expr turn_q = m.logic("turn_q", in.units_, "Unit whose results are next, one hot.");
  Expr rows_left_q = m.logic("rows_left_q", in.n_bits_, "Rows from this one on.");
  Expr pass_left_q = m.logic("pass_left_q", in.m_bits_, "Columns from this pass on.");
  Expr unit_left_q = in.by_columns_
                         ? m.logic("unit_left_q", in.m_bits_, "Columns from this unit on.")
                         : pass_left_q;
  Expr sent_q = m.logic("sent_q", in.column_bits_, "Columns of earlier groups.");
  Expr sent = m.let("sent", sent_q + lit(in.g_.beat_columns, in.column_bits_));
  Expr keep =
      m.let("keep", in.by_columns_ ? unit_left_q > zext(sent_q, in.m_bits_) : rows_left_q != 0,
            "The beat is part of the product.");
  Expr valid = m.let("valid", reduce_or(in.unit_valid_& turn_q));
  Expr take = m.let("take", valid && (!keep || in.ready_));
};

/// What ends with the beat that is next.
struct ResultMerge::Ends {
  const ResultMerge& in;
  const Position& at;
  Module m = in.m_;
  Expr tile = m.let("tile_columns", lit(in.g_.design.columns, in.m_bits_));
  Expr pass = m.let("pass_columns", lit(in.pass_columns_, in.m_bits_));
  Expr partial = m.let("partial", at.pass_left_q < tile, "The units' tiles are not full.");
  Expr columns = m.let("unit_columns",
                       mux(partial, trunc(at.pass_left_q, in.column_bits_),
                           lit(in.g_.design.columns, in.column_bits_)),
                       "Columns that every unit has results of.");
  Expr group = m.let("last_group", at.sent >= columns);
  Expr row = m.let("row_end", at.take&& group, "A unit's turn is over.");
  Expr round = m.let("round_end", row&& at.turn_q.bit(in.g_.design.units - 1));
  Expr last_row = m.let("last_row", at.rows_left_q <= lit(1, in.n_bits_));
  Expr last_pass = m.let("last_pass", at.pass_left_q <= pass);
};

Module ResultMerge::build() {
  m_.set_unit("control");
  m_.section("The unit, the row and the column group that is next");
  const Position at{*this};
  const Ends ends{*this, at};
  advance(at, ends);
  m_.section("The chosen unit's beat");
  choose(at);
  const Expr last = m_.output("last_o", 1, "The product's last results.");
  m_.assign(last, is_last(at, ends));
  m_.assign(m_.output("finished_o", 1, "The product's last results are taken."),
            at.take && at.keep && last);
  return m_;
}

void ResultMerge::advance(const Position& at, const Ends& ends) {
  const Expr turned = cat({at.turn_q.slice(0, units_ - 1), at.turn_q.bit(g_.design.units - 1)});
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(at.turn_q, lit(1, units_));
       t.assign(at.rows_left_q, zext(n_, n_bits_));
       t.assign(at.pass_left_q, zext(columns_, m_bits_));
       if (by_columns_) t.assign(at.unit_left_q, zext(columns_, m_bits_));
       t.assign(at.sent_q, 0);
     }).else_when(at.take, [&](Block& t) {
      t.assign(at.sent_q, mux(ends.group, 0, at.sent));
      t.when(ends.row, [&](Block& u) {
        u.assign(at.turn_q, turned);
        next_row(at, ends, u);
      });
    });
  });
}

/// What is left after a unit's turn.
void ResultMerge::next_row(const Position& at, const Ends& ends, Block& b) const {
  const Expr next_pass = at.pass_left_q - ends.pass;
  const Expr fewer = mux(ends.last_row, zext(n_, n_bits_), at.rows_left_q - 1);
  if (!by_columns_) {
    b.when(ends.round && ends.last_row, [&](Block& t) {
       t.assign(at.rows_left_q, zext(n_, n_bits_));
       t.assign(at.pass_left_q, next_pass);
     }).else_when(at.keep, [&](Block& t) { t.assign(at.rows_left_q, at.rows_left_q - 1); });
    return;
  }
  b.when(ends.round, [&](Block& t) {
     t.assign(at.rows_left_q, fewer);
     t.assign(at.unit_left_q, mux(ends.last_row, next_pass, at.pass_left_q));
     t.when(ends.last_row, [&](Block& u) { u.assign(at.pass_left_q, next_pass); });
   }).otherwise([&](Block& t) {
    t.assign(at.unit_left_q,
             mux(at.unit_left_q > ends.tile, at.unit_left_q - ends.tile, hdl::zeros(m_bits_)));
  });
}

Expr ResultMerge::is_last(const Position& at, const Ends& ends) const {
  const Expr last = ends.last_pass && ends.last_row;
  return by_columns_ ? last && at.unit_left_q <= zext(at.sent, m_bits_) : last && ends.group;
}

void ResultMerge::choose(const Position& at) {
  Expr data = unit_data_.lane(0, beat_) & repeat(beat_, at.turn_q.bit(0));
  for (int unit = 1; unit < g_.design.units; ++unit)
    data = data | (unit_data_.lane(unit, beat_) & repeat(beat_, at.turn_q.bit(unit)));
  m_.assign(m_.output("data_o", beat_, "Results of one column group, lowest column lowest."), data);
  m_.assign(m_.output("valid_o", 1, "Results are valid."), at.valid && at.keep);
  m_.assign(m_.output("unit_ready_o", units_, "The unit's results are taken."),
            at.turn_q & repeat(units_, !at.keep || ready_));
}

}  // namespace

Module result_merge(const Geometry& g) {
  return ResultMerge(g).build();
}

}  // namespace hasse::units
