// SPDX-License-Identifier: Apache-2.0
// Inference of a byte-level Llama in float32: the source of real weights and activations.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/config.hpp"
#include "golden/tensor/matrix.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::model {

/// A decoder of the Llama family over bytes: RMSNorm, rotary positions, grouped-query attention,
/// SwiGLU, head tied to the embedding. Touvron et al., "LLaMA", 2023. Tensor names are those of
/// Hugging Face's Llama, "model.layers.0.mlp.down_proj.weight".
class Llama {
 public:
  /// Called with the name of a projection and its input, tokens x in-features, before each product.
  using Observer = std::function<void(const std::string& name, const tensor::Matrix<float>& input)>;

  /// Reads a model. Throws tensor::FormatError naming what is wrong: the file, a configuration
  /// field, a tensor that is missing, unknown, of another shape or not finite.
  static Llama load(const std::filesystem::path& path);

  /// As load, from a file already read.
  explicit Llama(const tensor::Safetensors& file);

  const Config& config() const { return config_; }

  /// Names of the seven projections of every layer, in the order they are computed.
  std::vector<std::string> linear_names() const;

  /// Weight [out-features x in-features] of the projection `name`. Throws std::invalid_argument,
  /// listing the names there are, when it is none of linear_names().
  const tensor::Matrix<float>& weight(const std::string& name) const;

  /// Replaces a weight, to measure what rounding it costs. Throws std::invalid_argument when the
  /// name is unknown or the shape differs.
  void set_weight(const std::string& name, tensor::Matrix<float> weight);

  /// Logits [bytes of `window` x vocab_size]: row t is about the byte after byte t. `observer`, if
  /// given, sees the input of every projection. Throws std::invalid_argument when `window` is empty
  /// or longer than max_position_embeddings.
  tensor::Matrix<float> forward(std::string_view window, const Observer& observer = {}) const;

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
  tensor::Matrix<float> embed(std::string_view window) const;
  tensor::Matrix<float> project(const std::string& name, const tensor::Matrix<float>& input,
                                const Observer& observer) const;
  tensor::Matrix<float> attention(const std::string& layer, const tensor::Matrix<float>& x,
                                  const Observer& observer) const;
  tensor::Matrix<float> feed_forward(const std::string& layer, const tensor::Matrix<float>& x,
                                     const Observer& observer) const;
  tensor::Matrix<float> normalised(const std::string& name, const tensor::Matrix<float>& x) const;
  double window_bits(std::string_view window) const;

  Config config_;
  tensor::Matrix<float> embedding_;
  std::map<std::string, std::vector<float>> norms_;
  std::map<std::string, tensor::Matrix<float>> linears_;
};

}  // namespace hasse::model
