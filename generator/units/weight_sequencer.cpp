// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::trunc;
using hdl::Width;
using hdl::zext;

/// Builds the module, a section of it per function.
class WeightSequencer {
 public:
  WeightSequencer(const Geometry& g, const Module& walker) : g_(g), walker_(walker) {}

  Module build();

 private:
  struct Beat;

  void walk(const Beat& beat);
  void count(const Beat& beat);
  Expr top_planes();
  void tile(const Beat& beat);
  Expr spacing(const Beat& beat);
  Expr row_is_written(const Beat& beat);
  void send(const Beat& beat);

  const Geometry& g_;
  const Module& walker_;
  bool planes_ = g_.engine.datapath != transitive::Datapath::dot_product;
  int row_bits_ = g_.tile_row_bits;
  Module m_{"weight_sequencer",
            "Paces the weight stream: all lanes work on the same planes of their weight rows.\n"
            "A beat is taken when the operands of its sub-tile stand, or move into place in this "
            "very\ncycle. What it is goes to the lanes together with it, a cycle later."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Weight rows side by side.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = m_.input("k_i", g_.k_bits, "Inner dimension K.");
  Expr group_ = g_.scaled()
                    ? m_.input("group_i", g_.k_bits, "Columns of the weights that share a scale.")
                    : k_;
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr tile_rows_ = m_.input("tile_rows_i", row_bits_, "Weight rows of a full sub-tile.");
  Expr loaded_ = m_.input("loaded_i", 1, "The next sub-tile's operands can move into place.");
  Expr full_ = m_.input("rows_full_i", 1, "No room for more finished rows.");
  Expr valid_ = m_.input("weight_valid_i", 1, "A beat is there.");
  Expr ready_ = m_.output("weight_ready_o", 1, "The beat is taken.");
};

/// Where in the product this beat stands.
struct WeightSequencer::Beat {
  const WeightSequencer& in;
  Module m = in.m_;
  Expr active = m.logic("active", 1);
  Expr rows = m.logic("rows", in.row_bits_, "Weight rows of the sub-tile.");
  Expr first_k = m.logic("first_k", 1);
  Expr last_k = m.logic("last_k", 1);
  Expr fire = m.let("fire", in.valid_&& in.ready_);
  Expr rows_done_q = m.logic("rows_done_q", in.row_bits_, "Rows of earlier groups.");
  Expr rows_left = m.let("rows_left", rows - rows_done_q);
  Expr last_group = m.let("last_group", rows_left <= lit(in.lanes_, in.row_bits_));
  Expr first_plane = m.logic("first_plane", 1);
  Expr last_plane = m.logic("last_plane", 1);
  Expr opens = in.g_.opens() ? m.logic("opens", 1, "The higher plane of every tree.") : first_plane;
  Expr tile_end = m.let("tile_end", fire&& last_plane&& last_group);
  Expr tile_end_q = m.logic("tile_end_q", 1);
  Expr first_row_q = m.logic("first_row_q", 1);
  Expr standing_q = m.logic("standing_q", 1, "The sub-tile's operands stand in their places.");
  Expr swap = m.let("swap", in.loaded_ && !standing_q);
};

Module WeightSequencer::build() {
  m_.set_unit("control");
  m_.section("Where in the product this beat stands");
  const Beat beat{*this};
  walk(beat);
  count(beat);

  m_.section("The operands the beat meets");
  tile(beat);
  const Expr waits = spacing(beat);
  m_.assign(ready_, beat.active && (beat.standing_q || beat.swap) &&
                        !(beat.last_plane && (waits || (beat.last_k && full_))));

  m_.section("To the lanes, a cycle later");
  send(beat);
  return m_;
}

void WeightSequencer::walk(const Beat& beat) {
  hdl::PortMap ports = {{"clk_i", clk_},
                        {"rst_ni", rst_n_},
                        {"begin_i", begin_},
                        {"n_i", n_},
                        {"k_i", k_},
                        {"m_i", columns_},
                        {"tile_rows_i", tile_rows_},
                        {"advance_i", beat.tile_end},
                        {"active_o", beat.active},
                        {"rows_o", beat.rows},
                        {"first_k_o", beat.first_k},
                        {"last_k_o", beat.last_k}};
  if (g_.scaled()) ports.emplace_back("group_i", group_);
  m_.instance("u_walker", walker_, ports);
}

void WeightSequencer::count(const Beat& beat) {
  const Expr next_rows = beat.rows_done_q + lit(lanes_, row_bits_);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(beat.rows_done_q, 0);
     }).else_when(beat.fire && beat.last_plane, [&](Block& t) {
      t.assign(beat.rows_done_q, mux(beat.last_group, 0, next_rows));
    });
  });
  if (!planes_) {
    m_.assign(beat.first_plane, 1);
    return m_.assign(beat.last_plane, 1);
  }
  const Expr top = top_planes();
  const Expr planes_q = m_.logic("planes_q", top.width(), "Planes of this beat.");
  m_.assign(beat.first_plane, planes_q == top);
  m_.assign(beat.last_plane, planes_q == 0);
  if (g_.opens()) m_.assign(beat.opens, planes_q.bit(0));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) { t.assign(planes_q, top); }).else_when(beat.fire, [&](Block& t) {
      t.assign(planes_q, mux(beat.last_plane, top, planes_q - 1));
    });
  });
}

/// Number of the first beat of a row: beats, or single planes, count down to 0.
Expr WeightSequencer::top_planes() {
  const Expr weight_bits = m_.input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight.");
  const Expr top_plane = m_.let("top_plane", weight_bits - 1);
  const int turns = design::ceil_log2(g_.design.turns);
  const int shared = design::ceil_log2(g_.design.planes) + turns;
  if (shared == 0) return top_plane;
  m_.unused(top_plane.slice(0, shared), "unused_top_plane");
  const Expr together = top_plane.slice(shared, g_.weight_bits_bits - shared);
  return m_.let("top_planes", turns == 0 ? together : hdl::cat({together, lit(1, turns)}),
                "Planes come together.");
}

void WeightSequencer::tile(const Beat& beat) {
  const Expr end_q = beat.tile_end_q;
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(beat.standing_q, 0);
        b.assign(end_q, 0);
      },
      [&](Block& b) {
        b.assign(beat.standing_q, (beat.standing_q || beat.swap) && !beat.tile_end);
        b.assign(end_q, beat.tile_end);
      });
  m_.assign(m_.output("swap_o", 1, "The next sub-tile's operands move into place."), beat.swap);
  m_.assign(m_.output("subtile_done_o", 1, "The last beat of a sub-tile was taken."), end_q);
}

/// The wide adders serve the column groups of a row in turn: as many cycles between rows.
Expr WeightSequencer::spacing(const Beat& beat) {
  const int gap = g_.design.columns_per_adder - 1;
  if (gap == 0) return row_is_written(beat);
  const int bits = bits_for(gap);
  const Expr gap_q = m_.logic("gap_q", bits, "Cycles until the wide adders take more rows.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(gap_q, 0); },
      [&](Block& b) {
        b.when(beat.fire && beat.last_plane, [&](Block& t) {
           t.assign(gap_q, gap);
         }).else_when(gap_q != 0, [&](Block& t) { t.assign(gap_q, gap_q - 1); });
      });
  return m_.let("adders_busy", gap_q != 0);
}

/// Sub-tiles of a single beat meet the same accumulators, which are written the cycle after.
Expr WeightSequencer::row_is_written(const Beat& beat) {
  return m_.let("row_is_written", beat.tile_end_q && beat.first_row_q);
}

void WeightSequencer::send(const Beat& beat) {
  const int count_bits = bits_for(g_.design.lanes);
  const Expr valid_q = m_.logic("valid_q", 1);
  const Expr first_q = m_.logic("first_q", 1);
  const Expr last_q = m_.logic("last_q", 1);
  const Expr first_k_q = m_.logic("first_k_q", 1);
  const Expr last_k_q = m_.logic("last_k_q", 1);
  const Expr first_row_q = beat.first_row_q;
  const Expr count_q = m_.logic("count_q", count_bits, "Lanes with a row.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, beat.fire); });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(first_q, beat.first_plane);
    b.assign(last_q, beat.last_plane);
    b.assign(first_k_q, beat.first_k);
    b.assign(last_k_q, beat.last_k);
    b.assign(first_row_q, beat.rows_done_q == 0);
    b.assign(count_q,
             mux(beat.last_group, trunc(beat.rows_left, count_bits), lit(lanes_, count_bits)));
  });
  m_.assign(m_.output("valid_o", 1, "A beat is at the lanes."), valid_q);
  m_.assign(m_.output("first_o", 1, "First planes of its weight rows."), first_q);
  if (g_.opens()) {
    const Expr opens_q = m_.logic("opens_q", 1);
    m_.always_ff(clk_, [&](Block& b) { b.assign(opens_q, beat.opens); });
    m_.assign(m_.output("opens_o", 1, "The higher of the two planes of every tree."), opens_q);
  }
  m_.assign(m_.output("complete_o", 1, "Last planes: the rows' sums will be complete."),
            valid_q && last_q);
  m_.assign(m_.output("first_k_o", 1, "First sub-tile along K."), first_k_q);
  m_.assign(m_.output("last_k_o", 1, "Last sub-tile along K."), last_k_q);
  m_.assign(m_.output("first_row_o", 1, "First rows of the sub-tile."), first_row_q);
  m_.assign(m_.output("transrows_o", count_bits, "Lanes that have a row in this beat."),
            count_q & repeat(count_bits, valid_q));
}

}  // namespace

Module weight_sequencer(const Geometry& g, const Module& walker) {
  return WeightSequencer(g, walker).build();
}

}  // namespace hasse::units
