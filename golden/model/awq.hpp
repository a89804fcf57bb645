// SPDX-License-Identifier: Apache-2.0
// Activation-aware weight quantisation: scales and clipping found on calibration text.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/model/llama.hpp"

namespace hasse::model {

/// How AWQ searches; the defaults are those of llm-awq.
struct AwqOptions {
  int bits = 4;
  int group = 128;  ///< A row's last group may be shorter.
  bool clip = true;
};

/// What the search chose for the projections that share an input.
struct AwqChoice {
  std::vector<std::string> projections;
  double alpha = 0;
  double loss = 0;          ///< Mean squared error of the block's output.
  double loss_rounded = 0;  ///< The same at alpha = 0: plain rounding.
};

/// Told the layer that is searched and the share of the layers done, 0..1.
using AwqProgress = std::function<void(const std::string& layer, double share)>;

/// Scales of input channels with mean magnitudes `means`: max(mean^alpha, 1e-4), divided by the
/// geometric mean of the largest and the smallest. Lin et al., "AWQ", 2024, equations 4 and 5.
std::vector<float> awq_scales(std::span<const float> means, double alpha);

/// `w` [N x K] clamped to the limits, one for every row and group, that cost the outputs least: the
/// largest magnitude times 1, 0.95, .. 0.55, judged by the squared error of the group's share of
/// the outputs for `inputs`, tokens x K, of which every (tokens / 512)-th is used.
tensor::Matrix<float> clipped(const tensor::Matrix<float>& w, const tensor::Matrix<float>& inputs,
                              const AwqOptions& options);

/// Searches, layer by layer, the scales of input channels that cost the block's output least when
/// weights are rounded by quant::quantize_affine, folds them into the weights and, inversely, into
/// the normalisation or projection before, and then clips all weights but those of q_proj and
/// k_proj. The result is to be rounded; `model` and it differ by the clipping only. Layers see the
/// unscaled model's activations over `windows`. As in llm-awq, v_proj takes o_proj's inverse scales
/// only where their shapes are equal, so not with grouped queries. `choices`, if given, is appended
/// to. Throws ModelError for windows that the model cannot read.
Llama awq_search(const Llama& model, const std::vector<std::vector<Token>>& windows,
                 const AwqOptions& options, const AwqProgress& progress = {},
                 std::vector<AwqChoice>* choices = nullptr);

}  // namespace hasse::model
