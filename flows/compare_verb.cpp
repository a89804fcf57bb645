// SPDX-License-Identifier: Apache-2.0
// hasse compare: designs side by side.
#include <CLI/CLI.hpp>
#include <memory>

#include "flows/compare/comparison.hpp"
#include "flows/verbs.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::flows {
namespace {

struct Options {
  std::filesystem::path workload;
  std::filesystem::path output;
};

bool all_exact(const compare::Comparison& comparison) {
  for (const compare::DesignResult& design : comparison.designs)
    if (design.mismatches + design.gate_mismatches != 0) return false;
  return true;
}

Outcome run(const Options& options, const Call& call) {
  const compare::Comparison comparison =
      compare::compare({compare::load_workload(options.workload), options.output},
                       [&](const std::string& what, double share) {
                         call.progress.show("compare: " + what, share);
                       });
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["compare"];
  document = to_json(comparison);
  document["command"] = call.command;
  write_json(options.output / "compare.json", outcome.document);
  tensor::write_file(options.output / "compare.html", to_page(comparison));
  outcome.table = to_table(comparison);
  outcome.exit_code = all_exact(comparison) ? exit_ok : exit_mismatches;
  return outcome;
}

}  // namespace

Action declare_compare(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("WORKLOAD", options->workload, "Layers and designs, as docs/compare.md says")
      ->type_name("")
      ->required()
      ->check(CLI::ExistingFile);
  command.add_option("-o,--output", options->output, "Folder for designs, compare.json and .html")
      ->type_name("DIR")
      ->required();
  command.footer(
      "Every design is generated, verified on a real layer, mapped to the same library at the "
      "same\n"
      "clock, and followed over the same layers. Steps whose inputs have not changed are kept.\n"
      "Exits with 1 when a design computes wrong results. Example:\n"
      "  hasse compare flows/workloads/w4a8.json -o out/w4a8");
  return [options](const Call& call) { return run(*options, call); };
}

}  // namespace hasse::flows
