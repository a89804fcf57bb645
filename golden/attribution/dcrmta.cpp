// SPDX-License-Identifier: Apache-2.0
// DCRMTA over forests of passes.
#include "golden/attribution/dcrmta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/attribution/layers.hpp"

namespace hasse::attribution {
namespace {

using tensor::Matrix;

std::vector<float> sum(const Matrix<float>& a, const Matrix<float>& b) {
  std::vector<float> result = a.values();
  add_to(result, b.row(0));
  return result;
}

/// Signed square root, then length 1: how BAP ends.
void normalise(std::span<float> x) {
  constexpr float kSmall = 1e-6F, kShortest = 1e-12F;  // As published, and as PyTorch's normalize.
  float squares = 0;
  for (float& value : x) {
    value = value == 0 ? 0 : std::copysign(std::sqrt(std::abs(value) + kSmall), value);
    squares += value * value;
  }
  const float length = std::max(std::sqrt(squares), kShortest);
  for (float& value : x) value /= length;
}

/// Rows of the batch's touches, journey after journey, are numbered from here for each journey.
std::vector<std::uint32_t> first_rows(const Batch& batch) {
  std::vector<std::uint32_t> rows;
  std::size_t row = 0;
  for (const std::size_t j : batch.which) {
    rows.push_back(static_cast<std::uint32_t>(row));
    row += batch.journeys->length(j);
  }
  rows.push_back(static_cast<std::uint32_t>(row));
  return rows;
}

/// Row of the touch that `node` ends with.
std::uint32_t row_of(const Batch& batch, const std::vector<std::uint32_t>& first_row,
                     const Forest::Node& node) {
  const std::size_t first = batch.journeys->first(batch.which[node.journey]);
  return first_row[node.journey] + static_cast<std::uint32_t>(node.touch - first);
}

}  // namespace

/// The user branch of all passes: what the output layer sees, with attention and without.
struct Dcrmta::UserBranch {
  Matrix<float> attended;        ///< Passes x hidden.
  Matrix<float> counterfactual;  ///< Passes x hidden, attention 1: the mean of its rows.
};

Dcrmta::Dcrmta(const Parameters& parameters, const std::string& name, const Arithmetic& arithmetic)
    : arithmetic_(arithmetic), sizes_(dcrmta_sizes(parameters, name)) {
  const auto get = [&](const std::string& tensor) -> const Matrix<float>& {
    return parameter(parameters, name, tensor);
  };
  const auto linear = [&](const char* product, const Matrix<float>& weight,
                          std::vector<float> bias) {
    return Weights(product, weight, std::move(bias), arithmetic_.precision());
  };
  const auto layer = [&](const char* product, const std::string& tensor) {
    return linear(product, get(tensor + ".weight"), values_of(get(tensor + ".bias")));
  };
  channel_embedding_ = get("channel_embedding.weight");
  user_embedding_ = get("user_embedding.weight");
  for (std::size_t column = 0; column < sizes_.vocabulary.categories.size(); ++column)
    category_embeddings_.push_back(get(fmt::format("cat_embedding_list.{}.weight", column)));
  input_0_ = linear("lstm.0.input", get("lstm.weight_ih_l0"),
                    sum(get("lstm.bias_ih_l0"), get("lstm.bias_hh_l0")));
  recurrent_0_ = linear("lstm.0.recurrent", get("lstm.weight_hh_l0"), {});
  input_1_ = linear("lstm.1.input", get("lstm.weight_ih_l1"),
                    sum(get("lstm.bias_ih_l1"), get("lstm.bias_hh_l1")));
  recurrent_1_ = linear("lstm.1.recurrent", get("lstm.weight_hh_l1"), {});
  const Matrix<float>& attention = get("dense_1.0.weight");
  attention_state_ = linear("attention.0.state", columns(attention, 0, sizes_.hidden), {});
  attention_touch_ = linear("attention.0.touch", columns(attention, sizes_.hidden, sizes_.inputs()),
                            values_of(get("dense_1.0.bias")));
  attention_1_ = layer("attention.1", "dense_1.2");
  attention_2_ = layer("attention.2", "dense_1.4");
  features_0_ = layer("features.0", "dense_2.0");
  features_1_ = layer("features.1", "dense_2.3");
  user_ = layer("user", "dense_3");
  output_ = linear("output", get("dense_final.0.weight"), {});
  output_bias_ = get("dense_final.0.bias")(0, 0);
}

Matrix<float> Dcrmta::embed(const Batch& batch) const {
  const Journeys& journeys = *batch.journeys;
  Matrix<float> result(first_rows(batch).back() + 1, sizes_.inputs());
  std::size_t row = 0;
  const auto put = [&](std::size_t& column, std::span<const float> embedding) {
    std::ranges::copy(embedding, result.row(row).begin() + static_cast<std::ptrdiff_t>(column));
    column += embedding.size();
  };
  for (const std::size_t j : batch.which)
    for (std::size_t t = journeys.first(j); t < journeys.first(j + 1); ++t, ++row) {
      std::size_t column = 0;
      put(column, channel_embedding_.row(journeys.channel[t]));
      for (std::size_t c = 0; c < category_embeddings_.size(); ++c)
        put(column, category_embeddings_[c].row(static_cast<std::size_t>(journeys.category(t, c))));
    }
  std::size_t column = 0;
  put(column, channel_embedding_.row(channel_embedding_.rows() - 1));
  for (const auto& table : category_embeddings_) put(column, table.row(table.rows() - 1));
  return result;
}

Dcrmta::Touches Dcrmta::touches(const Batch& batch) const {
  const Matrix<float> inputs = embed(batch);
  Touches touches;
  touches.row_of = first_rows(batch);
  touches.recurrent_input = arithmetic_.multiply(inputs, input_0_);
  touches.attention_input = arithmetic_.multiply(inputs, attention_touch_);
  Matrix<float> hidden =
      arithmetic_.multiply(columns(inputs, sizes_.channel_dim, sizes_.features()), features_0_);
  apply_relu(hidden);
  touches.features = arithmetic_.multiply(hidden, features_1_);
  std::vector<std::uint32_t> users;
  for (const std::size_t j : batch.which)
    users.push_back(static_cast<std::uint32_t>(batch.journeys->user[j]));
  touches.users = arithmetic_.multiply(gather(user_embedding_, users), user_);
  return touches;
}

/// States of the second recurrent layer, node by node.
Matrix<float> Dcrmta::recur(const Batch& batch, const Touches& touches) const {
  const Forest& forest = batch.forest;
  const std::size_t hidden = sizes_.hidden;
  Matrix<float> cell_0(forest.size(), hidden), cell_1(forest.size(), hidden);
  Matrix<float> state_0(forest.size(), hidden), state_1(forest.size(), hidden);
  std::vector<std::uint32_t> row_of_parent(forest.size());
  Matrix<float> from_0, from_1;  // Recurrent products of the level before.
  for (std::size_t depth = 0; depth < forest.levels().size(); ++depth) {
    const std::vector<std::uint32_t>& level = forest.levels()[depth];
    Matrix<float> gates_0(level.size(), 4 * hidden);
    for (std::size_t i = 0; i < level.size(); ++i) {
      const Forest::Node& node = forest.node(level[i]);
      const std::uint32_t touch = attribution::row_of(batch, touches.row_of, node);
      std::ranges::copy(touches.recurrent_input.row(touch), gates_0.row(i).begin());
      if (depth > 0) {
        add_to(gates_0.row(i), from_0.row(row_of_parent[node.parent]));
        std::ranges::copy(cell_0.row(node.parent), cell_0.row(level[i]).begin());
        std::ranges::copy(cell_1.row(node.parent), cell_1.row(level[i]).begin());
      }
      lstm_cell(gates_0.row(i), cell_0.row(level[i]), state_0.row(level[i]));
    }
    Matrix<float> gates_1 = arithmetic_.multiply(gather(state_0, level), input_1_);
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (depth > 0)
        add_to(gates_1.row(i), from_1.row(row_of_parent[forest.node(level[i]).parent]));
      lstm_cell(gates_1.row(i), cell_1.row(level[i]), state_1.row(level[i]));
    }
    if (depth + 1 == forest.levels().size()) break;
    std::vector<std::uint32_t> parents;
    for (const std::uint32_t child : forest.levels()[depth + 1])
      parents.push_back(forest.node(child).parent);
    std::ranges::sort(parents);
    parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
    for (std::size_t i = 0; i < parents.size(); ++i)
      row_of_parent[parents[i]] = static_cast<std::uint32_t>(i);
    from_0 = arithmetic_.multiply(gather(state_0, parents), recurrent_0_);
    from_1 = arithmetic_.multiply(gather(state_1, parents), recurrent_1_);
  }
  return state_1;
}

/// The causal attention's scores, from its first layer before the hyperbolic tangent.
std::vector<float> Dcrmta::perceptron(Matrix<float> hidden) const {
  apply_tanh(hidden);
  hidden = arithmetic_.multiply(hidden, attention_1_);
  apply_relu(hidden);
  return arithmetic_.multiply(hidden, attention_2_).values();
}

Dcrmta::States Dcrmta::states(const Batch& batch, const Touches& touches) const {
  const Matrix<float> state = recur(batch, touches);
  States states;
  Matrix<float> hidden = arithmetic_.multiply(state, attention_state_);
  for (std::size_t n = 0; n < hidden.rows(); ++n)
    add_to(hidden.row(n), touches.attention_input.row(
                              attribution::row_of(batch, touches.row_of, batch.forest.nodes()[n])));
  states.scores = perceptron(std::move(hidden));
  states.projections = arithmetic_.multiply(state, output_).values();
  if (batch.padded_length > 0) {  // A touch of padding has state 0.
    const std::vector<std::uint32_t> last{touches.row_of.back()};
    states.padding_score = perceptron(gather(touches.attention_input, last)).front();
  }
  return states;
}

/// W * c_m: the causal branch's part of the logit.
float Dcrmta::causal_logit(const Batch& batch, const States& states, std::uint32_t pass) const {
  std::vector<float> scores, projections, counts;
  for (const std::uint32_t node : batch.forest.path(pass)) {
    scores.push_back(states.scores[node]);
    projections.push_back(states.projections[node]);
    counts.push_back(1);
  }
  if (batch.padded_length > scores.size()) {
    counts.push_back(static_cast<float>(batch.padded_length - scores.size()));
    scores.push_back(states.padding_score);
    projections.push_back(0);
  }
  const std::vector<float> weights = softmax(scores, counts);
  float logit = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) logit += weights[i] * projections[i];
  return logit;
}

void Dcrmta::user_branch(const Batch& batch, const Touches& touches, std::size_t journey,
                         const std::vector<std::size_t>& passes, UserBranch& branch) const {
  const Journeys& journeys = *batch.journeys;
  const std::size_t j = batch.which[journey], length = journeys.length(j);
  std::vector<std::uint32_t> rows;  // The journey's touches, then that of padding, if there is one.
  for (std::size_t t = 0; t < length; ++t)
    rows.push_back(touches.row_of[journey] + static_cast<std::uint32_t>(t));
  if (batch.padded_length > 0) rows.push_back(touches.row_of.back());
  const Matrix<float> features = gather(touches.features, rows);
  const std::vector<std::uint32_t> own{static_cast<std::uint32_t>(journey)};
  const Matrix<float> user = gather(touches.users, own);
  const Matrix<float> scores = arithmetic_.multiply(user, "user_attention.scores", features);

  Matrix<float> attention(passes.size(), rows.size());
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const std::uint32_t pass = batch.passes[passes[i]];
    const std::span<float> mean = branch.counterfactual.row(passes[i]);
    std::vector<float> counts(rows.size());
    std::ranges::copy(user.row(0), mean.begin());
    for (const std::uint32_t node : batch.forest.path(pass)) {
      const std::size_t touch = batch.forest.node(node).touch - journeys.first(j);
      counts[touch] = 1;
      add_to(mean, features.row(touch));
    }
    const std::size_t depth = batch.forest.node(pass).depth + 1;
    for (std::size_t t = depth; t < batch.padded_length; ++t) {
      counts[length] += 1;
      add_to(mean, features.row(length));
    }
    for (float& value : mean) value /= static_cast<float>(1 + std::max(depth, batch.padded_length));
    std::ranges::copy(softmax(scores.row(0), counts), attention.row(i).begin());
  }
  const Matrix<float> pooled =
      arithmetic_.multiply(attention, "user_attention.pooling", tensor::transpose(features));
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const std::span<float> attended = branch.attended.row(passes[i]);
    const std::span<float> mean = branch.counterfactual.row(passes[i]);
    for (std::size_t f = 0; f < attended.size(); ++f) attended[f] = mean[f] * pooled(i, f);
    normalise(attended);
    normalise(mean);
  }
}

std::vector<Verdict> Dcrmta::run(const Batch& batch) const {
  const Touches touches = this->touches(batch);
  const States states = this->states(batch, touches);
  UserBranch branch{Matrix<float>(batch.passes.size(), sizes_.hidden),
                    Matrix<float>(batch.passes.size(), sizes_.hidden)};
  std::vector<std::vector<std::size_t>> passes(batch.which.size());
  for (std::size_t i = 0; i < batch.passes.size(); ++i)
    passes[batch.forest.node(batch.passes[i]).journey].push_back(i);
  for (std::size_t journey = 0; journey < passes.size(); ++journey)
    user_branch(batch, touches, journey, passes[journey], branch);
  const Matrix<float> attended = arithmetic_.multiply(branch.attended, output_);
  std::vector<Verdict> verdicts;
  std::vector<std::uint32_t> whole;  // Nobody asks for the effect of a part of a journey.
  for (std::size_t i = 0; i < batch.passes.size(); ++i) {
    const float causal = causal_logit(batch, states, batch.passes[i]);
    verdicts.push_back({sigmoid(attended(i, 0) + causal + output_bias_), 0});
    const Forest::Node& node = batch.forest.node(batch.passes[i]);
    if (node.depth + 1 == batch.journeys->length(batch.which[node.journey]))
      whole.push_back(static_cast<std::uint32_t>(i));
  }
  const Matrix<float> without = arithmetic_.multiply(gather(branch.counterfactual, whole), output_);
  for (std::size_t i = 0; i < whole.size(); ++i)
    verdicts[whole[i]].effect = sigmoid(attended(whole[i], 0) - without(i, 0));
  return verdicts;
}

}  // namespace hasse::attribution
