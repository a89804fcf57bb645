// SPDX-License-Identifier: Apache-2.0
// Finds retrieval heads by training gates on texts with pass keys: DuoAttention (arXiv 2410.10819),
// section 2.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "golden/attention/gated_model.hpp"
#include "golden/model/llama.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// How gates are trained. The defaults are the published ones, but for sizes that fit a window of
/// 512 bytes.
struct GateTraining {
  std::size_t sink = 16;
  std::size_t recent = 64;
  std::size_t steps = 200;
  double learning_rate = 0.02;  ///< Reached after a fifth of the steps, left in the last fifth.
  double regularisation = 0.05;
  GateLoss form = GateLoss::code;
  std::size_t shortest = 128;  ///< Texts are as long as this or longer, up to the window.
  std::uint32_t seed = 0;
};

/// Trained gates and the way there.
struct GateResult {
  tensor::Matrix<float> gates;  ///< [layers x KV heads], 0..1.
  std::vector<double> losses;   ///< Of every step.
};

/// Learning rate of `step`: rises from a tenth over the first fifth of the steps and falls back
/// over the last.
double gate_learning_rate(const GateTraining& training, std::size_t step);

/// Trains a gate for every KV head of the byte-level `model`, all from 1: each step reads one text
/// of `filler` with a pass key at a random depth, and compares hidden states from the question on.
/// AdamW without decay; gates are clipped to 0..1. `progress` hears the share that is done. Throws
/// std::invalid_argument when `filler` is shorter than a window.
GateResult train_gates(const model::Llama& model, std::string_view filler,
                       const GateTraining& training,
                       const std::function<void(double)>& progress = {});

}  // namespace hasse::attention
