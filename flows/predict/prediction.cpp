// SPDX-License-Identifier: Apache-2.0
#include "flows/predict/prediction.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "flows/predict/layer_weights.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::predict {
namespace {

void check(const harness::Engine& engine, const Layer& layer) {
  const auto refuse = [&](const char* what, int value, int least, int most) {
    if (value >= least && value <= most) return;
    throw harness::HarnessError(fmt::format("layer {}: {} is {}, but the design takes {}..{}",
                                            layer.name, what, value, least, most));
  };
  refuse("n", layer.shape.n, 1, engine.max_n);
  refuse("k", layer.shape.k, 1, engine.max_k);
  refuse("m", layer.shape.m, 1, engine.max_m);
  refuse("weight_bits", layer.shape.weight_bits, 2, engine.weight_bits);
}

Prediction predict_layer(const harness::Engine& engine, const Layer& layer,
                         const PredictOptions& options, std::uint64_t seed) {
  const transitive::ArrayConfig array = engine.array();
  const transitive::WeightRows rows = layer_rows(layer, seed);
  const auto count = static_cast<double>(layer.count);
  const transitive::LayerCycles cycles =
      transitive::layer_cycles(array, layer.shape, rows, options.sampling, options.memory);
  Prediction prediction;
  prediction.cycles = count * cycles.cycles;
  prediction.standard_error = count * cycles.standard_error;
  prediction.tiles = cycles.tiles;
  prediction.sampled_tiles = cycles.sampled_tiles;
  prediction.macs = count * layer.shape.n * layer.shape.k * layer.shape.m;
  prediction.needed_lane_cycles = count * transitive::needed_lane_cycles(array, layer.shape);
  if (options.full)
    prediction.full_cycles =
        count * (cycles.exact ? cycles.cycles
                              : transitive::layer_cycles(array, layer.shape, rows, {.tiles = 0},
                                                         options.memory)
                                    .cycles);
  return prediction;
}

/// Layers are sampled independently of each other.
void add(Prediction& total, const Prediction& one) {
  total.cycles += one.cycles;
  total.standard_error = std::hypot(total.standard_error, one.standard_error);
  if (one.full_cycles) total.full_cycles = total.full_cycles.value_or(0) + *one.full_cycles;
  total.macs += one.macs;
  total.needed_lane_cycles += one.needed_lane_cycles;
  total.tiles += one.tiles;
  total.sampled_tiles += one.sampled_tiles;
}

nlohmann::ordered_json numbers(const ModelResult& result, const Prediction& prediction) {
  nlohmann::ordered_json json = {{"cycles", std::llround(prediction.cycles)},
                                 {"macs", std::llround(prediction.macs)},
                                 {"utilisation", result.utilisation(prediction)},
                                 {"seconds", result.seconds(prediction)},
                                 {"mac_per_cycle", prediction.macs / prediction.cycles},
                                 {"standard_error_cycles", prediction.standard_error},
                                 {"tiles", prediction.tiles},
                                 {"sampled_tiles", prediction.sampled_tiles}};
  if (!prediction.full_cycles) return json;
  json["full_cycles"] = std::llround(*prediction.full_cycles);
  json["deviation"] = prediction.cycles / *prediction.full_cycles - 1;
  return json;
}

}  // namespace

ModelResult predict_layers(const harness::Engine& engine, const Shapes& shapes, const Clock& clock,
                           const PredictOptions& options, const ProgressFn& progress) {
  const auto begin = std::chrono::steady_clock::now();
  ModelResult result;
  result.shapes = shapes.name;
  result.planner = engine.planner;
  result.units = engine.units;
  result.lanes = engine.units * engine.config.lanes;
  result.clock = clock;
  result.memory = options.memory;
  for (const Layer& layer : shapes.layers) check(engine, layer);
  for (const Layer& layer : shapes.layers) {
    const std::size_t index = result.layers.size();
    if (progress)
      progress(layer.name, static_cast<double>(index) / static_cast<double>(shapes.layers.size()));
    result.layers.push_back({layer, predict_layer(engine, layer, options, options.seed + index)});
    add(result.total, result.layers.back().prediction);
  }
  result.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

nlohmann::ordered_json to_json(const ModelResult& result) {
  nlohmann::ordered_json json = numbers(result, result.total);
  json["shapes"] = result.shapes;
  json["planner"] = result.planner;
  json["units"] = result.units;
  json["clock_mhz"] = result.clock.mhz;
  json["clock_source"] = result.clock.source;
  if (result.memory)
    json["memory"] = {{"bandwidth", result.memory->bandwidth},
                      {"latency", result.memory->latency},
                      {"prefetch", result.memory->prefetch}};
  json["wall_seconds"] = result.wall_seconds;
  json["layers"] = nlohmann::ordered_json::array();
  for (const auto& [layer, prediction] : result.layers) {
    nlohmann::ordered_json one = {
        {"name", layer.name},
        {"n", layer.shape.n},
        {"k", layer.shape.k},
        {"m", layer.shape.m},
        {"weight_bits", layer.shape.weight_bits},
        {"count", layer.count},
        {"weights", layer.weights.empty()
                        ? std::string("gaussian")
                        : layer.weights.filename().string() + ":" + layer.tensor}};
    one.update(numbers(result, prediction));
    json["layers"].push_back(std::move(one));
  }
  return json;
}

}  // namespace hasse::predict
