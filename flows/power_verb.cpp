// SPDX-License-Identifier: Apache-2.0
// hasse power: energy per operation of a generated directory.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "flows/attention_options.hpp"
#include "flows/liberty_option.hpp"
#include "flows/power/attention_power.hpp"
#include "flows/power/power.hpp"
#include "flows/verbs.hpp"
#include "flows/workload_options.hpp"
#include "synth/energy/scaling.hpp"
#include "verif/attention/verify_attention.hpp"

namespace hasse::flows {
namespace {

/// Measures what `options` say; `rows` makes a table of it.
template <class Options, class RowsOf>
Outcome measure(const Options& options, const RowsOf& rows, const Call& call) {
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["power"];
  document = power::measure(options, [&](const std::string& what, double share) {
    call.progress.show("power: " + what, share);
  });
  document["command"] = call.command;
  store_result(options.synth.dir, "power", document);
  outcome.table = format_table(document.at("workload").get<std::string>(), rows(document));
  outcome.exit_code = document.at("mismatches") == 0 ? exit_ok : exit_mismatches;
  return outcome;
}

/// The part of `options` that an attention engine is measured with.
power::AttentionPowerOptions attention_part(const CLI::App& command,
                                            const power::PowerOptions& options,
                                            const harness::DecodeOptions& decode) {
  power::AttentionPowerOptions part{options};
  part.decode =
      decoding(command, decode, options.workload, {"--wire-pf", "--node", "--memory-liberty"});
  part.decode.seed = options.seed;
  return part;
}

void declare_options(CLI::App& command, power::PowerOptions& options) {
  command.add_option("DIR", options.synth.dir, "Directory that hasse generate wrote")
      ->type_name("")
      ->required();
  declare_liberty(command, options.synth);
  command.add_option("--clock-ns", options.synth.clock_ns, "Clock period; 100 FO4 by default")
      ->type_name("X")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--wire-pf", options.wires.pf_per_fanout,
                  "Capacitance of a net's wire for every pin it goes to, in pF; none by default")
      ->type_name("X")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--node", options.node_nm, "The library's node in nm, for memories and scaling")
      ->type_name("NM")
      ->check(CLI::IsMember(synth::known_nodes()).description(""));
  command
      .add_option("--memory-liberty", options.memory_liberty,
                  "Macros that memories are made of, plain or .gz; again for each further file")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile.description(""));
  command
      .add_option("--cross-check", options.cross_check,
                  "Also compare with OpenSTA's report_power at this uniform activity")
      ->type_name("A")
      ->check(CLI::Range(0.001, 2.0));
  command.add_option("--seed", options.seed, "Of random operands and the initial state")
      ->capture_default_str();
}

}  // namespace

Action declare_power(CLI::App& command) {
  auto options = std::make_shared<power::PowerOptions>();
  auto shapes = std::make_shared<OperandShapes>();
  auto decode = std::make_shared<harness::DecodeOptions>();
  declare_options(command, *options);
  declare_operands(command, options->workload, *shapes);
  declare_decoding(command, *decode);
  command.footer(
      "The mapped netlist multiplies - that of an attention engine decodes tokens -, gate by "
      "gate.\n"
      "Its outputs have to be exact, and every net's changes are counted; what these cost follows\n"
      "from the library's own tables: docs/power.md.\n"
      "Exits with 1 when an output is wrong. Examples:\n"
      "  hasse power out/default\n"
      "  hasse power out/tiny --random 17 23 5 --cross-check 0.2\n"
      "  hasse power out/bytelm --tokens 256");
  return [options, shapes, decode, &command](const Call& call) {
    if (harness::holds_attention(options->synth.dir))
      return measure(attention_part(command, *options, *decode), power::attention_rows_of, call);
    refuse_decoding(command);
    set_shapes(options->workload, *shapes);
    return measure(*options, power::rows_of, call);
  };
}

}  // namespace hasse::flows
