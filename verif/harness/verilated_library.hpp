// SPDX-License-Identifier: Apache-2.0
// Verilog to a shared object: Verilator, then the C++ compiler, cached by content.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "verif/harness/rtl_source.hpp"

namespace hasse::harness {

/// How a simulation is built.
struct BuildOptions {
  /// Able to write FST traces; costs build time and some speed.
  bool trace = false;
  /// Counting lines, branches, toggles and cover statements; costs build time and speed.
  bool coverage = false;
  /// Optimisation level of the C++ compiler for the code that runs every cycle.
  std::string optimisation = "-O1";
  /// Whether any lint warning (`-Wall`) is an error. Off for netlists, which nobody wrote.
  bool lint = true;
  /// More Verilator options; `-fno-const-bit-op-tree` is always given unless
  /// `-fconst-bit-op-tree` is among these.
  std::vector<std::string> verilator_flags;
  /// Compiler processes at once; 0: one per processor.
  unsigned jobs = 0;
  /// Where built libraries are kept; empty: `default_cache()`.
  std::filesystem::path cache;
};

/// $HASSE_CACHE, else $XDG_CACHE_HOME/hasse, else ~/.cache/hasse, else a folder in the temporary
/// directory.
std::filesystem::path default_cache();

/// A module as a shared object that `Model` loads.
struct VerilatedLibrary {
  std::filesystem::path object;
  /// Whether it was there already; then the times are 0.
  bool from_cache = false;
  double verilate_seconds = 0;
  double compile_seconds = 0;

  /// Builds `source`, or finds it in the cache. Any number of processes may build the same thing at
  /// once. Throws synth::ToolError when verilator or the compiler is missing or fails (its message
  /// says what the tool said), tensor::FormatError when a file cannot be read.
  static VerilatedLibrary build(const RtlSource& source, const BuildOptions& options = {});

  /// Builds module `top` of the generated directory `dir`; an empty `top` means the manifest's.
  static VerilatedLibrary build(const std::filesystem::path& dir, std::string_view top,
                                const BuildOptions& options = {});
};

}  // namespace hasse::harness
