// SPDX-License-Identifier: Apache-2.0
#include "generator/units/ports.hpp"

namespace hasse::units {

std::vector<Signal> modes(const Geometry& g) {
  std::vector<Signal> all;
  if (g.scaled()) {
    all.push_back(
        {"group", g.k_bits,
         "Columns of the weights that share a scale, a multiple of the K-tile; 0: no scales."});
    all.push_back({"requantise", 1, "Results of eight bits, each sign extended in its place."});
  }
  if (g.design.units > 1)
    all.push_back({"tile_rows", g.tile_row_bits,
                   "Weight rows of every unit's N-tiles; 0, or more than fit: as many as fit."});
  if (g.takes_unsigned())
    all.push_back({"unsigned_activations", 1, "Activations are unsigned, else two's complement."});
  return all;
}

std::vector<Signal> side_streams(const Geometry& g) {
  std::vector<Signal> streams;
  if (g.lists_nodes())
    streams.push_back(
        {"table", g.table_word_bits(), "Nodes that the planner lists, a bit for each."});
  if (!g.scaled()) return streams;
  streams.push_back(
      {"scale", Geometry::kScaleBits + g.zero_bits(), "{zero point, scale} of a row in a group."});
  streams.push_back(
      {"rescale", Geometry::kRescaleBits, "{shift, multiplier} of a requantised row."});
  return streams;
}

bool is_per_row(const std::string& name) {
  return name == "scale" || name == "rescale";
}

std::vector<Signal> counters(const Geometry& g) {
  const int bits = Geometry::kCounterBits;
  const bool streams = g.design.streams();
  std::vector<Signal> all = {
      {"cycles", bits, "Cycles from start to the last result."},
      {"transrows", bits, streams ? "Weight rows' beats taken." : "TransRows taken."},
      {"zero_transrows", bits,
       streams ? "Not counted by this engine: zero." : "TransRows without a set bit among them."},
      {"nodes_built", bits, streams ? "Stationary words made, per column." : "Nodes built."},
      {"stall_cycles", bits, "Cycles in which the engine waited for the host."}};
  if (g.lists_nodes())
    all.push_back(
        {"si_misses", bits, "Nodes that sub-tiles asked for and the planner did not list."});
  return all;
}

}  // namespace hasse::units
