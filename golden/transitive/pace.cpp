// SPDX-License-Identifier: Apache-2.0
// How fast sub-tiles follow each other, and how fast they could.
#include <cmath>

#include "golden/transitive/cycle_model.hpp"

namespace hasse::transitive {

double steady_state_cycles(const EngineConfig& config, const Shape& shape,
                           const std::vector<std::uint64_t>& subtile_done) {
  const auto tiles = [](int size, int tile) {
    return static_cast<std::size_t>((size + tile - 1) / tile);
  };
  const int rows = config.tile_rows(shape);
  const std::size_t per_tile = tiles(shape.k, config.depth());
  const std::size_t full = static_cast<std::size_t>(shape.n / rows);
  const std::size_t measured = full == 0 ? tiles(shape.n, rows) : full;
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  for (std::size_t i = 2; i < subtile_done.size(); ++i) {
    const std::size_t within = i % per_tile;
    if (i / per_tile % tiles(shape.n, rows) >= measured || within < 2 || within + 1 == per_tile)
      continue;
    sum += subtile_done[i] - subtile_done[i - 1];
    ++count;
  }
  return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}

double bound_cycles(const EngineConfig& config, int weight_bits) {
  if (config.streams())
    return config.groups_per_tile(weight_bits) * config.beats_per_row(weight_bits) *
           config.cycles_per_beat();
  return config.transrows_per_tile(weight_bits) * (1 - std::pow(2.0, -config.tile_bits)) /
         config.lanes;
}

}  // namespace hasse::transitive
