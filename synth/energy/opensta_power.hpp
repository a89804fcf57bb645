// SPDX-License-Identifier: Apache-2.0
// OpenSTA's account of power, for comparison.
#pragma once

#include <filesystem>
#include <istream>
#include <string>

namespace hasse::synth {

/// Watts.
struct PowerReport {
  double internal = 0, switching = 0, leakage = 0;
  /// The internal power of the same tables, slews, loads and activities, looked up by OpenSTA but
  /// counted as Liberty states it (docs/power.md).
  double internal_per_event = 0;

  double total() const { return internal + switching + leakage; }
  double total_per_event() const { return internal_per_event + switching + leakage; }
};

/// Reads the output of `report_power` in 2.0.17 at debug level 2, which lists every arc of every
/// pin. That release adds the energies of both edges to an arc's and multiplies it by a duty, but
/// divides by nothing: a pin's power per event is the sum of its arcs' over twice the sum of their
/// duties. Throws ToolError when there is no total.
PowerReport read_power_log(std::istream& log);

/// `report_power` of netlist.v in `folder`, as hasse synth left it there with its library.lib (and
/// memories.lib, if any), when every net but the clock changes `activity` times a cycle and is high
/// half of the time. Leaves its script in `work`, and its log if it fails. Throws ToolError.
PowerReport opensta_power(const std::filesystem::path& folder, const std::string& top,
                          double clock_ns, double activity, const std::filesystem::path& work);

}  // namespace hasse::synth
