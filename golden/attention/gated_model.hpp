// SPDX-License-Identifier: Apache-2.0
// A model whose heads blend full and streaming attention by trainable gates. DuoAttention (arXiv
// 2410.10819), section 2.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "golden/attention/streaming.hpp"
#include "golden/model/gradients.hpp"
#include "golden/model/llama.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// How a loss is scaled. The paper adds up squares and gates; the published code takes means over
/// the hidden features and over the gates, which shifts the balance between the two.
enum class GateLoss { paper, code };

/// What a step of training knows of one text.
struct GateStep {
  double distillation = 0;         ///< Distance to the model's own hidden states.
  double loss = 0;                 ///< With the gates' own term.
  tensor::Matrix<float> gradient;  ///< Of the loss by gate [layers x KV heads].
};

/// `model`, its weights frozen, and a gate for every KV head: 1 attends in full, 0 to sink and
/// recent tokens only, in between to a blend of the two outputs.
class GatedModel {
 public:
  /// `model` has to outlive this; streaming heads see `sink` first and `recent` last tokens.
  GatedModel(const model::Llama& model, std::size_t sink, std::size_t recent);

  /// Last hidden states [tokens x hidden_size], normalised, under `gates` [layers x KV heads].
  tensor::Matrix<float> hidden(std::span<const model::Token> tokens,
                               const tensor::Matrix<float>& gates) const;

  /// The attention of `gates`, which has to outlive it, for model::Llama::forward.
  model::Llama::Attention attention(const tensor::Matrix<float>& gates) const;

  /// Loss and gradient on `tokens`: the distance of the hidden states at positions from `label` on
  /// to those with all gates at 1, plus `regularisation` times the gates.
  GateStep step(std::span<const model::Token> tokens, std::size_t label,
                const tensor::Matrix<float>& gates, double regularisation, GateLoss form) const;

 private:
  struct Tape;
  struct LayerTape;

  Tape run(std::span<const model::Token> tokens, const tensor::Matrix<float>& gates) const;
  tensor::Matrix<float> layer_gradient(std::size_t layer, const LayerTape& tape, const Tape& all,
                                       const tensor::Matrix<float>& gates,
                                       const tensor::Matrix<float>& d_out,
                                       tensor::Matrix<float>& gradient) const;
  const tensor::Matrix<float>& weight(std::size_t layer, const char* name) const;
  const std::vector<float>& gain(std::size_t layer, const char* name) const;

  const model::Llama* model_;
  StreamRule rule_;
};

}  // namespace hasse::attention
