// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/subtile.hpp"

#include <algorithm>
#include <stdexcept>

#include "golden/transitive/tile_planner.hpp"

namespace hasse::transitive {
namespace {

/// Calls `visit` with every code of sub-tile `tile`.
template <class Visit>
void for_each_code(const WeightStream& stream, int tile, Visit visit) {
  int current = 0;
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat) {
    const WeightBeat& info = stream.beats()[beat];
    for (int lane = 0; current == tile && lane < info.lanes; ++lane) visit(stream.code(beat, lane));
    if (info.end_of_tile) ++current;
  }
}

/// Every node built in the order of the plan, not read by anyone yet.
std::vector<SubtileNode> built_nodes(TilePlanner& planner, std::size_t tile) {
  const BuildPlan& plan = planner.plan(tile);
  const bool has_root = std::any_of(plan.nodes.begin(), plan.nodes.end(),
                                    [](const PlannedNode& planned) { return planned.node == 0; });
  std::vector<SubtileNode> nodes;
  for (const PlannedNode& planned : plan.nodes) {
    SubtileNode node;
    node.node = planned.node;
    const std::optional<Code> parent = planner.parent(tile, node.node);
    if (has_root || parent != Code{0}) node.parent = parent;
    node.lane = planned.lane;
    node.step = planned.step;
    nodes.push_back(node);
  }
  return nodes;
}

}  // namespace

std::vector<SubtileNode> subtile_nodes(const EngineConfig& config, const WeightStream& stream,
                                       int tile) {
  if (tile < 0 || tile >= stream.tiles())
    throw std::out_of_range("sub-tile " + std::to_string(tile) + " of " +
                            std::to_string(stream.tiles()));
  TilePlanner planner(config, stream);
  std::vector<SubtileNode> nodes = built_nodes(planner, static_cast<std::size_t>(tile));
  std::vector<SubtileNode*> by_code(std::size_t{1} << config.dimension());
  for (SubtileNode& node : nodes) by_code[node.node] = &node;
  for_each_code(stream, tile, [&](Code code) {
    const MirroredCode read = mirror(code, config.tile_bits);
    ++by_code[read.node]->uses;
    by_code[read.node]->uses_mirrored += read.negate ? 1 : 0;
  });
  return nodes;
}

}  // namespace hasse::transitive
