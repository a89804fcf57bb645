// SPDX-License-Identifier: Apache-2.0
// The orbit planner's forest: the lattice's, of which only what the codes need is built.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golden/transitive/build_plan.hpp"
#include "golden/transitive/lattice.hpp"

namespace hasse::transitive {

/// One node of every prefix lane: lane r keeps the rotation by r of the necklace in this slot.
struct OrbitSlot {
  Code necklace = 0;
  int phase = 0;                ///< Highest bit of the necklace; 0 for the root.
  std::optional<int> parent{};  ///< Slot of the parent; empty when it is the root value itself.
  int lanes = 0;                ///< Lanes 0..lanes-1 keep such a node, the others a repetition.
};

/// Plans in phases: in phase b every lane builds its nodes whose necklace has b as its highest bit,
/// at its own choice, while one ring holds the operands so that each lane adds a fixed place. The
/// ring turns when no lane has such a node left. A lane prefers its lowest slot, but the root,
/// which is nobody's parent to read, last.
class OrbitForest {
 public:
  /// Most necklaces a lane may have: a lane's nodes are a bit mask.
  static constexpr int kMaxSlots = 64;

  /// Throws std::invalid_argument when a lattice of `dimension` operands has more necklaces.
  explicit OrbitForest(int dimension);

  int dimension() const { return lattice_.dimension(); }
  const Lattice& lattice() const { return lattice_; }
  const std::vector<OrbitSlot>& slots() const { return slots_; }
  /// Phases of a sub-tile, each at least one step long.
  int phases() const { return lattice_.dimension(); }

  /// The plan for a sub-tile in which `present[node]` says who is asked for.
  BuildPlan plan(const std::vector<bool>& present) const;

 private:
  using Mask = std::uint64_t;

  std::vector<Mask> closure(const std::vector<bool>& present) const;
  int choose(Mask eligible) const;

  Lattice lattice_;
  std::vector<OrbitSlot> slots_;
  std::vector<Mask> children_;  ///< Per slot, the slots built from it.
  std::vector<Mask> phase_;     ///< Per phase, its slots.
};

}  // namespace hasse::transitive
