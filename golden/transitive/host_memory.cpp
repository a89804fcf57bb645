// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/host_memory.hpp"

#include <algorithm>

namespace hasse::transitive {

InputBeats input_beats(const ArrayConfig& config, const Shape& shape) {
  const EngineConfig streams = config.streams();
  const auto tiles = [](int size, int tile) {
    return static_cast<std::uint64_t>((size + tile - 1) / tile);
  };
  const int rows = streams.tile_rows(shape);
  const std::uint64_t groups =
      tiles(rows, streams.lanes) * static_cast<std::uint64_t>(shape.n / rows) +
      tiles(shape.n % rows, streams.lanes);
  const std::uint64_t passes = tiles(shape.m, streams.columns);
  return {passes * groups * tiles(shape.k, streams.depth()) *
              static_cast<std::uint64_t>(streams.beats_per_row(shape.weight_bits)),
          passes * tiles(shape.n, rows) *
              static_cast<std::uint64_t>(streams.activation_beats(shape.k))};
}

HostMemory::HostMemory(const MemoryConfig& config, const InputBeats& beats)
    : config_(config),
      bytes_{static_cast<double>(config.weight_bytes), static_cast<double>(config.activation_bytes),
             static_cast<double>(config.result_bytes)},
      largest_(*std::max_element(bytes_.begin(), bytes_.end())),
      left_{beats.weights, beats.activations, 0} {}

HostCycle HostMemory::offers() const {
  return {here_[kWeight] > 0, here_[kActivation] > 0, held_[kResult] < config_.prefetch};
}

bool HostMemory::wants(std::size_t stream) const {
  return stream == kResult ? held_[kResult] > 0
                           : left_[stream] > 0 && held_[stream] < config_.prefetch;
}

/// A beat of `stream` crosses the memory's port.
void HostMemory::move(std::size_t stream) {
  credit_ -= bytes_[stream];
  if (stream == kResult) {
    --held_[kResult];
    return;
  }
  --left_[stream];
  ++held_[stream];
  arrivals_[stream].push_back(now_ + 1 + static_cast<std::uint64_t>(config_.latency));
}

void HostMemory::arrive() {
  for (const std::size_t stream : {kWeight, kActivation})
    while (!arrivals_[stream].empty() && arrivals_[stream].front() <= now_) {
      arrivals_[stream].pop_front();
      ++here_[stream];
    }
}

void HostMemory::tick(const HostCycle& moved) {
  const std::array<bool, kStreams> beats = {moved.weight, moved.activation, moved.result};
  for (const std::size_t stream : {kWeight, kActivation})
    if (beats[stream]) {
      --here_[stream];
      --held_[stream];
    }
  if (beats[kResult]) ++held_[kResult];
  credit_ += config_.bandwidth;
  for (std::size_t idle = 0; idle < kStreams; turn_ = (turn_ + 1) % kStreams) {
    if (!wants(turn_)) {
      ++idle;
      continue;
    }
    if (credit_ < bytes_[turn_]) break;
    idle = 0;
    move(turn_);
  }
  credit_ = std::min(credit_, largest_);
  ++now_;
  arrive();
}

}  // namespace hasse::transitive
