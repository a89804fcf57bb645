// SPDX-License-Identifier: Apache-2.0
// What happens inside the engine during a product without stalls, told by the cycle model.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "golden/tensor/matrix.hpp"
#include "golden/transitive/array_model.hpp"
#include "verif/harness/engine.hpp"

namespace hasse::harness {

/// Predicted cycles and, for pictures, one sub-tile's forest, a window of lane occupation and where
/// the accumulate lanes' cycles went.
struct Insight {
  std::uint64_t predicted_cycles = 0;
  nlohmann::ordered_json subtile;          ///< {tile_bits, dimension, nodes: [...]}
  nlohmann::ordered_json occupation;       ///< {first_cycle, cycles, prefix, accumulate, ...}
  nlohmann::ordered_json cycle_breakdown;  ///< name -> cycles, the lanes' average; sums to cycles
};

/// Runs the cycle model for `operands` and a host that waits for `memory` at most. Pictures and
/// breakdown are of an array's first unit.
Insight look_inside(const Engine& engine, const Operands& operands,
                    const std::optional<transitive::MemoryConfig>& memory = {});

}  // namespace hasse::harness
