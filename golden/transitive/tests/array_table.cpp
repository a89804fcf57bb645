// SPDX-License-Identifier: Apache-2.0
// Prints the tables of docs/array.md: utilisation of a large layer by number of units and sharing.
#include <fmt/format.h>

#include <cstdio>

#include "golden/transitive/layer_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace {

using namespace hasse::transitive;

constexpr int kUnits = 16;
constexpr Shape kLayer{4096, 4096, 2048, 4};

/// Of the whole layer, from the pace of its N-tiles: every full tile is followed twice.
double utilisation(const ArrayConfig& config, const Shape& shape) {
  const auto rows = [&](int first, int count) {
    return testing::random_weights(count, shape.k, shape.weight_bits,
                                   static_cast<unsigned>(first) + 1);
  };
  const LayerCycles layer = layer_cycles(config, shape, rows, {.tiles = 4});
  ArrayCount count;
  count.cycles = static_cast<std::uint64_t>(layer.cycles);
  return array_utilisation(config, shape, count);
}

/// The most columns up to those of the layer that fill all units in every round.
Shape filling(const ArrayConfig& config) {
  Shape shape = kLayer;
  shape.m -= shape.m % config.streams().columns;
  return shape;
}

void print_table(const char* title, const EngineConfig& unit, bool joined) {
  fmt::print(
      "{}\n\n| units | sharing activations | sharing weights | columns that fill all rounds "
      "| sharing weights |\n|---:|---:|---:|---:|---:|\n",
      title);
  for (int units = 1; units <= kUnits; ++units) {
    const ArrayConfig rows{unit, units, Share::activations, 65535, 65535, joined};
    const ArrayConfig columns{unit, units, Share::weights, 65535, 65535, joined};
    const Shape full = filling(columns);
    fmt::print("| {} | {:.4f} | {:.4f} | {} | {:.4f} |\n", units, utilisation(rows, kLayer),
               utilisation(columns, kLayer), full.m, utilisation(columns, full));
    std::fflush(stdout);
  }
  fmt::print("\n");
}

}  // namespace

int main() {
  fmt::print("N = {}, K = {}, M = {}, {}-bit weights\n\n", kLayer.n, kLayer.k, kLayer.m,
             kLayer.weight_bits);
  print_table("banked: T = 8, R = 512, 8 lanes, 32 columns, results merged", {.rows = 512}, false);
  print_table("split: T = 3, G = 32, 64 lanes, 4 columns, an adder each, results joined",
              {.tile_bits = 3,
               .lanes = 64,
               .columns = 4,
               .columns_per_adder = 1,
               .rows = 2048,
               .datapath = Datapath::split,
               .tables = 32},
              true);
}
