// SPDX-License-Identifier: Apache-2.0
// OpenSTA's account of power, for comparison.
#pragma once

#include <filesystem>
#include <string>

namespace hasse::synth {

/// Watts.
struct PowerReport {
  double internal = 0, switching = 0, leakage = 0;
  double total() const { return internal + switching + leakage; }
};

/// `report_power` of netlist.v in `folder`, as hasse synth left it there with its library.lib (and
/// memories.lib, if any), when every net but the clock changes `activity` times a cycle and is high
/// half of the time. Leaves its script and log in `work`. Throws ToolError.
PowerReport opensta_power(const std::filesystem::path& folder, const std::string& top,
                          double clock_ns, double activity, const std::filesystem::path& work);

}  // namespace hasse::synth
