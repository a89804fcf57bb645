// SPDX-License-Identifier: Apache-2.0
// DCRMTA on the tape, and its training.
#include "golden/attribution/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "golden/tensor/adam.hpp"

namespace hasse::attribution {
namespace {

using tensor::Matrix;
using Var = Tape::Var;

/// Uniform in 0..1; std::uniform_real_distribution is not the same in every library.
float uniform(std::mt19937_64& random) {
  return static_cast<float>(random() >> 40) * 0x1p-24F;
}

/// Standard normal, by Box and Muller.
float normal(std::mt19937_64& random) {
  const float radius = std::sqrt(-2 * std::log(1 - uniform(random)));
  return radius * std::cos(6.2831853F * uniform(random));
}

/// The touches of journeys, step by step, longest journeys first: the rows of a step are those of
/// the step before, less the journeys that ended.
struct Steps {
  Steps(const Journeys& journeys, const std::vector<std::size_t>& which) {
    std::vector<std::size_t> order(which.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto length = [&](std::size_t i) { return journeys.length(which[i]); };
    std::ranges::stable_sort(order, [&](auto a, auto b) { return length(a) > length(b); });
    journey.count = which.size();
    for (std::size_t step = 0, active = order.size(); active > 0; ++step) {
      while (active > 0 && length(order[active - 1]) <= step) --active;
      if (active > 0) counts.push_back(active);
      for (std::size_t i = 0; i < active; ++i) {
        touch.push_back(journeys.first(which[order[i]]) + step);
        journey.of_row.push_back(static_cast<std::uint32_t>(order[i]));
      }
    }
  }
  std::vector<std::size_t> counts;  ///< Rows of each step.
  std::vector<std::size_t> touch;   ///< Per row.
  Tape::Groups journey;             ///< Per row.
};

/// Puts DCRMTA together.
class Builder {
 public:
  Builder(Tape& tape, const Journeys& journeys, const std::vector<std::size_t>& which)
      : tape_(tape), journeys_(journeys), which_(which), steps_(journeys, which) {}

  const Steps& steps() const { return steps_; }

  Var dense(Var x, const std::string& name) {
    return tape_.add_row(tape_.linear(x, tape_.parameter(name + ".weight")),
                         tape_.parameter(name + ".bias"));
  }

  Var inputs(std::size_t category_columns) {
    std::vector<Var> parts = {embedding("channel_embedding.weight", [&](std::size_t t) {
      return static_cast<std::uint32_t>(journeys_.channel[t]);
    })};
    for (std::size_t c = 0; c < category_columns; ++c)
      parts.push_back(embedding(fmt::format("cat_embedding_list.{}.weight", c), [&](std::size_t t) {
        return static_cast<std::uint32_t>(journeys_.category(t, c));
      }));
    return tape_.beside(parts);
  }

  Var recur(Var inputs, int layer, std::size_t hidden) {
    const auto weight = [&](const char* what) {
      return tape_.parameter(fmt::format("lstm.{}_l{}", what, layer));
    };
    Var gates = tape_.linear(inputs, weight("weight_ih"));
    gates = tape_.add_row(tape_.add_row(gates, weight("bias_ih")), weight("bias_hh"));
    std::vector<Var> outputs;
    Var cell = tape_.constant(Matrix<float>(steps_.counts.front(), hidden));
    std::size_t first = 0;
    for (const std::size_t count : steps_.counts) {
      Var step = tape_.rows(gates, first, count);
      if (first > 0)
        step = tape_.add(step,
                         tape_.linear(tape_.rows(outputs.back(), 0, count), weight("weight_hh")));
      const Var next = tape_.lstm(step, tape_.rows(cell, 0, count));
      cell = tape_.columns(next, 0, hidden);
      outputs.push_back(tape_.columns(next, hidden, hidden));
      first += count;
    }
    return tape_.below(outputs);
  }

  /// Rows weighted by the softmax of `scores`, summed by journey.
  Var attend(Var rows, Var scores) {
    return tape_.sum_groups(tape_.scale_rows(rows, tape_.softmax(scores, steps_.journey)),
                            steps_.journey);
  }

  Var user() {
    std::vector<std::uint32_t> users;
    for (const std::size_t j : which_)
      users.push_back(static_cast<std::uint32_t>(journeys_.user[j]));
    return dense(tape_.gather(tape_.parameter("user_embedding.weight"), std::move(users)),
                 "dense_3");
  }

  /// One over the rows that BAP sums, per journey.
  Var shares() {
    Matrix<float> column(which_.size(), 1);
    for (std::size_t i = 0; i < which_.size(); ++i)
      column(i, 0) = 1 / static_cast<float>(1 + journeys_.length(which_[i]));
    return tape_.constant(std::move(column));
  }

 private:
  template <class Index>
  Var embedding(const std::string& table, Index index) {
    std::vector<std::uint32_t> rows;
    for (const std::size_t t : steps_.touch) rows.push_back(index(t));
    return tape_.gather(tape_.parameter(table), std::move(rows));
  }

  Tape& tape_;
  const Journeys& journeys_;
  const std::vector<std::size_t>& which_;
  Steps steps_;
};

Matrix<float> random_matrix(std::size_t rows, std::size_t cols, std::mt19937_64& random,
                            float (*draw)(std::mt19937_64&, float), float parameter) {
  Matrix<float> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = draw(random, parameter);
  return result;
}

/// 1 / (1 - share) where kept, 0 where dropped.
float kept(std::mt19937_64& random, float share) {
  return uniform(random) < share ? 0.0F : 1 / (1 - share);
}

float uniform_up_to(std::mt19937_64& random, float most) {
  return most * uniform(random);
}

float uniform_around_zero(std::mt19937_64& random, float most) {
  return most * (2 * uniform(random) - 1);
}

float normal_of(std::mt19937_64& random, float deviation) {
  return deviation * normal(random);
}

/// Adam on all parameters.
class Adam {
 public:
  Adam(float rate, float decay) : rate_(rate), decay_(decay) {}

  void step(Parameters& parameters, const Tape& tape) {
    for (const auto& [name, gradient] : tape.gradients())
      moments_[name].step(parameters.at(name), *gradient, rate_, decay_);
  }

 private:
  float rate_, decay_;
  std::map<std::string, tensor::Adam> moments_;
};

}  // namespace

TrainingOptions TrainingOptions::without_causal_part() {
  TrainingOptions options;
  options.channel_weight = 0;
  options.effect_weight = 0;
  return options;
}

TapedOutputs tape_dcrmta(Tape& tape, const Sizes& sizes, const Journeys& journeys,
                         const std::vector<std::size_t>& which, float dropout,
                         std::mt19937_64* random) {
  Builder build(tape, journeys, which);
  const Var inputs = build.inputs(sizes.vocabulary.categories.size());
  const Var states = build.recur(build.recur(inputs, 0, sizes.hidden), 1, sizes.hidden);
  Var scores = tape.tanh(build.dense(tape.beside({states, inputs}), "dense_1.0"));
  scores = build.dense(tape.relu(build.dense(scores, "dense_1.2")), "dense_1.4");
  const Var causal = build.attend(states, scores);

  Var hidden = tape.relu(
      build.dense(tape.columns(inputs, sizes.channel_dim, sizes.features()), "dense_2.0"));
  if (random != nullptr && dropout > 0)
    hidden = tape.multiply(
        hidden, tape.constant(random_matrix(tape.value(hidden).rows(), sizes.attention, *random,
                                            kept, dropout)));
  const Var features = build.dense(hidden, "dense_2.3");
  const Var user = build.user();
  const Tape::Groups& journey = build.steps().journey;
  const Var likeness = tape.row_dots(features, tape.gather(user, journey.of_row));
  const Var attention = build.attend(features, likeness);
  const Var mean =
      tape.scale_rows(tape.add(user, tape.sum_groups(features, journey)), build.shares());
  Matrix<float> fake = random == nullptr
                           ? Matrix<float>(which.size(), sizes.hidden, 1)
                           : random_matrix(which.size(), sizes.hidden, *random, uniform_up_to, 2);
  const auto pooled = [&](Var weights) {
    return tape.unit_rows(tape.signed_root(tape.multiply(mean, weights)));
  };
  const Var attended = pooled(attention), counterfactual = pooled(tape.constant(std::move(fake)));

  TapedOutputs outputs;
  outputs.logit = build.dense(tape.add(attended, causal), "dense_final.0");
  outputs.effect = tape.linear(tape.add(attended, tape.scale(counterfactual, -1)),
                               tape.parameter("dense_final.0.weight"));
  outputs.channels = build.dense(tape.reverse_gradient(states, 1), "dense_rev");
  for (const std::size_t t : build.steps().touch)
    outputs.channel_labels.push_back(journeys.channel[t]);
  return outputs;
}

Tape::Var tape_loss(Tape& tape, const TapedOutputs& outputs,
                    const std::vector<std::uint8_t>& converted, const TrainingOptions& options) {
  const Var conversion = tape.binary_cross_entropy(outputs.logit, converted);
  const Var effect = tape.binary_cross_entropy(outputs.effect, converted);
  const Var channel = tape.cross_entropy(outputs.channels, outputs.channel_labels);
  return tape.add(tape.scale(conversion, options.conversion_weight),
                  tape.add(tape.scale(effect, options.effect_weight),
                           tape.scale(channel, options.channel_weight)));
}

Parameters initial_parameters(const Sizes& sizes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Parameters parameters;
  float most = 0;  // A bias has its weight's range.
  for (const auto& [name, rows, cols] : dcrmta_tensors(sizes)) {
    if (name == "user_embedding.weight") {
      parameters[name] = Matrix<float>(rows, cols);
    } else if (name.find("embedding") != name.npos) {
      parameters[name] = random_matrix(rows, cols, random, normal_of, 0.3F);
    } else {
      const bool recurrent = name.starts_with("lstm");
      if (recurrent || name.ends_with(".weight"))
        most = 1 / std::sqrt(static_cast<float>(recurrent ? sizes.hidden : cols));
      parameters[name] = random_matrix(rows, cols, random, uniform_around_zero, most);
    }
  }
  return parameters;
}

Parameters train(const Sizes& sizes, const Journeys& journeys, const TrainingOptions& options,
                 const EpochFn& progress) {
  Parameters parameters = initial_parameters(sizes, options.seed);
  std::mt19937_64 random(options.seed + 1);
  Adam adam(options.rate, options.decay);
  std::vector<std::size_t> order(journeys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    for (std::size_t i = order.size() - 1; i > 0; --i)
      std::swap(order[i], order[random() % (i + 1)]);
    double loss = 0;
    for (std::size_t first = 0; first < order.size(); first += options.batch) {
      const std::size_t count = std::min(options.batch, order.size() - first);
      const auto begin = order.begin() + static_cast<std::ptrdiff_t>(first);
      const std::vector<std::size_t> which(begin, begin + static_cast<std::ptrdiff_t>(count));
      std::vector<std::uint8_t> converted;
      for (const std::size_t j : which) converted.push_back(journeys.converted[j]);
      Tape tape(parameters);
      const TapedOutputs outputs =
          tape_dcrmta(tape, sizes, journeys, which, options.dropout, &random);
      const Var total = tape_loss(tape, outputs, converted, options);
      loss += tape.value(total)(0, 0) * static_cast<double>(count);
      tape.backward(total);
      adam.step(parameters, tape);
    }
    if (progress) progress(epoch, loss / static_cast<double>(order.size()));
  }
  return parameters;
}

Sizes sizes_for(const Journeys& journeys) {
  Sizes sizes;
  sizes.vocabulary.channels = journeys.channel_count();
  sizes.vocabulary.categories.assign(journeys.category.cols(), 1);
  for (std::size_t t = 0; t < journeys.touches(); ++t)
    for (std::size_t c = 0; c < journeys.category.cols(); ++c)
      sizes.vocabulary.categories[c] = std::max(
          sizes.vocabulary.categories[c], static_cast<std::size_t>(journeys.category(t, c)) + 1);
  sizes.vocabulary.users = static_cast<std::size_t>(*std::ranges::max_element(journeys.user)) + 1;
  return sizes;
}

}  // namespace hasse::attribution
