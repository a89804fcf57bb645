// SPDX-License-Identifier: Apache-2.0
// The numbers of OrbitForest's plans, computed on bit masks without making the plans.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/transitive/orbit_forest.hpp"
#include "golden/transitive/tile_plan.hpp"

namespace hasse::transitive {

/// Equal to OrbitForest::plan. A lane's nodes are a mask of slots. Ancestors come from tables, a
/// byte of the mask at a time. Of a phase only its length and each lane's last node matter: a
/// parent lies in an earlier phase, so a lane can only wait in a phase's first step, and only for
/// the node it built just before.
class FastOrbit {
 public:
  /// Throws as OrbitForest does.
  explicit FastOrbit(int dimension);

  /// Plans a sub-tile that reads, of lane l's nodes, those in the slots set in `lanes[l]`;
  /// `dimension` lanes.
  TilePlan plan(std::span<const std::uint64_t> lanes) const;

 private:
  using Mask = std::uint64_t;
  static constexpr std::size_t kBytes = sizeof(Mask);
  static constexpr std::size_t kMaxLanes = 16;

  Mask closure(Mask lane) const;
  int phase_steps(std::size_t phase, std::span<const Mask> needed, std::span<Mask> blocked) const;

  std::size_t dimension_;
  std::vector<std::array<Mask, 256>> closures_;  ///< By byte of a mask, and its value.
  std::vector<Mask> children_;                   ///< By slot.
  std::vector<Mask> phases_;                     ///< Slots of every phase.
};

}  // namespace hasse::transitive
