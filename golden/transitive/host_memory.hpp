// SPDX-License-Identifier: Apache-2.0
// The memory behind an engine's streams: one bandwidth for all of them, and a latency.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "golden/transitive/array_split.hpp"
#include "golden/transitive/cycle_model.hpp"

namespace hasse::transitive {

/// A memory, and what a beat of every stream costs there.
struct MemoryConfig {
  double bandwidth = 0;      ///< Bytes a cycle, both directions together.
  int latency = 0;           ///< Cycles from the request of a beat to its arrival.
  int prefetch = 64;         ///< Beats of a stream that may be requested or wait.
  int weight_bytes = 1;      ///< Of a weight beat.
  int activation_bytes = 1;  ///< Of an activation beat.
  int result_bytes = 1;      ///< Of a result beat.
  bool operator==(const MemoryConfig&) const = default;
};

/// Beats that a product takes from memory.
struct InputBeats {
  std::uint64_t weights = 0;
  std::uint64_t activations = 0;
};

/// Every pass over the weights reads them again, every N-tile the activations of its pass.
InputBeats input_beats(const ArrayConfig& config, const Shape& shape);

/// Decides, cycle by cycle, which streams the host can serve. Weights and activations are read
/// ahead, `prefetch` beats each; results wait for their way out, as many. Whoever wants to move a
/// beat takes turns, and one that does not fit the bandwidth left in a cycle keeps its turn; what
/// is left over is not saved up beyond the largest beat.
class HostMemory {
 public:
  /// Reads `beats` and no further. The first tick is that of the first cycle after start.
  HostMemory(const MemoryConfig& config, const InputBeats& beats);

  /// What the host offers and takes in this cycle.
  HostCycle offers() const;
  /// The cycle ends: of every stream, whether a beat moved.
  void tick(const HostCycle& moved);

 private:
  enum Stream : std::size_t { kWeight, kActivation, kResult, kStreams };

  bool wants(std::size_t stream) const;
  void move(std::size_t stream);
  void arrive();

  MemoryConfig config_;
  std::array<double, kStreams> bytes_;
  double largest_;
  double credit_ = 0;  ///< Bytes that may still be moved.
  std::uint64_t now_ = 0;
  std::size_t turn_ = 0;
  std::array<std::uint64_t, kStreams> left_;  ///< Beats not requested yet; results: not written.
  std::array<int, kStreams> held_{};  ///< Beats requested and not taken; results: not written.
  std::array<int, kStreams> here_{};  ///< Beats that have arrived.
  std::array<std::deque<std::uint64_t>, kStreams>
      arrivals_;  ///< First cycles of those that have not.
};

}  // namespace hasse::transitive
