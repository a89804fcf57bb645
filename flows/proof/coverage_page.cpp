// SPDX-License-Identifier: Apache-2.0
// The page of covered and uncovered places.
#include <fmt/format.h>

#include <algorithm>

#include "flows/proof/coverage_tally.hpp"
#include "flows/proof/tables.hpp"
#include "flows/report/markup.hpp"
#include "flows/report/numbers.hpp"
#include "flows/report/sheet.hpp"

namespace hasse::proof {
namespace {

using report::Element;
using report::tagged;

constexpr std::size_t kShown = 12;  ///< Uncovered places named per module.

std::string share(const Tally& tally) {
  return fmt::format("{} ({} of {})", report::percent(tally.share()),
                     report::whole(static_cast<std::int64_t>(tally.met)),
                     report::whole(static_cast<std::int64_t>(tally.points)));
}

std::string unmet_text(const ModuleCoverage& module) {
  std::vector<std::pair<std::string, std::uint64_t>> places(module.unmet.begin(),
                                                            module.unmet.end());
  std::ranges::stable_sort(places, std::greater{}, &std::pair<std::string, std::uint64_t>::second);
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, places.size()); ++i)
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", places[i].first, places[i].second);
  if (places.size() > kShown) text += fmt::format(" and {} more", places.size() - kShown);
  return text;
}

Element missing(const Coverage& coverage) {
  Element out("section");
  out.add(tagged("h2", "What is not covered"));
  std::vector<std::vector<std::string>> named, places, excluded;
  for (const PointCoverage& point : coverage.points)
    if (point.met == 0) named.push_back({point.unit, point.name, point.when});
  for (const auto& [name, module] : coverage.modules)
    if (!module.unmet.empty()) places.push_back({name, unmet_text(module)});
  for (const Exclusion& exclusion : coverage.exclusions)
    excluded.push_back(
        {exclusion.modules, exclusion.places, std::to_string(exclusion.points), exclusion.reason});
  if (!named.empty()) out.add(table({"unit", "situation never met", "when"}, named));
  out.add(table({"module", "lines and signals, and in how many places"}, places));
  return out.add(table({"left out of modules", "places", "points", "because"}, excluded));
}

Element covered(const Coverage& coverage) {
  Element out("section");
  out.add(tagged("h2", "What is covered"));
  std::vector<std::vector<std::string>> modules, named;
  for (const auto& [name, module] : coverage.modules)
    modules.push_back(
        {name, std::to_string(module.emissions), share(module.lines), share(module.toggles)});
  for (const PointCoverage& point : coverage.points)
    named.push_back(
        {point.unit, point.name, point.when, report::whole(static_cast<std::int64_t>(point.met))});
  out.add(table({"module", "emissions", "lines and branches", "toggles"}, modules));
  return out.add(table({"unit", "situation", "when", "cycles"}, named));
}

}  // namespace

std::string to_page(const Coverage& coverage) {
  Element header("header");
  header.add(tagged("h1", "What the tests cover"));
  header.add(tagged(
      "p",
      fmt::format("Lines and branches {}, toggles {}, named situations {}.",
                  share(coverage.lines()), share(coverage.toggles()), share(coverage.named())),
      "lead"));
  Element main("main");
  main.add(missing(coverage)).add(covered(coverage));
  Element body("body");
  body.add(std::move(header)).add(std::move(main));
  return report::html_page("Hasse: coverage", std::move(body));
}

}  // namespace hasse::proof
