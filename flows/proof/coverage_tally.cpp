// SPDX-License-Identifier: Apache-2.0
#include "flows/proof/coverage_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <regex>
#include <set>
#include <tuple>

#include "golden/tensor/format_error.hpp"
#include "verif/unit/cover_points.hpp"

namespace hasse::proof {
namespace {

namespace fs = std::filesystem;

/// Module, digest of its text, kind, place.
using Place = std::array<std::string, 4>;
constexpr std::size_t kFields = 5;

/// Adds a line of a file to `met`.
void read_line(const std::string& line, const std::string& where,
               std::map<Place, std::uint64_t>& met) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find('\t', at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  const bool counted = !fields.back().empty() && std::ranges::all_of(fields.back(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
  if (fields.size() != kFields || !counted)
    throw tensor::FormatError(where, "line", line, "five fields, the last a count");
  met[{fields[0], fields[1], fields[2], fields[3]}] += std::stoull(fields[4]);
}

std::map<Place, std::uint64_t> read_folder(const fs::path& folder) {
  std::map<Place, std::uint64_t> met;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".tsv") continue;
    std::ifstream lines(entry.path());
    int number = 0;
    for (std::string line; std::getline(lines, line);)
      read_line(line, fmt::format("{}:{}", entry.path().string(), ++number), met);
  }
  if (met.empty())
    throw tensor::FormatError(folder.string(), "*.tsv", "none", "what tests have covered");
  return met;
}

/// "12:5 rows_q[3]" without line, column and bit.
std::string signal_of(const std::string& place) {
  const std::size_t begin = place.find(' ') + 1;
  return place.substr(begin, std::min(place.find('['), place.size()) - begin);
}

/// Takes places into account one by one.
class Account {
 public:
  explicit Account(std::vector<Exclusion> exclusions) {
    coverage_.exclusions = std::move(exclusions);
    for (const Exclusion& exclusion : coverage_.exclusions)
      patterns_.emplace_back(std::regex(exclusion.modules), std::regex(exclusion.places));
    for (const unit::CoverPoint& point : unit::cover_points())
      coverage_.points.push_back({point.unit, point.name, point.when});
  }

  void add(const Place& place, std::uint64_t met) {
    const auto& [module, digest, kind, where] = place;
    if (kind == "cover") return meet(where, met);
    if (is_excluded(module, where, met)) return;
    ModuleCoverage& covered = coverage_.modules[module];
    if (digests_.emplace(module, digest).second) ++covered.emissions;
    const bool toggle = kind == "toggle";
    (toggle ? covered.toggles : covered.lines).add(met > 0);
    if (met == 0) ++covered.unmet[toggle ? signal_of(where) : "line " + where];
  }

  Coverage take() { return std::move(coverage_); }

 private:
  void meet(const std::string& name, std::uint64_t met) {
    for (PointCoverage& point : coverage_.points)
      if (unit::module_of({point.unit.c_str(), point.name.c_str(), ""}) == name) point.met += met;
  }

  bool is_excluded(const std::string& module, const std::string& where, std::uint64_t met) {
    if (met > 0) return false;
    const std::string place = where.substr(where.find(' ') + 1);
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      if (std::regex_match(module, patterns_[i].first) &&
          std::regex_match(place, patterns_[i].second)) {
        ++coverage_.exclusions[i].points;
        return true;
      }
    return false;
  }

  Coverage coverage_;
  std::vector<std::pair<std::regex, std::regex>> patterns_;
  std::set<std::pair<std::string, std::string>> digests_;
};

Tally sum(const std::map<std::string, ModuleCoverage>& modules, Tally ModuleCoverage::*kind) {
  Tally all;
  for (const auto& [name, module] : modules) {
    all.met += (module.*kind).met;
    all.points += (module.*kind).points;
  }
  return all;
}

}  // namespace

Tally Coverage::lines() const {
  return sum(modules, &ModuleCoverage::lines);
}

Tally Coverage::toggles() const {
  return sum(modules, &ModuleCoverage::toggles);
}

Tally Coverage::named() const {
  Tally all;
  for (const PointCoverage& point : points) all.add(point.met > 0);
  return all;
}

Coverage tally(const fs::path& folder, std::vector<Exclusion> exclusions) {
  Account account(std::move(exclusions));
  for (const auto& [place, met] : read_folder(folder)) account.add(place, met);
  return account.take();
}

nlohmann::ordered_json to_json(const Coverage& coverage) {
  nlohmann::ordered_json json = {{"line_percent", 100 * coverage.lines().share()},
                                 {"toggle_percent", 100 * coverage.toggles().share()},
                                 {"points", coverage.named().points},
                                 {"points_met", coverage.named().met}};
  for (const auto& [name, module] : coverage.modules)
    json["units"][name] = {{"emissions", module.emissions},
                           {"lines", module.lines.points},
                           {"lines_met", module.lines.met},
                           {"toggles", module.toggles.points},
                           {"toggles_met", module.toggles.met}};
  for (const PointCoverage& point : coverage.points)
    json["named"][point.unit][point.name] = {{"when", point.when}, {"met", point.met}};
  json["exclusions"] = nlohmann::ordered_json::array();
  for (const Exclusion& exclusion : coverage.exclusions)
    json["exclusions"].push_back({{"modules", exclusion.modules},
                                  {"places", exclusion.places},
                                  {"points", exclusion.points},
                                  {"reason", exclusion.reason}});
  return json;
}

}  // namespace hasse::proof
