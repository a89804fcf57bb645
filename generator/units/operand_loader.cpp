// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::zext;

constexpr const char* kDoc =
    "Loads the operands of the next K-tile, one row per cycle, while the current one is in use.\n"
    "Rows beyond K are zeros and need no beat. A complete K-tile waits until the weights of the\n"
    "one before have all passed; loading goes on in the very cycle it moves.";

}  // namespace

Module operand_loader(const Geometry& g, const Module& walker) {
  Module m("operand_loader", kDoc);
  m.set_unit("control");
  const int depth = g.engine.depth(), depth_bits = bits_for(depth);
  const int index_bits = address_bits_for(depth);
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr begin = m.input("begin_i", 1, "A product begins.");
  const Expr n = m.input("n_i", g.n_bits, "Weight rows N.");
  const Expr k = m.input("k_i", g.k_bits, "Inner dimension K.");
  const Expr columns = m.input("m_i", g.m_bits, "Activation columns M.");
  const Expr tile_rows = m.input("tile_rows_i", g.tile_row_bits, "Weight rows of a full sub-tile.");
  const Expr valid = m.input("activation_valid_i", 1, "A row of activations is there.");
  const Expr swap = m.input("swap_i", 1, "The loaded K-tile moves into place.");
  const Expr correction_full =
      m.input("correction_full_i", 1, "No room for another column correction.");

  m.section("The K-tile being loaded");
  const Expr active = m.logic("active", 1), rows = m.logic("depth", depth_bits, "Rows within K.");
  const Expr first_k = m.logic("first_k", 1), last_k = m.logic("last_k", 1);
  const Expr index_q = m.logic("index_q", index_bits, "Row to be loaded.");
  const Expr loaded_q = m.logic("loaded_q", 1, "All rows are loaded.");
  const Expr beyond = m.let("beyond", zext(index_q, depth_bits) >= rows);
  const Expr room = m.let("room", active && (!loaded_q || swap));
  const Expr load = m.let("load", room && (beyond || valid));
  const Expr last_row = m.let("last_row", index_q == lit(depth - 1, index_bits));
  m.instance("u_walker", walker,
             {{"clk_i", clk},
              {"rst_ni", rst_n},
              {"begin_i", begin},
              {"n_i", n},
              {"k_i", k},
              {"m_i", columns},
              {"tile_rows_i", tile_rows},
              {"advance_i", m.let("tile_loaded", load && last_row)},
              {"active_o", active},
              {"depth_o", rows},
              {"first_k_o", first_k},
              {"last_k_o", last_k}});
  const Expr first_k_q = m.logic("first_k_q", 1), last_k_q = m.logic("last_k_q", 1);
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(index_q, 0);
        b.assign(loaded_q, 0);
      },
      [&](Block& b) {
        b.when(load, [&](Block& t) { t.assign(index_q, mux(last_row, 0, index_q + 1)); });
        b.assign(loaded_q, (load && last_row) || (loaded_q && !swap));
      });
  m.always_ff(clk, [&](Block& b) {
    b.when(load, [&](Block& t) {
      t.when(last_row, [&](Block& u) {
        u.assign(first_k_q, first_k);
        u.assign(last_k_q, last_k);
      });
    });
  });

  m.section("To the operands, the weights and the corrections");
  m.assign(m.output("activation_ready_o", 1, "The row is taken."), room && !beyond);
  m.assign(m.output("load_o", 1, "Shift a row in."), load);
  m.assign(m.output("load_first_o", 1, "It is the first of its K-tile."), index_q == 0);
  m.assign(m.output("load_zero_o", 1, "It lies beyond K: take zeros."), beyond);
  m.assign(m.output("loaded_o", 1, "A K-tile can move into place."),
           loaded_q && !(last_k_q && correction_full));
  m.assign(m.output("first_k_o", 1, "The loaded K-tile is the first along K."), first_k_q);
  m.assign(m.output("last_k_o", 1, "The loaded K-tile is the last along K."), last_k_q);
  return m;
}

}  // namespace hasse::units
