// SPDX-License-Identifier: Apache-2.0
// What hasse gates does: trains DuoAttention's gates, and holds the heads they keep against others.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "golden/attention/gate_training.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::gates {

/// Where model and texts come from, how gates are trained, and what is compared afterwards.
struct GatesOptions {
  std::filesystem::path model;  ///< .safetensors; empty: the embedded one.
  std::filesystem::path text = "/usr/share/common-licenses/GPL-3";
  std::filesystem::path held_out = "/usr/share/common-licenses/Artistic";
  attention::GateTraining training;
  double streaming = 0.5;    ///< Share of the heads that stream in the end.
  std::size_t samples = 16;  ///< Pass key texts of the held-out text.
  std::size_t windows = 2;   ///< Of the held-out text.
  std::size_t draws = 5;     ///< Of random heads.
};

/// What one choice of heads comes to on the held-out text.
struct Choice {
  std::string name;
  tensor::Matrix<float> gates;  ///< 1: reads all, 0: streams.
  double distillation = 0;      ///< Mean square error of the hidden states from the question on.
  double bits_per_byte = 0;
  double bits_per_digit = 0;   ///< Of pass keys.
  std::size_t keys_found = 0;  ///< Of `samples`.
};

/// Trained gates and all choices that are compared: dense, trained, streaming, random draws.
struct GatesResult {
  GatesOptions options;
  attention::GateResult trained;
  std::vector<Choice> choices;

  /// Mean loss of the first and of the last tenth of the steps.
  double first_loss() const;
  double last_loss() const;
};

/// Called with what is being done, and the share of it that is.
using Progress = std::function<void(const std::string& what, double share)>;

/// Trains and compares. Throws tensor::FormatError for files that cannot be used and
/// std::runtime_error for options that do not fit the model.
GatesResult train(const GatesOptions& options, const Progress& progress);

/// The policy file beside a gate file called `gates`, in which the trained heads read all.
nlohmann::ordered_json policy_of(const GatesResult& result, const std::filesystem::path& gates);

/// The members of "gates".
nlohmann::ordered_json to_json(const GatesResult& result);

/// Gates by layer and head, and the choices side by side.
std::string to_table(const GatesResult& result);

}  // namespace hasse::gates
