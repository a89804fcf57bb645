// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "generator/units/ahead_planner.hpp"
#include "generator/units/benes.hpp"
#include "generator/units/dynamic.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

/// Builds the module, a section of it per function.
class DynamicPlanner : AheadPlanner {
 public:
  DynamicPlanner(const Geometry& g, const Module& walker, const DynamicParts& parts);

  Module build();

 private:
  /// What the scoreboard decides, lane 0 lowest.
  struct Step {
    Expr valid, node, operand, root, last;
  };

  Step scoreboard(const Tile& tile, const Expr& searching);
  void lanes(const Step& step);
  Expr without_bit(const Expr& node, int lane) const;
  Expr bank_of(const Expr& slot, const Expr& enable) const;
  Expr address_of(const Expr& slot) const { return slot.slice(low_, d_ - 1 - low_); }
  void write(const Step& step, const Expr& slots, const Expr& from_root);
  void deliver_operands(const Step& step);
  Expr registered(const std::string& name, const Expr& value);

  const DynamicParts& parts_;
  DynamicOrder order_{g_.engine.dimension()};
  int d_ = order_.dimension();
  /// Bits of a slot that choose the bank.
  int low_ = std::countr_zero(static_cast<unsigned>(g_.design.banks_per_lane));
};

DynamicPlanner::DynamicPlanner(const Geometry& g, const Module& walker, const DynamicParts& parts)
    : AheadPlanner(
          g, walker, "dynamic_planner",
          "Loads operands and builds the nodes that a sub-tile's codes ask for.\n"
          "A scoreboard chooses parents, lanes and steps from one sub-tile to the next.\n"
          "The operand of a step is the bit in which node and parent differ; a node's\n"
          "slot is its code without the bit of its lane, which all nodes of a lane share."),
      parts_(parts) {}

Module DynamicPlanner::build() {
  m_.set_unit("planner");
  m_.section("The current sub-tile");
  const Expr searching = m_.logic("searching", 1, "The plan is not ready yet.");
  const Tile tile(*this, !searching);
  const Step step = scoreboard(tile, searching);
  frame(tile, tile.go && step.last, 2);
  lanes(step);
  return m_;
}

DynamicPlanner::Step DynamicPlanner::scoreboard(const Tile& tile, const Expr& searching) {
  m_.section("Plan");
  const Width lane_bits = m_.localparam("LaneBits", order_.lane_bits(), "Number of a lane.");
  const Width nodes = m_.localparam("Nodes", order_.nodes(), "Nodes of two bits and more.");
  const Step step{m_.logic("valid", lanes_, "Lane makes a node."),
                  m_.logic("node", lanes_ * lanes_, "Which."),
                  m_.logic("operand", lanes_ * lanes_, "Operand that is added, one hot."),
                  m_.logic("root", 1, "The root is made."), m_.logic("last", 1)};
  const Expr pick = m_.logic("pick", nodes, "Nodes made, by picker.");
  const Expr picker_lane = m_.logic("picker_lane", lanes_ * lane_bits, "And where.");
  m_.instance("u_scoreboard", parts_.scoreboard,
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"take_i", take_},
               {"present_i", present_},
               {"go_i", tile.go},
               {"searching_o", searching},
               {"pick_o", pick},
               {"picker_lane_o", picker_lane},
               {"valid_o", step.valid},
               {"node_o", step.node},
               {"operand_o", step.operand},
               {"root_o", step.root},
               {"last_o", step.last}});
  m_.instance("u_places", parts_.table,
              {{"clk_i", clk_},
               {"half_i", tile.number_q.bit(0)},
               {"pick_i", pick},
               {"picker_lane_i", picker_lane},
               {"lane_o", m_.output("lane_o", Width(2) * nodes * lane_bits,
                                    "Lane per node, by picker; lower half lowest.")}});
  return step;
}

/// All nodes of a lane share its bit; what is left tells them apart.
Expr DynamicPlanner::without_bit(const Expr& node, int lane) const {
  if (lane == 0) return node.slice(1, d_ - 1);
  if (lane == d_ - 1) return node.slice(0, d_ - 1);
  return cat({node.slice(lane + 1, d_ - 1 - lane), node.slice(0, lane)});
}

Expr DynamicPlanner::bank_of(const Expr& slot, const Expr& enable) const {
  if (low_ == 0) return enable;
  std::vector<Expr> banks;
  for (int bank = g_.design.banks_per_lane - 1; bank >= 0; --bank)
    banks.push_back(enable && slot.slice(0, low_) == lit(bank, low_));
  return cat(banks);
}

void DynamicPlanner::lanes(const Step& step) {
  m_.section("Read the parents in this cycle, add and write in the next");
  const Expr read = m_.output("parent_read_o", lanes_ * banks_, "Read a parent from this bank.");
  const Expr read_address =
      m_.output("parent_address_o", lanes_ * address_bits_, "Where the parent is.");
  const Expr slots = m_.logic("slots", lanes_ * (d_ - 1), "Slots of the nodes.");
  const Expr from_root = m_.logic("from_root", lanes_, "The parent is the root value.");
  const Expr prefix = m_.let("prefix", step.node ^ step.operand, "The node without its operand.");
  for (int lane = 0; lane < d_; ++lane) {
    const Expr parent = prefix.lane(lane, lanes_);
    m_.assign(from_root.bit(lane), !reduce_or(parent));
    const std::string name = std::to_string(lane);
    const Expr parent_slot = m_.let(
        "parent_slot_" + name, slot_of(m_.let("bare_parent_" + name, without_bit(parent, lane))));
    m_.assign(read.lane(lane, banks_), bank_of(parent_slot, reduce_or(parent)));
    m_.assign(read_address.lane(lane, address_bits_), address_of(parent_slot));
    const Expr slot = without_bit(step.node.lane(lane, lanes_), lane);
    const bool root_lane = lane == transitive::dynamic_root_lane(d_);
    const Expr bare = m_.let("bare_" + name, root_lane ? slot | zext(step.root, d_ - 1) : slot);
    m_.assign(slots.lane(lane, d_ - 1), slot_of(bare));
  }
  write(step, slots, from_root);
}

/// Hands the step to lanes and banks, a cycle later.
void DynamicPlanner::write(const Step& step, const Expr& slots, const Expr& from_root) {
  const Expr valid_q = m_.logic("valid_q", lanes_);
  const Expr slots_q = m_.logic("slots_q", lanes_ * (d_ - 1));
  const Expr from_root_q = m_.logic("from_root_q", lanes_);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, step.valid); });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(slots_q, slots);
    b.assign(from_root_q, from_root);
  });
  const Expr write = m_.output("write_o", lanes_ * banks_, "Write a node to this bank.");
  const Expr address = m_.output("write_address_o", lanes_ * address_bits_, "Where it goes.");
  for (int lane = 0; lane < d_; ++lane) {
    const Expr slot = slots_q.lane(lane, d_ - 1);
    m_.assign(write.lane(lane, banks_), bank_of(slot, valid_q.bit(lane)));
    m_.assign(address.lane(lane, address_bits_), address_of(slot));
  }
  m_.assign(m_.output("from_root_o", lanes_, "The parent is the root value."), from_root_q);
  deliver_operands(step);
  const int bits = bits_for(d_);
  Expr sum = zext(valid_q.bit(0), bits);
  for (int i = 1; i < d_; ++i) sum = sum + zext(valid_q.bit(i), bits);
  m_.assign(m_.output("nodes_built_o", bits, "Nodes written in this cycle."), sum);
}

/// `value` a cycle later.
Expr DynamicPlanner::registered(const std::string& name, const Expr& value) {
  const Expr q = m_.logic(name, value.width());
  m_.always_ff(clk_, [&](Block& b) { b.assign(q, value); });
  return q;
}

/// What brings every lane its operand in the cycle of the addition.
void DynamicPlanner::deliver_operands(const Step& step) {
  if (!parts_.router) {
    m_.assign(m_.output("operand_select_o", lanes_ * lanes_,
                        "Operand to add, one hot; none to the root."),
              registered("operand_q", step.operand));
    return;
  }
  const Width switches =
      m_.localparam("Switches", BenesShape{d_}.switches(), "Switches of the network to the lanes.");
  const Expr setting = m_.logic("setting", switches);
  m_.instance("u_router", *parts_.router, {{"want_i", step.operand}, {"setting_o", setting}});
  m_.assign(m_.output("operand_setting_o", switches, "Switch exchanges its operands."),
            registered("setting_q", setting));
  m_.assign(m_.output("at_root_o", 1, "The last lane keeps the root value itself."),
            registered("root_q", step.root));
}

}  // namespace

Module dynamic_planner(const Geometry& g, const Module& walker, const DynamicParts& parts) {
  return DynamicPlanner(g, walker, parts).build();
}

}  // namespace hasse::units
