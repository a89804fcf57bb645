// SPDX-License-Identifier: Apache-2.0
// The figures a reader looks for first, one column a design.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flows/report/documents.hpp"

namespace hasse::report {

/// How a cell is to be read.
enum class Tone { kPlain, kGood, kBad, kMissing };

/// One figure of one design.
struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

/// One figure of every design.
struct Row {
  std::string label;
  std::string unit;         ///< "" when the figure has none.
  std::string meaning;      ///< One sentence: how it is computed.
  std::string verb;         ///< The `hasse` verb that measures it.
  bool key = false;         ///< One of the few figures a design is judged by.
  std::vector<Cell> cells;  ///< One a design.
};

/// The numbers derived from one directory's documents; a number is missing when one of its sources
/// is.
struct Figures {
  std::optional<std::int64_t> mismatches, outputs;
  std::optional<std::int64_t> n, k, m;  ///< Shape of the product.
  std::optional<std::int64_t> weight_bits, activation_bits;
  std::optional<std::int64_t> predicted_cycles;  ///< By the golden cycle model.
  std::optional<double> stall;                   ///< Probability of a stall asked for.
  std::optional<std::int64_t> cycles, transrows, zero_transrows, stall_cycles;
  std::optional<double> subtile_cycles;          ///< Steady state, as measured.
  std::optional<double> subtile_cycles_average;  ///< Whole run: cycles / sub-tiles.
  std::optional<double> subtile_bound;           ///< TransRows · (1 - 2^-T) / lanes.
  std::optional<double> mac_per_cycle;           ///< N·K·M / cycles unless stated.
  std::optional<double> accumulate_utilisation, prefix_utilisation;
  std::optional<double> area_um2, area_logic_um2, area_memory_um2, nand2_um2;
  std::optional<double> fmax_mhz, clock_ns;
  std::optional<double> pj_per_mac;  ///< Of logic.
  std::string liberty;

  /// subtile_cycles / subtile_bound.
  std::optional<double> subtile_ratio() const;
  /// Logic area in um2 per achieved MAC/cycle of this product's own format.
  std::optional<double> logic_per_mac() const;
  /// "W4A8", or "" when the bits are not known.
  std::string format() const;
};

/// Reads and derives the figures of one directory; throws ReportError on a value of the wrong type
/// or range.
Figures figures(const Documents& documents);

/// The headline table of several directories.
std::vector<Row> headline(const std::vector<Documents>& documents);

/// `hasse verb DIR` as the result itself records it ("command"), else the plain form.
std::string command(const Documents& documents, const std::string& verb);

}  // namespace hasse::report
