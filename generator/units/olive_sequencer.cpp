// SPDX-License-Identifier: Apache-2.0
#include "generator/units/olive.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::trunc;
using hdl::zext;

constexpr int kOpenTiles = 2;  ///< Tiles whose sums may wait to be sent.

/// Builds the module, a section of it per function.
class OliveSequencer {
 public:
  OliveSequencer(const Geometry& g, const Module& walker) : g_(g), walker_(walker) {}

  Module build();

 private:
  struct Pair;
  struct Wave;

  void walk(const Pair& pair);
  void pairs(const Pair& pair, const Wave& wave);
  void tiles(const Pair& pair, const Wave& wave);
  Expr spacing(const Expr& wave);
  void count(const Pair& pair);

  const Geometry& g_;
  const Module& walker_;
  Module m_{
      pair_unit(g_, "sequencer"),
      "Takes pairs from both streams together, and sends their elements into the array.\n"
      "The first element of a tile starts a wave through the array that clears its sums; those "
      "of the\ntile before leave just ahead of it. A last wave without elements follows the "
      "last tile."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = m_.input("k_i", g_.k_bits, "Inner dimension K.");
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr tile_rows_ = m_.input("tile_rows_i", g_.tile_row_bits, "Weight rows of a full tile.");
  Expr weight_valid_ = m_.input("weight_valid_i", 1, "Weights are there.");
  Expr activation_valid_ = m_.input("activation_valid_i", 1, "Activations are there.");
  Expr popped_ = m_.input("tile_pop_i", 1, "All sums of a tile are read.");
};

/// The pairs in the borders' registers, and those that come next.
struct OliveSequencer::Pair {
  const OliveSequencer& in;
  Module m = in.m_;
  Expr active = m.logic("active", 1);
  Expr rows = m.logic("rows", in.g_.tile_row_bits, "Weight rows of the tile that comes.");
  Expr first_k = m.logic("first_k", 1);
  Expr last_k = m.logic("last_k", 1);
  Expr full_q = m.logic("full_q", 1, "There are pairs in the registers.");
  Expr first_q = m.logic("first_q", 1, "They are the first of their tile.");
  Expr rows_q = m.logic("pair_rows_q", in.g_.tile_row_bits, "Weight rows of their tile.");
  Expr second_q = m.logic("second_q", 1, "The right element's turn.");
  Expr fires = m.logic("fires", 1, "An element enters the array.");
  Expr room = m.let("room", active && (!full_q || (fires && second_q)));
  Expr take = m.let("take", room&& in.weight_valid_&& in.activation_valid_);
};

/// Tiles in the array, and the waves between them.
struct OliveSequencer::Wave {
  const OliveSequencer& in;
  const Pair& pair;
  Module m = in.m_;
  Expr open_q = m.logic("open_q", 1, "The array holds the sums of a tile.");
  Expr rows_q = m.logic("open_rows_q", in.g_.tile_row_bits, "Weight rows of that tile.");
  Expr waiting_q = m.logic("waiting_q", bits_for(kOpenTiles), "Tiles waiting to be read.");
  Expr spaced = m.logic("spaced", 1, "The wave before has passed all rows.");
  Expr begins = m.let("begins", pair.full_q&& pair.first_q && !pair.second_q);
  Expr flush = m.let("flush", !pair.active && !pair.full_q && open_q, "Nothing more to come.");
  Expr can_go = m.let("can_go", spaced && !(open_q && waiting_q == kOpenTiles));
  Expr go = m.let("wave", (begins || flush) && can_go);
  Expr leave = m.let("leave", go&& open_q, "The sums in the array leave.");
};

Module OliveSequencer::build() {
  m_.set_unit("control");
  m_.section("Pairs");
  const Pair pair{*this};
  walk(pair);
  m_.section("Waves");
  const Wave wave{*this, pair};
  m_.assign(pair.fires, pair.full_q && (!wave.begins || wave.can_go));
  m_.assign(wave.spaced, spacing(wave.go));
  m_.section("What happens next");
  pairs(pair, wave);
  tiles(pair, wave);
  count(pair);
  return m_;
}

void OliveSequencer::walk(const Pair& pair) {
  m_.instance("u_walker", walker_,
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"begin_i", begin_},
               {"n_i", n_},
               {"k_i", k_},
               {"m_i", columns_},
               {"tile_rows_i", tile_rows_},
               {"advance_i", pair.take},
               {"active_o", pair.active},
               {"rows_o", pair.rows},
               {"first_k_o", pair.first_k},
               {"last_k_o", pair.last_k}});
  m_.unused(pair.last_k, "unused_last_k");
}

void OliveSequencer::pairs(const Pair& pair, const Wave& wave) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(pair.full_q, 0);
        b.assign(pair.second_q, 0);
      },
      [&](Block& b) {
        b.assign(pair.full_q, pair.take || (pair.full_q && !(pair.fires && pair.second_q)));
        b.assign(pair.second_q, pair.second_q ^ pair.fires);
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(pair.take, [&](Block& t) {
      t.assign(pair.first_q, pair.first_k);
      t.assign(pair.rows_q, pair.rows);
    });
  });
  m_.comment(
      "Both are taken together: what is there waits for what is not, which alone is asked for.");
  m_.assign(m_.output("weight_ready_o", 1, "Weights are taken."),
            pair.room && (activation_valid_ || !weight_valid_));
  m_.assign(m_.output("activation_ready_o", 1, "Activations are taken."),
            pair.room && (weight_valid_ || !activation_valid_));
  m_.assign(m_.output("waits_o", 1, "There is room for pairs that have not come."),
            pair.room && !pair.take);
  m_.assign(m_.output("take_o", 1, "The borders take new pairs."), pair.take);
  m_.assign(m_.output("send_o", 1, "An element of their pairs enters the array."), pair.fires);
  m_.assign(m_.output("second_o", 1, "It is the right one."), pair.second_q);
  m_.assign(m_.output("wave_o", 1, "A wave starts."), wave.go);
}

void OliveSequencer::tiles(const Pair& pair, const Wave& wave) {
  const int bits = bits_for(kOpenTiles);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(wave.open_q, 0);
        b.assign(wave.waiting_q, 0);
      },
      [&](Block& b) {
        b.when(wave.go, [&](Block& t) { t.assign(wave.open_q, !wave.flush); });
        b.assign(wave.waiting_q, wave.waiting_q + zext(wave.leave, bits) - zext(popped_, bits));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(wave.go, [&](Block& t) { t.assign(wave.rows_q, pair.rows_q); });
  });
  m_.assign(m_.output("leave_o", 1, "The sums of a tile leave the array."), wave.leave);
  m_.assign(m_.output("leave_rows_o", g_.tile_row_bits, "Weight rows of that tile."), wave.rows_q);
}

/// A column sends one sum a cycle: waves are as far apart as there are rows.
Expr OliveSequencer::spacing(const Expr& wave) {
  const int gap = g_.design.lanes - 1;
  if (gap == 0) return lit(1, 1);
  const int bits = bits_for(gap);
  const Expr gap_q = m_.logic("gap_q", bits, "Rows that the last wave has still to pass.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(gap_q, 0); },
      [&](Block& b) {
        b.when(wave, [&](Block& t) { t.assign(gap_q, gap); }).else_when(gap_q != 0, [&](Block& t) {
          t.assign(gap_q, gap_q - 1);
        });
      });
  return gap_q == 0;
}

void OliveSequencer::count(const Pair& pair) {
  const int bits = bits_for(g_.design.lanes);
  const Expr taken_q = m_.logic("taken_q", 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(taken_q, 0); },
      [&](Block& b) { b.assign(taken_q, pair.take); });
  m_.assign(m_.output("subtile_done_o", 1, "Pairs were taken in the cycle before."), taken_q);
  m_.assign(m_.output("transrows_o", bits, "Rows that have a pair in this beat."),
            trunc(pair.rows, bits) & repeat(bits, pair.take));
}

}  // namespace

Module olive_sequencer(const Geometry& g, const Module& walker) {
  return OliveSequencer(g, walker).build();
}

}  // namespace hasse::units
