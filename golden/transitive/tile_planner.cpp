// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/tile_planner.hpp"

#include <algorithm>

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

BuildPlan dynamic_plan(const DynamicPlan& plan) {
  BuildPlan steps;
  for (const DynamicNode& node : plan.nodes())
    steps.nodes.push_back({node.node, node.lane, node.step});
  steps.steps = std::max(plan.steps(), 2);
  return steps;
}

std::vector<bool> listed_nodes(const EngineConfig& config, const WeightStream& stream) {
  if (stream.listed()) return *stream.listed();
  std::vector<bool> listed(std::size_t{1} << config.dimension());
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat) {
    const WeightBeat& info = stream.beats()[beat];
    const int lanes = std::min(info.lanes, stream.calibration_rows() - info.first_row);
    for (int lane = 0; lane < lanes; ++lane)
      listed[mirror(stream.code(beat, lane), config.tile_bits).node] = true;
  }
  return listed;
}

TilePlanner::TilePlanner(const EngineConfig& config, const WeightStream& stream)
    : looks_(config.plans_ahead()), lattice_(config.dimension()) {
  const auto size = [](const BuildPlan& plan) {
    return Size{plan.steps, static_cast<int>(plan.nodes.size())};
  };
  if (!looks_) {
    plan_ = lattice_plan(lattice_);
    sizes_.assign(static_cast<std::size_t>(stream.tiles()), size(plan_));
    return;
  }
  wanted_ = present_nodes(config, stream);
  if (config.planner == Planner::listed) list(config, stream);
  if (config.planner == Planner::dynamic) {
    search_cycles_ = config.dimension() - 2;
    for (const auto& wanted : wanted_)
      dynamic_.emplace_back(config.dimension(), wanted, config.operand_network);
  } else {
    orbit_.emplace(config.dimension());
  }
  for (std::size_t tile = 0; tile < wanted_.size(); ++tile) sizes_.push_back(size(plan_of(tile)));
}

BuildPlan TilePlanner::plan_of(std::size_t tile) const {
  return orbit_ ? orbit_->plan(wanted_[tile]) : dynamic_plan(dynamic_[tile]);
}

NodePlace TilePlanner::place(std::size_t tile, Code node) const {
  if (dynamic_.empty()) return lattice_.place(node);
  const int lane = dynamic_[tile].lane(node).value();
  return {lane, dynamic_slot(node, lane, lattice_.dimension())};
}

std::optional<Code> TilePlanner::parent(std::size_t tile, Code node) const {
  if (node == 0) return std::nullopt;
  if (dynamic_.empty()) return orbit_parent(node, lattice_.dimension());
  const std::vector<DynamicNode>& nodes = dynamic_[tile].nodes();
  return std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.node == node; })
      ->parent.value_or(Code{0});
}

void TilePlanner::list(const EngineConfig& config, const WeightStream& stream) {
  const std::vector<bool> listed = listed_nodes(config, stream);
  for (std::vector<bool>& wanted : wanted_)
    for (std::size_t node = 0; node < listed.size(); ++node) {
      misses_ += wanted[node] && !listed[node] ? 1 : 0;
      wanted[node] = wanted[node] || listed[node];
    }
  words_to_come_ = config.table_words();
}

std::uint64_t TilePlanner::nodes_in_pass() const {
  std::uint64_t nodes = 0;
  for (const Size& size : sizes_) nodes += static_cast<std::uint64_t>(size.nodes);
  return nodes;
}

const BuildPlan& TilePlanner::plan(std::size_t tile) {
  if (looks_ && shown_ != tile) plan_ = plan_of(tile);
  shown_ = tile;
  return plan_;
}

void TilePlanner::tick(bool completes, bool built) {
  const bool take = complete_ && free();
  complete_ = completes || (complete_ && !take);
  planned_ = take || (planned_ && !built);
  searching_ = take ? search_cycles_ : std::max(searching_ - 1, 0);
  words_to_come_ = std::max(words_to_come_ - 1, 0);
  if (built) tile_ = tile_ + 1 == sizes_.size() ? 0 : tile_ + 1;
}

}  // namespace hasse::transitive
