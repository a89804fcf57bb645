// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/orbit_forest.hpp"

#include <bit>
#include <stdexcept>

namespace hasse::transitive {

OrbitForest::OrbitForest(int dimension)
    : lattice_(dimension), phase_(static_cast<std::size_t>(dimension)) {
  if (lattice_.slots() > kMaxSlots)
    throw std::invalid_argument("orbit forest of dimension " + std::to_string(dimension) + ": " +
                                std::to_string(lattice_.slots()) + " nodes per lane, at most " +
                                std::to_string(kMaxSlots));
  children_.resize(static_cast<std::size_t>(lattice_.slots()));
  for (const LatticeStep& step : lattice_.steps()) {
    if (step.idle) continue;
    const Mask mine = Mask{1} << step.slot;
    if (step.parent_slot) children_[static_cast<std::size_t>(*step.parent_slot)] |= mine;
    phase_[static_cast<std::size_t>(step.operand)] |= mine;
    slots_.push_back({step.necklace, step.operand, step.parent_slot, step.lanes});
  }
}

/// Per lane, the slots of the nodes that are present and of all their ancestors.
std::vector<OrbitForest::Mask> OrbitForest::closure(const std::vector<bool>& present) const {
  std::vector<Mask> needed(static_cast<std::size_t>(dimension()));
  for (Code node = 0; node < present.size(); ++node) {
    const NodePlace place = lattice_.place(node);
    if (present[node]) needed[static_cast<std::size_t>(place.lane)] |= Mask{1} << place.slot;
  }
  for (Mask& lane : needed)
    for (std::size_t slot = slots_.size(); slot-- > 0;)
      if (((lane >> slot) & 1U) != 0 && slots_[slot].parent)
        lane |= Mask{1} << *slots_[slot].parent;
  return needed;
}

/// The slot a lane prefers among those it may build, all of one phase.
int OrbitForest::choose(Mask eligible) const {
  const Mask after_root = eligible & ~Mask{1};
  return std::countr_zero(after_root != 0 ? after_root : eligible);
}

BuildPlan OrbitForest::plan(const std::vector<bool>& present) const {
  std::vector<Mask> needed = closure(present);
  std::vector<Mask> blocked(needed.size());  // children of the node built in the step before
  BuildPlan plan;
  for (std::size_t phase = 0; phase < phase_.size(); ++phase) {
    bool more = true;
    for (; more; ++plan.steps) {
      more = false;
      for (std::size_t lane = 0; lane < needed.size(); ++lane) {
        const Mask eligible = needed[lane] & phase_[phase] & ~blocked[lane];
        blocked[lane] = 0;
        if (eligible != 0) {
          const auto slot = static_cast<std::size_t>(choose(eligible));
          needed[lane] &= ~(Mask{1} << slot);
          blocked[lane] = children_[slot];
          plan.nodes.push_back(
              {rotate_left(slots_[slot].necklace, static_cast<int>(lane), dimension()),
               static_cast<int>(lane), plan.steps});
        }
        more = more || (needed[lane] & phase_[phase]) != 0;
      }
    }
  }
  return plan;
}

}  // namespace hasse::transitive
