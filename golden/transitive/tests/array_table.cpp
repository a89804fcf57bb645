// SPDX-License-Identifier: Apache-2.0
// Prints the tables of docs/array.md: utilisation of a large layer by number of units and sharing.
#include <fmt/format.h>

#include <cstdio>

#include "golden/transitive/layer_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace {

using namespace hasse::transitive;

constexpr int kUnits = 16;
constexpr int kFewColumns = 4;  ///< Of a unit that shares weights: M is dealt out finely.
constexpr Shape kLayer{4096, 4096, 2048, 4};

/// Of the whole layer. The pace of a banked engine is that of a few of its N-tiles.
double utilisation(const ArrayConfig& config, const Shape& shape) {
  const auto rows = [&](int first, int count) {
    return testing::random_weights(count, shape.k, shape.weight_bits,
                                   static_cast<unsigned>(first) + 1);
  };
  ArrayCount count;
  count.cycles = static_cast<std::uint64_t>(layer_cycles(config, shape, rows, {.tiles = 4}).cycles);
  return array_utilisation(config, shape, count);
}

/// The most columns up to the layer's that fill all units in every round.
Shape filling(const ArrayConfig& config) {
  Shape shape = kLayer;
  shape.m -= shape.m % config.streams().columns;
  return shape;
}

void print_table(const char* title, const EngineConfig& unit) {
  fmt::print(
      "{}\n\n| units | sharing activations | sharing weights | columns that fill all rounds "
      "| sharing weights | the same with {} columns a unit |\n|---:|---:|---:|---:|---:|---:|\n",
      title, kFewColumns);
  EngineConfig narrow = unit;
  narrow.columns = kFewColumns;
  for (int units = 1; units <= kUnits; ++units) {
    const ArrayConfig rows{unit, units, Share::activations};
    const ArrayConfig columns{unit, units, Share::weights};
    const Shape full = filling(columns);
    fmt::print("| {} | {:.4f} | {:.4f} | {} | {:.4f} | {:.4f} |\n", units,
               utilisation(rows, kLayer), utilisation(columns, kLayer), full.m,
               utilisation(columns, full), utilisation({narrow, units, Share::weights}, kLayer));
    std::fflush(stdout);
  }
  fmt::print("\n");
}

}  // namespace

int main() {
  fmt::print("N = {}, K = {}, M = {}, {}-bit weights\n\n", kLayer.n, kLayer.k, kLayer.m,
             kLayer.weight_bits);
  print_table("split, its defaults", {.tile_bits = 2,
                                      .lanes = 4,
                                      .columns_per_adder = 1,
                                      .rows = 512,
                                      .datapath = Datapath::split,
                                      .tables = 16,
                                      .planes = 4,
                                      .operand_rows = 2,
                                      .tree_stages = 1});
  print_table("banked, R = 512", {.rows = 512});
}
