// SPDX-License-Identifier: Apache-2.0
// Proves assertions about emitted modules with yosys-smtbmc.
#pragma once

#include <string>
#include <vector>

#include "generator/hdl/module.hpp"

namespace hasse::formal {

/// From where a proof looks at the cycles that it unrolls.
enum class From {
  /// Any state whatever: the assertions hold in the last of the cycles when they held in those
  /// before, so they hold for ever once they held that long (induction). Only assertions about at
  /// most as many cycles as are unrolled need no help from an invariant.
  any_state,
  /// The state in which the checker starts, for the first cycles only (bounded).
  start,
};

/// One run of the solver.
struct Question {
  std::vector<hdl::Module> modules;  ///< What the checker instantiates; primitives are added.
  std::string checker;               ///< Verilog of a module `proof` with assert and assume.
  int cycles = 1;                    ///< Cycles that are unrolled, at least 1.
  From from = From::any_state;
};

/// True when no input makes an assertion fail. Otherwise false, and `why`, when given, receives
/// what the solver printed, the failing assertion's line among it. Throws synth::ToolError when a
/// tool is missing or fails for another reason.
bool holds(const Question& question, std::string* why = nullptr);

/// What is missing on this machine, with the Debian package that has it; empty when proofs can be
/// made.
std::string missing_tool();

}  // namespace hasse::formal
