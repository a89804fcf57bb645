// SPDX-License-Identifier: Apache-2.0
// hasse verify: simulates a generated directory and compares every output with the exact product.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "flows/attention_options.hpp"
#include "flows/attention_rows.hpp"
#include "flows/verbs.hpp"
#include "flows/workload_options.hpp"
#include "verif/harness/verify.hpp"

namespace hasse::flows {
namespace {

using harness::VerifyOptions;
using harness::VerifyResult;

std::string shape_text(const VerifyResult& result) {
  std::string text = fmt::format("[{} x {}] x [{} x {}], {}-bit weights", grouped(result.shape.n),
                                 grouped(result.shape.k), grouped(result.shape.k),
                                 grouped(result.shape.m), result.shape.weight_bits);
  if (result.shape.group > 0) text += fmt::format(", groups of {}", result.shape.group);
  if (result.shape.unsigned_activations) text += ", unsigned activations";
  return result.shape.requantise ? text + ", requantised" : text;
}

std::string subtile_text(const VerifyResult& result) {
  if (result.cycles_per_subtile <= 0) {
    return "too short a run to tell";
  }
  return fmt::format("{:.1f}, bound {:.1f}, ratio {:.3f}", result.cycles_per_subtile,
                     result.bound_cycles_per_subtile,
                     result.cycles_per_subtile / result.bound_cycles_per_subtile);
}

std::string verdict(const VerifyResult& result) {
  const auto outputs = static_cast<long long>(result.outputs);
  if (result.mismatches == 0) {
    return fmt::format("all {} equal the exact product", grouped(outputs));
  }
  return fmt::format("{} of {} are WRONG", grouped(static_cast<long long>(result.mismatches)),
                     grouped(outputs));
}

std::string memory_text(const VerifyResult& result) {
  const double used = result.bytes / static_cast<double>(result.counters.cycles);
  return fmt::format("{:.2f} of {:.2f} bytes a cycle, latency {}", used, result.memory->bandwidth,
                     result.memory->latency);
}

Rows rows_of(const VerifyResult& result) {
  const auto count = [](std::uint64_t value) { return grouped(static_cast<long long>(value)); };
  Rows rows = {
      {"product", shape_text(result)},
      {"outputs", verdict(result)},
      {"cycles", fmt::format("{} (model: {})", count(result.counters.cycles),
                             count(result.insight.predicted_cycles))},
      {"cycles per sub-tile", subtile_text(result)},
      {"accumulate utilisation", fmt::format("{:.1f} %", 100 * result.accumulate_utilisation)},
      {"prefix utilisation", fmt::format("{:.1f} %", 100 * result.prefix_utilisation)},
      {"TransRows", fmt::format("{}, {} of them zero", count(result.counters.transrows),
                                count(result.counters.zero_transrows))},
      {"stall cycles", count(result.counters.stall_cycles)},
      {"simulation speed", fmt::format("{:.1f} kHz", result.simulated_hz / 1000)},
  };
  if (result.planner == "static") rows.emplace_back("SI misses", count(result.counters.si_misses));
  if (result.units > 1)
    rows.insert(rows.begin() + 1, {"units", count(static_cast<std::uint64_t>(result.units))});
  if (result.memory) rows.emplace_back("memory", memory_text(result));
  for (const harness::Mismatch& wrong : result.first_mismatches) {
    rows.emplace_back(fmt::format("Y[{}][{}]", wrong.row, wrong.column),
                      fmt::format("{} instead of {}", wrong.actual, wrong.expected));
  }
  return rows;
}

Outcome verify(const VerifyOptions& options, const Call& call) {
  const VerifyResult result = harness::verify(options, [&](const std::string& stage, double share) {
    call.progress.show("verify: " + stage, share);
  });
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["verify"];
  document = to_json(result);
  document["command"] = call.command;
  store_result(options.dir, "verify", document);
  outcome.table = format_table(result.workload, rows_of(result));
  outcome.exit_code = result.mismatches == 0 ? exit_ok : exit_mismatches;
  return outcome;
}

Outcome verify(const harness::VerifyAttentionOptions& options, const Call& call) {
  const auto result =
      harness::verify_attention(options, [&](const std::string& stage, double share) {
        call.progress.show("verify: " + stage, share);
      });
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["verify"];
  document = to_json(result);
  document["command"] = call.command;
  store_result(options.dir, "verify", document);
  outcome.table = format_table(result.workload, attention_rows_of(result));
  outcome.exit_code = result.mismatches() == 0 ? exit_ok : exit_mismatches;
  return outcome;
}

/// The part of `options` that an attention engine is verified with.
harness::VerifyAttentionOptions attention_part(const CLI::App& command,
                                               const VerifyOptions& options,
                                               const harness::DecodeOptions& decode) {
  harness::VerifyAttentionOptions part;
  part.dir = options.dir;
  part.decode = decoding(command, decode, options.workload,
                         {"--stall", "--bandwidth", "--latency", "--trace"});
  part.decode.seed = part.seed = options.seed;
  part.pace.stall = options.stall;
  part.pace.latency = options.latency;
  if (options.bandwidth) part.pace.bytes_per_cycle = *options.bandwidth;
  part.trace = options.trace;
  part.build = options.build;
  return part;
}

void declare_scaling(CLI::App& command, harness::WorkloadOptions& workload) {
  const std::map<std::string, harness::Scheme> schemes = {{"plain", harness::Scheme::plain},
                                                          {"symmetric", harness::Scheme::symmetric},
                                                          {"qserve", harness::Scheme::qserve}};
  command.add_option("--group", workload.group, "Columns of the weights that share a scale")
      ->type_name("G")
      ->check(CLI::Range(1, 65535));
  command
      .add_option("--scheme", workload.scheme,
                  "How a model's weights are quantised; qserve if the design scales groups")
      ->type_name("plain|symmetric|qserve")
      ->transform(CLI::CheckedTransformer(schemes).description(""));
  command.add_option("--scales", workload.scales, "Scales 0..255 of the groups of --weights")
      ->type_name("S.npy");
  command.add_option("--zeros", workload.zeros, "Zero points of the groups, 0 if left out")
      ->type_name("Z.npy");
  command
      .add_option("--calibration-rows", workload.calibration_rows,
                  "First rows of the weights that make a static planner's table; all if left out")
      ->check(CLI::Range(1, 65535));
  command.add_flag("--requantise", workload.requantise, "Results requantised to eight bits");
}

void declare_run(CLI::App& command, VerifyOptions& options) {
  command.add_option("DIR", options.dir, "Directory that hasse generate wrote")
      ->type_name("")
      ->required();
  command
      .add_option("--program", options.program,
                  "What hasse compile made of the weights, for planner compiled; else it is made "
                  "now")
      ->type_name("PROGRAM");
  command.add_option("--output", options.output, "Write the hardware's product, int32 or int64")
      ->type_name("Y.npy");
  command.add_option("--seed", options.seed, "Of random operands, stalls and initial state")
      ->capture_default_str();
  command.add_option("--stall", options.stall, "Probability of a stall per stream and cycle")
      ->type_name("P")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  CLI::Option* bandwidth =
      command
          .add_option("--bandwidth", options.bandwidth,
                      "Bytes a cycle of the memory behind the streams; else the host never waits")
          ->type_name("B")
          ->check(CLI::PositiveNumber);
  command.add_option("--latency", options.latency, "Cycles until that memory answers")
      ->type_name("L")
      ->check(CLI::Range(0, 1000000))
      ->needs(bandwidth);
  command
      .add_option("--trace", options.trace,
                  "Write the waveforms; GTKWave save files are in DIR/waves")
      ->type_name("FILE.fst");
}

constexpr const char* lesson =
    "Without operands, a real layer of the embedded language model meets real activations.\n"
    "The simulation is compiled once per RTL and kept in ~/.cache/hasse ($HASSE_CACHE).\n"
    "An attention engine decodes tokens instead, and its bit-true model judges outputs, pages and\n"
    "bytes. Exits with 1 when an output is wrong. Examples:\n"
    "  hasse verify out/default\n"
    "  hasse verify out/default --weights W.npy --activations X.npy --output Y.npy\n"
    "  hasse verify out/qserve --group 64 --scheme symmetric --requantise\n"
    "  hasse verify out/default --bandwidth 8 --latency 100\n"
    "  hasse verify out/tiny --random 17 23 5 --stall 0.3 --trace out/tiny.fst\n"
    "  hasse verify out/attention --bandwidth 16 --latency 100\n"
    "  hasse verify out/bytelm --policy flows/policies/quest.json --steps 8";

}  // namespace

Action declare_verify(CLI::App& command) {
  auto options = std::make_shared<VerifyOptions>();
  auto shapes = std::make_shared<OperandShapes>();
  auto decode = std::make_shared<harness::DecodeOptions>();
  declare_run(command, *options);
  declare_operands(command, options->workload, *shapes);
  declare_scaling(command, options->workload);
  declare_decoding(command, *decode);
  command.footer(lesson);
  return [options, shapes, decode, &command](const Call& call) {
    if (harness::holds_attention(options->dir))
      return verify(attention_part(command, *options, *decode), call);
    refuse_decoding(command);
    options->workload.seed = options->seed;
    set_shapes(options->workload, *shapes);
    return verify(*options, call);
  };
}

}  // namespace hasse::flows
