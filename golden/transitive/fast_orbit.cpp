// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/fast_orbit.hpp"

#include <algorithm>
#include <bit>

namespace hasse::transitive {

FastOrbit::FastOrbit(int dimension) : dimension_(static_cast<std::size_t>(dimension)) {
  const OrbitForest forest(dimension);
  const std::vector<OrbitSlot>& slots = forest.slots();
  std::vector<Mask> ancestors;  // of every slot, and itself
  children_.resize(slots.size());
  phases_.resize(dimension_);
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    const Mask mine = Mask{1} << slot;
    ancestors.push_back(mine);
    phases_[static_cast<std::size_t>(slots[slot].phase)] |= mine;
    if (!slots[slot].parent) continue;
    const auto parent = static_cast<std::size_t>(*slots[slot].parent);
    ancestors[slot] |= ancestors[parent];
    children_[parent] |= mine;
  }
  closures_.resize((slots.size() + 7) / 8);
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    for (std::size_t value = 0; value < 256; ++value)
      if ((value >> (slot % 8) & 1) != 0) closures_[slot / 8][value] |= ancestors[slot];
}

/// The slots of `lane`, and those of their ancestors.
FastOrbit::Mask FastOrbit::closure(Mask lane) const {
  Mask closed = 0;
  for (std::size_t byte = 0; byte < closures_.size(); ++byte)
    closed |= closures_[byte][lane >> (8 * byte) & 0xff];
  return closed;
}

/// Steps of a phase; `blocked` are, per lane, the children of the node built in the step before it,
/// and become those of the node built in its last step.
int FastOrbit::phase_steps(std::size_t phase, std::span<const Mask> needed,
                           std::span<Mask> blocked) const {
  std::array<int, kMaxLanes> steps{};
  std::array<std::size_t, kMaxLanes> last{};
  int longest = 1;
  for (std::size_t lane = 0; lane < dimension_; ++lane) {
    // The root is built last, and nobody waits for it: it only takes time.
    const Mask mine = needed[lane] & phases_[phase];
    const Mask nodes = mine & ~Mask{1};
    const Mask eligible = nodes & ~blocked[lane];
    const Mask first = eligible & (~eligible + 1);
    const Mask rest = nodes != first ? nodes & ~first : nodes;
    const bool waits = eligible == 0 && nodes != 0;
    steps[lane] = std::popcount(mine) + (waits && nodes == mine ? 1 : 0);
    last[lane] = nodes == mine ? static_cast<std::size_t>(std::bit_width(rest | 1) - 1) : 0;
    longest = std::max(longest, steps[lane]);
  }
  for (std::size_t lane = 0; lane < dimension_; ++lane)
    blocked[lane] = steps[lane] == longest ? children_[last[lane]] : 0;
  return longest;
}

TilePlan FastOrbit::plan(std::span<const std::uint64_t> lanes) const {
  std::array<Mask, kMaxLanes> needed{}, blocked{};
  TilePlan plan;
  for (std::size_t lane = 0; lane < dimension_; ++lane) {
    needed[lane] = closure(lanes[lane]);
    const int built = std::popcount(needed[lane]);
    plan.present += std::popcount(lanes[lane]);
    plan.built += built;
    plan.busiest = std::max(plan.busiest, built);
  }
  for (std::size_t phase = 0; phase < phases_.size(); ++phase)
    plan.steps += phase_steps(phase, needed, blocked);
  return plan;
}

}  // namespace hasse::transitive
