// SPDX-License-Identifier: Apache-2.0
// What quantising costs a model on real text.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "flows/report/markup.hpp"
#include "golden/model/methods.hpp"
#include "golden/model/score.hpp"

namespace hasse::evaluate {

/// What is evaluated.
struct EvalOptions {
  /// safetensors of a Llama, or a .bin of llama2.c; empty: the embedded byte-level model.
  std::filesystem::path model;
  /// A llama2.c tokenizer, for models whose tokens are not bytes.
  std::filesystem::path tokenizer;
  std::filesystem::path text;
  /// Text that searches read; empty: the embedded one.
  std::filesystem::path calibration;
  /// Methods by name, "float" among them; empty: all.
  std::vector<std::string> methods;
  /// Columns that share a scale; 0: whole rows.
  int group = 128;
};

/// One method's row of the table.
struct MethodResult {
  std::string name;
  std::string weights;  ///< What they are rounded to, in words.
  std::string activations;
  model::Score score;
  std::optional<model::PairReport> pairs;  ///< Of methods with outlier-victim pairs.
};

/// All rows, float first if it was asked for.
struct Evaluation {
  std::string model, text;
  std::size_t bytes = 0;   ///< Scored.
  std::size_t tokens = 0;  ///< Scored; as many as bytes for a byte-level model.
  std::size_t windows = 0;
  int group = 128;
  std::vector<MethodResult> methods;
};

/// Told what is being done, and the share of it done, 0..1.
using ProgressFn = std::function<void(const std::string& what, double share)>;

/// The names of all methods, "float" first.
std::vector<std::string> method_names();

/// Evaluates. Throws tensor::FormatError for files, model::ModelError for a text without a whole
/// window and for tokens that need a tokenizer.
Evaluation evaluate(const EvalOptions& options, const ProgressFn& progress = {});

/// The object under the key "eval".
nlohmann::ordered_json to_json(const Evaluation& evaluation);

/// Bars of bits per byte by method, from the least of them: an SVG drawing.
report::Element plot(const Evaluation& evaluation);

}  // namespace hasse::evaluate
