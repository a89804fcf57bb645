// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/memory_energy.hpp"

namespace hasse::synth {
namespace {

constexpr Node kFitted{130, 1.2};
constexpr double kLeakagePerBit = 12.086e-12;  ///< W

/// a + b width + c bits.
struct Fit {
  double constant, per_width, per_bit;

  double at(double width, double bits) const {
    return constant + per_width * width + per_bit * bits;
  }
};

constexpr Fit kArea{18719.3, 247.83, 3.5461};     ///< um2
constexpr Fit kRead{5.9128, 0.50345, 7.121e-4};   ///< pJ
constexpr Fit kWrite{7.9687, 0.63547, 8.638e-4};  ///< pJ

}  // namespace

MacroCost macro_cost(int width, int depth, const Node& node) {
  const double bits = static_cast<double>(width) * depth;
  const double energy = energy_factor(kFitted, node);
  // Leakage is left as it is: the paper's scaling says nothing about it.
  return {kArea.at(width, bits) * area_factor(kFitted.nm, node.nm),
          kRead.at(width, bits) * 1e-12 * energy, kWrite.at(width, bits) * 1e-12 * energy,
          kLeakagePerBit * bits};
}

}  // namespace hasse::synth
