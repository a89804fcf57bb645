// SPDX-License-Identifier: Apache-2.0
// What a model's products cost in energy on a generated design, by its mapped netlist.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "flows/attribute/array_cost.hpp"
#include "synth/synth.hpp"

namespace hasse::attribute {

/// Picojoules of a clock cycle, in logic and in memories.
struct CycleEnergy {
  double logic_pj = 0, memory_pj = 0;
};

/// Energy of an attribution: what a cycle of every product costs, times its cycles.
struct ArrayEnergy {
  std::string liberty;
  double clock_ns = 0;
  std::map<std::string, CycleEnergy> by_name;  ///< Of a cycle, under the products' names.
  CycleEnergy total;                           ///< Of all cycles.
};

/// Told what is being done, and the share of it done or a negative number.
using EnergyProgress = std::function<void(const std::string& what, double share)>;

/// Multiplies `counter`'s samples on the mapped netlist of `netlist.dir`, whose engine counted.
/// Throws harness::HarnessError when a result is wrong, and what power::measure throws.
ArrayEnergy measure_energy(const CycleCounter& counter, const ArrayCost& cost,
                           const synth::Options& netlist, const EnergyProgress& progress = {});

}  // namespace hasse::attribute
