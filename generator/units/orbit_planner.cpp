// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/ahead_planner.hpp"
#include "generator/units/orbit.hpp"

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
class OrbitPlanner : AheadPlanner {
 public:
  OrbitPlanner(const Geometry& g, const Module& walker, const Module& lane);

  Module build();

 private:
  struct Phase;

  Expr advance(const Tile& tile, const Phase& phase);
  Expr wanted_by_lanes();
  void lanes(const Tile& tile, const Phase& phase);

  const Module& lane_;
  std::vector<OrbitNode> order_ = orbit_order(g_);
  int phase_count_ = g_.engine.dimension();
  Width lane_nodes_ =
      m_.localparam("LaneNodes", static_cast<int>(order_.size()), "Nodes of a prefix lane.");
};

OrbitPlanner::OrbitPlanner(const Geometry& g, const Module& walker, const Module& lane)
    : AheadPlanner(
          g, walker, "orbit_planner",
          "Loads the operands of a sub-tile and builds the nodes that its codes ask for.\n"
          "The nodes are those of the lattice, with their places and parents; each lane leaves "
          "out\n"
          "what nobody wants. Nodes are built in phases, by their highest bit: within a phase the\n"
          "operands stand still and every lane goes at its own pace, then the ring turns."),
      lane_(lane) {}

/// Which nodes are being built.
struct OrbitPlanner::Phase {
  explicit Phase(OrbitPlanner& planner) : in(planner) {}

  OrbitPlanner& in;
  Module m = in.m_;
  Expr more = m.logic("more", 1, "Some lane has nodes left to build in this phase.");
  Expr phase_q = m.logic("phase_q", in.phase_count_, "Highest bit of the nodes, one hot.");
  Expr last_phase = m.let("last_phase", phase_q.msb());
};

Module OrbitPlanner::build() {
  m_.set_unit("planner");
  m_.section("The current sub-tile");
  const Tile tile(*this);
  const Phase phase(*this);
  frame(tile, advance(tile, phase), phase_count_);
  lanes(tile, phase);
  return m_;
}

/// Whether the last phase is over.
Expr OrbitPlanner::advance(const Tile& tile, const Phase& phase) {
  m_.section("Phases");
  const Expr done = m_.let("phase_done", tile.go && !phase.more);
  const Expr turn = m_.let("turn", done && !phase.last_phase);
  const Expr advance_q = m_.logic("advance_q", 1);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(phase.phase_q, 1);
        b.assign(advance_q, 0);
      },
      [&](Block& b) {
        if (phase_count_ > 1)
          b.when(turn, [&](Block& t) { t.assign(phase.phase_q, phase.phase_q << 1); });
        b.when(tile.built, [&](Block& t) { t.assign(phase.phase_q, 1); });
        b.assign(advance_q, turn);
      });
  m_.assign(m_.output("advance_o", 1, "Turn the operand ring by one place."), advance_q);
  return done && phase.last_phase;
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

void OrbitPlanner::lanes(const Tile& tile, const Phase& phase) {
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
                {"phase_i", phase.phase_q},
                {"more_o", more.bit(lane)},
                {"parent_read_o", read.lane(lane, banks_)},
                {"parent_address_o", read_address.lane(lane, address_bits_)},
                {"write_o", write.lane(lane, banks_)},
                {"write_address_o", write_address.lane(lane, address_bits_)},
                {"from_root_o", from_root.bit(lane)},
                {"at_root_o", at_root.bit(lane)}});
    s.assign(wrote.bit(lane), reduce_or(write.lane(lane, banks_)));
  });
  m_.assign(phase.more, reduce_or(more));
  m_.assign(m_.output("at_root_o", 1, "Lane 0 keeps the root itself: add no operand."),
            at_root.bit(0));
  if (phase_count_ > 1) m_.unused(at_root.slice(1, phase_count_ - 1), "unused_at_root");
  const int bits = bits_for(phase_count_);
  Expr sum = zext(wrote.bit(0), bits);
  for (int i = 1; i < phase_count_; ++i) sum = sum + zext(wrote.bit(i), bits);
  m_.assign(m_.output("nodes_built_o", bits, "Nodes written in this cycle."), sum);
}

}  // namespace

Module orbit_planner(const Geometry& g, const Module& walker, const Module& lane) {
  return OrbitPlanner(g, walker, lane).build();
}

}  // namespace hasse::units
