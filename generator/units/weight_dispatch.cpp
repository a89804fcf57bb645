// SPDX-License-Identifier: Apache-2.0
#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::Scope;
using hdl::Width;

/// Builds the module, a section of it per function.
class WeightDispatch {
 public:
  WeightDispatch(const Geometry& g, const Module& walker) : g_(g), walker_(walker) {}

  Module build();

 private:
  struct Beat;

  void walk(const Beat& beat);
  void count(const Beat& beat);
  Expr half(const Beat& beat);
  void send(const Beat& beat, const Expr& half_q);

  const Geometry& g_;
  const Module& walker_;
  int tag_bits_ = code_tag_bits(g_);
  Module m_{
      "weight_dispatch",
      "Takes the weight stream apart: one code per lane and beat, with its tag.\n"
      "A beat holds one plane of `Lanes` weight rows, planes of a row most significant first.\n"
      "Lanes without a row in the last group of an N-tile are not given their code. The lanes' "
      "queues\n"
      "hold " +
          std::string(g_.plans_ahead() ? "four" : "two") +
          " sub-tiles, which is as many as may be open, so they always have room."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Width tile_bits_ = m_.localparam("TileBits", g_.design.tile_bits, "Bits of a code.");
  Width row_bits_ = m_.localparam("TileRowBits", g_.tile_row_bits, "Bits of a row count.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = m_.input("k_i", g_.k_bits, "Inner dimension K.");
  Expr group_ = g_.scaled()
                    ? m_.input("group_i", g_.k_bits, "Columns of the weights that share a scale.")
                    : k_;
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr weight_bits_ = m_.input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight.");
  Expr tile_rows_ = m_.input("tile_rows_i", row_bits_, "Weight rows of a full sub-tile.");
  Expr open_ = m_.input("open_i", 1, "Another sub-tile may be dispatched.");
  Expr data_ = m_.input("weight_data_i", lanes_* tile_bits_, "Codes, lane 0 lowest.");
  Expr valid_ = m_.input("weight_valid_i", 1, "Codes are valid.");
  Expr ready_ = m_.output("weight_ready_o", 1, "Codes are taken.");
};

/// Where in the product this beat stands.
struct WeightDispatch::Beat {
  const WeightDispatch& in;
  Module m = in.m_;
  Expr active = m.logic("active", 1);
  Expr rows = m.logic("rows", in.row_bits_);
  Expr first_k = m.logic("first_k", 1);
  Expr last_k = m.logic("last_k", 1);
  Expr fire = m.let("fire", in.valid_&& in.ready_);
  Expr rows_done_q = m.logic("rows_done_q", in.row_bits_, "Rows of earlier groups.");
  Expr plane_q = m.logic("plane_q", in.g_.weight_bits_bits, "Plane of this beat.");
  Expr rows_left = m.let("rows_left", rows - rows_done_q);
  Expr last_group = m.let("last_group", rows_left <= lit(in.lanes_, in.row_bits_));
  Expr top_plane = m.let("top_plane", in.weight_bits_ - 1);
  Expr last_plane = m.let("last_plane", plane_q == 0);
  Expr tile_end = m.let("tile_end", fire&& last_plane&& last_group);
};

Module WeightDispatch::build() {
  m_.set_unit("operands");
  m_.section("Where in the product this beat stands");
  const Beat beat{*this};
  walk(beat);
  count(beat);

  m_.section(g_.plans_ahead() ? "Number of the sub-tile, modulo four"
                              : "Which half of the prefix banks the sub-tile uses");
  const Expr half_q = half(beat);

  m_.section("To the lanes, a cycle later");
  send(beat, half_q);
  return m_;
}

void WeightDispatch::walk(const Beat& beat) {
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
  m_.assign(ready_, beat.active && open_);
}

void WeightDispatch::count(const Beat& beat) {
  const Expr next_rows = beat.rows_done_q + lit(lanes_, row_bits_);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(beat.plane_q, beat.top_plane);
       t.assign(beat.rows_done_q, 0);
     }).else_when(beat.fire, [&](Block& t) {
      t.assign(beat.plane_q, mux(beat.last_plane, beat.top_plane, beat.plane_q - 1));
      t.when(beat.last_plane,
             [&](Block& u) { u.assign(beat.rows_done_q, mux(beat.last_group, 0, next_rows)); });
    });
  });
}

Expr WeightDispatch::half(const Beat& beat) {
  const bool ahead = g_.plans_ahead();
  const Expr half_q = m_.logic(ahead ? "number_q" : "half_q", g_.number_bits());
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(half_q, 0); },
      [&](Block& b) {
        b.when(beat.tile_end, [&](Block& t) { t.assign(half_q, ahead ? half_q + 1 : !half_q); });
      });
  m_.assign(m_.output("tile_end_o", 1, "Last beat of a sub-tile is taken."), beat.tile_end);
  return half_q;
}

void WeightDispatch::send(const Beat& beat, const Expr& half_q) {
  const Expr has_row = m_.logic("has_row", lanes_, "Lane has a weight row in this beat.");
  const Expr code_q = m_.logic("code_q", lanes_ * tile_bits_);
  const Expr zero = m_.output("code_zero_o", lanes_, "The code has no set bit.");
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    s.assign(has_row.bit(lane), beat.fire && beat.rows_left > as_bits(lane, row_bits_));
    s.assign(zero.bit(lane), code_q.lane(lane, tile_bits_) == 0);
  });
  const Expr has_row_q = m_.logic("has_row_q", lanes_);
  const Expr end_q = m_.logic("tile_end_q", 1);
  const Expr tag_q = m_.logic("tag_q", tag_bits_);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(has_row_q, 0);
        b.assign(end_q, 0);
      },
      [&](Block& b) {
        b.assign(has_row_q, has_row);
        b.assign(end_q, beat.tile_end);
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(code_q, data_);
    b.assign(tag_q, cat({half_q, beat.last_k, beat.first_k, beat.rows_done_q == 0, beat.last_plane,
                         beat.plane_q == beat.top_plane}));
  });
  m_.assign(m_.output("code_valid_o", lanes_, "Lane receives a code."), has_row_q);
  m_.assign(m_.output("code_o", lanes_ * tile_bits_, "Codes, lane 0 lowest."), code_q);
  m_.assign(m_.output("tag_o", tag_bits_, code_tag_doc(g_)), tag_q);
  m_.assign(m_.output("tile_complete_o", 1, "These are the last codes of their sub-tile."), end_q);
}

}  // namespace

Module weight_dispatch(const Geometry& g, const Module& walker) {
  return WeightDispatch(g, walker).build();
}

}  // namespace hasse::units
