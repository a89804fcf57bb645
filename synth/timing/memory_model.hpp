// SPDX-License-Identifier: Apache-2.0
// Stand-ins for memory macros: how large and how fast a memory is taken to be.
#pragma once

#include <string>
#include <vector>

#include "synth/liberty/library.hpp"
#include "synth/timing/speed.hpp"
#include "synth/yosys/elaborate.hpp"

namespace hasse::synth {

/// Area of one memory bit as a share of the smallest D flip-flop of the same process. Measured on
/// IHP sg13g2: the macro RM_IHPSG13_1P_256x64 takes 93,180.5 um2 for 16,384 bits, 5.687 um2 per
/// bit, and the smallest flip-flop, sg13g2_dfrbpq_1, 48.9888 um2.
inline constexpr double kBitPerFlipFlop = 93180.5344 / 16384.0 / 48.9888;

/// Read access and input setup of a memory, in FO4 delays: a synthesised register file of some
/// dozens of words. docs/synthesis.md compares them with real macros.
inline constexpr double kAccessInFo4 = 16.0;
inline constexpr double kSetupInFo4 = 4.0;

/// A memory's outputs drive like this many of the smallest inverters.
inline constexpr double kMemoryStrength = 4.0;

/// Area of one memory bit in a library, in um2.
double memory_bit_area(const Library& library);

/// Timing of every memory, in ns.
struct MemoryTiming {
  double access_ns = 0.0;
  double setup_ns = 0.0;
};

/// Liberty text with one cell per memory: inputs checked against clk_i, outputs launched by it, and
/// driven with kMemoryStrength.
std::string memory_liberty(const std::vector<ElaboratedModule>& memories, const Library& library,
                           const LibrarySpeed& speed, const MemoryTiming& timing);

}  // namespace hasse::synth
