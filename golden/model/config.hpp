// SPDX-License-Identifier: Apache-2.0
// The sizes of a Llama, as its safetensors file states them.
#pragma once

#include <cstddef>

#include "golden/tensor/safetensors.hpp"

namespace hasse::model {

/// Sizes and constants of the model, under the names that Hugging Face's Llama configuration uses.
struct Config {
  std::size_t vocab_size;
  std::size_t hidden_size;
  std::size_t intermediate_size;
  std::size_t num_hidden_layers;
  std::size_t num_attention_heads;
  std::size_t num_key_value_heads;
  std::size_t head_dim;
  /// Longest window of text, in tokens.
  std::size_t max_position_embeddings;
  float rope_theta;
  float rms_norm_eps;

  /// Features of all query heads together, and of all key (or value) heads together.
  std::size_t query_size() const { return num_attention_heads * head_dim; }
  std::size_t key_value_size() const { return num_key_value_heads * head_dim; }
};

/// Reads the configuration from the `__metadata__` of `file`. Throws tensor::FormatError unless
/// every field is there and in range, the head is tied to the embedding, the head dimension is even
/// and query heads are a multiple of key-value heads.
Config parse_config(const tensor::Safetensors& file);

}  // namespace hasse::model
