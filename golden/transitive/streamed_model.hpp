// SPDX-License-Identifier: Apache-2.0
// Cycle-exact model of the engines whose weights stream past what is stationary.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golden/transitive/host_memory.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// Result of a run; the last four add up to the cycles in which weights were still to come.
struct StreamedCount {
  std::uint64_t cycles = 0;                 ///< As the engine's cycles_o counts them.
  std::vector<std::uint64_t> subtile_done;  ///< Cycle of each subtile_done_o pulse.
  std::uint64_t beats = 0;                  ///< Beats of the weight stream, cycles_per_beat each.
  std::uint64_t waiting_for_operands = 0;   ///< Cycles without a beat: the K-tile was not loaded.
  std::uint64_t waiting_for_room = 0;       ///< Others: wide adders busy, or finished rows full.
  std::uint64_t waiting_for_weights = 0;  ///< Others: the host had none (olive: of either operand).
};

/// Runs the control of an engine with `config.streams()` for `shape` with a host that never waits,
/// or waits for `memory` only; equals the Verilated engine cycle for cycle. Weights do not matter.
StreamedCount count_streamed_cycles(const EngineConfig& config, const Shape& shape,
                                    const std::optional<MemoryConfig>& memory = {});

}  // namespace hasse::transitive
