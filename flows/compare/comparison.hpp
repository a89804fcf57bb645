// SPDX-License-Identifier: Apache-2.0
// Designs side by side: the same layers, library, clock and tools, in one run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "flows/compare/workload.hpp"
#include "flows/report/markup.hpp"

namespace hasse::compare {

/// What is compared, and where.
struct CompareOptions {
  Workload workload;
  /// A folder per design is made there, as hasse generate, verify, synth and model write them.
  std::filesystem::path output;
};

/// One design's row.
struct DesignResult {
  Contender contender;
  std::string engine;
  std::string format;  ///< "W4A8", "OliVe W8A8".
  std::uint64_t mismatches = 0, outputs = 0;
  double mac_per_cycle = 0;  ///< Of all layers, by the cycle model.
  double utilisation = 0;    ///< Of the lanes, over all layers.
  double area_logic_um2 = 0, area_memory_um2 = 0;
  std::optional<double> fmax_mhz;
  std::optional<double> bits_per_byte;  ///< Of the format's method on the text.
  double pj_per_mac = 0;                ///< Of the logic, from the netlist's switching.
  double memory_pj_per_mac = 0;         ///< Of memories, as macros would take.
  std::uint64_t gate_mismatches = 0;    ///< Wrong outputs of the netlist.

  double mac_per_cycle_per_mm2() const { return mac_per_cycle / (area_logic_um2 * 1e-6); }
  double um2_per_mac() const { return area_logic_um2 / mac_per_cycle; }
  /// Energy of a MAC times the time between two, at a clock of `clock_ns`, pJ ns.
  double edp(double clock_ns) const { return pj_per_mac * clock_ns / mac_per_cycle; }
};

/// All rows.
struct Comparison {
  std::string name, shapes, liberty, reference, text;
  double clock_ns = 0;
  std::optional<double> float_bits_per_byte;
  std::vector<DesignResult> designs;

  const DesignResult& reference_result() const;
  /// How many times the reference's MAC/cycle/mm2 is that of `design`.
  double advantage(const DesignResult& design) const;
  /// How many times the reference's energy per MAC that of `design` is.
  double energy_advantage(const DesignResult& design) const;
  /// Whether `design` reaches the common clock.
  bool meets_clock(const DesignResult& design) const;
};

/// Told what is being done, and the share of it done or a negative number.
using ProgressFn = std::function<void(const std::string& what, double share)>;

/// Generates, verifies, synthesises and predicts every design; what is there and unchanged is kept.
/// Throws what those steps throw.
Comparison compare(const CompareOptions& options, const ProgressFn& progress = {});

/// The object under the key "compare".
nlohmann::ordered_json to_json(const Comparison& comparison);

/// An aligned table for a terminal.
std::string to_table(const Comparison& comparison);

/// One self-contained page: the table and its plots.
std::string to_page(const Comparison& comparison);

}  // namespace hasse::compare
