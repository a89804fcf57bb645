// SPDX-License-Identifier: Apache-2.0
#include "flows/attention_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "verif/harness/errors.hpp"

namespace hasse::flows {
namespace {

const std::set<std::string> kDecoding = {"--policy", "--layer", "--kv-head", "--steps",
                                         "--random-heads"};
/// Options of products that mean the same where an attention engine decodes.
const std::set<std::string> kShared = {"DIR",    "--model",   "--text",     "--tokens",
                                       "--seed", "--liberty", "--clock-ns", "--json"};

/// The given options of `command` for which `unwanted` holds.
template <class Unwanted>
std::vector<std::string> given(const CLI::App& command, const Unwanted& unwanted) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    if (option->count() > 0 && unwanted(option->get_name())) names.push_back(option->get_name());
  return names;
}

void refuse(const std::vector<std::string>& names, const char* why) {
  if (!names.empty())
    throw harness::HarnessError(fmt::format("{}: {}", fmt::join(names, ", "), why));
}

}  // namespace

void declare_decoding(CLI::App& command, harness::DecodeOptions& decode) {
  const std::string group = "On an attention engine";
  command
      .add_option("--policy", decode.policies,
                  "Policy file that the steps follow; again for each further one. Dense, "
                  "streaming, Quest and top-p if left out")
      ->type_name("POLICY.json")
      ->allow_extra_args(false)
      ->group(group);
  command.add_option("--layer", decode.layer, "Layer of the model, and of the policy")
      ->type_name("L")
      ->capture_default_str()
      ->group(group);
  command.add_option("--kv-head", decode.kv_head, "KV head of that layer")
      ->type_name("H")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--steps", decode.steps, "Last tokens of the sequence, a decode step for each")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_flag("--random-heads", decode.random,
                "Random operands; the only choice where the model's heads do not fit the engine")
      ->group(group);
}

harness::DecodeOptions decoding(const CLI::App& command, const harness::DecodeOptions& decode,
                                const harness::WorkloadOptions& workload,
                                const std::set<std::string>& more) {
  refuse(given(command,
               [&](const std::string& name) {
                 return !kDecoding.contains(name) && !kShared.contains(name) &&
                        !more.contains(name);
               }),
         "the directory holds an attention engine, which takes no operands of products; expected "
         "--policy, --layer, --kv-head, --steps, --random-heads, --model, --text or --tokens");
  harness::DecodeOptions options = decode;
  options.model = workload.model;
  options.text = workload.text;
  if (command.count("--tokens") > 0) options.tokens = workload.tokens;
  return options;
}

void refuse_decoding(const CLI::App& command) {
  refuse(given(command, [](const std::string& name) { return kDecoding.contains(name); }),
         "the directory's engine multiplies matrices; expected an attention engine");
}

}  // namespace hasse::flows
