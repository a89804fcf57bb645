// SPDX-License-Identifier: Apache-2.0
// hasse compile: turns a weight matrix into the program of a design with a compiled planner.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <memory>

#include "flows/design_engine.hpp"
#include "flows/verbs.hpp"
#include "golden/transitive/program_file.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path design;
  fs::path weights;
  std::optional<int> weight_bits;
  fs::path output;
};

/// A compiled matrix, and what that took.
struct Compiled {
  transitive::Program program;
  transitive::CompileCounts counts;
  double bound = 0;  ///< Cycles that its TransRows need at the least.
  double seconds = 0;

  double cycles_over_bound() const { return static_cast<double>(counts.pace) / bound; }
  double transrows_per_second() const { return static_cast<double>(counts.transrows) / seconds; }
};

/// The weights, as operands of a product with a single column.
harness::Operands operands_of(const Options& options, const harness::Engine& engine) {
  const tensor::Matrix<std::int32_t> codes =
      harness::read_codes(options.weights, engine.weight_bits);
  tensor::Matrix<std::int8_t> weights(codes.rows(), codes.cols());
  for (std::size_t row = 0; row < codes.rows(); ++row)
    for (std::size_t i = 0; i < codes.cols(); ++i)
      weights(row, i) = static_cast<std::int8_t>(codes(row, i));
  const int bits = options.weight_bits.value_or(harness::bits_needed(codes));
  harness::Operands operands{std::move(weights), {codes.cols(), 1}, bits};
  operands.tile_rows = engine.array().balanced(operands.shape()).tile_rows;
  harness::check(engine, operands);
  return operands;
}

Compiled compile(const harness::Engine& engine, const harness::Operands& operands,
                 const Call& call) {
  const auto begin = std::chrono::steady_clock::now();
  const transitive::ArrayConfig array = engine.array();
  Compiled compiled;
  compiled.program =
      transitive::compile(array, operands.shape(), operands.weights, &compiled.counts,
                          [&](double share) { call.progress.show("compile", share); });
  compiled.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  compiled.bound = static_cast<double>(compiled.counts.transrows) *
                   (1 - std::pow(2.0, -engine.config.tile_bits)) / array.streams().lanes;
  return compiled;
}

nlohmann::ordered_json to_json(const Compiled& compiled, const Options& options) {
  const transitive::CompileCounts& counts = compiled.counts;
  const transitive::Shape& shape = compiled.program.shape;
  return {{"program", options.output.string()},
          {"bytes", compiled.program.words.size() * sizeof(std::uint32_t)},
          {"n", shape.n},
          {"k", shape.k},
          {"weight_bits", shape.weight_bits},
          {"subtiles", counts.tiles},
          {"transrows", counts.transrows},
          {"words", counts.words},
          {"reads", counts.reads},
          {"beats", counts.beats},
          {"nodes", counts.nodes},
          {"helpers", counts.helpers},
          {"steps", counts.steps},
          {"most_steps", counts.most_steps},
          {"cycles", counts.pace},
          {"bound_cycles", compiled.bound},
          {"cycles_over_bound", compiled.cycles_over_bound()},
          {"seconds", compiled.seconds},
          {"transrows_per_second", compiled.transrows_per_second()}};
}

Rows rows_of(const Compiled& compiled) {
  const transitive::CompileCounts& counts = compiled.counts;
  const auto count = [](std::uint64_t value) { return grouped(static_cast<long long>(value)); };
  return {{"TransRows",
           fmt::format("{} in {} sub-tiles", count(counts.transrows), count(counts.tiles))},
          {"words", fmt::format("{}, {} of them read for {} beats", count(counts.words),
                                count(counts.reads), count(counts.beats))},
          {"nodes", fmt::format("{}, {} of them for others only, in {} steps", count(counts.nodes),
                                count(counts.helpers), count(counts.steps))},
          {"cycles", fmt::format("{} a pass, {:.3f} x the bound", count(counts.pace),
                                 compiled.cycles_over_bound())},
          {"speed", fmt::format("{:.2f} M TransRows/s", compiled.transrows_per_second() / 1e6)}};
}

Outcome run_compile(const Options& options, const Call& call) {
  const harness::Engine engine = engine_of(options.design);
  if (!engine.takes_programs())
    throw harness::HarnessError(
        fmt::format("{}: /planner: \"{}\" takes no programs; expected \"compiled\"",
                    options.design.string(), engine.config.streams() ? "none" : engine.planner));
  const harness::Operands operands = operands_of(options, engine);
  const Compiled compiled = compile(engine, operands, call);
  transitive::write_program(options.output, compiled.program);
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["compile"];
  document = to_json(compiled, options);
  document["command"] = call.command;
  outcome.table = format_table(
      fmt::format("{} in {}", options.weights.filename().string(), options.output.string()),
      rows_of(compiled));
  return outcome;
}

}  // namespace

Action declare_compile(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command
      .add_option("DESIGN", options->design,
                  "The design's JSON file, or a directory that hasse generate wrote")
      ->type_name("")
      ->required()
      ->check(CLI::ExistingPath);
  command.add_option("--weights", options->weights, "W [N x K], int8 or int16, C order")
      ->type_name("W.npy")
      ->required();
  command
      .add_option("--weight-bits", options->weight_bits,
                  "Bits of the weights; the fewest that hold them if left out")
      ->type_name("S")
      ->check(CLI::Range(2, 8));
  command.add_option("-o,--output", options->output, "File to write; replaced when complete")
      ->type_name("PROGRAM")
      ->required();
  command.footer(
      "A program says which nodes are built and which are read, cycle by cycle; it is streamed in\n"
      "place of the weights, once per pass over them. The hardware refuses it when it was made "
      "for\n"
      "another design or shape, or was damaged. Format: docs/program-format.md. Example:\n"
      "  hasse compile out/compiled --weights W.npy -o out/W.program\n"
      "  hasse verify out/compiled --weights W.npy --activations X.npy --program out/W.program");
  return [options](const Call& call) { return run_compile(*options, call); };
}

}  // namespace hasse::flows
