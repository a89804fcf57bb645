// SPDX-License-Identifier: Apache-2.0
#include "generator/units/ahead_planner.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::zext;

AheadPlanner::AheadPlanner(const Geometry& g, const Module& walker, const std::string& name,
                           const std::string& doc)
    : PlannerBase(g, walker, name, doc) {}

AheadPlanner::Tile::Tile(AheadPlanner& in, const std::optional<Expr>& ready)
    : Place(in),
      building_q(in.m_.logic("building_q", 1, "Operands are loaded.")),
      planned_q(in.m_.logic("planned_q", 1, "The codes are known.")),
      begun_q(in.m_.logic("begun_q", 1, "The first step has been made.")),
      number_q(
          in.m_.logic("number_q", Geometry::kNumberBits, "Number of the sub-tile, modulo four.")),
      built_q(in.m_.logic("built_q", 1 << Geometry::kNumberBits, "Sub-tiles that can be read.")),
      free(in.m_.let(
          "free",
          !built_q.bit(in.m_.let("previous", number_q ^ 2, "The sub-tile before in this half.")),
          "The half of the banks can be built.")),
      go(in.m_.let("go",
                   building_q && (begun_q || ((ready ? planned_q && *ready : planned_q) && free &&
                                              !(last_k && in.correction_full_))),
                   "A step is made in this cycle.")),
      built(in.m_.logic("tile_built", 1, "The last step.")) {}

void AheadPlanner::frame(const Tile& tile, const Expr& done, int steps) {
  walk(tile, tile.built);
  load(tile);
  m_.section("Which sub-tiles the banks hold");
  m_.assign(tile.built, g_.design.columns_per_adder > steps ? done && aged(tile) : done);
  keep(tile);
  status(tile);
}

void AheadPlanner::load(const Tile& tile) {
  const Load load = load_rows(tile, tile.building_q);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(tile.building_q, 0);
        b.assign(load.row_q, 0);
      },
      [&](Block& b) {
        b.when(load.load, [&](Block& t) {
          t.assign(load.row_q, mux(load.last_row, 0, load.row_q + 1));
          t.assign(tile.building_q, load.last_row);
        });
        b.when(tile.built, [&](Block& t) { t.assign(tile.building_q, 0); });
      });
  send_load(load);
}

/// As many steps have been made as a correction takes turns.
Expr AheadPlanner::aged(const Tile& tile) {
  const int turns = g_.design.columns_per_adder;
  const int bits = address_bits_for(turns);
  const Expr age_q = m_.logic("age_q", bits, "Steps made, as long as a correction takes.");
  const Expr aged = m_.let("aged", age_q == lit(turns - 1, bits));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(age_q, 0); },
      [&](Block& b) {
        b.when(tile.go,
               [&](Block& t) { t.assign(age_q, mux(tile.built, 0, age_q + zext(!aged, bits))); });
      });
  return aged;
}

void AheadPlanner::keep(const Tile& tile) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {tile.planned_q, tile.begun_q, tile.number_q, tile.built_q})
          b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(tile.planned_q, take_ || (tile.planned_q && !tile.built));
        b.assign(tile.begun_q, tile.go && !tile.built);
        b.when(release_, [&](Block& t) { t.assign(tile.built_q.bit(released_), 0); });
        b.when(tile.built, [&](Block& t) {
          t.assign(tile.built_q.bit(tile.number_q), 1);
          t.assign(tile.number_q, tile.number_q + 1);
        });
      });
}

void AheadPlanner::status(const Tile& tile) {
  const Expr write_half_q = m_.logic("write_half_q", 1);
  m_.always_ff(clk_, [&](Block& b) { b.assign(write_half_q, tile.number_q.bit(0)); });
  m_.assign(m_.output("write_half_o", 1, "Half of the banks the nodes go to."), write_half_q);
  m_.assign(m_.output("plan_free_o", 1, "Another sub-tile can be planned."), !tile.planned_q);
  m_.assign(m_.output("built_o", 1 << Geometry::kNumberBits, "Sub-tiles whose nodes can be read."),
            tile.built_q);
  m_.assign(m_.output("tile_begin_o", 1, "The first step of a sub-tile."),
            tile.go && !tile.begun_q);
  m_.assign(m_.output("tile_half_o", 1, "Half of the banks being built."), tile.number_q.bit(0));
  m_.assign(m_.output("first_k_o", 1, "The sub-tile is the first along K."), tile.first_k);
  m_.assign(m_.output("last_k_o", 1, "The sub-tile is the last along K."), tile.last_k);
}

}  // namespace hasse::units
