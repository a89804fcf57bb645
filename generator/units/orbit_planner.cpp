// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/orbit.hpp"
#include "generator/units/planner_base.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::Scope;
using hdl::Width;
using hdl::zext;

/// Builds the module, a section of it per function.
class OrbitPlanner : PlannerBase {
 public:
  OrbitPlanner(const Geometry& g, const Module& walker, const Module& lane);

  Module build();

 private:
  struct Tile;

  void load(const Tile& tile);
  void advance(const Tile& tile);
  void number(const Tile& tile);
  Expr padded(const Tile& tile);
  Expr wanted_by_lanes();
  void lanes(const Tile& tile);
  void status(const Tile& tile);

  const Module& lane_;
  std::vector<OrbitNode> order_ = orbit_order(g_);
  int phase_count_ = g_.engine.dimension();
  Width nodes_ = m_.localparam("Nodes", g_.lattice.nodes(), "Nodes of the mirrored lattice.");
  Width lane_nodes_ =
      m_.localparam("LaneNodes", static_cast<int>(order_.size()), "Nodes of a prefix lane.");
  Expr take_ = m_.input("take_i", 1, "The codes of a sub-tile are known: plan it.");
  Expr present_ = m_.input("present_i", nodes_, "Nodes that they ask for.");
};

OrbitPlanner::OrbitPlanner(const Geometry& g, const Module& walker, const Module& lane)
    : PlannerBase(
          g, walker, "orbit_planner",
          "Loads the operands of a sub-tile and builds the nodes that its codes ask for.\n"
          "The nodes are those of the lattice, with their places and parents; each lane leaves "
          "out\n"
          "what nobody wants. Nodes are built in phases, by their highest bit: within a phase the\n"
          "operands stand still and every lane goes at its own pace, then the ring turns."),
      lane_(lane) {}

/// The sub-tile being loaded or built.
struct OrbitPlanner::Tile : Place {
  explicit Tile(OrbitPlanner& planner) : Place(planner), in(planner) {}

  OrbitPlanner& in;
  Module m = in.m_;
  Expr building_q = m.logic("building_q", 1, "Operands are loaded.");
  Expr planned_q = m.logic("planned_q", 1, "The nodes to build are known.");
  Expr begun_q = m.logic("begun_q", 1, "The first step has been made.");
  Expr number_q =
      m.logic("number_q", Geometry::kNumberBits, "Number of the sub-tile, modulo four.");
  Expr built_q = m.logic("built_q", 1 << Geometry::kNumberBits, "Sub-tiles that can be read.");
  Expr free = m.let(
      "free", !built_q.bit(m.let("previous", number_q ^ 2, "The sub-tile before in this half.")),
      "The half of the banks can be built.");
  Expr go = m.let(
      "go", building_q && (begun_q || (planned_q && free && !(last_k && in.correction_full_))),
      "A step is made in this cycle.");
  Expr more = m.logic("more", 1, "Some lane has nodes left to build in this phase.");
  Expr phase_q = m.logic("phase_q", in.phase_count_, "Highest bit of the nodes, one hot.");
  Expr last_phase = m.let("last_phase", phase_q.msb());
  Expr built = m.logic("tile_built", 1, "The last step.");
};

Module OrbitPlanner::build() {
  m_.set_unit("planner");
  m_.section("The current sub-tile");
  const Tile tile{*this};
  walk(tile, tile.built);
  load(tile);
  advance(tile);
  number(tile);
  lanes(tile);
  status(tile);
  return m_;
}

void OrbitPlanner::load(const Tile& tile) {
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

/// A column correction takes a cycle per turn of the wide adder, and the root value has to last as
/// long. Sub-tiles with fewer phases wait in the last one.
Expr OrbitPlanner::padded(const Tile& tile) {
  const int turns = g_.design.columns_per_adder;
  if (turns <= phase_count_) return tile.last_phase;
  const int bits = address_bits_for(turns);
  const Expr age_q = m_.logic("age_q", bits, "Steps made, as long as a correction takes.");
  const Expr aged = m_.let("aged", age_q == lit(turns - 1, bits));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(age_q, 0); },
      [&](Block& b) {
        b.when(tile.go,
               [&](Block& t) { t.assign(age_q, mux(tile.built, 0, age_q + zext(!aged, bits))); });
      });
  return tile.last_phase && aged;
}

void OrbitPlanner::advance(const Tile& tile) {
  m_.section("Phases");
  const Expr done = m_.let("phase_done", tile.go && !tile.more);
  m_.assign(tile.built, done && padded(tile));
  const Expr turn = m_.let("turn", done && !tile.last_phase);
  const Expr advance_q = m_.logic("advance_q", 1);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(tile.phase_q, 1);
        b.assign(tile.planned_q, 0);
        b.assign(tile.begun_q, 0);
        b.assign(advance_q, 0);
      },
      [&](Block& b) {
        if (phase_count_ > 1)
          b.when(turn, [&](Block& t) { t.assign(tile.phase_q, tile.phase_q << 1); });
        b.when(tile.built, [&](Block& t) { t.assign(tile.phase_q, 1); });
        b.assign(tile.planned_q, take_ || (tile.planned_q && !tile.built));
        b.assign(tile.begun_q, tile.go && !tile.built);
        b.assign(advance_q, turn);
      });
  m_.assign(m_.output("advance_o", 1, "Turn the operand ring by one place."), advance_q);
  m_.assign(m_.output("plan_free_o", 1, "Another sub-tile can be planned."), !tile.planned_q);
}

void OrbitPlanner::number(const Tile& tile) {
  m_.section("Which sub-tiles the banks hold");
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(tile.number_q, 0);
        b.assign(tile.built_q, 0);
      },
      [&](Block& b) {
        b.when(release_, [&](Block& t) { t.assign(tile.built_q.bit(released_), 0); });
        b.when(tile.built, [&](Block& t) {
          t.assign(tile.built_q.bit(tile.number_q), 1);
          t.assign(tile.number_q, tile.number_q + 1);
        });
      });
}

/// Per lane, the bits of `present_i` in the order of the lane's nodes.
Expr OrbitPlanner::wanted_by_lanes() {
  const Expr lane_present = m_.logic("lane_present", lanes_ * lane_nodes_, "By prefix lane.");
  for (int lane = 0; lane < phase_count_; ++lane) {
    std::vector<Expr> bits;
    for (auto node = order_.rbegin(); node != order_.rend(); ++node)
      bits.push_back(lane < node->lanes ? present_.bit(transitive::rotate_left(
                                              node->necklace, lane, g_.engine.dimension()))
                                        : lit(0, 1));
    m_.assign(lane_present.lane(lane, lane_nodes_), hdl::cat(bits));
  }
  return lane_present;
}

void OrbitPlanner::lanes(const Tile& tile) {
  m_.section("Lanes: read the parents in this cycle, add and write in the next");
  const Expr present = wanted_by_lanes();
  const Expr more = m_.logic("lane_more", lanes_);
  const Expr at_root = m_.logic("lane_at_root", lanes_);
  const Expr write = m_.output("write_o", lanes_ * banks_, "Write a node to this bank.");
  const Expr write_address =
      m_.output("write_address_o", lanes_ * address_bits_, "Where the node goes.");
  const Expr read = m_.output("parent_read_o", lanes_ * banks_, "Read a parent from this bank.");
  const Expr read_address =
      m_.output("parent_address_o", lanes_ * address_bits_, "Where the parent is.");
  const Expr from_root = m_.output("from_root_o", lanes_, "The parent is the root value.");
  const Expr wrote = m_.logic("writes", lanes_, "Lane writes a node.");
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    s.instance("u_lane", lane_,
               {{"clk_i", clk_},
                {"rst_ni", rst_n_},
                {"take_i", take_},
                {"present_i", present.lane(lane, lane_nodes_)},
                {"go_i", tile.go},
                {"phase_i", tile.phase_q},
                {"more_o", more.bit(lane)},
                {"parent_read_o", read.lane(lane, banks_)},
                {"parent_address_o", read_address.lane(lane, address_bits_)},
                {"write_o", write.lane(lane, banks_)},
                {"write_address_o", write_address.lane(lane, address_bits_)},
                {"from_root_o", from_root.bit(lane)},
                {"at_root_o", at_root.bit(lane)}});
    s.assign(wrote.bit(lane), reduce_or(write.lane(lane, banks_)));
  });
  m_.assign(tile.more, reduce_or(more));
  m_.assign(m_.output("at_root_o", 1, "Lane 0 keeps the root itself: add no operand."),
            at_root.bit(0));
  if (phase_count_ > 1) m_.unused(at_root.slice(1, phase_count_ - 1), "unused_at_root");
  const int bits = bits_for(phase_count_);
  Expr sum = zext(wrote.bit(0), bits);
  for (int i = 1; i < phase_count_; ++i) sum = sum + zext(wrote.bit(i), bits);
  m_.assign(m_.output("nodes_built_o", bits, "Nodes written in this cycle."), sum);
}

void OrbitPlanner::status(const Tile& tile) {
  const Expr write_half_q = m_.logic("write_half_q", 1);
  m_.always_ff(clk_, [&](Block& b) { b.assign(write_half_q, tile.number_q.bit(0)); });
  m_.assign(m_.output("write_half_o", 1, "Half of the banks the nodes go to."), write_half_q);
  m_.assign(m_.output("built_o", 1 << Geometry::kNumberBits, "Sub-tiles whose nodes can be read."),
            tile.built_q);
  m_.assign(m_.output("tile_begin_o", 1, "The first step of a sub-tile."),
            tile.go && !tile.begun_q);
  m_.assign(m_.output("tile_half_o", 1, "Half of the banks being built."), tile.number_q.bit(0));
  m_.assign(m_.output("first_k_o", 1, "The sub-tile is the first along K."), tile.first_k);
  m_.assign(m_.output("last_k_o", 1, "The sub-tile is the last along K."), tile.last_k);
}

}  // namespace

Module orbit_planner(const Geometry& g, const Module& walker, const Module& lane) {
  return OrbitPlanner(g, walker, lane).build();
}

}  // namespace hasse::units
