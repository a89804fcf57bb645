// SPDX-License-Identifier: Apache-2.0
// AdamW on gates.
#include "golden/attention/gate_training.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "golden/attention/passkey.hpp"
#include "golden/tensor/adam.hpp"

namespace hasse::attention {

using tensor::Matrix;

double gate_learning_rate(const GateTraining& training, std::size_t step) {
  const auto fifth = static_cast<double>(training.steps) / 5;
  const double risen = static_cast<double>(step) / fifth;
  const double left = static_cast<double>(training.steps - step) / fifth;
  return training.learning_rate * (0.1 + 0.9 * std::min({risen, left, 1.0}));
}

GateResult train_gates(const model::Llama& model, std::string_view filler,
                       const GateTraining& training, const std::function<void(double)>& progress) {
  const model::Config& config = model.config();
  const GatedModel gated(model, training.sink, training.recent);
  GateResult result{Matrix<float>(config.num_hidden_layers, config.num_key_value_heads, 1.0F), {}};
  tensor::Adam adam;
  std::mt19937 random(training.seed);
  const std::size_t lengths = config.max_position_embeddings - training.shortest + 1;
  for (std::size_t step = 0; step < training.steps; ++step) {
    if (progress) progress(static_cast<double>(step) / static_cast<double>(training.steps));
    const std::size_t length = training.shortest + random() % lengths;
    const double depth = 0.05 + 0.9 * static_cast<double>(random() % 1000) / 999;
    const Passkey key = make_passkey(filler, length, depth, static_cast<std::uint32_t>(random()));
    const GateStep one = gated.step(model::byte_tokens(key.text), key.question, result.gates,
                                    training.regularisation, training.form);
    adam.step(result.gates, one.gradient, static_cast<float>(gate_learning_rate(training, step)));
    for (std::size_t i = 0; i < result.gates.size(); ++i)
      result.gates.data()[i] = std::clamp(result.gates.data()[i], 0.0F, 1.0F);
    result.losses.push_back(one.loss);
  }
  return result;
}

}  // namespace hasse::attention
