// SPDX-License-Identifier: Apache-2.0
// A planned sub-tile in numbers, without the plan.
#pragma once

namespace hasse::transitive {

/// One sub-tile as planned.
struct TilePlan {
  int present = 0;  ///< Different nodes that are read.
  int built = 0;    ///< Nodes built: those and their chosen prefixes.
  int busiest = 0;  ///< Nodes of the busiest prefix lane.
  int steps = 0;    ///< Cycles from the first step to the last, waiting for parents included.
  bool operator==(const TilePlan&) const = default;
};

}  // namespace hasse::transitive
