// SPDX-License-Identifier: Apache-2.0
// The hierarchy of a design as Yosys elaborates it: every distinct module once, parameters
// resolved.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "synth/manifest/manifest.hpp"

namespace hasse::synth {

/// A port with its width in bits after elaboration.
struct ElaboratedPort {
  std::string name;
  PortDirection direction = PortDirection::input;
  int width = 1;
};

/// One distinct module: a manifest module with one set of parameter values.
struct ElaboratedModule {
  /// Its name in the netlist: the manifest's name, with parameter values when there are several
  /// variants; memories are always called like ram_1r1w_352x36 (width x depth).
  std::string name;
  /// The manifest's name of the module.
  std::string base;
  bool memory = false;
  std::map<std::string, std::int64_t> parameters;
  std::vector<ElaboratedPort> ports;

  /// Stored bits; zero for modules that are not memories.
  std::int64_t memory_bits() const;
};

/// Elaborates the manifest's RTL in `work`, which receives `skeleton.il` (every module as a black
/// box) and `modules/<module>.il` for every module that is not a memory. `rtl_prefix` leads from
/// `work` to the generated directory. Only modules below the top are returned, sorted by name.
/// Throws ToolError with the log when Yosys refuses the RTL, InputError for a memory without Width,
/// Depth.
std::vector<ElaboratedModule> elaborate(const Manifest& manifest, const std::filesystem::path& work,
                                        const std::filesystem::path& rtl_prefix);

/// Reads the skeleton that Yosys wrote as JSON (write_json with all modules black-boxed). The key
/// of the result is Yosys's name of a module, such as "$paramod\lane\Width=...".
std::map<std::string, ElaboratedModule> read_skeleton(const nlohmann::json& skeleton,
                                                      const Manifest& manifest);

}  // namespace hasse::synth
