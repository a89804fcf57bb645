// SPDX-License-Identifier: Apache-2.0
// The summary of flows/regression.
#include <fmt/format.h>

#include <algorithm>

#include "flows/proof/regression.hpp"
#include "flows/proof/tables.hpp"
#include "flows/report/sheet.hpp"

namespace hasse::proof {
namespace {

using report::Element;
using report::tagged;

/// What no step of the flow looks at, whatever it finds.
Element never_verified() {
  Element out("ul");
  for (const char* text :
       {"Wires, clock trees, scan chains, glitches and corners: nothing is placed or routed.",
        "Clocks faster than 100 FO4 delays.",
        "Memory macros other than as a model or a file of yours.",
        "Models of billions of weights: accuracies are those of small ones.",
        "Shapes, stalls and designs that random draws have not come to."})
    out.add(tagged("li", text));
  return out;
}

Element open_ends(const Regression& regression) {
  Element out("section");
  out.add(tagged("h2", "What is not verified")).add(never_verified());
  std::vector<std::vector<std::string>> steps, tests, faults, unmet;
  for (const Step& step : regression.steps)
    if (step.result != "passed") steps.push_back({step.name, step.result, step.last});
  for (const OpenTest& test : regression.open) tests.push_back({test.name, test.why});
  for (const UnitFaults& unit : regression.faults)
    faults.push_back({unit.unit, std::to_string(unit.killed), std::to_string(unit.survived)});
  for (const std::string& point : regression.unmet) unmet.push_back({point});
  if (!steps.empty()) out.add(table({"step", "result", "its log ends"}, steps));
  if (!tests.empty()) out.add(table({"test", "did not pass"}, tests));
  if (!faults.empty())
    out.add(table({"unit below 95 %", "planted faults noticed", "survived"}, faults));
  if (!unmet.empty()) out.add(table({"situation that no test meets"}, unmet));
  return out;
}

Element verified(const Regression& regression) {
  Element out("section");
  out.add(tagged("h2", "What is"));
  std::vector<std::vector<std::string>> steps;
  for (const Step& step : regression.steps)
    if (step.result == "passed")
      steps.push_back({step.name, fmt::format("{} s", step.seconds), step.last});
  return out.add(table({"step", "took", "its log ends"}, steps));
}

}  // namespace

std::string to_page(const Regression& regression) {
  Element header("header");
  header.add(tagged("h1", "Regression"));
  header.add(tagged("p",
                    fmt::format("Revision {}; {} tests, {} of them did not pass.",
                                regression.revision, regression.tests, regression.open.size()),
                    "lead"));
  Element main("main");
  main.add(open_ends(regression)).add(verified(regression));
  Element body("body");
  body.add(std::move(header)).add(std::move(main));
  return report::html_page("Hasse: regression", std::move(body));
}

}  // namespace hasse::proof
