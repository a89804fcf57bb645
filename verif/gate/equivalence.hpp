// SPDX-License-Identifier: Apache-2.0
// Whether a mapped module does what its Verilog says, for all inputs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "synth/synth.hpp"

namespace hasse::gate {

/// Modules of a generated directory, by what a proof said of them.
struct Equivalence {
  /// Alike in whatever state: outputs and next states agree.
  std::vector<std::string> proven;
  /// Outputs are alike for ever after a reset, registers that have none all starting at 0, or at 1.
  std::vector<std::string> from_reset;
  /// Unlike after a reset: ABC tells when.
  std::vector<std::string> different;
  /// Neither, each way of ABC cut off after 10 or 30 s of a processor: their netlists are simulated
  /// only.
  std::vector<std::string> left;
};

/// Compares every module of `dir` with its netlist in `mapped`, both without what they
/// instantiate: instances become inputs and outputs. Registers are matched bit by bit, by the names
/// that they keep (RTL name and "_reg"). Scripts and logs go to `work`. `only` names the modules to
/// be compared; empty: all.
/// Throws synth::ToolError when yosys is missing or fails for a reason that tells nothing of the
/// modules.
Equivalence compare_modules(const std::filesystem::path& dir, const synth::Result& mapped,
                            const std::filesystem::path& work,
                            const std::vector<std::string>& only = {});

}  // namespace hasse::gate
