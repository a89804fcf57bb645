// SPDX-License-Identifier: Apache-2.0
// The `hasse` command: finds the verb, runs it, says how it ended.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <span>
#include <string_view>

#include "flows/failure.hpp"
#include "flows/verbs.hpp"
#include "generator/emit/version.hpp"

namespace hasse::flows {
namespace {

struct Verb {
  const char* name;
  const char* purpose;
  Action (*declare)(CLI::App&);
};

constexpr std::array<Verb, 13> verbs = {{
    {"generate", "Write the RTL of a design", declare_generate},
    {"compile", "Turn weights into the program of a compiled planner", declare_compile},
    {"verify", "Simulate the RTL and compare every output with the exact product", declare_verify},
    {"synth", "Map the RTL to a cell library: area, clock", declare_synth},
    {"power", "Simulate the mapped netlist: energy per operation", declare_power},
    {"model", "Predict cycles and time of whole layers", declare_model},
    {"attend", "Measure what sparse attention reads and costs", declare_attend},
    {"gates", "Train gates that tell which heads need full attention", declare_gates},
    {"report", "Collect the results as one page", declare_report},
    {"compare", "Put designs side by side: the same layers, library, clock", declare_compare},
    {"quantize", "Turn a model of floats into codes, scales and zero points", declare_quantize},
    {"eval", "Tell what quantising costs a model on real text", declare_eval},
    {"attribute", "Credit the touches of customer journeys, in float or as on the arrays",
     declare_attribute},
}};

constexpr const char* description =
    "Hasse generates Verilog accelerators that multiply quantised matrices without multipliers,\n"
    "or attend to a KV cache with them, and measures what it generated: exactness, cycles, area,\n"
    "clock.";

constexpr const char* lesson =
    "The usual order, each step from the directory that the first one wrote:\n"
    "  hasse generate flows/designs/default.json -o out/default\n"
    "  hasse verify out/default\n"
    "  hasse synth out/default\n"
    "  hasse report out/default -o out/default/report.html\n"
    "\n"
    "Every verb explains itself (hasse VERB --help) and writes its result as JSON (--json FILE, "
    "or\n"
    "--json - for standard output). Exit codes: 0 all is well, 1 the hardware's products are "
    "wrong,\n"
    "2 the input cannot be used, 3 a program that is needed is missing or failed.";

/// The command as it was typed, the program's name without its folder.
std::string command_line(int argc, char** argv) {
  std::string line = "hasse";
  for (const char* argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    const std::string_view text = argument;
    const bool plain = !text.empty() && text.find_first_of(" \t\n'\"$&|;<>()*?\\`") == text.npos;
    line += plain ? fmt::format(" {}", text) : fmt::format(" '{}'", text);
  }
  return line;
}

/// Prints the outcome of a verb where its user wants it.
void present(const Outcome& outcome, const std::string& json) {
  if (json == "-") {
    fmt::print("{}\n", outcome.document.dump(2));
    return;
  }
  fmt::print("{}", outcome.table);
  if (!json.empty()) {
    write_json(json, outcome.document);
  }
}

Outcome act(const Action& action, const std::string& command) {
  Progress progress;
  return action({progress, command});
}

int perform(const Action& action, const std::string& command, const std::string& json) {
  try {
    const Outcome outcome = act(action, command);
    present(outcome, json);
    return outcome.exit_code;
  } catch (...) {
    const Failure failure = describe_failure(std::current_exception());
    fmt::print(stderr, "{}\n", failure.message);
    return failure.exit_code;
  }
}

int run(int argc, char** argv) {
  CLI::App app(description, "hasse");
  app.set_version_flag("--version", fmt::format("hasse {}", emit::version()));
  app.require_subcommand(1);
  app.footer(lesson);
  std::string json;
  Action action;
  for (const Verb& verb : verbs) {
    CLI::App* command = app.add_subcommand(verb.name, verb.purpose);
    const Action declared = verb.declare(*command);
    command->add_option("--json", json, "Write the result as JSON to FILE, or - for stdout")
        ->type_name("FILE");
    command->callback([&action, declared] { action = declared; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_bad_input;
  }
  return perform(action, command_line(argc, argv), json);
}

}  // namespace
}  // namespace hasse::flows

int main(int argc, char** argv) {
  return hasse::flows::run(argc, argv);
}
