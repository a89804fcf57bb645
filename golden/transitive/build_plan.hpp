// SPDX-License-Identifier: Apache-2.0
// What a planner decides about one sub-tile: which nodes are built, in which lane and step.
#pragma once

#include <vector>

#include "golden/transitive/hasse_graph.hpp"

namespace hasse::transitive {

/// A node that is built.
struct PlannedNode {
  Code node = 0;
  int lane = 0;  ///< Prefix lane that builds it.
  int step = 0;  ///< Cycle in which its parent is read, counted from the sub-tile's first.
  bool operator==(const PlannedNode&) const = default;
};

/// All nodes of a sub-tile in the order of their steps, within a step by lane.
struct BuildPlan {
  std::vector<PlannedNode> nodes;
  int steps = 0;  ///< Steps, those in which no lane builds anything included.
};

}  // namespace hasse::transitive
