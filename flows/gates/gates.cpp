// SPDX-License-Identifier: Apache-2.0
// Trains, then measures the held-out text under one choice of heads after another.
#include "flows/gates/gates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string_view>

#include "golden/attention/evaluate.hpp"
#include "golden/attention/head_gates.hpp"
#include "golden/attention/passkey.hpp"
#include "golden/model/score.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"
#include "golden/tensor/safetensors.hpp"
#include "verif/harness/language_model.hpp"

namespace hasse::gates {
namespace {

using tensor::Matrix;

std::string read_text(const std::filesystem::path& path, const model::Config& config) {
  std::string text = tensor::read_file(path);
  if (text.size() < config.max_position_embeddings) {
    throw tensor::FormatError(
        path.string(), "size", fmt::format("{} bytes", text.size()),
        fmt::format("at least one window of {}", config.max_position_embeddings));
  }
  return text;
}

void check(const GatesOptions& options, const model::Config& config) {
  model::byte_tokens(config, "");
  const std::size_t shortest = options.training.shortest;
  if (shortest < attention::shortest_passkey() || shortest > config.max_position_embeddings) {
    throw std::runtime_error(fmt::format("--shortest is {}, expected {} to {} bytes", shortest,
                                         attention::shortest_passkey(),
                                         config.max_position_embeddings));
  }
}

/// Heads at 1 read all; the others stream as in training.
attention::Policy policy_for(const Matrix<float>& gates, const attention::GateTraining& training) {
  attention::Policy policy = attention::dense_policy({gates.rows(), gates.cols()});
  for (std::size_t layer = 0; layer < gates.rows(); ++layer) {
    for (std::size_t head = 0; head < gates.cols(); ++head) {
      if (gates(layer, head) == 1) continue;
      policy.heads[layer][head].select = attention::Select::stream;
      policy.heads[layer][head].stream = {.sink = training.sink,
                                          .recent = training.recent,
                                          .prefill = attention::StreamPrefill::window,
                                          .prefill_recent = training.recent};
    }
  }
  return policy;
}

void measure(const model::Llama& model, std::string_view text, const GatesOptions& options,
             Choice& choice) {
  const std::size_t length = model.config().max_position_embeddings;
  const auto& training = options.training;
  const attention::GatedModel gated(model, training.sink, training.recent);
  const attention::PasskeyGrid grid{
      .lengths = {length}, .depths = {.25}, .keys = options.samples, .seed = training.seed};
  for (std::size_t i = 0; i < grid.keys; ++i) {
    const auto key = attention::make_passkey(text, length, grid.depths.front(),
                                             static_cast<std::uint32_t>(grid.seed + i));
    choice.distillation +=
        gated.step(model::byte_tokens(key.text), key.question, choice.gates, 0, training.form)
            .distillation /
        static_cast<double>(grid.keys);
  }
  const attention::Policy policy = policy_for(choice.gates, training);
  choice.bits_per_byte =
      attention::evaluate(model, attention::byte_text(text), policy, {}, options.windows)
          .bits_per_byte();
  const auto scores = attention::passkey_scores(model, text, policy, grid);
  choice.bits_per_digit = scores.front().mean_bits();
  choice.keys_found = scores.front().keys_found;
}

/// `count` heads drawn at random at 1, the others at 0.
Matrix<float> random_heads(const Matrix<float>& like, std::size_t count, std::mt19937& random) {
  Matrix<float> gates(like.rows(), like.cols());
  for (std::size_t i = 0; i < count; ++i) gates.data()[i] = 1;
  for (std::size_t i = gates.size() - 1; i > 0; --i)
    std::swap(gates.data()[i], gates.data()[random() % (i + 1)]);
  return gates;
}

std::vector<Choice> choices_of(const Matrix<float>& trained, const GatesOptions& options) {
  const auto kept =
      attention::retrieval_heads(trained, options.streaming, attention::GateRule::ranked);
  Matrix<float> best(trained.rows(), trained.cols());
  std::ranges::copy(kept.values(), best.data());
  const auto count = static_cast<std::size_t>(std::ranges::count(kept.values(), 1));
  std::vector<Choice> choices = {
      {.name = "dense", .gates = Matrix<float>(trained.rows(), trained.cols(), 1.0F)},
      {.name = "trained", .gates = best},
      {.name = "streaming", .gates = Matrix<float>(trained.rows(), trained.cols())}};
  std::mt19937 random(options.training.seed);
  for (std::size_t i = 0; i < options.draws; ++i) {
    choices.push_back(
        {.name = fmt::format("random {}", i + 1), .gates = random_heads(trained, count, random)});
  }
  return choices;
}

double mean(const std::vector<double>& values, std::size_t first, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0) /
         static_cast<double>(count);
}

std::size_t tenth(const std::vector<double>& values) {
  return std::max<std::size_t>(1, values.size() / 10);
}

}  // namespace

double GatesResult::first_loss() const {
  return mean(trained.losses, 0, tenth(trained.losses));
}

double GatesResult::last_loss() const {
  const std::size_t count = tenth(trained.losses);
  return mean(trained.losses, trained.losses.size() - count, count);
}

GatesResult train(const GatesOptions& options, const Progress& progress) {
  const model::Llama model = harness::load_model(options.model);
  check(options, model.config());
  const std::string text = read_text(options.text, model.config());
  const std::string held_out = read_text(options.held_out, model.config());
  GatesResult result{
      .options = options,
      .trained = attention::train_gates(model, text, options.training,
                                        [&](double share) { progress("training", share); }),
      .choices = {}};
  result.choices = choices_of(result.trained.gates, options);
  double done = 0;
  for (Choice& choice : result.choices) {
    progress(choice.name, done++ / static_cast<double>(result.choices.size()));
    measure(model, held_out, options, choice);
  }
  return result;
}

}  // namespace hasse::gates
