// SPDX-License-Identifier: Apache-2.0
// hasse attend: what attention policies read of the KV cache, and what they cost a language model.
#include <CLI/CLI.hpp>
#include <memory>

#include "flows/attend/attend.hpp"
#include "flows/report/text.hpp"
#include "flows/verbs.hpp"

namespace hasse::flows {
namespace {

/// Where everything goes, beside what is measured.
struct Options {
  attend::AttendOptions measured;
  std::filesystem::path page;
};

Outcome run_attend(const Options& options, const Call& call) {
  const attend::AttendResult result = attend::attend(
      options.measured,
      [&](const std::string& what, double share) { call.progress.show("attend: " + what, share); });
  if (!options.page.empty()) report::replace_file(options.page, attend::to_page(result));
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["attend"];
  document = attend::to_json(result);
  document["command"] = call.command;
  outcome.table = attend::to_table(result);
  return outcome;
}

void declare_reading(CLI::App& command, attend::AttendOptions& options) {
  command
      .add_option("--model", options.model,
                  "Byte-level Llama, or a llama2.c model (.bin); the embedded one if left out")
      ->type_name("M.safetensors");
  command.add_option("--tokenizer", options.tokenizer, "Tokenizer of a llama2.c model")
      ->type_name("TOK.bin");
  command.add_option("--text", options.text, "Text that the model reads")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("--policy", options.policies,
                  "Policy, as docs/attention.md describes it; may be repeated; dense if left out")
      ->type_name("POLICY.json");
  command.add_option("--windows", options.windows, "Most windows of the text that are read")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void declare_schedule(CLI::App& command, attention::Schedule& schedule) {
  command
      .add_option("--prefill", schedule.prefill,
                  "First tokens of each window that are a prompt; the rest is decoded")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--chunk", schedule.chunk, "Tokens of the prompt processed at a time; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--from", schedule.from, "Decode steps before this position are not counted")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

void declare_passkey(CLI::App& command, attend::AttendOptions& options) {
  options.grid.lengths = {128, 256, 384, 512};
  options.grid.depths = {0, .25, .5, .75, 1};
  CLI::Option* passkey =
      command.add_flag("--passkey", options.passkey, "Hide pass keys in the text and ask for them");
  command.add_option("--passkey-lengths", options.grid.lengths, "Bytes of the texts")
      ->needs(passkey)
      ->delimiter(',')
      ->type_name("L,L,...")
      ->capture_default_str();
  command.add_option("--passkey-depths", options.grid.depths, "Where the keys are, 0 to 1")
      ->needs(passkey)
      ->delimiter(',')
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("D,D,...")
      ->capture_default_str();
  command.add_option("--passkey-keys", options.grid.keys, "Keys of each length and depth")
      ->needs(passkey)
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

constexpr const char* lesson =
    "Every token is decoded under the policy, unless --prefill makes the first ones a prompt.\n"
    "Policies are compared on the same windows; a single one is also shown head by head. "
    "Examples:\n"
    "  hasse attend --policy flows/policies/quest.json\n"
    "  hasse attend --policy flows/policies/quest.json --policy flows/policies/twilight.json \\\n"
    "      --from 128 -o out/attention.html --json out/attention.json\n"
    "  hasse attend --model stories260K.bin --tokenizer tok512.bin --text story.txt";

}  // namespace

Action declare_attend(CLI::App& command) {
  auto options = std::make_shared<Options>();
  declare_reading(command, options->measured);
  declare_schedule(command, options->measured.schedule);
  declare_passkey(command, options->measured);
  command.add_option("-o,--output", options->page, "Write a page of heat maps")
      ->type_name("FILE.html");
  command.footer(lesson);
  return [options](const Call& call) { return run_attend(*options, call); };
}

}  // namespace hasse::flows
