// SPDX-License-Identifier: Apache-2.0
// Inference of a small Llama in float32: the source of real weights and activations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/config.hpp"
#include "golden/tensor/matrix.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::model {

/// A text, a name or a method that a model cannot serve.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the model reads: a byte, or a piece of text that a tokenizer numbers.
using Token = std::uint32_t;

/// A decoder of the Llama family: RMSNorm, rotary positions, grouped-query attention,
/// SwiGLU, head tied to the embedding. Touvron et al., "LLaMA", 2023. Tensor names are those of
/// Hugging Face's Llama, "model.layers.0.mlp.down_proj.weight".
class Llama {
 public:
  /// Called with the name of a projection and its input, tokens x in-features, before each product.
  using Observer = std::function<void(const std::string& name, const tensor::Matrix<float>& input)>;

  /// What stands in for a projection: its input, tokens x in-features, to tokens x out-features.
  using Linear = std::function<tensor::Matrix<float>(const tensor::Matrix<float>& input)>;

  /// Attention of queries [T x heads * head_dim] to keys and values [T x KV heads * head_dim],
  /// queries and keys rotated to their positions: [T x heads * head_dim].
  using Attend = std::function<tensor::Matrix<float>(const tensor::Matrix<float>& q,
                                                     const tensor::Matrix<float>& k,
                                                     const tensor::Matrix<float>& v)>;
  /// The same of layer `layer`.
  using Attention = std::function<tensor::Matrix<float>(
      std::size_t layer, const tensor::Matrix<float>& q, const tensor::Matrix<float>& k,
      const tensor::Matrix<float>& v)>;

  /// Reads a model. Throws tensor::FormatError naming what is wrong: the file, a configuration
  /// field, a tensor that is missing, unknown, of another shape or not finite.
  static Llama load(const std::filesystem::path& path);

  /// As load, from a file already read.
  explicit Llama(const tensor::Safetensors& file);

  const Config& config() const { return config_; }

  /// Names of the seven projections of every layer, in the order they are computed.
  std::vector<std::string> linear_names() const;

  /// Weight [out-features x in-features] of the projection `name`. Throws ModelError,
  /// listing the names there are, when it is none of linear_names().
  const tensor::Matrix<float>& weight(const std::string& name) const;

  /// Replaces a weight, to measure what rounding it costs. Throws ModelError when the
  /// name is unknown or the shape differs.
  void set_weight(const std::string& name, tensor::Matrix<float> weight);

  /// Computes the projection `name` by `linear` from now on, in place of its weight. Throws
  /// ModelError when the name is unknown.
  void set_linear(const std::string& name, Linear linear);

  /// The gains of the normalisation `name`, "model.layers.0.input_layernorm.weight". Throws
  /// ModelError when there is none of that name.
  const std::vector<float>& norm(const std::string& name) const;

  /// Replaces the gains of a normalisation. Throws as norm, and when their number differs.
  void set_norm(const std::string& name, std::vector<float> gains);

  /// What the names of layer `layer`'s tensors start with: "model.layers.0.".
  static std::string layer_prefix(std::size_t layer);

  /// Logits [tokens x vocab_size]: row t is about the token after token t. `observer`, if given,
  /// sees the input of every projection; `attention`, if given, is in place of the dense one.
  /// Throws ModelError when `tokens` are none, more than max_position_embeddings, or beyond the
  /// vocabulary.
  tensor::Matrix<float> forward(std::span<const Token> tokens, const Observer& observer = {},
                                const Attention& attention = {}) const;

  /// The same for the bytes of `window`; throws ModelError, too, when the vocabulary is
  /// not the 256 bytes.
  tensor::Matrix<float> forward(std::string_view window, const Observer& observer = {}) const;

  /// The steps of forward: the first layer's input, and what a layer does to it. Activations are
  /// tokens x features. `layer` is a layer_prefix, its tensors exist.
  tensor::Matrix<float> embed(std::span<const Token> tokens) const;
  tensor::Matrix<float> normalised(const std::string& norm, const tensor::Matrix<float>& x) const;
  tensor::Matrix<float> attention(const std::string& layer, const tensor::Matrix<float>& x,
                                  const Observer& observer = {}, const Attend& attend = {}) const;
  tensor::Matrix<float> feed_forward(const std::string& layer, const tensor::Matrix<float>& x,
                                     const Observer& observer = {}) const;
  tensor::Matrix<float> project(const std::string& name, const tensor::Matrix<float>& input,
                                const Observer& observer = {}) const;

  /// Input activations X [in-features x tokens] of the projection `name` over the first `tokens`
  /// bytes of `text`, read in windows of max_position_embeddings bytes. Column m is byte m. Throws
  /// ModelError for an unknown name and for `tokens` not in 1..text.size().
  tensor::Matrix<float> capture(std::string_view text, const std::string& name,
                                std::size_t tokens) const;

  /// Mean surprise at the bytes of `text`, in bits, over all whole windows of
  /// max_position_embeddings bytes; the first byte of each window is not scored and the rest of the
  /// text is dropped. Throws ModelError when `text` has no whole window.
  double bits_per_byte(std::string_view text) const;

 private:
  Config config_;
  tensor::Matrix<float> embedding_;
  std::map<std::string, std::vector<float>> norms_;
  std::map<std::string, tensor::Matrix<float>> linears_;
  std::map<std::string, Linear> stand_ins_;
};

/// The bytes of `text` as tokens of a byte-level model.
std::vector<Token> byte_tokens(std::string_view text);

}  // namespace hasse::model
