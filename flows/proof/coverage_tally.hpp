// SPDX-License-Identifier: Apache-2.0
// Adds up what test programs have covered (verif/unit/coverage.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hasse::proof {

/// Points of one kind.
struct Tally {
  std::uint64_t met = 0, points = 0;

  void add(bool is_met) {
    met += is_met ? 1 : 0;
    ++points;
  }
  /// 1 where there is nothing to meet.
  double share() const {
    return points == 0 ? 1 : static_cast<double>(met) / static_cast<double>(points);
  }
};

/// Places that are left out, and why.
struct Exclusion {
  std::string modules, places;  ///< Regular expressions that match a whole name.
  std::string reason;
  std::uint64_t points = 0;  ///< That were left out, and have not been met.
};

/// All emissions of one module.
struct ModuleCoverage {
  Tally lines;    ///< Blocks and branches.
  Tally toggles;  ///< Bits of signals.
  std::uint64_t emissions = 0;
  /// Lines and signals not met, and in how many places.
  std::map<std::string, std::uint64_t> unmet;
};

/// A named situation; see unit::CoverPoint.
struct PointCoverage {
  std::string unit, name, when;
  std::uint64_t met = 0;
};

/// What has been covered.
struct Coverage {
  std::map<std::string, ModuleCoverage> modules;
  std::vector<PointCoverage> points;
  std::vector<Exclusion> exclusions;

  Tally lines() const;
  Tally toggles() const;
  Tally named() const;
};

/// Reads FOLDER/*.tsv. A place that any of them has met is met. Throws tensor::FormatError naming
/// file, line and field for what test programs do not write, and for a folder without such files.
Coverage tally(const std::filesystem::path& folder, std::vector<Exclusion> exclusions);

/// What is left out, with reasons: counters too long to be filled, and what no product reaches.
std::vector<Exclusion> argued_exclusions();

/// The object under the key "coverage": totals, units, points, exclusions.
nlohmann::ordered_json to_json(const Coverage& coverage);

/// A page that begins with what is not covered.
std::string to_page(const Coverage& coverage);

}  // namespace hasse::proof
