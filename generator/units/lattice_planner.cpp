// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "generator/units/planner_base.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;

/// Steps of the schedule, padded so that a column correction is over before the next begins.
int step_count(const Geometry& g) {
  return std::max(static_cast<int>(g.lattice.steps().size()), g.design.columns_per_adder);
}

/// Builds the module, a section of it per function.
class LatticePlanner : PlannerBase {
 public:
  LatticePlanner(const Geometry& g, const Module& walker);

  Module build();

 private:
  struct Tile;
  struct Step;

  Tile current_tile();
  void load(const Tile& tile);
  void count(const Tile& tile, const Load& load);
  void halves(const Tile& tile);
  void schedule(const Tile& tile);
  void table(const Expr& step_q, const Step& step);
  void table_row(const Step& step, int index, Block& b) const;
  void write(const Tile& tile, const Step& step);
  int bank_mask(int slot) const { return 1 << (slot % g_.design.banks_per_lane); }
  int bank_address(int slot) const { return slot / g_.design.banks_per_lane; }

  int steps_ = step_count(g_);
  int step_bits_ = address_bits_for(steps_);
};

LatticePlanner::LatticePlanner(const Geometry& g, const Module& walker)
    : PlannerBase(
          g, walker, "lattice_planner",
          "Loads the operands of a sub-tile and steps through the fixed schedule of its nodes.\n"
          "Lane r builds the rotation by r of one necklace per step, so all lanes run in lock "
          "step\n"
          "and nothing has to be decided. Steps are in the order of the highest bit: parents come\n"
          "first, and the operand ring only ever advances.") {}

/// The sub-tile being loaded or built.
struct LatticePlanner::Tile : Place {
  explicit Tile(LatticePlanner& planner) : Place(planner), in(planner) {}

  LatticePlanner& in;
  Module m = in.m_;
  Expr step_q = m.logic("step_q", in.step_bits_, "Step of the schedule.");
  Expr building_q = m.logic("building_q", 1, "Operands are loaded, nodes are built.");
  Expr last_step = m.let("last_step", step_q == lit(in.steps_ - 1, in.step_bits_));
  Expr half_q = m.logic("half_q", 1, "Half of the banks being built.");
  Expr built_q = m.logic("built_q", 2, "Halves whose nodes can be read.");
  Expr go = m.let(
      "go",
      building_q && (step_q != 0 || (!built_q.bit(half_q) && !(last_k && in.correction_full_))),
      "The step is made in this cycle.");
  Expr built = m.let("tile_built", go&& last_step);
};

/// Signals of one step, as the schedule table drives them.
struct LatticePlanner::Step {
  const LatticePlanner& in;
  Module m = in.m_;
  Expr write = m.logic("step_write", in.banks_, "Bank of the node.");
  Expr parent_read = m.logic("step_parent", in.banks_, "Bank of the parent.");
  Expr write_address = m.logic("step_write_address", in.address_bits_);
  Expr parent_address = m.logic("step_parent_address", in.address_bits_);
  Expr from_root = m.logic("step_from_root", 1, "The parent is the root value.");
  Expr advance = m.logic("step_advance", 1, "The next step adds the next bit.");
  Expr lanes = m.logic("step_lanes", in.lanes_, "Lanes whose node is not a repetition.");
};

Module LatticePlanner::build() {
  m_.set_unit("planner");
  const Tile tile = current_tile();
  load(tile);
  halves(tile);
  schedule(tile);
  return m_;
}

LatticePlanner::Tile LatticePlanner::current_tile() {
  m_.section("The current sub-tile");
  const Tile tile{*this};
  walk(tile, tile.built);
  return tile;
}

void LatticePlanner::load(const Tile& tile) {
  const Load load = load_rows(tile, tile.building_q);
  count(tile, load);
  send_load(load);
}

/// Rows while loading, steps while building.
void LatticePlanner::count(const Tile& tile, const Load& load) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {tile.building_q, load.row_q, tile.step_q}) b.assign(r, 0);
      },
      [&](Block& b) {
        b.when(load.load, [&](Block& t) {
          t.assign(load.row_q, mux(load.last_row, 0, load.row_q + 1));
          t.assign(tile.building_q, load.last_row);
        });
        b.when(tile.go, [&](Block& t) {
          t.assign(tile.step_q, mux(tile.last_step, 0, tile.step_q + 1));
          t.when(tile.last_step, [&](Block& u) { u.assign(tile.building_q, 0); });
        });
      });
}

void LatticePlanner::halves(const Tile& tile) {
  m_.section("Which halves of the banks hold a complete sub-tile");
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(tile.half_q, 0);
        b.assign(tile.built_q, 0);
      },
      [&](Block& b) {
        b.when(release_, [&](Block& t) { t.assign(tile.built_q.bit(released_), 0); });
        b.when(tile.built, [&](Block& t) {
          t.assign(tile.built_q.bit(tile.half_q), 1);
          t.assign(tile.half_q, !tile.half_q);
        });
      });
  m_.assign(m_.output("built_o", 2, "Halves whose nodes can be read."), tile.built_q);
  m_.assign(m_.output("tile_built_o", 1, "The last node of a sub-tile is on its way."), tile.built);
  m_.assign(m_.output("tile_begin_o", 1, "The first node of a sub-tile is on its way."),
            tile.go && tile.step_q == 0);
  m_.assign(m_.output("tile_half_o", 1, "Half of the banks being built."), tile.half_q);
  m_.assign(m_.output("first_k_o", 1, "The sub-tile is the first along K."), tile.first_k);
  m_.assign(m_.output("last_k_o", 1, "The sub-tile is the last along K."), tile.last_k);
}

void LatticePlanner::schedule(const Tile& tile) {
  m_.section("Schedule: read the parents in this cycle, add and write in the next");
  const Step step{*this};
  table(tile.step_q, step);
  m_.assign(m_.output("parent_read_o", banks_, "Read a parent from this bank."),
            step.parent_read & repeat(banks_, tile.go));
  m_.assign(m_.output("parent_address_o", address_bits_, "Where the parent is."),
            step.parent_address);
  write(tile, step);
}

/// The schedule as a table from step to signals.
void LatticePlanner::table(const Expr& step_q, const Step& step) {
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> rows;
  for (int i = 0; i < static_cast<int>(g_.lattice.steps().size()); ++i)
    rows.emplace_back(i, [&, i](Block& b) { table_row(step, i, b); });
  m_.always_comb([&](Block& b) {
    for (const Expr& signal : {step.write, step.parent_read, step.write_address,
                               step.parent_address, step.from_root, step.advance})
      b.assign(signal, 0);
    b.assign(step.lanes, hdl::ones(g_.engine.dimension()));
    b.select(step_q, rows, [](Block& t) { t.comment("padding"); });
  });
}

void LatticePlanner::table_row(const Step& s, int index, Block& b) const {
  const auto& steps = g_.lattice.steps();
  const auto& step = steps[static_cast<std::size_t>(index)];
  b.comment(step.idle ? "wait: the next parent is being written"
                      : fmt::format("node {:0{}b}", step.necklace, g_.engine.dimension()));
  const bool more = index + 1 < static_cast<int>(steps.size());
  if (more && steps[static_cast<std::size_t>(index) + 1].operand != step.operand)
    b.assign(s.advance, 1);
  if (step.idle) return;
  b.assign(s.write, bank_mask(step.slot));
  b.assign(s.write_address, bank_address(step.slot));
  if (step.lanes != g_.engine.dimension())
    b.assign(s.lanes, lit((1 << step.lanes) - 1, g_.engine.dimension()));
  if (!step.parent_slot) {
    b.assign(s.from_root, 1);
    return;
  }
  b.assign(s.parent_read, bank_mask(*step.parent_slot));
  b.assign(s.parent_address, bank_address(*step.parent_slot));
}

/// Hands the step to the lanes and banks, a cycle later.
void LatticePlanner::write(const Tile& tile, const Step& step) {
  const Expr write_q = m_.logic("write_q", banks_);
  const Expr lanes_q = m_.logic("lanes_q", lanes_);
  const Expr address_q = m_.logic("address_q", address_bits_);
  const Expr from_root_q = m_.logic("from_root_q", 1);
  const Expr at_root_q = m_.logic("at_root_q", 1);
  const Expr advance_q = m_.logic("advance_q", 1);
  const Expr write_half_q = m_.logic("write_half_q", 1);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(write_q, 0);
        b.assign(advance_q, 0);
      },
      [&](Block& b) {
        b.assign(write_q, step.write & repeat(banks_, tile.go));
        b.assign(advance_q, step.advance && tile.go);
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(lanes_q, step.lanes);
    b.assign(address_q, step.write_address);
    b.assign(from_root_q, step.from_root);
    b.assign(at_root_q, tile.step_q == 0);
    b.assign(write_half_q, tile.half_q);
  });
  m_.assign(m_.output("write_o", banks_, "Write the node to this bank."), write_q);
  m_.assign(m_.output("write_lanes_o", lanes_, "Lanes that write."), lanes_q);
  m_.assign(m_.output("write_address_o", address_bits_, "Where the node goes."), address_q);
  m_.assign(m_.output("write_half_o", 1, "Half of the banks the node goes to."), write_half_q);
  m_.assign(m_.output("from_root_o", 1, "The parent is the root value."), from_root_q);
  m_.assign(m_.output("at_root_o", 1, "The node is the root itself: add no operand."), at_root_q);
  m_.assign(m_.output("advance_o", 1, "Turn the operand ring by one place."), advance_q);
}

}  // namespace

Module lattice_planner(const Geometry& g, const Module& walker) {
  return LatticePlanner(g, walker).build();
}

}  // namespace hasse::units
