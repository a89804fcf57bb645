// SPDX-License-Identifier: Apache-2.0
// One sub-tile seen as a forest in the Hasse graph: which node is built from which, and who reads
// it.
#pragma once

#include <optional>
#include <vector>

#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// A node of the mirrored lattice in one sub-tile.
struct SubtileNode {
  Code node = 0;
  std::optional<Code> parent{};  ///< Empty for the root, and without a root.
  int lane = 0;                  ///< Prefix lane that builds it.
  int step = 0;                  ///< Step of the plan.
  int uses = 0;                  ///< TransRows that read it, mirrored ones included.
  int uses_mirrored = 0;         ///< Those that read it with its sign changed.
};

/// All nodes built for sub-tile number `tile` of the stream, in the order they are built. Throws
/// std::out_of_range when the stream has no such sub-tile.
std::vector<SubtileNode> subtile_nodes(const EngineConfig& config, const WeightStream& stream,
                                       int tile);

}  // namespace hasse::transitive
