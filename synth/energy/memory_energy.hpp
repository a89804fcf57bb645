// SPDX-License-Identifier: Apache-2.0
// What a memory macro would cost: area, energy of an access, leakage.
//
// Fitted to ten single-port macros of IHP's 130 nm process (RM_IHPSG13_1P, 64x64 to 2048x64 and
// 4096x16, typical corner, 1.2 V, 25 C), each figure as a + b width + c bits:
// area within 7 %, read energy within 11 %, write energy within 6 %; leakage is the same per bit.
#pragma once

#include "synth/energy/scaling.hpp"

namespace hasse::synth {

/// Figures of one macro.
struct MacroCost {
  double area_um2 = 0;
  double read_joules = 0, write_joules = 0;
  double leakage_w = 0;
};

/// A macro of one port at `node`, scaled there from 130 nm. A memory with two ports, as ram_1r1w
/// is, costs more: see docs/power.md. Throws InputError for unknown nodes.
MacroCost macro_cost(int width, int depth, const Node& node);

}  // namespace hasse::synth
