// SPDX-License-Identifier: Apache-2.0
// A Llama of a few hundred random weights, to be broken in tests.
#pragma once

#include <fmt/format.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "golden/tensor/safetensors.hpp"

namespace hasse::model {

using Metadata = std::map<std::string, std::string>;

/// Two layers of 8 features, 2 query heads and 1 key-value head of 4, windows of 16 bytes, and
/// `changes` in place of the entries they name.
inline Metadata tiny_metadata(Metadata changes = {}) {
  changes.merge(Metadata{{"vocab_size", "256"},
                         {"hidden_size", "8"},
                         {"intermediate_size", "12"},
                         {"num_hidden_layers", "2"},
                         {"num_attention_heads", "2"},
                         {"num_key_value_heads", "1"},
                         {"head_dim", "4"},
                         {"max_position_embeddings", "16"},
                         {"rope_theta", "100.0"},
                         {"rms_norm_eps", "1e-05"},
                         {"tie_word_embeddings", "True"}});
  return changes;
}

inline tensor::TensorData random_tensor(std::string name, std::vector<std::size_t> shape,
                                        std::mt19937& random) {
  std::normal_distribution<float> value(0.0F, 0.5F);
  std::size_t size = 1;
  for (const std::size_t side : shape) size *= side;
  tensor::Matrix<float> values(1, size);
  for (float& element : values.row(0)) element = value(random);
  tensor::TensorData data = tensor::tensor_data(std::move(name), values);
  data.shape = std::move(shape);
  return data;
}

/// The tensors of the tiny model, in no particular order.
inline std::vector<tensor::TensorData> tiny_tensors() {
  std::mt19937 random(11);
  std::vector<tensor::TensorData> tensors;
  const auto put = [&](const std::string& name, std::vector<std::size_t> shape) {
    tensors.push_back(random_tensor(name, std::move(shape), random));
  };
  put("model.embed_tokens.weight", {256, 8});
  put("model.norm.weight", {8});
  for (int layer = 0; layer < 2; ++layer) {
    const std::string prefix = fmt::format("model.layers.{}.", layer);
    put(prefix + "input_layernorm.weight", {8});
    put(prefix + "post_attention_layernorm.weight", {8});
    put(prefix + "self_attn.q_proj.weight", {8, 8});
    put(prefix + "self_attn.k_proj.weight", {4, 8});
    put(prefix + "self_attn.v_proj.weight", {4, 8});
    put(prefix + "self_attn.o_proj.weight", {8, 8});
    put(prefix + "mlp.gate_proj.weight", {12, 8});
    put(prefix + "mlp.up_proj.weight", {12, 8});
    put(prefix + "mlp.down_proj.weight", {8, 12});
  }
  return tensors;
}

/// A file called "tiny" of these tensors and this configuration.
inline tensor::Safetensors tiny_file(const std::vector<tensor::TensorData>& tensors,
                                     const Metadata& metadata) {
  return tensor::Safetensors::parse(tensor::format_safetensors(tensors, metadata), "tiny");
}

}  // namespace hasse::model
