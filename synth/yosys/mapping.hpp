// SPDX-License-Identifier: Apache-2.0
// Maps a design to a cell library, each distinct module once, and counts its cells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/library.hpp"
#include "synth/manifest/manifest.hpp"
#include "synth/timing/speed.hpp"
#include "synth/yosys/elaborate.hpp"

namespace hasse::synth {

/// A distinct module of the mapped design.
struct MappedModule {
  ElaboratedModule module;
  /// How often it occurs below the top, through the whole hierarchy.
  std::int64_t instances = 0;
  /// Library cells directly inside one of them, by type; empty for memories.
  std::map<std::string, std::int64_t> cells;
  /// Modules directly inside one of them, memories among them, by name.
  std::map<std::string, std::int64_t> children{};
};

/// How to map.
struct MappingOptions {
  /// Sums become chains of the library's full-adder cell, which it must have.
  bool full_adders = false;
  /// Tries both ABC recipes and keeps the smaller netlist of each module, the faster one when they
  /// are alike; otherwise only the faster recipe is used.
  bool smallest = true;
  /// The clock period that gate sizing aims at, in ns.
  double clock_ns = 10.0;
  /// How fast the library is; without it, nets keep whatever fan-out they have.
  std::optional<LibrarySpeed> speed;
  /// Yosys processes at once.
  unsigned jobs = 1;
};

/// Maps the manifest's design in the directory `work`, leaving netlist.v, all scripts and logs
/// there; the library is copied to library.lib. `rtl_prefix` leads from `work` to the generated
/// directory. Modules are returned sorted by name. Throws ToolError when Yosys is missing or fails.
std::vector<MappedModule> map_design(const Manifest& manifest, const Library& library,
                                     const MappingOptions& options,
                                     const std::filesystem::path& work,
                                     const std::filesystem::path& rtl_prefix,
                                     const std::function<void(const std::string&)>& progress);

/// Counts cells and instances in what Yosys's `stat -json` printed for the linked design.
/// Throws ToolError when there are no counts in it.
std::vector<MappedModule> count_cells(const std::string& counts, const std::string& top,
                                      const std::vector<ElaboratedModule>& modules);

}  // namespace hasse::synth
