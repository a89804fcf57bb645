// SPDX-License-Identifier: Apache-2.0
// What a Liberty file says of a cell's power.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/library.hpp"
#include "synth/liberty/table.hpp"

namespace hasse::synth {

/// Tables of both edges; one may be missing.
struct EdgeTables {
  std::optional<TimingTable> rise, fall;

  /// Of an internal_power group of a library. Throws InputError for tables that cannot be read.
  static EdgeTables read(const LibertyGroup& group, const LibertyGroup& library,
                         const std::string& source);
  /// Mean of both at a slew and a load, in the library's units; 0 without tables.
  double mean(double slew, double load) const;
};

/// What happens at an output when one input causes it to change.
struct OutputArc {
  int input = -1;  ///< Position among the cell's pins, -1 when none is named.
  EdgeTables tables;
};

/// One pin of a cell.
struct PinEnergy {
  double load_pf = 0;                  ///< Of an input.
  std::vector<OutputArc> internal;     ///< Energy of a change of this output.
  std::vector<OutputArc> transitions;  ///< Slew of this output.
  std::vector<EdgeTables> passive;     ///< Energy of a change of this input alone.
};

/// All pins, and what leaks.
struct CellEnergy {
  std::vector<PinEnergy> pins;  ///< In the order of the cell's.
  double leakage_w = 0;
};

/// Units and supply of a library.
struct PowerUnits {
  double volts = 0;       ///< The nominal supply.
  double celsius = 0;     ///< The nominal temperature.
  double joules = 1e-12;  ///< Per unit of energy: the capacitance unit times one volt squared.
  double leakage_w = 1e-9;
};

/// Reads units and supply. Throws InputError when the library states no nominal voltage.
PowerUnits power_units(const Library& library);
/// The same of the statements of a file, `source`.
PowerUnits power_units(const LibertyGroup& tree, const std::string& source);

/// A cell's leakage in the library's unit: its own figure, else the mean of its states'.
double leakage_units(const LibertyGroup& cell);

/// Reads one cell. Tables of conditions ("when") of the same pin count alike. Throws InputError for
/// tables that cannot be read.
CellEnergy cell_energy(const Library& library, const LibertyCell& cell, const PowerUnits& units);

/// What the library lacks for an account of power, one sentence each.
std::vector<std::string> power_remarks(const Library& library);

}  // namespace hasse::synth
