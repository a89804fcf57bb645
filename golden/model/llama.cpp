// SPDX-License-Identifier: Apache-2.0
// Loads a Llama and runs it over windows of text.
#include "golden/model/llama.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "golden/model/operators.hpp"
#include "golden/model/score.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::model {
namespace {

using tensor::FormatError;
using tensor::Matrix;
using tensor::Safetensors;
using Shape = std::vector<std::size_t>;

constexpr const char* kEmbedding = "model.embed_tokens.weight";
constexpr const char* kFinalNorm = "model.norm.weight";

/// Shapes [out x in] of one layer's projections, in the order they are computed.
std::vector<std::pair<std::string, Shape>> projections(const Config& c) {
  return {{"self_attn.q_proj.weight", {c.query_size(), c.hidden_size}},
          {"self_attn.k_proj.weight", {c.key_value_size(), c.hidden_size}},
          {"self_attn.v_proj.weight", {c.key_value_size(), c.hidden_size}},
          {"self_attn.o_proj.weight", {c.hidden_size, c.query_size()}},
          {"mlp.gate_proj.weight", {c.intermediate_size, c.hidden_size}},
          {"mlp.up_proj.weight", {c.intermediate_size, c.hidden_size}},
          {"mlp.down_proj.weight", {c.hidden_size, c.intermediate_size}}};
}

std::vector<float> read_tensor(const Safetensors& file, const std::string& name,
                               const Shape& shape) {
  const Shape& found = file.info(name).shape;
  if (found != shape) {
    throw FormatError(file.name() + ": " + name, "shape",
                      fmt::format("[{}]", fmt::join(found, ", ")),
                      fmt::format("[{}]", fmt::join(shape, ", ")));
  }
  auto values = file.values<float>(name);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw FormatError(file.name() + ": " + name, fmt::format("element {}", i),
                      fmt::format("{}", values[i]), "a finite number");
  }
  return values;
}

Matrix<float> read_matrix(const Safetensors& file, const std::string& name, const Shape& shape) {
  return {shape[0], shape[1], read_tensor(file, name, shape)};
}

}  // namespace

std::string Llama::layer_prefix(std::size_t layer) {
  return fmt::format("model.layers.{}.", layer);
}

Llama Llama::load(const std::filesystem::path& path) {
  return Llama(Safetensors::load(path));
}

std::vector<Token> byte_tokens(std::string_view text) {
  std::vector<Token> tokens(text.size());
  std::ranges::transform(text, tokens.begin(),
                         [](char byte) { return static_cast<std::uint8_t>(byte); });
  return tokens;
}

Llama::Llama(const Safetensors& file)
    : config_(parse_config(file)),
      embedding_(read_matrix(file, kEmbedding, {config_.vocab_size, config_.hidden_size})) {
  const Shape norm_shape{config_.hidden_size};
  norms_[kFinalNorm] = read_tensor(file, kFinalNorm, norm_shape);
  for (std::size_t layer = 0; layer < config_.num_hidden_layers; ++layer) {
    const std::string prefix = layer_prefix(layer);
    for (const char* norm : {"input_layernorm.weight", "post_attention_layernorm.weight"}) {
      norms_[prefix + norm] = read_tensor(file, prefix + norm, norm_shape);
    }
    for (const auto& [name, shape] : projections(config_)) {
      linears_[prefix + name] = read_matrix(file, prefix + name, shape);
    }
  }
  for (const auto& [name, info] : file.tensors()) {
    if (name == kEmbedding || norms_.contains(name) || linears_.contains(name)) continue;
    throw FormatError(file.name(), "tensor", name, "only the tensors of a Llama without biases");
  }
}

std::vector<std::string> Llama::linear_names() const {
  std::vector<std::string> names;
  for (std::size_t layer = 0; layer < config_.num_hidden_layers; ++layer) {
    for (const auto& [name, shape] : projections(config_)) {
      names.push_back(layer_prefix(layer) + name);
    }
  }
  return names;
}

const Matrix<float>& Llama::weight(const std::string& name) const {
  const auto found = linears_.find(name);
  if (found != linears_.end()) return found->second;
  throw ModelError(fmt::format("no projection is called {}, expected one of {}", name,
                               fmt::join(linear_names(), ", ")));
}

void Llama::set_weight(const std::string& name, Matrix<float> weight) {
  const Matrix<float>& old = this->weight(name);
  if (weight.rows() != old.rows() || weight.cols() != old.cols()) {
    throw ModelError(fmt::format("{}: shape is {} x {}, expected {} x {}", name, weight.rows(),
                                 weight.cols(), old.rows(), old.cols()));
  }
  linears_[name] = std::move(weight);
}

void Llama::set_linear(const std::string& name, Linear linear) {
  static_cast<void>(weight(name));
  stand_ins_[name] = std::move(linear);
}

const std::vector<float>& Llama::norm(const std::string& name) const {
  const auto found = norms_.find(name);
  if (found != norms_.end()) return found->second;
  throw ModelError(fmt::format("no normalisation is called {}", name));
}

void Llama::set_norm(const std::string& name, std::vector<float> gains) {
  if (gains.size() != norm(name).size())
    throw ModelError(
        fmt::format("{}: {} gains are given, expected {}", name, gains.size(), norm(name).size()));
  norms_[name] = std::move(gains);
}

Matrix<float> Llama::embed(std::span<const Token> tokens) const {
  if (tokens.empty() || tokens.size() > config_.max_position_embeddings) {
    throw ModelError(fmt::format("window is {} tokens, expected 1 to {}", tokens.size(),
                                 config_.max_position_embeddings));
  }
  Matrix<float> result(tokens.size(), config_.hidden_size);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (tokens[t] >= config_.vocab_size)
      throw ModelError(
          fmt::format("token {} is {}, expected less than {}", t, tokens[t], config_.vocab_size));
    std::ranges::copy(embedding_.row(tokens[t]), result.row(t).begin());
  }
  return result;
}

Matrix<float> Llama::project(const std::string& name, const Matrix<float>& input,
                             const Observer& observer) const {
  if (observer) observer(name, input);
  const auto stand_in = stand_ins_.find(name);
  return stand_in != stand_ins_.end() ? stand_in->second(input) : linear(input, linears_.at(name));
}

Matrix<float> Llama::normalised(const std::string& name, const Matrix<float>& x) const {
  return rms_norm(x, norms_.at(name), config_.rms_norm_eps);
}

Matrix<float> Llama::attention(const std::string& layer, const Matrix<float>& x,
                               const Observer& observer, const Attend& attend) const {
  const std::string name = layer + "self_attn.";
  auto q = project(name + "q_proj.weight", x, observer);
  auto k = project(name + "k_proj.weight", x, observer);
  const auto v = project(name + "v_proj.weight", x, observer);
  rotate_positions(q, config_.head_dim, config_.rope_theta);
  rotate_positions(k, config_.head_dim, config_.rope_theta);
  const auto attended = attend ? attend(q, k, v) : model::attend(q, k, v, config_.head_dim);
  return project(name + "o_proj.weight", attended, observer);
}

Matrix<float> Llama::feed_forward(const std::string& layer, const Matrix<float>& x,
                                  const Observer& observer) const {
  const auto gate = project(layer + "mlp.gate_proj.weight", x, observer);
  const auto up = project(layer + "mlp.up_proj.weight", x, observer);
  return project(layer + "mlp.down_proj.weight", swiglu(gate, up), observer);
}

Matrix<float> Llama::forward(std::span<const Token> tokens, const Observer& observer,
                             const Attention& attention) const {
  Matrix<float> x = embed(tokens);
  for (std::size_t index = 0; index < config_.num_hidden_layers; ++index) {
    const std::string layer = layer_prefix(index);
    Attend attend;
    if (attention)
      attend = [&](const auto& q, const auto& k, const auto& v) {
        return attention(index, q, k, v);
      };
    add(x,
        this->attention(layer, normalised(layer + "input_layernorm.weight", x), observer, attend));
    add(x, feed_forward(layer, normalised(layer + "post_attention_layernorm.weight", x), observer));
  }
  return linear(normalised(kFinalNorm, x), embedding_);
}

Matrix<float> Llama::forward(std::string_view window, const Observer& observer) const {
  return forward(byte_tokens(config_, window), observer);
}

Matrix<float> Llama::capture(std::string_view text, const std::string& name,
                             std::size_t tokens) const {
  const std::size_t features = weight(name).cols();
  if (tokens < 1 || tokens > text.size()) {
    throw ModelError(
        fmt::format("tokens is {}, expected 1 to {}, the bytes of the text", tokens, text.size()));
  }
  std::vector<float> inputs;
  const auto keep = [&inputs, &name](const std::string& called, const Matrix<float>& input) {
    if (called == name) inputs.insert(inputs.end(), input.values().begin(), input.values().end());
  };
  for (std::size_t t = 0; t < tokens; t += config_.max_position_embeddings) {
    forward(text.substr(t, std::min(tokens - t, config_.max_position_embeddings)), keep);
  }
  return tensor::transpose(Matrix<float>(tokens, features, std::move(inputs)));
}

double Llama::bits_per_byte(std::string_view text) const {
  return score(*this, byte_windows(config_, text)).bits_per_byte;
}

}  // namespace hasse::model
