// SPDX-License-Identifier: Apache-2.0
// hasse model: cycles and time of layers too large to simulate, by the cycle models.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "flows/design_engine.hpp"
#include "flows/predict/prediction.hpp"
#include "flows/report/headline.hpp"
#include "flows/verbs.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;

constexpr double kAssumedMhz = 500;  ///< The Transitive Array's published clock.

struct Options {
  fs::path design;
  fs::path shapes;
  std::string preset;
  std::optional<double> clock_mhz;
  std::optional<double> bandwidth;
  int latency = 0;
  predict::PredictOptions predict;
};

predict::Clock clock_of(const Options& options) {
  if (options.clock_mhz) return {*options.clock_mhz, "as asked for"};
  if (fs::is_directory(options.design)) {
    const auto fmax = report::figures(report::load(options.design)).fmax_mhz;
    if (fmax) return {*fmax, "hasse synth's fastest"};
  }
  return {kAssumedMhz, "assumed, no hasse synth to tell"};
}

std::string percent(double part) {
  return fmt::format("{:.1f} %", 100 * part);
}

std::string time_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.3f} ms", 1000 * seconds) : fmt::format("{:.3f} s", seconds);
}

/// "123,456 cycles +- 78, 97.1 % busy, 1.2 ms".
std::string prediction_text(const predict::ModelResult& result, const predict::Prediction& one) {
  std::string text = fmt::format("{:>15} cycles", grouped(std::llround(one.cycles)));
  if (one.standard_error > 0)
    text += fmt::format(" +- {}", grouped(std::llround(one.standard_error)));
  text += fmt::format(", {} busy, {}", percent(result.utilisation(one)),
                      time_text(result.seconds(one)));
  if (one.full_cycles)
    text += fmt::format("; whole: {}, off by {:+.4f} %", grouped(std::llround(*one.full_cycles)),
                        100 * (one.cycles / *one.full_cycles - 1));
  return text;
}

Rows rows_of(const predict::ModelResult& result) {
  const predict::Prediction& total = result.total;
  Rows rows = {{"planner", fmt::format("{}, {} unit{}", result.planner, result.units,
                                       result.units == 1 ? "" : "s")},
               {"clock", fmt::format("{:.1f} MHz, {}", result.clock.mhz, result.clock.source)},
               {"sample", fmt::format("{} of {} N-tiles", grouped(total.sampled_tiles),
                                      grouped(total.tiles))}};
  if (result.memory)
    rows.emplace_back("memory", fmt::format("{:.2f} bytes a cycle, latency {}",
                                            result.memory->bandwidth, result.memory->latency));
  for (const auto& [layer, prediction] : result.layers) {
    const std::string times = layer.count > 1 ? fmt::format(" x {}", layer.count) : "";
    rows.emplace_back(layer.name + times, prediction_text(result, prediction));
  }
  rows.emplace_back("total", prediction_text(result, total));
  rows.emplace_back("MACs", fmt::format("{}, {:.1f} a cycle", grouped(std::llround(total.macs)),
                                        total.macs / total.cycles));
  rows.emplace_back("took", fmt::format("{:.1f} s", result.wall_seconds));
  return rows;
}

Outcome run_model(const Options& options, const Call& call) {
  const harness::Engine engine = engine_of(options.design);
  const predict::Shapes shapes = options.shapes.empty() ? predict::preset(options.preset).value()
                                                        : predict::load_shapes(options.shapes);
  predict::PredictOptions how = options.predict;
  if (options.bandwidth) how.memory = engine.memory(*options.bandwidth, options.latency);
  const predict::ModelResult result = predict::predict_layers(
      engine, shapes, clock_of(options), how, [&](const std::string& layer, double share) {
        call.progress.show("model: " + layer, share);
      });
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["model"];
  document = to_json(result);
  document["command"] = call.command;
  if (fs::is_directory(options.design)) store_result(options.design, "model", document);
  outcome.table = format_table(shapes.name, rows_of(result));
  return outcome;
}

void declare_options(CLI::App& command, Options& options) {
  command
      .add_option("DESIGN", options.design,
                  "The design's JSON file, or a directory that hasse generate wrote")
      ->type_name("")
      ->required()
      ->check(CLI::ExistingPath);
  CLI::Option_group* what = command.add_option_group("layers");
  what->add_option("--shapes", options.shapes, "Layers, as docs/model.md describes them")
      ->type_name("SHAPES.json");
  what->add_option(
          "--preset", options.preset,
          fmt::format("Layers known by name: {}", fmt::join(predict::preset_names(), ", ")))
      ->type_name("NAME")
      ->check(CLI::IsMember(predict::preset_names()).description(""));
  what->require_option(1);
  command.add_option("--clock-mhz", options.clock_mhz, "Clock frequency; else that of hasse synth")
      ->type_name("F")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--sample", options.predict.sampling.tiles,
                  "N-tiles of a layer that are followed; 0: all of them, over all columns")
      ->type_name("TILES")
      ->check([](const std::string& text) {
        return text == "1" ? std::string("one tile has no standard error") : std::string();
      })
      ->check(CLI::NonNegativeNumber)
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
  command.add_flag("--full", options.predict.full,
                   "Follow every layer whole, too, and show how far the sample is off");
  command.add_option("--seed", options.predict.seed, "Of Gaussian weights and of the sample")
      ->capture_default_str();
}

}  // namespace

Action declare_model(CLI::App& command) {
  auto options = std::make_shared<Options>();
  declare_options(command, *options);
  command.footer(
      "Nothing is simulated: the cycle models follow a sample of every layer's weights, and the\n"
      "standard error says what that costs. Examples:\n"
      "  hasse model flows/designs/default.json --preset llama2-7b --clock-mhz 500\n"
      "  hasse model out/default --shapes SHAPES.json --full");
  return [options](const Call& call) {
    options->predict.sampling.seed = static_cast<std::uint32_t>(options->predict.seed);
    return run_model(*options, call);
  };
}

}  // namespace hasse::flows
