// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>

#include "generator/units/dynamic.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Width;
using transitive::Code;

/// Builds the module, a section of it per function.
class Scoreboard {
 public:
  Scoreboard(const Geometry& g, const Module& search)
      : search_(search), order_(g.engine.dimension()) {}

  Module build();

 private:
  void search();
  void count_steps();
  void serve();
  void offer();
  void pick();
  Expr first_of(const Expr& candidates, int picker);
  void encode();
  void to_lanes();
  void lane_numbers();
  void finish();

  int modulo(int value) const { return ((value % d_) + d_) % d_; }
  /// The picker whose offers go to the lane that `picker` may serve instead of its own.
  int other(int picker) const { return modulo(picker - d_ / 2); }
  Expr slice(const Expr& nodes, int picker) const {
    return nodes.slice(order_.first(picker), order_.count(picker));
  }
  Expr served(Code parent, int picker) const { return served_[parent].at(0).bit(picker); }
  bool is_parent(Code node) const { return transitive::level(node) < d_; }
  bool may_follow(Code node, int bit) const;

  const Module& search_;
  DynamicOrder order_;
  int d_ = order_.dimension();
  int rounds_ = d_ - 2;  ///< Of the backward pass, a level each.
  int round_bits_ = bits_for(rounds_);
  Module m_{
      "scoreboard",
      "Plans a sub-tile: which nodes are built, from which prefixes, in which lanes and\n"
      "steps. The backward pass takes a cycle per level; then every step picks nodes.\n"
      "Nodes belong to classes, each with a picker. In step t picker p serves lane t-p, so no\n"
      "two pickers meet in a lane; one with nothing to offer there serves the lane half way\n"
      "around, when that was offered nothing. A node picked in step t can be a prefix in\n"
      "step t+2. The first step makes the roots of the lanes' trees, the second the root."};
  Width lanes_ = m_.localparam("Lanes", d_, "Prefix lanes, operands, and pickers.");
  Width graph_ = m_.localparam("GraphNodes", 1 << d_, "Nodes of the Hasse graph.");
  Width nodes_ = m_.localparam("Nodes", order_.nodes(), "Those of two bits and more.");
  Width lane_bits_ = m_.localparam("LaneBits", order_.lane_bits(), "Number of a lane.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr take_ = m_.input("take_i", 1, "Take a sub-tile.");
  Expr present_ = m_.input("present_i", graph_, "Nodes that it asks for.");
  Expr go_ = m_.input("go_i", 1, "Make a step; from first to last without a pause.");
  Expr wanted_q_ = m_.logic("wanted_q", nodes_, "Nodes still to be picked, by picker.");
  Expr root_q_ = m_.logic("root_q", 1, "The root is asked for.");
  Expr turn_q_ = m_.logic("turn_q", lanes_, "Step modulo Lanes, one hot.");
  Expr first_q_ = m_.logic("first_q", 1, "The first step is next.");
  Expr second_q_ = m_.logic("second_q", 1, "The second step is next.");
  Expr mode_ = m_.logic("half_way", lanes_, "Picker serves the lane half way around.");
  Expr pick_ = m_.output("pick_o", nodes_, "Nodes picked in this step, by picker.");
  std::vector<std::vector<Expr>> served_;  ///< Per node that may be a prefix: its register.
  Expr reach_ = m_.logic("reach", nodes_, "A prefix is in the lane its picker serves.");
  Expr far_ = m_.logic("reach_half_way", nodes_, "A prefix is in the lane half way around.");
  Expr code_ = m_.logic("picked_node", lanes_* lanes_, "Node picked, per picker.");
  Expr operand_ = m_.logic("picked_operand", lanes_* lanes_, "Its operand, one hot.");
};

Module Scoreboard::build() {
  m_.set_unit("planner");
  search();
  count_steps();
  serve();
  offer();
  pick();
  encode();
  to_lanes();
  lane_numbers();
  finish();
  return m_;
}

/// Level-1 nodes are always there; their presence says nothing.
void Scoreboard::search() {
  m_.section("Forward and backward pass");
  const Expr asked_for = m_.logic("asked_for", nodes_, "Nodes the sub-tile asks for, by picker.");
  for (int number = 0; number < order_.nodes(); ++number)
    m_.assign(asked_for.bit(number), present_.bit(static_cast<int>(order_.node(number))));
  std::vector<Expr> roots;
  for (int lane = 0; lane < d_; ++lane) roots.push_back(present_.bit(1 << lane));
  m_.unused(cat(roots), "unused_roots");
  const Expr present_q = m_.logic("present_q", nodes_);
  const Expr asked = m_.logic("asked", nodes_, "Prefixes that wanted nodes ask for.");
  m_.instance("u_search", search_,
              {{"present_i", present_q}, {"wanted_i", wanted_q_}, {"asked_o", asked}});
  const Expr round_q = m_.logic("round_q", round_bits_, "Levels left to look at.");
  const Expr searching = m_.let("searching", round_q != 0);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(round_q, 0); },
      [&](Block& b) {
        b.when(take_, [&](Block& t) {
           t.assign(round_q, rounds_);
         }).else_when(searching, [&](Block& t) { t.assign(round_q, round_q - 1); });
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(take_, [&](Block& t) {
      t.assign(present_q, asked_for);
      t.assign(root_q_, present_.bit(0));
    });
    b.assign(wanted_q_,
             mux(take_, asked_for, (wanted_q_ | (asked & repeat(nodes_, searching))) & ~pick_));
  });
  m_.assign(m_.output("searching_o", 1, "The plan is not ready yet."), searching);
}

void Scoreboard::count_steps() {
  m_.section("Steps");
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(first_q_, 1);
        b.assign(second_q_, 0);
        b.assign(turn_q_, 1);
      },
      [&](Block& b) {
        b.assign(first_q_, !go_);
        b.assign(second_q_, first_q_ && go_);
        b.assign(turn_q_, mux(go_, cat({turn_q_.slice(0, d_ - 1), turn_q_.msb()}), 1));
      });
}

bool Scoreboard::may_follow(Code node, int bit) const {
  const Code parent = node ^ (Code{1} << bit);
  const bool left_out = parent == Code{1} << (d_ - 1) && bit == 0;
  return ((node >> bit) & 1U) != 0 && !left_out;
}

/// Which picker serves the lane of a node moves on by one in every step, so a one-hot register
/// that turns needs no comparison. It is set in the step after the pick, for the one after that.
void Scoreboard::serve() {
  m_.section("Per node: the picker that serves its lane in this step, one hot; none: not built");
  const Expr near_q = m_.logic("picked_q", nodes_, "Picked a step ago, in the picker's lane.");
  const Expr far_q = m_.logic("picked_half_way_q", nodes_, "Picked a step ago, half way around.");
  std::vector<Expr> tops;
  m_.always_ff(clk_, [&](Block& b) {
    for (int picker = 0; picker < d_; ++picker) {
      if (order_.count(picker) == 0) continue;
      const Expr half_way = repeat(order_.count(picker), mode_.bit(picker));
      b.assign(slice(near_q, picker), slice(pick_, picker) & ~half_way);
      b.assign(slice(far_q, picker), slice(pick_, picker) & half_way);
    }
  });
  served_.resize(std::size_t{1} << d_);
  for (Code node = 1; node < served_.size(); ++node)
    if (is_parent(node))
      served_[node].push_back(m_.logic(fmt::format("served_{}_q", node), lanes_));
  m_.always_ff(clk_, [&](Block& b) {
    for (Code node = 1; node < served_.size(); ++node) {
      if (!is_parent(node)) continue;
      const Expr q = served_[node].at(0);
      std::vector<Expr> next;
      for (int bit = d_ - 1; bit >= 0; --bit) {
        Expr value = q.bit(modulo(bit - 1));
        if (transitive::level(node) == 1) {
          if (bit == modulo(2 - std::countr_zero(node))) value = value || second_q_;
        } else {
          const int picker = transitive::dynamic_class(node, d_), number = order_.number(node);
          if (bit == modulo(picker + 2)) value = value || near_q.bit(number);
          if (bit == modulo(other(picker) + 2)) value = value || far_q.bit(number);
        }
        next.push_back(value);
      }
      b.assign(q, cat(next) & repeat(lanes_, go_));
    }
  });
  for (int number = 0; number < order_.nodes(); ++number)
    if (!is_parent(order_.node(number)))
      m_.unused(cat({near_q.bit(number), far_q.bit(number)}), "unused_top");
}

void Scoreboard::offer() {
  m_.section("What pickers could offer");
  for (int number = 0; number < order_.nodes(); ++number) {
    const Code node = order_.node(number);
    const int picker = transitive::dynamic_class(node, d_);
    std::vector<Expr> own, half_way;
    for (int bit = 0; bit < d_; ++bit) {
      if (!may_follow(node, bit)) continue;
      own.push_back(served(node ^ (Code{1} << bit), picker));
      half_way.push_back(served(node ^ (Code{1} << bit), other(picker)));
    }
    m_.assign(reach_.bit(number), reduce_or(cat(own)));
    m_.assign(far_.bit(number), reduce_or(cat(half_way)));
  }
  const Expr any = m_.logic("any", lanes_, "Picker has a node for its lane.");
  for (int picker = 0; picker < d_; ++picker) {
    m_.assign(any.bit(picker), order_.count(picker) == 0
                                   ? lit(0, 1)
                                   : reduce_or(slice(wanted_q_, picker) & slice(reach_, picker)));
    m_.assign(mode_.bit(picker), !any.bit(picker) && !any.bit(other(picker)));
  }
}

/// The lowest set bit, by a tree.
Expr Scoreboard::first_of(const Expr& candidates, int picker) {
  const int count = order_.count(picker);
  Expr before = candidates;
  for (int by = 1; by < count; by *= 2)
    before = m_.let(fmt::format("up_to_{}_before_{}", by, picker), before | (before << by));
  return candidates & ~(before << 1);
}

void Scoreboard::pick() {
  m_.section("What they pick: the first of their nodes");
  const Expr picking = m_.let("picking", go_ && !first_q_ && !second_q_);
  for (int picker = 0; picker < d_; ++picker) {
    const int count = order_.count(picker);
    if (count == 0) continue;
    const Expr near = slice(reach_, picker), half_way = slice(far_, picker);
    const Expr candidates = m_.let(
        fmt::format("candidates_{}", picker),
        slice(wanted_q_, picker) & mux(mode_.bit(picker), half_way, near) & repeat(count, picking));
    m_.assign(slice(pick_, picker), count == 1 ? candidates : first_of(candidates, picker));
  }
}

/// Of the prefixes that are in the lane, the one without the lowest bit.
void Scoreboard::encode() {
  m_.section("Node and operand per picker");
  for (int picker = 0; picker < d_; ++picker) {
    std::vector<std::vector<Expr>> code(static_cast<std::size_t>(d_)), by(code);
    for (int number = order_.first(picker); number < order_.first(picker + 1); ++number)
      for (int bit = 0; bit < d_; ++bit) {
        const Code node = order_.node(number), prefix = node ^ (Code{1} << bit);
        if (((node >> bit) & 1U) == 0) continue;
        code[static_cast<std::size_t>(bit)].push_back(pick_.bit(number));
        if (!may_follow(node, bit)) continue;
        by[static_cast<std::size_t>(bit)].push_back(
            pick_.bit(number) &&
            mux(mode_.bit(picker), served(prefix, other(picker)), served(prefix, picker)));
      }
    std::vector<Expr> bits, lowest;
    const Expr prefixes = m_.logic(fmt::format("prefixes_{}", picker), lanes_);
    for (int bit = 0; bit < d_; ++bit) {
      const auto& hits = by[static_cast<std::size_t>(bit)];
      const auto& names = code[static_cast<std::size_t>(bit)];
      m_.assign(prefixes.bit(bit), hits.empty() ? lit(0, 1) : reduce_or(cat(hits)));
      bits.insert(bits.begin(), names.empty() ? lit(0, 1) : reduce_or(cat(names)));
      lowest.insert(lowest.begin(), bit == 0
                                        ? prefixes.bit(0)
                                        : prefixes.bit(bit) && !reduce_or(prefixes.slice(0, bit)));
    }
    m_.assign(code_.lane(picker, lanes_), cat(bits));
    m_.assign(operand_.lane(picker, lanes_), cat(lowest));
  }
}

/// Lane l is served by picker t-l, or by the one half way around.
void Scoreboard::to_lanes() {
  m_.section("Node and operand per lane");
  const Expr start = m_.let("seeding", go_ && first_q_, "Every lane makes the root of its tree.");
  const Expr root = m_.let("root_step", go_ && second_q_ && root_q_);
  m_.assign(m_.output("root_o", 1, "The root is made, in the last lane."), root);
  const Expr valid = m_.output("valid_o", lanes_, "Lane makes a node.");
  const Expr node = m_.output("node_o", lanes_ * lanes_, "Which, per lane.");
  const Expr operand = m_.output("operand_o", lanes_ * lanes_, "Operand added to its parent.");
  for (int lane = 0; lane < d_; ++lane) {
    Expr code = repeat(lanes_, start) & lit(1 << lane, lanes_), added = code;
    for (int picker = 0; picker < d_; ++picker) {
      const Expr serves = m_.let(fmt::format("picker_{}_serves_{}", picker, lane),
                                 mux(mode_.bit(picker), turn_q_.bit(modulo(lane + other(picker))),
                                     turn_q_.bit(modulo(lane + picker))));
      code = code | (repeat(lanes_, serves) & code_.lane(picker, lanes_));
      added = added | (repeat(lanes_, serves) & operand_.lane(picker, lanes_));
    }
    m_.assign(node.lane(lane, lanes_), code);
    m_.assign(operand.lane(lane, lanes_), added);
    const bool root_lane = lane == transitive::dynamic_root_lane(d_);
    const Expr any = reduce_or(node.lane(lane, lanes_));
    m_.assign(valid.bit(lane), root_lane ? any || root : any);
  }
}

void Scoreboard::lane_numbers() {
  m_.section("Lane that each picker serves");
  const Expr number = m_.output("picker_lane_o", lanes_ * lane_bits_, "Its number, per picker.");
  for (int picker = 0; picker < d_; ++picker)
    for (int bit = 0; bit < order_.lane_bits(); ++bit) {
      std::vector<Expr> own, half_way;
      for (int lane = 0; lane < d_; ++lane)
        if (((lane >> bit) & 1) != 0) {
          own.push_back(turn_q_.bit(modulo(lane + picker)));
          half_way.push_back(turn_q_.bit(modulo(lane + other(picker))));
        }
      m_.assign(number.bit(picker * order_.lane_bits() + bit),
                mux(mode_.bit(picker), reduce_or(cat(half_way)), reduce_or(cat(own))));
    }
}

void Scoreboard::finish() {
  m_.section("The end");
  m_.assign(m_.output("last_o", 1, "With this step the plan has been carried out."),
            go_ && !first_q_ && !reduce_or(wanted_q_ & ~pick_));
}

}  // namespace

Module scoreboard(const Geometry& g, const Module& search) {
  return Scoreboard(g, search).build();
}

}  // namespace hasse::units
