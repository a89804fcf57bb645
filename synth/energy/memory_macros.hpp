// SPDX-License-Identifier: Apache-2.0
// Memories made of the macros of somebody's own Liberty files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "synth/energy/memory_energy.hpp"

namespace hasse::synth {

/// A macro of `depth` words of `width` bits.
struct MemoryMacro {
  std::string name;
  int width = 0, depth = 0;
  MacroCost cost;
};

/// Macros that memories of any size are put together from.
class MacroLibrary {
 public:
  /// Reads all cells with a `memory` group, plain or .gz. Of a macro's clock pin every condition of
  /// internal_power counts that costs, rise and fall together, half of the dearest or more: an
  /// access costs their mean. Throws InputError naming the file for one without such cells, and
  /// file, cell and field for a macro without area, sizes or energy.
  static MacroLibrary load(const std::vector<std::filesystem::path>& files);

  const std::vector<MemoryMacro>& macros() const { return macros_; }
  /// The macro whose copies make a memory of the least area: as many side by side as the width
  /// takes, all of them accessed, and as many above each other as the depth takes, one accessed.
  const MemoryMacro& best(int width, int depth) const;
  /// What the copies of `best` cost.
  MacroCost cost(int width, int depth) const;

 private:
  std::vector<MemoryMacro> macros_;
};

}  // namespace hasse::synth
