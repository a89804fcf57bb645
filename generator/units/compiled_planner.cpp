// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
#include "generator/units/planner_base.hpp"
#include "generator/units/program.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;
using hdl::zext;

/// Builds the module, a section of it per function.
class CompiledPlanner : PlannerBase {
 public:
  CompiledPlanner(const Geometry& g, const Module& walker);

  Module build();

 private:
  struct Tile;
  /// The oldest step.
  struct Steps {
    Expr valid, step, last;
  };
  /// The step by lane, lane 0 lowest.
  struct Fields {
    Expr write, write_address, operand, parent_read, parent_address;
  };

  Steps queue(const Tile& tile);
  void load(const Tile& tile);
  void keep(const Tile& tile);
  void status(const Tile& tile);
  Fields fields(const Steps& steps);
  void carry_out(const Tile& tile, const Fields& fields);
  void write(const Tile& tile, const Fields& fields);
  void count(const Expr& write_q);

  const transitive::ProgramLayout& layout_ = g_.program;
  int count_bits_ = bits_for(layout_.step_queue);
  Expr step_valid_ = m_.input("step_valid_i", 1, "A step of the program is taken.");
  Expr step_ = m_.input("step_i", program_step_bits(g_), "{last step, a step of every lane}.");
  Expr checked_ = m_.input("checked_i", 1, "The sub-tile that has been taken is right.");
};

CompiledPlanner::CompiledPlanner(const Geometry& g, const Module& walker)
    : PlannerBase(g, walker, "compiled_planner",
                  "Loads operands and makes the steps that a compiled program holds.\n"
                  "Steps wait in a queue; those of a sub-tile are not made before its program has\n"
                  "been checked to the end. Nothing is decided here.") {}

/// The sub-tile being loaded or built.
struct CompiledPlanner::Tile : Place {
  explicit Tile(CompiledPlanner& planner) : Place(planner), in(planner) {}

  CompiledPlanner& in;
  Module m = in.m_;
  Expr building_q = m.logic("building_q", 1, "Operands are loaded.");
  Expr begun_q = m.logic("begun_q", 1, "The first step has been made.");
  Expr half_q = m.logic("half_q", 1, "Half of the banks being built.");
  Expr built_q = m.logic("built_q", 2, "Halves that hold a sub-tile.");
  Expr waiting_q = m.logic("waiting_q", in.count_bits_, "Checked sub-tiles to be built.");
  Expr can_begin = m.let(
      "can_begin", waiting_q != 0 && !built_q.bit(half_q) && !(last_k && in.correction_full_));
  Expr go = m.logic("go", 1, "A step is made in this cycle.");
  Expr built = m.logic("tile_built", 1, "The last step.");
};

Module CompiledPlanner::build() {
  m_.set_unit("planner");
  m_.section("The current sub-tile");
  const Tile tile{*this};
  walk(tile, tile.built);
  load(tile);
  const Steps steps = queue(tile);
  keep(tile);
  status(tile);
  const Fields step = fields(steps);
  carry_out(tile, step);
  return m_;
}

CompiledPlanner::Steps CompiledPlanner::queue(const Tile& tile) {
  m_.section("Steps that have been taken");
  const Steps steps{m_.logic("there", 1, "There is a step."),
                    m_.logic("step", program_step_bits(g_), "The oldest."),
                    m_.logic("last_step", 1, "It is the last of its sub-tile.")};
  m_.instance("u_steps", hdl::stream_fifo(),
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"valid_i", step_valid_},
               {"ready_o", m_.output("steps_ready_o", 1, "There is room for a step.")},
               {"data_i", step_},
               {"valid_o", steps.valid},
               {"ready_i", tile.go},
               {"data_o", steps.step}},
              {{"Width", program_step_bits(g_)}, {"Depth", layout_.step_queue}});
  m_.assign(steps.last, steps.step.bit(program_step_bits(g_) - 1));
  m_.assign(tile.go, tile.building_q && steps.valid && (tile.begun_q || tile.can_begin));
  m_.assign(tile.built, tile.go && steps.last);
  return steps;
}

void CompiledPlanner::load(const Tile& tile) {
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

void CompiledPlanner::keep(const Tile& tile) {
  m_.section("Which halves of the banks hold a sub-tile");
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {tile.begun_q, tile.half_q, tile.built_q, tile.waiting_q})
          b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(tile.begun_q, (tile.go || tile.begun_q) && !tile.built);
        b.assign(tile.waiting_q,
                 tile.waiting_q + zext(checked_, count_bits_) - zext(tile.built, count_bits_));
        b.when(release_, [&](Block& t) { t.assign(tile.built_q.bit(released_), 0); });
        b.when(tile.built, [&](Block& t) {
          t.assign(tile.built_q.bit(tile.half_q), 1);
          t.assign(tile.half_q, !tile.half_q);
        });
      });
}

void CompiledPlanner::status(const Tile& tile) {
  m_.assign(m_.output("tile_begin_o", 1, "The first step of a sub-tile."),
            tile.go && !tile.begun_q);
  m_.assign(m_.output("tile_built_o", 1, "The last step of a sub-tile."), tile.built);
  m_.assign(m_.output("tile_half_o", 1, "Half of the banks being built."), tile.half_q);
  m_.assign(m_.output("first_k_o", 1, "The sub-tile is the first along K."), tile.first_k);
  m_.assign(m_.output("last_k_o", 1, "The sub-tile is the last along K."), tile.last_k);
}

/// Takes the step apart: parent_address, parent_read, operand, write_address, write of a lane.
CompiledPlanner::Fields CompiledPlanner::fields(const Steps& steps) {
  m_.section("Step: read the parents in this cycle, add and write in the next");
  const Width operand_bits = m_.localparam("OperandBits", layout_.operand_bits, "Of its number.");
  const Width step_bits = m_.localparam(
      "StepBits", Width(2) * (banks_ + address_bits_) + operand_bits, "A step of one lane.");
  const Fields all{m_.logic("write", lanes_ * banks_, "Bank of the node, one hot."),
                   m_.logic("write_address", lanes_ * address_bits_),
                   m_.logic("operand", lanes_ * operand_bits, "Operand that is added."),
                   m_.logic("parent", lanes_ * banks_, "Bank of the parent, one hot."),
                   m_.logic("parent_address", lanes_ * address_bits_)};
  m_.generate_for("lane", lanes_, "gen_field", [&](Scope& s, const Expr& lane) {
    const Expr step = s.let("lane_step", steps.step.lane(lane, step_bits));
    Width at = 0;
    const auto take = [&](const Expr& to, const Width& width) {
      s.assign(to.lane(lane, width), step.slice(at, width));
      at = at + width;
    };
    take(all.write, banks_);
    take(all.write_address, address_bits_);
    take(all.operand, operand_bits);
    take(all.parent_read, banks_);
    take(all.parent_address, address_bits_);
  });
  return all;
}

void CompiledPlanner::carry_out(const Tile& tile, const Fields& fields) {
  m_.assign(m_.output("parent_read_o", lanes_ * banks_, "Read a parent from this bank."),
            fields.parent_read & repeat(lanes_ * banks_, tile.go));
  m_.assign(m_.output("parent_address_o", lanes_ * address_bits_, "Where the parent is."),
            fields.parent_address);
  write(tile, fields);
}

/// Hands the step to lanes and banks, a cycle later.
void CompiledPlanner::write(const Tile& tile, const Fields& fields) {
  const Width operand_bits = fields.operand.width();
  const Expr write_q = m_.logic("write_q", lanes_ * banks_);
  const Expr address_q = m_.logic("address_q", lanes_ * address_bits_);
  const Expr operand_q = m_.logic("operand_q", operand_bits);
  const Expr from_root_q = m_.logic("from_root_q", lanes_);
  const Expr half_q = m_.logic("write_half_q", 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(write_q, 0); },
      [&](Block& b) { b.assign(write_q, fields.write & repeat(lanes_ * banks_, tile.go)); });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(address_q, fields.write_address);
    b.assign(operand_q, fields.operand);
    b.assign(half_q, tile.half_q);
  });
  const Expr select =
      m_.output("operand_select_o", lanes_ * lanes_, "Operand to add, one hot; none to the root.");
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    s.always_ff(clk_, [&](Block& b) {
      b.assign(from_root_q.bit(lane), !reduce_or(fields.parent_read.lane(lane, banks_)));
    });
    const Expr number = s.let("number", operand_q.lane(lane, layout_.operand_bits));
    s.generate_for("operand_index", lanes_, "gen_operand", [&](Scope& t, const Expr& index) {
      t.assign(select.bit(lane * lanes_ + index), number == as_bits(index, layout_.operand_bits));
    });
  });
  m_.assign(m_.output("write_o", lanes_ * banks_, "Write a node to this bank."), write_q);
  m_.assign(m_.output("write_address_o", lanes_ * address_bits_, "Where it goes."), address_q);
  m_.assign(m_.output("write_half_o", 1, "Half of the banks the nodes go to."), half_q);
  m_.assign(m_.output("from_root_o", lanes_, "The parent is the root value."), from_root_q);
  count(write_q);
}

void CompiledPlanner::count(const Expr& write_q) {
  const int lanes = g_.engine.dimension(), bits = bits_for(lanes);
  Expr sum = zext(reduce_or(write_q.lane(0, banks_)), bits);
  for (int lane = 1; lane < lanes; ++lane)
    sum = sum + zext(reduce_or(write_q.lane(lane, banks_)), bits);
  m_.assign(m_.output("nodes_built_o", bits, "Nodes written in this cycle."), sum);
}

}  // namespace

Module compiled_planner(const Geometry& g, const Module& walker) {
  return CompiledPlanner(g, walker).build();
}

}  // namespace hasse::units
