// SPDX-License-Identifier: Apache-2.0
// AdamW on gates.
#include "golden/attention/gate_training.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "golden/attention/passkey.hpp"

namespace hasse::attention {
namespace {

using tensor::Matrix;

/// Adam's running means of gradient and square, for one gate each. Kingma and Ba, 2015.
class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size), square_(size) {}

  void update(const Matrix<float>& gradient, double rate, Matrix<float>& gates) {
    ++step_;
    const double mean_share = 1 - std::pow(kMeanDecay, step_);
    const double square_share = 1 - std::pow(kSquareDecay, step_);
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      const double g = gradient.data()[i];
      mean_[i] = kMeanDecay * mean_[i] + (1 - kMeanDecay) * g;
      square_[i] = kSquareDecay * square_[i] + (1 - kSquareDecay) * g * g;
      const double move =
          rate * (mean_[i] / mean_share) / (std::sqrt(square_[i] / square_share) + kEpsilon);
      gates.data()[i] = std::clamp(gates.data()[i] - static_cast<float>(move), 0.0F, 1.0F);
    }
  }

 private:
  static constexpr double kMeanDecay = 0.9;
  static constexpr double kSquareDecay = 0.999;
  static constexpr double kEpsilon = 1e-8;

  int step_ = 0;
  std::vector<double> mean_;
  std::vector<double> square_;
};

}  // namespace

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
  Adam adam(result.gates.size());
  std::mt19937 random(training.seed);
  const std::size_t lengths = config.max_position_embeddings - training.shortest + 1;
  for (std::size_t step = 0; step < training.steps; ++step) {
    if (progress) progress(static_cast<double>(step) / static_cast<double>(training.steps));
    const std::size_t length = training.shortest + random() % lengths;
    const double depth = 0.05 + 0.9 * static_cast<double>(random() % 1000) / 999;
    const Passkey key = make_passkey(filler, length, depth, static_cast<std::uint32_t>(random()));
    const GateStep one = gated.step(model::byte_tokens(key.text), key.question, result.gates,
                                    training.regularisation, training.form);
    adam.update(one.gradient, gate_learning_rate(training, step), result.gates);
    result.losses.push_back(one.loss);
  }
  return result;
}

}  // namespace hasse::attention
