// SPDX-License-Identifier: Apache-2.0
// hasse gates: trains DuoAttention's gates and writes them, with a policy for hasse attend.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "flows/gates/gates.hpp"
#include "flows/report/text.hpp"
#include "flows/verbs.hpp"
#include "golden/attention/head_gates.hpp"

namespace hasse::flows {
namespace {

using attention::GateLoss;

/// Where the gates go, beside how they are made.
struct Options {
  gates::GatesOptions made;
  std::filesystem::path output;
};

Outcome run_gates(const Options& options, const Call& call) {
  const gates::GatesResult result = gates::train(
      options.made,
      [&](const std::string& what, double share) { call.progress.show("gates: " + what, share); });
  std::filesystem::path policy = options.output;
  policy.replace_extension(".json");
  report::replace_file(options.output, attention::format_gates(result.trained.gates));
  report::replace_file(policy, gates::policy_of(result, options.output).dump(2) + "\n");
  Outcome outcome;
  outcome.document["gates"] = gates::to_json(result);
  outcome.document["gates"]["policy"] = policy.string();
  outcome.document["gates"]["command"] = call.command;
  outcome.table = gates::to_table(result);
  return outcome;
}

void declare_files(CLI::App& command, Options& options) {
  command
      .add_option("--model", options.made.model, "Byte-level Llama; the embedded one if left out")
      ->type_name("M.safetensors");
  command.add_option("--text", options.made.text, "Text that pass keys are hidden in for training")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--held-out", options.made.held_out, "Text that the choice is measured on")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("-o,--output", options.output,
                  "Write the gates, one layer a line, and a policy beside them (.json)")
      ->type_name("GATES.tsv")
      ->check([](const std::string& path) {
        return path.ends_with(".tsv") ? std::string() : path + ": expected a name ending in .tsv";
      })
      ->required();
}

void declare_training(CLI::App& command, attention::GateTraining& training) {
  command.add_option("--steps", training.steps, "Texts that are trained on, one a step")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--rate", training.learning_rate, "Of Adam, between warm-up and decay")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  command
      .add_option("--regularisation", training.regularisation,
                  "What an open gate costs, against the distance of hidden states")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--loss", training.form, "Means, as the published code, or sums")
      ->type_name("code|paper")
      ->transform(CLI::CheckedTransformer(std::map<std::string, GateLoss>{
                                              {"code", GateLoss::code}, {"paper", GateLoss::paper}})
                      .description(""))
      ->default_str("code");
  command.add_option("--sink", training.sink, "First tokens that a streaming head reads")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  command.add_option("--recent", training.recent, "Most recent tokens that it reads")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command.add_option("--shortest", training.shortest, "Bytes of the shortest text")
      ->capture_default_str();
  command.add_option("--seed", training.seed, "Of texts, keys and random heads")
      ->capture_default_str();
}

void declare_comparison(CLI::App& command, gates::GatesOptions& options) {
  command.add_option("--streaming", options.streaming, "Share of the heads that are to stream")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--samples", options.samples, "Held-out texts with pass keys")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--windows", options.windows, "Most windows of the held-out text")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--draws", options.draws, "Random choices of as many heads to compare with")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
}

constexpr const char* lesson =
    "Gates start at 1; what hidden states do not miss of full attention is closed. The same seed\n"
    "gives the same bytes. Examples:\n"
    "  hasse gates -o out/gates.tsv\n"
    "  hasse attend --policy out/gates.json --passkey";

}  // namespace

Action declare_gates(CLI::App& command) {
  auto options = std::make_shared<Options>();
  declare_files(command, *options);
  declare_training(command, options->made.training);
  declare_comparison(command, options->made);
  command.footer(lesson);
  return [options](const Call& call) { return run_gates(*options, call); };
}

}  // namespace hasse::flows
