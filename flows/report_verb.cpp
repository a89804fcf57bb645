// SPDX-License-Identifier: Apache-2.0
// hasse report: results of one or more directories as one self-contained page.
#include <filesystem>
#include <memory>

#include "flows/report/headline.hpp"
#include "flows/report/report.hpp"
#include "flows/verbs.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<fs::path> directories;
  fs::path output;
  fs::path pictures;
};

/// The results of one directory, and the figures that follow from them together.
nlohmann::ordered_json results_of(const fs::path& directory) {
  nlohmann::ordered_json all = report::merge(directory);
  const report::Figures figures = report::figures(report::load(directory));
  const auto add = [&](const char* key, const std::optional<double>& value) {
    if (value) {
      all["figures"][key] = *value;
    }
  };
  add("cycles_per_subtile", figures.subtile_cycles);
  add("bound_cycles_per_subtile", figures.subtile_bound);
  add("cycles_over_bound", figures.subtile_ratio());
  add("mac_per_cycle", figures.mac_per_cycle);
  add("logic_um2_per_mac", figures.logic_per_mac());
  return all;
}

/// One directory's results as they are; those of several as a list.
nlohmann::ordered_json merged(const std::vector<fs::path>& directories) {
  if (directories.size() == 1) {
    return results_of(directories.front());
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const fs::path& directory : directories) {
    list.push_back(results_of(directory));
  }
  return {{"designs", list}};
}

Outcome write_report(const Options& options, const Call& call) {
  call.progress.show("report");
  Outcome outcome;
  outcome.document = merged(options.directories);
  outcome.table = report::summary_table(options.directories);
  report::write(options.directories, options.output);
  if (!options.pictures.empty()) report::svg_files(options.directories.front(), options.pictures);
  return outcome;
}

}  // namespace

Action declare_report(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("DIR", options->directories, "Directories that hasse generate wrote")
      ->type_name("")
      ->required();
  command.add_option("-o,--output", options->output, "The page to write")
      ->type_name("FILE")
      ->required();
  command.add_option("--pictures", options->pictures,
                     "Also write the Hasse graph and the area of the first DIR there, as SVG files")
      ->type_name("FOLDER");
  command.footer(
      "Shows whatever has been measured so far; --json writes the results of all steps, merged.\n"
      "Example:\n"
      "  hasse report out/default out/tiny -o out/compare.html");
  return [options](const Call& call) { return write_report(*options, call); };
}

}  // namespace hasse::flows
