// SPDX-License-Identifier: Apache-2.0
#include "flows/predict/shapes.hpp"

#include <fmt/format.h>

#include "flows/report/documents.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::predict {
namespace {

using report::Field;

constexpr int kLargestSide = 65535;
constexpr int kDefaultWeightBits = 4;

std::optional<int> integer(const Field& object, std::string_view key, int lowest, int highest) {
  const std::optional<Field> member = object.find(key);
  if (!member) return std::nullopt;
  return static_cast<int>(member->integer(lowest, highest));
}

/// What every layer has unless it says otherwise.
struct Defaults {
  std::optional<int> tokens, weight_bits;
};

/// Side `key` of the weights: as stated, or `size` of a tensor, or both when they agree.
int side(const Field& layer, std::string_view key, std::optional<std::size_t> size) {
  const std::optional<int> stated = integer(layer, key, 1, kLargestSide);
  if (!size) return stated ? *stated : static_cast<int>(layer.at(key).integer(1, kLargestSide));
  if (stated && *size != static_cast<std::size_t>(*stated))
    layer.at(key).fail(fmt::format("{}, as its tensor has", *size));
  return static_cast<int>(*size);
}

/// Shape of the tensor that holds the layer's weights; nothing when they are Gaussian.
std::optional<std::vector<std::size_t>> tensor_shape(const Field& field, Layer& layer,
                                                     const std::filesystem::path& folder) {
  const std::optional<Field> file = field.find("weights");
  if (!file) {
    if (const auto tensor = field.find("tensor")) tensor->fail("none without \"weights\"");
    return std::nullopt;
  }
  layer.weights = folder / file->text();
  layer.tensor = field.at("tensor").text();
  const tensor::Safetensors tensors = tensor::Safetensors::load(layer.weights);
  const auto found = tensors.tensors().find(layer.tensor);
  if (found == tensors.tensors().end())
    field.at("tensor").fail("a tensor of " + layer.weights.string());
  const std::vector<std::size_t>& shape = found->second.shape;
  const auto fits = [](std::size_t size) { return size >= 1 && size <= kLargestSide; };
  if (shape.size() != 2 || !fits(shape[0]) || !fits(shape[1]))
    field.at("tensor").fail(fmt::format("a tensor of two dimensions up to {}", kLargestSide));
  return shape;
}

Layer read_layer(const Field& field, const Defaults& defaults,
                 const std::filesystem::path& folder) {
  field.expect_members({"name", "n", "k", "m", "weight_bits", "count", "weights", "tensor"});
  Layer layer;
  layer.name = field.at("name").text();
  layer.count = integer(field, "count", 1, kLargestSide).value_or(1);
  const auto tensor = tensor_shape(field, layer, folder);
  layer.shape.n = side(field, "n", tensor ? std::optional(tensor->at(0)) : std::nullopt);
  layer.shape.k = side(field, "k", tensor ? std::optional(tensor->at(1)) : std::nullopt);
  const std::optional<int> m = integer(field, "m", 1, kLargestSide);
  layer.shape.m = m ? *m : defaults.tokens ? *defaults.tokens : side(field, "m", std::nullopt);
  layer.shape.weight_bits = integer(field, "weight_bits", 2, 8)
                                .value_or(defaults.weight_bits.value_or(kDefaultWeightBits));
  return layer;
}

Shapes llama2_7b() {
  constexpr int hidden = 4096, inner = 11008, tokens = 2048;
  const auto layer = [](const char* name, int n, int k) {
    return Layer{name, {n, k, tokens, kDefaultWeightBits}};
  };
  return {"one block of LLaMA-2-7B at 2048 tokens",
          {layer("q_proj", hidden, hidden), layer("k_proj", hidden, hidden),
           layer("v_proj", hidden, hidden), layer("o_proj", hidden, hidden),
           layer("gate_proj", inner, hidden), layer("up_proj", inner, hidden),
           layer("down_proj", hidden, inner)}};
}

}  // namespace

Shapes load_shapes(const std::filesystem::path& path) {
  const Field root = report::read_object(path);
  root.expect_members({"name", "tokens", "weight_bits", "layers"});
  const Defaults defaults = {integer(root, "tokens", 1, kLargestSide),
                             integer(root, "weight_bits", 2, 8)};
  const auto name = root.find("name");
  Shapes shapes{name ? name->text() : path.filename().string(), {}};
  for (const Field& field : root.at("layers").elements())
    shapes.layers.push_back(read_layer(field, defaults, path.parent_path()));
  if (shapes.layers.empty()) root.at("layers").fail("at least one layer");
  return shapes;
}

std::optional<Shapes> preset(std::string_view name) {
  if (name == "llama2-7b") return llama2_7b();
  return std::nullopt;
}

std::vector<std::string> preset_names() {
  return {"llama2-7b"};
}

}  // namespace hasse::predict
