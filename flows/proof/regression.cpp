// SPDX-License-Identifier: Apache-2.0
#include "flows/proof/regression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "flows/report/markup.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::proof {
namespace {

namespace fs = std::filesystem;
using report::Element;

constexpr double kEnoughKilled = 0.95;

std::vector<std::string> lines_of(const fs::path& file) {
  std::istringstream text(fs::exists(file) ? tensor::read_file(file) : "");
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

nlohmann::json json_of(const fs::path& file) {
  const auto json = nlohmann::json::parse(tensor::read_file(file), nullptr, false);
  if (json.is_discarded()) throw tensor::FormatError(file.string(), "text", "no JSON", "JSON");
  return json;
}

/// "STEP result seconds revision", separated by tabs.
Step read_step(const std::string& line, const fs::path& folder, const std::string& revision) {
  std::istringstream words(line);
  Step step;
  std::string of;
  if (!(words >> step.name >> step.result >> step.seconds >> of))
    throw tensor::FormatError((folder / "steps.tsv").string(), "line", line,
                              "step, result, seconds, revision");
  if (of != revision) step.result = "not run";
  const std::vector<std::string> log = lines_of(folder / (step.name + ".log"));
  if (step.result != "not run" && !log.empty()) step.last = log.back();
  return step;
}

void read_suite(const fs::path& file, Regression& regression) {
  static const std::regex kCase(R"re(<testcase name="([^"]*)".* status="(\w+)")re"),
      kSkipped(R"re(<skipped message="([^"]*)")re");
  std::smatch match;
  bool skipped = false;
  for (const std::string& line : lines_of(file)) {
    if (std::regex_search(line, match, kCase)) {
      ++regression.tests;
      skipped = match[2] == "notrun" || match[2] == "disabled";
      if (match[2] != "run") regression.open.push_back({match[1], skipped ? "skipped" : "failed"});
    } else if (skipped && std::regex_search(line, match, kSkipped)) {
      regression.open.back().why = "skipped: " + match[1].str();
    }
  }
}

void read_mutation(const fs::path& file, Regression& regression) {
  if (!fs::exists(file)) return;
  const nlohmann::json json = json_of(file);
  for (const auto& [unit, figures] : json.at("mutation").at("units").items()) {
    const UnitFaults faults{unit, figures.at("killed"), figures.at("survived"),
                            figures.at("equivalent")};
    if (faults.killed < kEnoughKilled * (faults.killed + faults.survived))
      regression.faults.push_back(faults);
  }
}

void read_coverage(const fs::path& file, Regression& regression) {
  if (!fs::exists(file)) return;
  const nlohmann::json json = json_of(file);
  for (const auto& [unit, points] : json.at("coverage").at("named").items())
    for (const auto& [name, point] : points.items())
      if (point.at("met") == 0) regression.unmet.push_back(fmt::format("{}: {}", unit, name));
}

}  // namespace

Regression read_regression(const fs::path& folder, const std::string& revision) {
  Regression regression;
  regression.revision = revision;
  for (const std::string& line : lines_of(folder / "steps.tsv"))
    regression.steps.push_back(read_step(line, folder, revision));
  for (const char* name : {"suite", "asan", "netlists", "coverage", "mutation", "fuzz", "soak"})
    if (std::ranges::find(regression.steps, name, &Step::name) == regression.steps.end())
      regression.steps.push_back({name, "not run", 0, ""});
  read_suite(folder / "suite.xml", regression);
  read_mutation(folder / "mutation/mutation.json", regression);
  read_coverage(folder / "coverage/coverage.json", regression);
  return regression;
}

std::string to_junit(const Regression& regression) {
  const auto count = [&](const char* result) {
    return static_cast<double>(std::ranges::count(regression.steps, result, &Step::result));
  };
  Element suite("testsuite");
  suite.set("name", "regression")
      .set("tests", static_cast<double>(regression.steps.size()))
      .set("failures", count("failed"))
      .set("skipped", count("not run"));
  for (const Step& step : regression.steps) {
    Element test("testcase");
    test.set("name", step.name).set("classname", "regression").set("time", step.seconds);
    if (step.result == "failed") test.add(Element("failure").set("message", step.last));
    if (step.result == "not run") test.add(Element("skipped").set("message", "not run"));
    suite.add(std::move(test));
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + suite.str() + "\n";
}

}  // namespace hasse::proof
