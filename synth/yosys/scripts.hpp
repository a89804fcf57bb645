// SPDX-License-Identifier: Apache-2.0
// The texts given to Yosys and ABC. docs/synthesis.md explains every step.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "synth/liberty/library.hpp"
#include "synth/manifest/manifest.hpp"
#include "synth/yosys/elaborate.hpp"

namespace hasse::synth {

/// Name of the Liberty file inside the working directory of all scripts.
inline constexpr const char* kLibraryFile = "library.lib";

/// Folder of the working directory that holds the files of single modules.
inline constexpr const char* kModuleFolder = "modules";

/// Path of a file of one module, relative to the working directory.
std::string module_path(const std::string& module, const std::string& extension);

/// Reads the RTL, resolves parameters, writes elaborated.il and skeleton.json.
std::string elaborate_script(const Manifest& manifest, const std::filesystem::path& rtl_prefix);

/// Renames the variants and writes skeleton.il and one modules/<module>.il for each that is not a
/// memory. The key of `modules` is Yosys's name.
std::string split_script(const std::map<std::string, ElaboratedModule>& modules);

/// How ABC maps logic; each has its script, <name>.abc.
enum class Recipe { area, speed };

/// "area" or "speed".
std::string recipe_name(Recipe recipe);

/// Path of the netlist a recipe made of a module, relative to the working directory.
std::string mapped_path(const std::string& module, Recipe recipe);

/// Maps one module on its own, modules/<module>.il in, mapped_path() out for every recipe. With
/// `full_adders`, sums go through adders.v and become ripple chains of the library's full adder.
std::string map_script(const std::string& module, const Library& library, bool full_adders,
                       const std::vector<Recipe>& recipes);

/// Puts the mapped modules, modules/<module>.json, back together: netlist.v and counts.json out.
std::string link_script(const std::string& top, const std::vector<ElaboratedModule>& modules);

/// What ABC does to the logic between registers; `clock_ns` is the delay that sizing aims at.
std::string abc_script(Recipe recipe, double clock_ns);

/// The Verilog map from Yosys's $alu and $fa cells to a full-adder cell.
std::string adder_map(const FullAdder& adder);

}  // namespace hasse::synth
