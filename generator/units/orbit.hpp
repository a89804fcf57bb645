// SPDX-License-Identifier: Apache-2.0
// The nodes of a prefix lane in the order in which the orbit planner prefers them.
#pragma once

#include <vector>

#include "generator/units/geometry.hpp"
#include "golden/transitive/orbit_forest.hpp"

namespace hasse::units {

/// A node of every prefix lane: lane r keeps the rotation of the necklace by r.
struct OrbitNode {
  transitive::Code necklace;
  int phase;        ///< Highest bit of the necklace, the operand it is built with.
  int lanes;        ///< Lanes 0..lanes-1 keep such a node.
  int slot;         ///< Where it is kept.
  int parent_slot;  ///< Where its parent is kept; -1: built from the root value.
  int parent;       ///< Place of the parent in this order; -1: built from the root value.
};

/// As in transitive::OrbitForest: by slot, but the root, which is nobody's parent to read, goes
/// behind the other node of its phase.
std::vector<OrbitNode> orbit_order(const Geometry& g);

}  // namespace hasse::units
