// SPDX-License-Identifier: Apache-2.0
// The lattice planner's one fixed schedule: which node each lane builds in which step, and where
// it is kept.
#pragma once

#include <optional>
#include <vector>

#include "golden/transitive/necklace.hpp"

namespace hasse::transitive {

/// One step of the schedule, the same in every prefix lane (lane r builds the rotation by r).
struct LatticeStep {
  bool idle = false;  ///< Bubble: the parent of the next step is still being written.
  Code necklace = 0;  ///< Node built by lane 0.
  int operand = 0;    ///< Operand added by lane 0; lane r adds (operand + r) mod dimension.
  int slot = 0;       ///< Where the node is kept, the same number in every lane.
  std::optional<int>
      parent_slot{};  ///< Slot of the parent; empty when it is the root value itself.
  int lanes = 0;      ///< Lanes 0..lanes-1 keep their node, the others hold a repetition.
};

/// Where a node of the mirrored lattice is kept.
struct NodePlace {
  int lane;
  int slot;
  bool operator==(const NodePlace&) const = default;
};

/// The schedule for a lattice over `dimension` operands.
class Lattice {
 public:
  /// A node written in step s can be read as a parent from step s + kParentLatency on.
  static constexpr int kParentLatency = 2;

  explicit Lattice(int dimension);

  int dimension() const { return dimension_; }
  /// Steps in order, bubbles included; operands never decrease, so the operand ring only advances.
  const std::vector<LatticeStep>& steps() const { return steps_; }
  /// Slots per lane (the number of necklaces).
  int slots() const { return slots_; }
  /// Nodes kept over all lanes, 2^dimension.
  int nodes() const { return 1 << dimension_; }
  /// Lane and slot of `node`.
  NodePlace place(Code node) const { return places_.at(node); }

 private:
  int dimension_;
  int slots_;
  std::vector<LatticeStep> steps_;
  std::vector<NodePlace> places_;
};

}  // namespace hasse::transitive
