// SPDX-License-Identifier: Apache-2.0
// Delay, transition and constraint tables of Liberty.
#pragma once

#include <vector>

#include "synth/liberty/syntax.hpp"

namespace hasse::synth {

/// A table over one or two quantities, or a single number, in the library's units.
class TimingTable {
 public:
  /// What one axis of a table stands for.
  enum class Axis { slew, load, constrained_slew, related_slew };

  /// Reads a table group such as cell_rise; `library` holds its template. Throws InputError with
  /// source and line when axes and values do not fit together.
  TimingTable(const LibertyGroup& group, const LibertyGroup& library, const std::string& source);

  /// The value at an input slew and an output load. Constraint tables take `slew` for the
  /// constrained and `load` for the related pin. Linear between points and beyond them.
  double at(double slew, double load) const;

 private:
  struct Scale {
    Axis axis = Axis::slew;
    std::vector<double> points;
  };

  std::vector<Scale> scales_;
  std::vector<double> values_;
};

}  // namespace hasse::synth
