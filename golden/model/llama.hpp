// SPDX-License-Identifier: Apache-2.0
// Inference of a byte-level Llama in float32: the source of real weights and activations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/config.hpp"
#include "golden/tensor/matrix.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::model {

/// Number of an entry of the vocabulary; in a byte-level model the byte itself.
using Token = std::uint16_t;

/// A decoder of the Llama family, mostly over bytes: RMSNorm, rotary positions, grouped-query
/// attention, SwiGLU, head tied to the embedding. Touvron et al., "LLaMA", 2023. Tensor names are
/// those of Hugging Face's Llama, "model.layers.0.mlp.down_proj.weight".
class Llama {
 public:
  /// Called with the name of a projection and its input, tokens x in-features, before each product.
  using Observer = std::function<void(const std::string& name, const tensor::Matrix<float>& input)>;

  /// Computes the attention of layer `layer` from queries [T x heads * head_dim] and keys and
  /// values [T x KV heads * head_dim], queries and keys rotated to their positions: [T x heads *
  /// head_dim].
  using Attention = std::function<tensor::Matrix<float>(
      std::size_t layer, const tensor::Matrix<float>& q, const tensor::Matrix<float>& k,
      const tensor::Matrix<float>& v)>;

  /// Reads a byte-level model. Throws tensor::FormatError naming what is wrong: the file, a
  /// configuration field, a tensor that is missing, unknown, of another shape or not finite.
  static Llama load(const std::filesystem::path& path);

  /// As load, from a file already read.
  explicit Llama(const tensor::Safetensors& file);

  /// The tensors of `file` under a configuration from elsewhere; any vocabulary.
  Llama(const Config& config, const tensor::Safetensors& file);

  const Config& config() const { return config_; }

  /// Names of the seven projections of every layer, in the order they are computed.
  std::vector<std::string> linear_names() const;

  /// Weight [out-features x in-features] of the projection `name`. Throws std::invalid_argument,
  /// listing the names there are, when it is none of linear_names().
  const tensor::Matrix<float>& weight(const std::string& name) const;

  /// Replaces a weight, to measure what rounding it costs. Throws std::invalid_argument when the
  /// name is unknown or the shape differs.
  void set_weight(const std::string& name, tensor::Matrix<float> weight);

  /// Gain [hidden_size] of the normalisation `name`, "model.norm.weight" or
  /// "model.layers.0.input_layernorm.weight". Throws std::out_of_range when there is none.
  const std::vector<float>& gain(const std::string& name) const { return norms_.at(name); }

  /// Embeddings [tokens x hidden_size]. Throws as forward does.
  tensor::Matrix<float> embed(std::span<const Token> tokens) const;

  /// Logits [bytes of `window` x vocab_size]: row t is about the byte after byte t. `observer`, if
  /// given, sees the input of every projection. Throws std::invalid_argument when `window` is empty
  /// or longer than max_position_embeddings.
  tensor::Matrix<float> forward(std::string_view window, const Observer& observer = {}) const;

  /// As above over any vocabulary, and with `attention`, if given, in place of the dense one.
  /// Throws std::invalid_argument also for a token that is none of the vocabulary.
  tensor::Matrix<float> forward(std::span<const Token> tokens, const Observer& observer = {},
                                const Attention& attention = {}) const;

  /// Input activations X [in-features x tokens] of the projection `name` over the first `tokens`
  /// bytes of `text`, read in windows of max_position_embeddings bytes. Column m is byte m. Throws
  /// std::invalid_argument for an unknown name and for `tokens` not in 1..text.size().
  tensor::Matrix<float> capture(std::string_view text, const std::string& name,
                                std::size_t tokens) const;

  /// Mean surprise at the bytes of `text`, in bits, over all whole windows of
  /// max_position_embeddings bytes; the first byte of each window is not scored and the rest of the
  /// text is dropped. Throws std::invalid_argument when `text` has no whole window.
  double bits_per_byte(std::string_view text) const;

 private:
  tensor::Matrix<float> project(const std::string& name, const tensor::Matrix<float>& input,
                                const Observer& observer) const;
  tensor::Matrix<float> attend_layer(std::size_t index, const tensor::Matrix<float>& x,
                                     const Observer& observer, const Attention& attention) const;
  tensor::Matrix<float> feed_forward(const std::string& layer, const tensor::Matrix<float>& x,
                                     const Observer& observer) const;
  tensor::Matrix<float> normalised(const std::string& name, const tensor::Matrix<float>& x) const;
  double window_bits(std::string_view window) const;

  Config config_;
  tensor::Matrix<float> embedding_;
  std::map<std::string, std::vector<float>> norms_;
  std::map<std::string, tensor::Matrix<float>> linears_;
};

/// The bytes of `text` as tokens of a byte-level model.
std::vector<Token> byte_tokens(std::string_view text);

}  // namespace hasse::model
