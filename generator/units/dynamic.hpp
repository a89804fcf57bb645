// SPDX-License-Identifier: Apache-2.0
// The units of the dynamic planner, and the order in which they number nodes.
#pragma once

#include <optional>
#include <vector>

#include "generator/units/units.hpp"
#include "golden/transitive/dynamic_plan.hpp"

namespace hasse::units {

/// The nodes of two bits and more, numbered picker by picker, a picker's nodes in the order in
/// which it prefers them. Root and level 1 are always there and have no number.
class DynamicOrder {
 public:
  explicit DynamicOrder(int dimension);

  int dimension() const { return dimension_; }
  int nodes() const { return static_cast<int>(nodes_.size()); }
  transitive::Code node(int number) const { return nodes_[static_cast<std::size_t>(number)]; }
  /// Number of a node of two bits and more.
  int number(transitive::Code node) const { return numbers_[node]; }
  /// First number of a picker's nodes, and how many it has.
  int first(int picker) const { return firsts_[static_cast<std::size_t>(picker)]; }
  int count(int picker) const { return first(picker + 1) - first(picker); }
  /// Bits of the number of a lane.
  int lane_bits() const { return address_bits_for(dimension_); }

 private:
  int dimension_;
  std::vector<transitive::Code> nodes_;
  std::vector<int> numbers_, firsts_;
};

/// The port by which a unit of such a design gets the lane of every node, per half of the banks;
/// none in other designs.
std::optional<hdl::Expr> node_lanes_input(const Geometry& g, hdl::Module& module);

/// Forward pass and one round of the backward pass: the prefixes that wanted nodes ask for.
hdl::Module prefix_search(const Geometry& g);
/// Grants rows one column each and columns one row each: transitive::match_wavefront from
/// diagonal 0.
hdl::Module wavefront_arbiter(int size);
/// What a scoreboard is made of.
struct ScoreboardParts {
  hdl::Module search, arbiter;
};
/// Plans a sub-tile: from the nodes asked for to a node, an operand per lane and step.
hdl::Module scoreboard(const Geometry& g, const ScoreboardParts& parts);
/// The lane of every node, for both halves of the banks.
hdl::Module place_table(const Geometry& g);
/// Slot of a node, from its code without the bit of its lane: see transitive::dynamic_slot.
hdl::Expr slot_of(const hdl::Expr& bare);

/// What the planner of a dynamic engine is made of.
struct DynamicParts {
  hdl::Module scoreboard, table;
  std::optional<hdl::Module> router;  ///< Where operands reach the lanes by a Benes network.
};
/// Loads operands, and carries out what its scoreboard plans.
hdl::Module dynamic_planner(const Geometry& g, const hdl::Module& walker,
                            const DynamicParts& parts);
/// One lane's choice among the operands of a K-tile.
hdl::Module operand_select(const Geometry& g);
/// Table from node to bank and address, by the lanes of a place_table.
hdl::Module place_lookup(const Geometry& g);

}  // namespace hasse::units
