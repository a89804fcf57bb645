// SPDX-License-Identifier: Apache-2.0
// What a design takes for a set of layers, by the cycle models.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "flows/predict/shapes.hpp"
#include "golden/transitive/layer_model.hpp"
#include "verif/harness/engine.hpp"

namespace hasse::predict {

/// A clock frequency, and who says so.
struct Clock {
  double mhz = 0;
  std::string source;
};

/// How the layers are followed.
struct PredictOptions {
  transitive::Sampling sampling;
  bool full = false;  ///< Follow every layer whole, too, and compare.
  std::optional<transitive::MemoryConfig> memory{};  ///< Behind the streams; none: never waits.
  std::uint64_t seed = 1;  ///< Of Gaussian weights; layer i takes seed + i.
};

/// Cycles of one layer, all its repetitions together, or of all layers.
struct Prediction {
  double cycles = 0;
  double standard_error = 0;            ///< Of `cycles`, in cycles.
  std::optional<double> full_cycles{};  ///< Of the layer followed whole, if that was asked for.
  double macs = 0;
  double needed_lane_cycles = 0;  ///< See transitive::needed_lane_cycles.
  int tiles = 0, sampled_tiles = 0;
};

struct LayerPrediction {
  Layer layer;
  Prediction prediction;
};

/// All of it.
struct ModelResult {
  std::string shapes;
  std::string planner;
  int units = 1;
  int lanes = 1;  ///< Of all units.
  Clock clock;
  std::optional<transitive::MemoryConfig> memory;
  std::vector<LayerPrediction> layers;
  Prediction total;
  double wall_seconds = 0;

  double utilisation(const Prediction& prediction) const {
    return prediction.needed_lane_cycles / (lanes * prediction.cycles);
  }
  double seconds(const Prediction& prediction) const {
    return prediction.cycles / (clock.mhz * 1e6);
  }
};

/// Told the layer that is being followed, and the share of all layers done.
using ProgressFn = std::function<void(const std::string& layer, double share)>;

/// Predicts all of `shapes` on `engine`. Throws harness::HarnessError when the engine cannot take a
/// layer, and what layer_rows throws.
ModelResult predict_layers(const harness::Engine& engine, const Shapes& shapes, const Clock& clock,
                           const PredictOptions& options, const ProgressFn& progress = {});

/// The JSON object under the key "model".
nlohmann::ordered_json to_json(const ModelResult& result);

}  // namespace hasse::predict
