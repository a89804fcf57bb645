// SPDX-License-Identifier: Apache-2.0
// What Yosys is told when a mapped module is compared with its Verilog: scripts for a folder in
// which its modules have been elaborated.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace hasse::gate {

/// A module of a netlist.
struct MappedModule {
  std::string name;
  std::set<std::string> registers;  ///< Bit by bit: RTL names.
  std::string verilog;
};

/// Writes the files that scripts read to `work`.
void write_maps(const std::filesystem::path& work);

/// Both sides of the module, NAME.v the mapped one, with instances as inputs and outputs, go to
/// NAME.il. `library` is the Liberty file.
std::string pair_script(const MappedModule& module, const std::filesystem::path& library);

/// NAME.il as gates in `file`.aig, whose output never is 1 where both do the same: what registers
/// hold is an input, what they would take is an output. Where a register of one side has none
/// on the other, it ends with "Assertion failed" or "No matching port".
std::string cut_script(const std::string& module, const std::string& file);

/// The same with registers, which start as reset leaves them; those without, which Verilog leaves
/// undefined, start at `start`, 0 or 1.
std::string start_script(const std::string& module, char start, const std::string& file);

}  // namespace hasse::gate
