// SPDX-License-Identifier: Apache-2.0
// What a generated design costs on a cell library: area, cells and clock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "synth/timing/opensta.hpp"

namespace hasse::synth {

/// How sums are built, and what mapping aims at.
enum class Adders {
  /// Least area: ripple chains of the library's full-adder cell when it has one that is smaller
  /// than
  /// simple gates; each module is mapped for area and for speed, and the smaller netlist is kept.
  small,
  /// Least delay: logarithmic carry look-ahead from simple gates, mapped for speed.
  fast
};

/// The default cell library: OSU 0.18 um of Debian's qflow-tech-osu018.
inline constexpr const char* kDefaultLiberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// One synthesis run.
struct Options {
  /// A generated directory (with manifest.json).
  std::filesystem::path dir;
  /// The cell library, plain or .gz.
  std::filesystem::path liberty = kDefaultLiberty;
  /// Further files of the same library.
  std::vector<std::filesystem::path> more_liberty{};
  /// Clock period that sizing aims at and slack is measured against, in ns; by default 100 FO4
  /// delays of the library. fmax does not depend on it other than through sizing.
  std::optional<double> clock_ns;
  Adders adders = Adders::small;
  /// Area of a memory bit in um2; by default a fixed share of the smallest flip-flop.
  std::optional<double> memory_um2_per_bit;
  /// Clock to read data of memories in ns; by default 16 FO4 delays.
  std::optional<double> memory_access_ns;
  /// Yosys processes at once; 0 means one per processor.
  unsigned jobs = 0;
};

/// Told what is going on, a few words at a time.
using ProgressFn = std::function<void(std::string_view)>;

/// Cost of one distinct module, without the modules inside it unless stated.
struct ModuleArea {
  std::string name;
  /// The area bucket from the manifest; "memory" for memories.
  std::string unit;
  std::int64_t instances = 0;
  /// Cells of one instance; zero for memories.
  std::int64_t cells = 0;
  /// Stored bits of one instance; zero for logic.
  std::int64_t memory_bits = 0;
  /// Area of one instance, in um2.
  double area_um2 = 0.0;
  /// Area of all instances, in um2.
  double total_um2 = 0.0;
  /// Area of one instance and of everything inside it, memories too, in um2.
  double global_um2 = 0.0;
};

/// What a design costs.
struct Result {
  /// Name of the cell library and the file it was read from.
  std::string liberty;
  std::string liberty_file;
  double clock_ns = 0.0;
  /// True when clock_ns is the library's default and was not asked for.
  bool clock_is_default = false;
  /// Highest clock frequency in MHz; absent when there is no timed path.
  std::optional<double> fmax_mhz;
  std::optional<CriticalPath> critical_path;
  /// Library cells in the whole design, memories apart.
  std::int64_t cells = 0;
  /// Logic and memory together, in um2.
  double area_um2 = 0.0;
  double area_logic_um2 = 0.0;
  double area_memory_um2 = 0.0;
  /// Logic area in thousands of the library's two-input NAND.
  double kge = 0.0;
  std::int64_t memory_bits = 0;
  double memory_um2_per_bit = 0.0;
  double memory_access_ns = 0.0;
  /// "fast" or "small".
  std::string adders;
  /// um2 by area bucket of the manifest, memory under "memory".
  std::map<std::string, double> area_by_unit;
  /// Largest total first.
  std::vector<ModuleArea> area_by_module;
  /// What the library lacks and what limits these numbers, one sentence each.
  std::vector<std::string> remarks;
  /// The mapped hierarchical netlist.
  std::filesystem::path netlist;
  /// True when nothing had changed since the last run and its result was returned.
  bool reused = false;
};

/// Maps and times the design in options.dir. Results are kept in DIR/synth/<library>/ (netlist.v,
/// timing.rpt, area.csv, scripts, logs, synth.json) and replaced only when complete; an unchanged
/// design, library and options return the kept result at once. Throws InputError or ToolError.
Result run(const Options& options, const ProgressFn& progress = {});

/// The object printed under the key "synth"; the same bytes for the same inputs.
nlohmann::ordered_json to_json(const Result& result);

/// Reads what to_json wrote. Throws nlohmann::json::exception when fields are missing.
Result from_json(const nlohmann::json& object);

}  // namespace hasse::synth
