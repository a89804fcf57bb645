// SPDX-License-Identifier: Apache-2.0
// coverage_report FOLDER -o DIR: coverage.json, coverage.html, and a table. Started by
// flows/coverage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "flows/proof/coverage_tally.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::proof {
namespace {

namespace fs = std::filesystem;

constexpr double kLines = 0.98, kToggles = 0.95;  ///< What is asked for.

/// The table; whether all that is asked for is there.
bool report(const fs::path& folder, const fs::path& out) {
  const Coverage coverage = tally(folder, argued_exclusions());
  fs::create_directories(out);
  tensor::write_file(out / "coverage.json",
                     nlohmann::ordered_json{{"coverage", to_json(coverage)}}.dump(2) + "\n");
  tensor::write_file(out / "coverage.html", to_page(coverage));
  for (const auto& [name, module] : coverage.modules)
    fmt::print("{:28} {:3} emissions, lines {:6.2f} %, toggles {:6.2f} %\n", name, module.emissions,
               100 * module.lines.share(), 100 * module.toggles.share());
  for (const PointCoverage& point : coverage.points)
    if (point.met == 0) fmt::print("never met: {} of {}\n", point.name, point.unit);
  const Tally named = coverage.named();
  fmt::print("lines {:.2f} %, toggles {:.2f} %, {} of {} named situations\n",
             100 * coverage.lines().share(), 100 * coverage.toggles().share(), named.met,
             named.points);
  return coverage.lines().share() >= kLines && coverage.toggles().share() >= kToggles &&
         named.met == named.points;
}

}  // namespace
}  // namespace hasse::proof

int main(int argc, char** argv) {
  CLI::App app("Adds up what test programs have covered; exits with 1 when it is not enough");
  std::filesystem::path folder, out = "out/coverage";
  app.add_option("FOLDER", folder, "What HASSE_COVERAGE named")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("-o,--out", out, "Where the page and the JSON go")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return hasse::proof::report(folder, out) ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
