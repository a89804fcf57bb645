// SPDX-License-Identifier: Apache-2.0
// What library cells compute, ready to be simulated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/library.hpp"

namespace hasse::synth {

/// A truth table over some of a cell's pins.
struct PinFunction {
  std::uint64_t table = 0;  ///< Bit i: the value where bit k of i is the k-th pin's.
  std::vector<int> pins;    ///< Positions among the cell's pins.
};

/// How one output of a cell follows from its inputs, or from what the cell stores.
struct OutputBehaviour {
  int pin = 0;            ///< Position among the cell's pins.
  PinFunction function;   ///< Of a combinational cell.
  bool inverted = false;  ///< Of a flip-flop: the complement of what it stores.
};

/// A cell that can be simulated.
struct CellBehaviour {
  bool stores = false;  ///< A flip-flop of the rising clock edge.
  std::vector<OutputBehaviour> outputs;
  int clock_pin = -1;
  PinFunction next;                          ///< What it stores at the edge.
  std::optional<PinFunction> clear, preset;  ///< When it holds 0 or 1 whatever the clock does.
};

/// The behaviour of `cell`. Throws InputError, naming library and cell, for latches, cells of the
/// falling edge, functions of more than six pins, and cells without a function.
CellBehaviour behaviour_of(const Library& library, const LibertyCell& cell);

}  // namespace hasse::synth
