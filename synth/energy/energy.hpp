// SPDX-License-Identifier: Apache-2.0
// Energy of a mapped netlist whose nets have toggled so many times.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "synth/activity/netlist.hpp"
#include "synth/energy/cell_energy.hpp"

namespace hasse::synth {

/// What is assumed where a netlist before layout says nothing.
struct WireModel {
  /// Of a net, for every pin that it goes to.
  double pf_per_fanout = 0;
};

/// How often nets have changed.
struct Activity {
  std::vector<double> toggles;  ///< Of every net. The clock's are not read.
  double cycles = 0;            ///< Clock cycles they are counted over.
  double clock_ns = 0;
};

/// Joules, by what they are spent on.
struct EnergyParts {
  double internal = 0, switching = 0, leakage = 0;

  double total() const { return internal + switching + leakage; }
  EnergyParts& operator+=(const EnergyParts& other);
};

/// Energy over all cycles of an activity, in joules. A net belongs to the cell that drives it; nets
/// that ports drive are the host's.
struct NetlistEnergy {
  EnergyParts registers, combinational;
  /// Charging the clock pins of registers, and an estimate of the buffers in front of them.
  double clock_pins = 0, clock_buffers = 0;
  /// Clock buffers of that estimate.
  double buffers = 0;
  std::map<std::string, EnergyParts> by_module;  ///< Registers and gates.
  std::map<std::string, EnergyParts> by_cell;    ///< The same by the library's cells.

  double total() const {
    return registers.total() + combinational.total() + clock_pins + clock_buffers;
  }
};

/// Evaluates `activity`. Slews are those of Liberty's transition tables at the loads of the
/// netlist; the energy of an output's change is the mean of its arcs, weighted by how often their
/// inputs change. Throws what cell_energy throws.
NetlistEnergy evaluate_energy(const Netlist& netlist, const Library& library,
                              const Activity& activity, const WireModel& wires = {});

}  // namespace hasse::synth
