// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "generator/units/orbit.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Width;

/// Builds the module, a section of it per function.
class OrbitLane {
 public:
  explicit OrbitLane(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("planner");
    const Expr closed = closure();
    const Expr pick = choose(closed);
    read(pick);
    write(pick);
    return m_;
  }

 private:
  Expr closure();
  Expr choose(const Expr& closed);
  Expr eligible(const Expr& in_phase, const Expr& pick);
  void read(const Expr& pick);
  void write(const Expr& pick);
  Expr any_of(const Expr& pick, const std::function<bool(const OrbitNode&)>& holds) const;
  Expr bank(const Expr& pick, bool of_parent) const;
  Expr address(const Expr& pick, bool of_parent) const;

  const Geometry& g_;
  std::vector<OrbitNode> order_ = orbit_order(g_);
  int count_ = static_cast<int>(order_.size());
  Module m_{"orbit_lane",
            "Plans one prefix lane: builds the nodes asked for, and what they are built from.\n"
            "Nodes are numbered in the order in which the lane prefers them. In every step it\n"
            "picks the first that it still wants, whose highest bit is the operand in place, and\n"
            "whose parent was not picked in the step just before."};
  Width nodes_ = m_.localparam("Nodes", count_, "Nodes of this lane.");
  Width phases_ = m_.localparam("Phases", g_.engine.dimension(), "Places of the ring.");
  Width banks_ = m_.localparam("Banks", g_.design.banks_per_lane, "Prefix banks per lane.");
  Width address_bits_ =
      m_.localparam("AddressBits", g_.bank_address_bits, "Bits of an address in a bank.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr take_ = m_.input("take_i", 1, "Take a sub-tile.");
  Expr present_ = m_.input("present_i", nodes_, "Nodes of this lane that it asks for.");
  Expr go_ = m_.input("go_i", 1, "Make a step.");
  Expr phase_ = m_.input("phase_i", phases_, "Highest bit of the nodes to build, one hot.");
};

/// A node is wanted when it is asked for or when a child of it is wanted.
Expr OrbitLane::closure() {
  m_.section("Nodes asked for, and their ancestors");
  std::map<int, Expr> closed;
  for (int i = count_ - 1; i >= 0; --i) {
    Expr wanted = present_.bit(i);
    for (const auto& [child, needed] : closed)
      if (order_[static_cast<std::size_t>(child)].parent == i) wanted = wanted | needed;
    closed.emplace(i, m_.let(fmt::format("closed_{}", i), wanted));
  }
  std::vector<Expr> bits;
  for (auto node = closed.rbegin(); node != closed.rend(); ++node) bits.push_back(node->second);
  return m_.let("closed", hdl::cat(bits));
}

Expr OrbitLane::choose(const Expr& closed) {
  m_.section("The node picked in this step");
  const Expr wanted_q = m_.logic("wanted_q", nodes_, "Nodes still to be built.");
  const Expr in_phase = m_.logic("in_phase", nodes_, "Those whose operand is in place.");
  for (int i = 0; i < count_; ++i) {
    const OrbitNode& node = order_[static_cast<std::size_t>(i)];
    m_.assign(in_phase.bit(i), wanted_q.bit(i) && phase_.bit(node.phase));
  }
  const Expr pick = m_.logic("pick", nodes_, "The first of them that has a parent to read.");
  const Expr candidates = eligible(in_phase, pick);
  m_.assign(pick, candidates & (~candidates + 1) & repeat(nodes_, go_));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(wanted_q, 0); },
      [&](Block& b) { b.assign(wanted_q, (wanted_q & ~pick) | (closed & repeat(nodes_, take_))); });
  m_.assign(m_.output("more_o", 1, "Nodes of this phase are left."), reduce_or(in_phase & ~pick));
  return pick;
}

/// Without the nodes whose parent was picked a step ago and is still being written.
Expr OrbitLane::eligible(const Expr& in_phase, const Expr& pick) {
  std::vector<int> parents;
  for (int i = 0; i < count_; ++i)
    if (std::any_of(order_.begin(), order_.end(), [&](const auto& n) { return n.parent == i; }))
      parents.push_back(i);
  if (parents.empty()) return in_phase;
  const Expr last_q =
      m_.logic("last_q", static_cast<int>(parents.size()), "Parents picked a step ago.");
  std::vector<Expr> picks, barred;
  for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent)
    picks.push_back(pick.bit(*parent));
  for (int i = count_ - 1; i >= 0; --i) {
    const auto at =
        std::find(parents.begin(), parents.end(), order_[static_cast<std::size_t>(i)].parent);
    barred.push_back(at == parents.end() ? hdl::lit(0, 1)
                                         : last_q.bit(static_cast<int>(at - parents.begin())));
  }
  m_.always_ff(clk_, [&](Block& b) { b.assign(last_q, hdl::cat(picks)); });
  return m_.let("eligible", in_phase & ~m_.let("barred", hdl::cat(barred)));
}

/// One of the nodes that `holds` names is picked.
Expr OrbitLane::any_of(const Expr& pick, const std::function<bool(const OrbitNode&)>& holds) const {
  std::vector<Expr> picks;
  for (int i = count_ - 1; i >= 0; --i)
    if (holds(order_[static_cast<std::size_t>(i)])) picks.push_back(pick.bit(i));
  return picks.empty() ? hdl::lit(0, 1) : reduce_or(hdl::cat(picks));
}

Expr OrbitLane::bank(const Expr& pick, bool of_parent) const {
  std::vector<Expr> banks;
  for (int bank = g_.design.banks_per_lane - 1; bank >= 0; --bank)
    banks.push_back(any_of(pick, [&](const OrbitNode& node) {
      const int slot = of_parent ? node.parent_slot : node.slot;
      return slot >= 0 && slot % g_.design.banks_per_lane == bank;
    }));
  return hdl::cat(banks);
}

Expr OrbitLane::address(const Expr& pick, bool of_parent) const {
  std::vector<Expr> bits;
  for (int bit = g_.bank_address_bits - 1; bit >= 0; --bit)
    bits.push_back(any_of(pick, [&](const OrbitNode& node) {
      const int slot = of_parent ? node.parent_slot : node.slot;
      return slot >= 0 && ((slot / g_.design.banks_per_lane) >> bit) % 2 == 1;
    }));
  return hdl::cat(bits);
}

void OrbitLane::read(const Expr& pick) {
  m_.section("Its parent, read in this cycle");
  m_.assign(m_.output("parent_read_o", banks_, "Read a parent from this bank."), bank(pick, true));
  m_.assign(m_.output("parent_address_o", address_bits_, "Where the parent is."),
            address(pick, true));
}

void OrbitLane::write(const Expr& pick) {
  m_.section("The node, added and written in the next");
  const Expr write_q = m_.logic("write_q", banks_);
  const Expr address_q = m_.logic("address_q", address_bits_);
  const Expr from_root_q = m_.logic("from_root_q", 1);
  const Expr at_root_q = m_.logic("at_root_q", 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(write_q, 0); },
      [&](Block& b) { b.assign(write_q, bank(pick, false)); });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(address_q, address(pick, false));
    b.assign(from_root_q, any_of(pick, [](const OrbitNode& node) { return node.parent < 0; }));
    b.assign(at_root_q, any_of(pick, [](const OrbitNode& node) { return node.necklace == 0; }));
  });
  m_.assign(m_.output("write_o", banks_, "Write the node to this bank."), write_q);
  m_.assign(m_.output("write_address_o", address_bits_, "Where the node goes."), address_q);
  m_.assign(m_.output("from_root_o", 1, "The parent is the root value."), from_root_q);
  m_.assign(m_.output("at_root_o", 1, "The node is the root itself: add no operand."), at_root_q);
}

}  // namespace

std::vector<OrbitNode> orbit_order(const Geometry& g) {
  const transitive::OrbitForest forest(g.engine.dimension());
  const auto place_of = [](int slot) { return slot < 2 ? 1 - slot : slot; };
  std::vector<OrbitNode> order(forest.slots().size());
  for (int slot = 0; slot < static_cast<int>(order.size()); ++slot) {
    const transitive::OrbitSlot& s = forest.slots()[static_cast<std::size_t>(slot)];
    const int parent_slot = s.parent.value_or(-1);
    order[static_cast<std::size_t>(place_of(slot))] = {
        s.necklace, s.phase, s.lanes, slot, parent_slot, s.parent ? place_of(parent_slot) : -1};
  }
  return order;
}

Module orbit_lane(const Geometry& g) {
  return OrbitLane(g).build();
}

}  // namespace hasse::units
