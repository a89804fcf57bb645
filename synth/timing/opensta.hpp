// SPDX-License-Identifier: Apache-2.0
// The worst path of a mapped netlist, by OpenSTA.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "synth/manifest/manifest.hpp"

namespace hasse::synth {

/// The path that limits the clock.
struct CriticalPath {
  /// Where it starts and ends: instance path and register name, or a port of the top module.
  std::string start;
  std::string end;
  /// The shortest clock period it allows, setup time included, in ns.
  double delay_ns = 0.0;
};

/// Times netlist.v of `work` against its library.lib (and memories.lib when `has_memories`). The
/// clock is clk_i, ideal; rst_ni is not timed, nor recovery from any other reset, as resets are
/// trees that layout builds; inputs arrive at and outputs are due at the clock edge. Leaves
/// timing.rpt. Nothing when the design has no timed path. Throws ToolError when sta is missing,
/// fails, or cannot link the netlist.
std::optional<CriticalPath> time_netlist(const ManifestModule& top, double clock_ns,
                                         bool has_memories, const std::filesystem::path& work);

/// Turns OpenSTA's pin name into the RTL's: "u_lane/sum_q[3]_reg/D" becomes "u_lane.sum_q[3]".
std::string rtl_name(const std::string& pin);

}  // namespace hasse::synth
