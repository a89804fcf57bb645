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
    "Loads the operands of the next K-tile, beat after beat, while the current one is in use.\n"
    "Rows beyond K are zeros and need no beat. A complete K-tile waits until the weights of the\n"
    "one before have all passed; loading goes on in the very cycle it moves.";

/// Which rows of the beat that begins with row `first` lie beyond the `rows` within K.
Expr beyond_k(Module& m, const Expr& first, const Expr& rows, int together) {
  // A row's number may need a bit more than the K-tile's length.
  const int bits = rows.width().value() + 1;
  if (together == 1) return m.let("beyond", zext(first, bits - 1) >= rows);
  std::vector<Expr> beyond;
  for (int row = together - 1; row >= 0; --row)
    beyond.push_back(zext(first, bits) + lit(row, bits) >= zext(rows, bits));
  return m.let("beyond", hdl::cat(beyond), "A bit per row of the beat.");
}

/// Tables are complete with every tile_bits-th row.
void table_complete(Module& m, const Expr& clk, const Expr& rst_n, const Expr& load,
                    const Geometry& g) {
  const int beats = g.design.tile_bits / g.design.operand_rows, bits = address_bits_for(beats);
  const Expr beat_q = m.logic("beat_q", bits, "Beat of the table.");
  const Expr last = m.let("table_complete", beat_q == lit(beats - 1, bits));
  m.always_ff(
      clk, rst_n, [&](Block& b) { b.assign(beat_q, 0); },
      [&](Block& b) {
        b.when(load, [&](Block& t) { t.assign(beat_q, mux(last, 0, beat_q + 1)); });
      });
  m.assign(m.output("load_table_o", 1, "With load_o: a table is complete."), last);
}

}  // namespace

Module operand_loader(const Geometry& g, const Module& walker) {
  Module m("operand_loader", kDoc);
  m.set_unit("control");
  const int depth = g.engine.depth(), depth_bits = bits_for(depth);
  const int together = g.design.operand_rows;
  const int index_bits = address_bits_for(depth);
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr begin = m.input("begin_i", 1, "A product begins.");
  const Expr n = m.input("n_i", g.n_bits, "Weight rows N.");
  const Expr k = m.input("k_i", g.k_bits, "Inner dimension K.");
  const Expr group =
      g.scaled() ? m.input("group_i", g.k_bits, "Columns of the weights that share a scale.") : k;
  const Expr columns = m.input("m_i", g.m_bits, "Activation columns M.");
  const Expr tile_rows = m.input("tile_rows_i", g.tile_row_bits, "Weight rows of a full sub-tile.");
  const Expr valid = m.input("activation_valid_i", 1, "A beat of activations is there.");
  const Expr swap = m.input("swap_i", 1, "The loaded K-tile moves into place.");
  const Expr correction_full =
      m.input("correction_full_i", 1, "No room for another column correction.");

  m.section("The K-tile being loaded");
  const Expr active = m.logic("active", 1), rows = m.logic("depth", depth_bits, "Rows within K.");
  const Expr first_k = m.logic("first_k", 1), last_k = m.logic("last_k", 1);
  const Expr index_q = m.logic("index_q", index_bits, "First row to be loaded.");
  const Expr loaded_q = m.logic("loaded_q", 1, "All rows are loaded.");
  const Expr beyond = beyond_k(m, index_q, rows, together);
  const Expr room = m.let("room", active && (!loaded_q || swap));
  const Expr load = m.let("load", room && (beyond.bit(0) || valid));
  const Expr last_row = m.let("last_row", index_q == lit(depth - together, index_bits));
  const Expr next = together == depth ? lit(0, index_bits) : mux(last_row, 0, index_q + together);
  hdl::PortMap ports = {{"clk_i", clk},
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
                        {"last_k_o", last_k}};
  if (g.scaled()) ports.emplace_back("group_i", group);
  m.instance("u_walker", walker, ports);
  const Expr first_k_q = m.logic("first_k_q", 1), last_k_q = m.logic("last_k_q", 1);
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(index_q, 0);
        b.assign(loaded_q, 0);
      },
      [&](Block& b) {
        b.when(load, [&](Block& t) { t.assign(index_q, next); });
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
  m.assign(m.output("activation_ready_o", 1, "The beat is taken."), room && !beyond.bit(0));
  m.assign(m.output("load_o", 1, "Take a beat's rows in."), load);
  m.assign(m.output("load_first_o", 1, "They are the first of their K-tile."), index_q == 0);
  m.assign(m.output("load_zero_o", together, "A bit per row: beyond K, take zeros."), beyond);
  if (g.tables_wait()) table_complete(m, clk, rst_n, load, g);
  m.assign(m.output("loaded_o", 1, "A K-tile can move into place."),
           loaded_q && !(last_k_q && correction_full));
  m.assign(m.output("first_k_o", 1, "The loaded K-tile is the first along K."), first_k_q);
  m.assign(m.output("last_k_o", 1, "The loaded K-tile is the last along K."), last_k_q);
  return m;
}

}  // namespace hasse::units
