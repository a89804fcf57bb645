// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

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

/// `terms` or-ed; 0 when there are none.
Expr any_of(const std::vector<Expr>& terms) {
  return terms.empty() ? lit(0, 1) : reduce_or(cat(terms));
}

/// Builds the module, a section of it per function.
class Scoreboard {
 public:
  Scoreboard(const Geometry& g, const ScoreboardParts& parts)
      : parts_(parts),
        order_(g.engine.dimension()),
        one_lane_per_operand_(g.engine.operand_network == transitive::OperandNetwork::benes) {}

  Module build();

 private:
  /// Of every picker a bit per lane or operand.
  using Rows = std::vector<Expr>;

  void search();
  void count_steps();
  void note_lanes();
  void share_operands();
  Rows turned(const Rows& rows, const Expr& turn, int way, const char* name);
  void match_lanes();
  Rows arbitrate(const std::string& name, const Rows& requests);
  void pick();
  Expr first_of(const Expr& candidates, int picker);
  void choose_operands();
  void to_lanes();
  void lane_numbers();
  void finish();

  Expr slice(const Expr& nodes, int picker) const {
    return nodes.slice(order_.first(picker), order_.count(picker));
  }
  bool is_parent(Code node) const { return transitive::level(node) < d_; }
  bool may_follow(Code node, int bit) const;
  /// The node's prefix without `bit`.
  static Code prefix(Code node, int bit) { return node ^ (Code{1} << bit); }
  const Expr& lane_of(Code node) const { return lane_of_[node].at(0); }
  /// Calls `use` with number, node and bit for all nodes of a picker and their prefixes.
  template <class Use>
  void for_each_prefix(int picker, Use use) const;

  const ScoreboardParts& parts_;
  DynamicOrder order_;
  bool one_lane_per_operand_;
  int d_ = order_.dimension();
  int rounds_ = d_ - 2;  ///< Of the backward pass, a level each.
  int round_bits_ = bits_for(rounds_);
  Module m_{
      "scoreboard",
      "Plans a sub-tile: which nodes are built, from which prefixes, in which lanes and\n"
      "steps. The backward pass takes a cycle per level; then every step picks nodes.\n"
      "Nodes belong to classes, each with a picker. A picker asks for every lane in which one of\n"
      "its nodes has a prefix; an arbiter gives it one, and it picks its first node for that.\n" +
          std::string(one_lane_per_operand_
                          ? "Before that another arbiter gives every picker one operand of its "
                            "own, the only one\nthat its node may be made with.\n"
                          : "") +
          "Nodes are picked a cycle before their step. A node of step t can be a prefix in step\n"
          "t+2. The first step makes the roots of the lanes' trees, the second the root."};
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
  Expr first_q_ = m_.logic("first_q", 1, "The first step is next.");
  Expr second_q_ = m_.logic("second_q", 1, "The second step is next.");
  Expr picking_ = m_.logic("picking", 1, "Nodes of a step after the second may be picked.");
  std::vector<std::vector<Expr>> lane_of_;  ///< Per node that may be a prefix: one element.
  Rows allowed_;  ///< Operand that every picker may use, one hot, where these are shared out.
  Rows reach_;    ///< Per node, by number: lanes in which a prefix of it is.
  Rows match_;    ///< Lane of every picker, one hot.
  Expr pick_ = m_.logic("pick", nodes_, "Nodes picked for the next step, by picker.");
  Expr pick_q_ = m_.output("pick_o", nodes_, "Nodes made in this step, by picker.");
  Expr lane_q_ = m_.logic("lane_q", lanes_* lanes_, "Their lanes, one hot per picker.");
  Expr operand_q_ = m_.logic("operand_q", lanes_* lanes_, "Their operands, likewise.");
};

Module Scoreboard::build() {
  m_.set_unit("planner");
  search();
  count_steps();
  note_lanes();
  if (one_lane_per_operand_) share_operands();
  match_lanes();
  pick();
  choose_operands();
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
  m_.instance("u_search", parts_.search,
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
      },
      [&](Block& b) {
        b.assign(first_q_, !go_);
        b.assign(second_q_, first_q_ && go_);
      });
  m_.assign(picking_, go_ && !first_q_);
}

bool Scoreboard::may_follow(Code node, int bit) const {
  const bool left_out = prefix(node, bit) == Code{1} << (d_ - 1) && bit == 0;
  return ((node >> bit) & 1U) != 0 && !left_out;
}

template <class Use>
void Scoreboard::for_each_prefix(int picker, Use use) const {
  for (int number = order_.first(picker); number < order_.first(picker + 1); ++number)
    for (int bit = 0; bit < d_; ++bit)
      if (may_follow(order_.node(number), bit)) use(number, order_.node(number), bit);
}

/// A node is there for what is picked a cycle after its step, to be built two steps after it.
void Scoreboard::note_lanes() {
  m_.section("Per node: the lane in which it can be a prefix of what is picked now, one hot");
  const Expr roots_q = m_.logic("roots_q", 1, "The roots of the lanes' trees are there.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(roots_q, 0); },
      [&](Block& b) { b.assign(roots_q, go_); });
  lane_of_.resize(std::size_t{1} << d_);
  for (Code node = 1; node < lane_of_.size(); ++node)
    if (is_parent(node))
      lane_of_[node].push_back(
          transitive::level(node) == 1
              ? m_.let(fmt::format("lane_of_{}", node),
                       lit(static_cast<int>(node), lanes_) & repeat(lanes_, roots_q))
              : m_.logic(fmt::format("lane_of_{}_q", node), lanes_));
  m_.always_ff(clk_, [&](Block& b) {
    for (Code node = 1; node < lane_of_.size(); ++node) {
      if (!is_parent(node) || transitive::level(node) == 1) continue;
      const Expr made = pick_q_.bit(order_.number(node));
      const Expr lane = lane_q_.lane(transitive::dynamic_class(node, d_), lanes_);
      b.assign(lane_of(node),
               (lane_of(node) | (lane & repeat(lanes_, made))) & repeat(lanes_, go_));
    }
  });
}

/// The rows of a matrix, turned by the number of the step that is picked for: bit i comes from bit
/// i + step for `way` 1, from bit i - step for -1.
Scoreboard::Rows Scoreboard::turned(const Rows& rows, const Expr& turn, int way, const char* name) {
  Rows result;
  for (int picker = 0; picker < d_; ++picker) {
    std::vector<Expr> bits;
    for (int to = d_ - 1; to >= 0; --to) {
      std::vector<Expr> terms;
      for (int step = d_ - 1; step >= 0; --step)
        terms.push_back(rows[static_cast<std::size_t>(picker)].bit((to + way * step + d_) % d_));
      bits.push_back(reduce_or(cat(terms) & turn));
    }
    result.push_back(m_.let(fmt::format("{}_{}", name, picker), cat(bits)));
  }
  return result;
}

/// Every picker gets an operand that makes one of its nodes from a prefix, in whatever lane.
void Scoreboard::share_operands() {
  m_.section("Operands that pickers could use");
  const Expr turn_q = m_.logic("turn_q", lanes_, "Number of the next step modulo Lanes, one hot.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(turn_q, 2); },
      [&](Block& b) {
        b.assign(turn_q, mux(go_, cat({turn_q.slice(0, d_ - 1), turn_q.msb()}), 2));
      });
  Rows useful;
  for (int picker = 0; picker < d_; ++picker) {
    std::vector<std::vector<Expr>> terms(static_cast<std::size_t>(d_));
    for_each_prefix(picker, [&](int number, Code node, int bit) {
      terms[static_cast<std::size_t>(bit)].push_back(wanted_q_.bit(number) &&
                                                     reduce_or(lane_of(prefix(node, bit))));
    });
    std::vector<Expr> bits;
    for (int bit = d_ - 1; bit >= 0; --bit)
      bits.push_back(any_of(terms[static_cast<std::size_t>(bit)]));
    useful.push_back(m_.let(fmt::format("useful_{}", picker), cat(bits)));
  }
  m_.section("Operands that they get: the first diagonal of requests turns from step to step");
  const Rows granted = arbitrate("operands", turned(useful, turn_q, 1, "asked_operand"));
  allowed_ = turned(granted, turn_q, -1, "operand");
}

/// Grants every picker one of the bits of its row, one that no other gets.
Scoreboard::Rows Scoreboard::arbitrate(const std::string& name, const Rows& requests) {
  const Expr request = m_.logic(name + "_asked", lanes_ * lanes_);
  const Expr grant = m_.logic(name + "_granted", lanes_ * lanes_);
  Rows granted;
  for (int picker = 0; picker < d_; ++picker) {
    m_.assign(request.lane(picker, lanes_), requests[static_cast<std::size_t>(picker)]);
    granted.push_back(grant.lane(picker, lanes_));
  }
  m_.instance("u_" + name, parts_.arbiter, {{"request_i", request}, {"grant_o", grant}});
  return granted;
}

void Scoreboard::match_lanes() {
  m_.section("Per node: the lanes in which it could be built");
  Rows asked;
  for (int picker = 0; picker < d_; ++picker) {
    std::map<int, std::vector<Expr>> lanes;
    for_each_prefix(picker, [&](int number, Code node, int bit) {
      const Expr there = lane_of(prefix(node, bit));
      lanes[number].push_back(
          one_lane_per_operand_
              ? there & repeat(lanes_, allowed_[static_cast<std::size_t>(picker)].bit(bit))
              : there);
    });
    Expr all = hdl::zeros(lanes_);
    for (const auto& [number, from] : lanes) {
      Expr reach = from.front();
      for (std::size_t i = 1; i < from.size(); ++i) reach = reach | from[i];
      reach_.push_back(m_.let(fmt::format("reach_{}", order_.node(number)), reach));
      const Expr wanted = reach_.back() & repeat(lanes_, wanted_q_.bit(number));
      all = number == order_.first(picker) ? wanted : all | wanted;
    }
    asked.push_back(all);
  }
  m_.section("Lanes that pickers get");
  match_ = arbitrate("lanes", asked);
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
  for (int picker = 0; picker < d_; ++picker) {
    const int count = order_.count(picker);
    if (count == 0) continue;
    std::vector<Expr> able;
    for (int number = order_.first(picker + 1); number-- > order_.first(picker);)
      able.push_back(reduce_or(reach_[static_cast<std::size_t>(number)] &
                               match_[static_cast<std::size_t>(picker)]));
    const Expr candidates = m_.let(fmt::format("candidates_{}", picker),
                                   slice(wanted_q_, picker) & cat(able) & repeat(count, picking_));
    m_.assign(slice(pick_, picker), count == 1 ? candidates : first_of(candidates, picker));
  }
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(pick_q_, 0); },
      [&](Block& b) { b.assign(pick_q_, pick_); });
  m_.always_ff(clk_, [&](Block& b) {
    for (int picker = 0; picker < d_; ++picker)
      b.assign(lane_q_.lane(picker, lanes_),
               match_[static_cast<std::size_t>(picker)] & repeat(lanes_, picking_));
  });
}

/// The operand that was shared out, or of the prefixes in the lane the one without the lowest bit.
void Scoreboard::choose_operands() {
  m_.section("The operands they are made with");
  for (int picker = 0; picker < d_; ++picker) {
    if (one_lane_per_operand_) {
      m_.always_ff(clk_, [&](Block& b) {
        b.assign(operand_q_.lane(picker, lanes_), allowed_[static_cast<std::size_t>(picker)]);
      });
      continue;
    }
    std::vector<std::vector<Expr>> by(static_cast<std::size_t>(d_));
    for_each_prefix(picker, [&](int number, Code node, int bit) {
      by[static_cast<std::size_t>(bit)].push_back(
          pick_.bit(number) &&
          reduce_or(lane_of(prefix(node, bit)) & match_[static_cast<std::size_t>(picker)]));
    });
    const Expr prefixes = m_.logic(fmt::format("prefixes_{}", picker), lanes_);
    for (int bit = 0; bit < d_; ++bit)
      m_.assign(prefixes.bit(bit), any_of(by[static_cast<std::size_t>(bit)]));
    std::vector<Expr> lowest;
    for (int bit = d_ - 1; bit > 0; --bit)
      lowest.push_back(prefixes.bit(bit) && !reduce_or(prefixes.slice(0, bit)));
    lowest.push_back(prefixes.bit(0));
    m_.always_ff(clk_, [&](Block& b) { b.assign(operand_q_.lane(picker, lanes_), cat(lowest)); });
  }
}

void Scoreboard::to_lanes() {
  m_.section("Node per picker");
  const Expr code = m_.logic("picked_node", lanes_ * lanes_);
  for (int picker = 0; picker < d_; ++picker) {
    std::vector<std::vector<Expr>> bits(static_cast<std::size_t>(d_));
    for (int number = order_.first(picker); number < order_.first(picker + 1); ++number)
      for (int bit = 0; bit < d_; ++bit)
        if (((order_.node(number) >> bit) & 1U) != 0)
          bits[static_cast<std::size_t>(bit)].push_back(pick_q_.bit(number));
    for (int bit = 0; bit < d_; ++bit)
      m_.assign(code.bit(picker * d_ + bit), any_of(bits[static_cast<std::size_t>(bit)]));
  }
  m_.section("Node and operand per lane");
  const Expr start = m_.let("seeding", go_ && first_q_, "Every lane makes the root of its tree.");
  const Expr root = m_.let("root_step", go_ && second_q_ && root_q_);
  m_.assign(m_.output("root_o", 1, "The root is made, in the last lane."), root);
  const Expr valid = m_.output("valid_o", lanes_, "Lane makes a node.");
  const Expr node = m_.output("node_o", lanes_ * lanes_, "Which, per lane.");
  const Expr operand = m_.output("operand_o", lanes_ * lanes_, "Operand added to its parent.");
  for (int lane = 0; lane < d_; ++lane) {
    Expr made = repeat(lanes_, start) & lit(1 << lane, lanes_), added = made;
    for (int picker = 0; picker < d_; ++picker) {
      const Expr serves = repeat(lanes_, lane_q_.bit(picker * d_ + lane));
      made = made | (serves & code.lane(picker, lanes_));
      added = added | (serves & operand_q_.lane(picker, lanes_));
    }
    m_.assign(node.lane(lane, lanes_), made);
    m_.assign(operand.lane(lane, lanes_), added);
    const bool root_lane = lane == transitive::dynamic_root_lane(d_);
    const Expr any = reduce_or(node.lane(lane, lanes_));
    m_.assign(valid.bit(lane), root_lane ? any || root : any);
  }
}

void Scoreboard::lane_numbers() {
  m_.section("Lane of each picker's node");
  const Expr number = m_.output("picker_lane_o", lanes_ * lane_bits_, "Its number, per picker.");
  for (int picker = 0; picker < d_; ++picker)
    for (int bit = 0; bit < order_.lane_bits(); ++bit) {
      std::vector<Expr> lanes;
      for (int lane = 0; lane < d_; ++lane)
        if (((lane >> bit) & 1) != 0) lanes.push_back(lane_q_.bit(picker * d_ + lane));
      m_.assign(number.bit(picker * order_.lane_bits() + bit), any_of(lanes));
    }
}

void Scoreboard::finish() {
  m_.section("The end");
  m_.assign(m_.output("last_o", 1, "With this step the plan has been carried out."),
            picking_ && !reduce_or(wanted_q_));
}

}  // namespace

Module scoreboard(const Geometry& g, const ScoreboardParts& parts) {
  return Scoreboard(g, parts).build();
}

}  // namespace hasse::units
