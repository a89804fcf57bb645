// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/tile_planner.hpp"

namespace hasse::transitive {

BuildPlan lattice_plan(const Lattice& lattice) {
  BuildPlan plan;
  for (const LatticeStep& step : lattice.steps()) {
    for (int lane = 0; !step.idle && lane < step.lanes; ++lane)
      plan.nodes.push_back(
          {rotate_left(step.necklace, lane, lattice.dimension()), lane, plan.steps});
    ++plan.steps;
  }
  return plan;
}

std::vector<std::vector<bool>> present_nodes(const EngineConfig& config,
                                             const WeightStream& stream) {
  const std::vector<bool> none(std::size_t{1} << config.dimension());
  std::vector<std::vector<bool>> present;
  bool begins = true;
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat) {
    const WeightBeat& info = stream.beats()[beat];
    if (begins) present.push_back(none);
    for (int lane = 0; lane < info.lanes; ++lane)
      present.back()[mirror(stream.code(beat, lane), config.tile_bits).node] = true;
    begins = info.end_of_tile;
  }
  return present;
}

TilePlanner::TilePlanner(const EngineConfig& config, const WeightStream& stream)
    : looks_(config.plans_ahead()) {
  const auto size = [](const BuildPlan& plan) {
    return Size{plan.steps, static_cast<int>(plan.nodes.size())};
  };
  if (looks_) {
    orbit_.emplace(config.dimension());
    present_ = present_nodes(config, stream);
    for (const std::vector<bool>& present : present_) sizes_.push_back(size(orbit_->plan(present)));
  } else {
    plan_ = lattice_plan(Lattice(config.dimension()));
    sizes_.assign(static_cast<std::size_t>(stream.tiles()), size(plan_));
  }
}

std::uint64_t TilePlanner::nodes_in_pass() const {
  std::uint64_t nodes = 0;
  for (const Size& size : sizes_) nodes += static_cast<std::uint64_t>(size.nodes);
  return nodes;
}

const BuildPlan& TilePlanner::plan() {
  if (looks_ && shown_ != tile_) plan_ = orbit_->plan(present_[tile_]);
  shown_ = tile_;
  return plan_;
}

void TilePlanner::tick(bool completes, bool built) {
  const bool take = complete_ && !planned_;
  complete_ = completes || (complete_ && !take);
  planned_ = take || (planned_ && !built);
  if (built) tile_ = tile_ + 1 == sizes_.size() ? 0 : tile_ + 1;
}

}  // namespace hasse::transitive
