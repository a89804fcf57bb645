// SPDX-License-Identifier: Apache-2.0
// How fast a library is, from its own tables.
#pragma once

#include <optional>

#include "synth/liberty/library.hpp"

namespace hasse::synth {

/// Delays of a library's landmark cells.
struct LibrarySpeed {
  /// Delay of the smallest inverter driving four copies of itself (FO4), mean of rise and fall, ns.
  double fo4_ns = 0.0;
  /// Transition of that inverter's output, in ns.
  double slew_ns = 0.0;
  /// What one more pF of load adds to its delay, in ns.
  double ns_per_pf = 0.0;
  /// Clock to output of the smallest flip-flop driving four inverters, worse edge, in ns.
  double clock_to_output_ns = 0.0;
  /// Setup time of the smallest flip-flop, worse edge, in ns (never below zero).
  double setup_ns = 0.0;
};

/// Measures a library; nothing when it states no timing for these cells.
std::optional<LibrarySpeed> measure_speed(const Library& library);

/// The clock period asked for when the user names none: 100 FO4 delays, rounded to two digits, in
/// ns.
double default_clock_ns(const LibrarySpeed& speed);

}  // namespace hasse::synth
