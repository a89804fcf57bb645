// SPDX-License-Identifier: Apache-2.0
// Which products a model is to be run on: a shapes file, or one of the sets known by name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/transitive/weight_stream.hpp"

namespace hasse::predict {

/// One linear layer, Y[n x m] = W[n x k] * X[k x m].
struct Layer {
  std::string name;
  transitive::Shape shape;
  int count = 1;                    ///< Times it occurs.
  std::filesystem::path weights{};  ///< A safetensors file; empty: Gaussian weights.
  std::string tensor{};             ///< Of that file.
};

/// Layers that are predicted together.
struct Shapes {
  std::string name;
  std::vector<Layer> layers;
};

/// Reads the shapes file `path`; docs/model.md has its schema. Sides are 1..65535, weight bits 2..8
/// (4 if left out). A layer with weights may leave its n and k out and may not contradict them.
/// Throws report::ReportError naming file, JSON pointer, value and what is expected, and
/// tensor::FormatError for files of weights.
Shapes load_shapes(const std::filesystem::path& path);

/// The set called `name`: "llama2-7b", the linear layers of one block at 2048 tokens. Nothing when
/// there is none.
std::optional<Shapes> preset(std::string_view name);

/// Names of all sets.
std::vector<std::string> preset_names();

}  // namespace hasse::predict
