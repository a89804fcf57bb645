// SPDX-License-Identifier: Apache-2.0
// Puts the nodes of a placement into steps: every prefix lane its own list, oldest ready node
// first.
#include <algorithm>

#include "golden/transitive/program.hpp"

namespace hasse::transitive {
namespace {

constexpr int kUnscheduled = -Lattice::kParentLatency;

/// The step that builds `placed`.
LaneStep lane_step(const EngineConfig& config, const Placement& placement,
                   const PlacedNode& placed) {
  const auto banks = static_cast<unsigned>(config.banks_per_lane);
  LaneStep step;
  step.write = 1U << (placed.bank % banks);
  step.write_address = placed.address;
  Code base = 0;
  if (placed.parent >= 0) {
    const PlacedNode& parent = placement.nodes[static_cast<std::size_t>(placed.parent)];
    step.parent_read = 1U << (parent.bank % banks);
    step.parent_address = parent.address;
    base = parent.node;
  }
  step.operand = placed.node == 0 ? static_cast<unsigned>(config.dimension())
                                  : static_cast<unsigned>(std::countr_zero(placed.node & ~base));
  return step;
}

/// Fills lane `lane`: its nodes in the order given, each in the first step in which it may stand
/// and no other does.
void schedule_lane(const EngineConfig& config, const Placement& placement, int lane,
                   std::vector<int>& step_of, std::vector<std::vector<LaneStep>>& steps) {
  std::vector<bool> taken;
  std::size_t from = 0;
  for (std::size_t i = 0; i < placement.nodes.size(); ++i) {
    const PlacedNode& placed = placement.nodes[i];
    if (placed.bank / config.banks_per_lane != lane) continue;
    const int earliest = placed.parent < 0 ? 0
                                           : step_of[static_cast<std::size_t>(placed.parent)] +
                                                 Lattice::kParentLatency;
    while (from < taken.size() && taken[from]) ++from;
    std::size_t at = std::max(from, static_cast<std::size_t>(earliest));
    while (at < taken.size() && taken[at]) ++at;
    if (at >= taken.size()) taken.resize(at + 1);
    taken[at] = true;
    step_of[i] = static_cast<int>(at);
    if (at >= steps.size())
      steps.resize(at + 1, std::vector<LaneStep>(static_cast<std::size_t>(config.dimension())));
    steps[at][static_cast<std::size_t>(lane)] = lane_step(config, placement, placed);
  }
}

}  // namespace

std::vector<std::vector<LaneStep>> schedule(const EngineConfig& config,
                                            const Placement& placement) {
  std::vector<std::vector<LaneStep>> steps(
      static_cast<std::size_t>(config.columns_per_adder),
      std::vector<LaneStep>(static_cast<std::size_t>(config.dimension())));
  std::vector<int> step_of(placement.nodes.size(), kUnscheduled);
  for (int lane = 0; lane < config.dimension(); ++lane)
    schedule_lane(config, placement, lane, step_of, steps);
  return steps;
}

}  // namespace hasse::transitive
