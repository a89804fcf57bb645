// SPDX-License-Identifier: Apache-2.0
// Prints the table of docs/array.md: utilisation of a large layer by number of units and sharing.
#include <fmt/format.h>

#include <cstdio>

#include "golden/transitive/array_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace {

using namespace hasse::transitive;

/// The whole layer, every tile of it: nothing is sampled.
double utilisation(const ArrayConfig& config, const Shape& shape) {
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  return array_utilisation(config, shape, count_array_cycles(config, shape, weights));
}

}  // namespace

int main() {
  const Shape shape{4096, 4096, 2048, 4};
  fmt::print("N = {}, K = {}, M = {}, {}-bit weights, T = 8, R = 512, 8 lanes, 32 columns\n\n",
             shape.n, shape.k, shape.m, shape.weight_bits);
  fmt::print("| units | sharing activations | sharing weights |\n|---:|---:|---:|\n");
  const EngineConfig unit{.rows = 512};
  for (const int units : {1, 2, 4, 6, 8, 16}) {
    fmt::print("| {} | {:.4f} | {:.4f} |\n", units,
               utilisation({unit, units, Share::activations}, shape),
               utilisation({unit, units, Share::weights}, shape));
    std::fflush(stdout);
  }
}
