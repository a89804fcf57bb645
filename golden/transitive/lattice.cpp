// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/lattice.hpp"

#include <bit>
#include <map>
#include <stdexcept>

namespace hasse::transitive {
namespace {

void check_dimension(int dimension) {
  if (dimension < 1 || dimension > kMaxDimension)
    throw std::invalid_argument("lattice dimension " + std::to_string(dimension) +
                                ": expected 1.." + std::to_string(kMaxDimension));
}

LatticeStep bubble(int operand) {
  LatticeStep step;
  step.idle = true;
  step.operand = operand;
  return step;
}

}  // namespace

Lattice::Lattice(int dimension) : dimension_(dimension) {
  check_dimension(dimension);
  const std::vector<Code> order = necklaces(dimension);
  slots_ = static_cast<int>(order.size());
  std::map<Code, int> slot_of;
  std::map<Code, int> step_of;
  for (const Code necklace : order) {
    LatticeStep step;
    step.necklace = necklace;
    step.slot = static_cast<int>(slot_of.size());
    step.lanes = period(necklace, dimension);
    if (necklace != 0) {
      step.operand = std::bit_width(necklace) - 1;
      const Code parent = orbit_parent(necklace, dimension);
      if (parent != 0) {
        step.parent_slot = slot_of.at(parent);
        while (static_cast<int>(steps_.size()) < step_of.at(parent) + kParentLatency)
          steps_.push_back(bubble(steps_.back().operand));
      }
    }
    slot_of[necklace] = step.slot;
    step_of[necklace] = static_cast<int>(steps_.size());
    steps_.push_back(step);
  }
  for (Code node = 0; node < (Code{1} << dimension); ++node) {
    const Orbit where = orbit(node, dimension);
    places_.push_back({where.rotation, slot_of.at(where.necklace)});
  }
}

}  // namespace hasse::transitive
