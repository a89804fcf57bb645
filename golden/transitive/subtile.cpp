// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/subtile.hpp"

#include <stdexcept>

#include "golden/transitive/lattice.hpp"

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

/// Every node in the order of the schedule, not read by anyone yet.
std::vector<SubtileNode> built_nodes(const Lattice& lattice) {
  std::vector<SubtileNode> nodes;
  for (std::size_t step = 0; step < lattice.steps().size(); ++step) {
    const LatticeStep& now = lattice.steps()[step];
    for (int lane = 0; !now.idle && lane < now.lanes; ++lane) {
      SubtileNode node;
      node.node = rotate_left(now.necklace, lane, lattice.dimension());
      if (node.node != 0) node.parent = orbit_parent(node.node, lattice.dimension());
      node.lane = lane;
      node.step = static_cast<int>(step);
      nodes.push_back(node);
    }
  }
  return nodes;
}

}  // namespace

std::vector<SubtileNode> subtile_nodes(const EngineConfig& config, const WeightStream& stream,
                                       int tile) {
  if (tile < 0 || tile >= stream.tiles())
    throw std::out_of_range("sub-tile " + std::to_string(tile) + " of " +
                            std::to_string(stream.tiles()));
  std::vector<SubtileNode> nodes = built_nodes(Lattice(config.dimension()));
  std::vector<SubtileNode*> by_code(nodes.size());
  for (SubtileNode& node : nodes) by_code[node.node] = &node;
  for_each_code(stream, tile, [&](Code code) {
    const MirroredCode read = mirror(code, config.tile_bits);
    ++by_code[read.node]->uses;
    by_code[read.node]->uses_mirrored += read.negate ? 1 : 0;
  });
  return nodes;
}

}  // namespace hasse::transitive
