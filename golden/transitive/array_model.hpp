// SPDX-License-Identifier: Apache-2.0
// Cycle-exact model of an array: its units, the forks before them and the merge behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golden/transitive/array_split.hpp"
#include "golden/transitive/cycle_model.hpp"
#include "golden/transitive/host_memory.hpp"
#include "golden/transitive/streamed_model.hpp"

namespace hasse::transitive {

/// Result of a run.
struct ArrayCount {
  std::uint64_t cycles = 0;            ///< As the array's cycles_o counts them.
  std::uint64_t transrows = 0;         ///< As transrows_o: of all units, rows beyond N included.
  std::uint64_t nodes_built = 0;       ///< As nodes_built_o: of all units.
  std::vector<CycleCount> units;       ///< Every banked unit by itself, in the array's cycles.
  std::vector<StreamedCount> streams;  ///< The same of units whose weights stream.

  /// Cycles of the first unit's subtile_done_o.
  const std::vector<std::uint64_t>& subtile_done() const {
    return units.empty() ? streams.front().subtile_done : units.front().subtile_done;
  }
};

/// Runs the array's control on `weights` [N x K] for `shape` with a host that never waits, or waits
/// for `memory` only; equals the Verilated array cycle for cycle. `window` is of every unit. A
/// `compiled` planner carries out `program`, or else the weights are compiled.
ArrayCount count_array_cycles(const ArrayConfig& config, const Shape& shape,
                              const tensor::Matrix<std::int8_t>& weights, Window window = {},
                              const std::optional<MemoryConfig>& memory = {},
                              const Program* program = nullptr);

/// The same for units whose weights stream, which do not depend on the weights.
ArrayCount count_array_cycles(const ArrayConfig& config, const Shape& shape,
                              const std::optional<MemoryConfig>& memory = {});

/// Lane-cycles that `shape` needs at the least, rows beyond N left out: its TransRows, one per lane
/// and cycle, and what streaming engines take in their place.
double needed_lane_cycles(const ArrayConfig& config, const Shape& shape);

/// Accumulations of the array over what its lanes could have made: the TransRows of the product
/// (rows beyond N left out) over lanes, units and cycles.
double array_utilisation(const ArrayConfig& config, const Shape& shape, const ArrayCount& count);

}  // namespace hasse::transitive
