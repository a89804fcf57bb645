// SPDX-License-Identifier: Apache-2.0
// CausalMTA's predictor, all passes side by side.
#include "golden/attribution/causalmta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "golden/attribution/layers.hpp"

namespace hasse::attribution {
namespace {

using tensor::Matrix;

std::string embedding_name(std::size_t column) {
  return fmt::format("cat_embedding_list.{}.weight", column);
}

/// Rows of `left` and `right` side by side.
Matrix<float> beside(const Matrix<float>& left, const Matrix<float>& right) {
  Matrix<float> result(left.rows(), left.cols() + right.cols());
  for (std::size_t r = 0; r < left.rows(); ++r) {
    std::ranges::copy(left.row(r), result.row(r).begin());
    std::ranges::copy(right.row(r),
                      result.row(r).begin() + static_cast<std::ptrdiff_t>(left.cols()));
  }
  return result;
}

}  // namespace

struct CausalMta::Sequences {
  explicit Sequences(const Batch& batch) {
    for (const std::uint32_t pass : batch.passes) {
      first.push_back(touch.size());
      for (const std::uint32_t node : batch.forest.path(pass))
        touch.push_back(batch.forest.node(node).touch);
    }
    first.push_back(touch.size());
    longest_first.resize(batch.passes.size());
    std::iota(longest_first.begin(), longest_first.end(), std::size_t{0});
    std::ranges::stable_sort(longest_first, [&](auto a, auto b) { return length(a) > length(b); });
  }
  std::size_t length(std::size_t pass) const { return first[pass + 1] - first[pass]; }

  std::vector<std::uint32_t> touch;
  std::vector<std::size_t> first;          ///< Row of each pass's first touch.
  std::vector<std::size_t> longest_first;  ///< Passes in falling order of length.
};

CausalMta::Direction CausalMta::direction(const Parameters& parameters, const std::string& name,
                                          std::size_t layer, bool reverse,
                                          std::size_t inputs) const {
  const std::string end = fmt::format("_l{}{}", layer, reverse ? "_reverse" : "");
  const auto get = [&](const char* tensor, std::size_t rows,
                       std::size_t cols) -> const Matrix<float>& {
    return parameter(parameters, name, fmt::format("bi_lstm.{}{}", tensor, end), rows, cols);
  };
  const std::size_t gates = 4 * hidden_;
  std::vector<float> bias = values_of(get("bias_ih", 1, gates));
  add_to(bias, get("bias_hh", 1, gates).row(0));
  const auto product = [&](const char* what) {
    return fmt::format("bi_lstm.{}{}.{}", layer, reverse ? ".reverse" : "", what);
  };
  return {
      Weights(product("input"), get("weight_ih", gates, inputs), std::move(bias),
              arithmetic_.precision()),
      Weights(product("recurrent"), get("weight_hh", gates, hidden_), {}, arithmetic_.precision())};
}

CausalMta::CausalMta(const Parameters& parameters, const std::string& name,
                     const Arithmetic& arithmetic)
    : arithmetic_(arithmetic) {
  const auto get = [&](const std::string& tensor) -> const Matrix<float>& {
    return parameter(parameters, name, tensor);
  };
  channel_embedding_ = get("cam_embedding.weight");
  user_embedding_ = get("user_embedding.weight");
  vocabulary_.channels = channel_embedding_.rows();
  vocabulary_.users = user_embedding_.rows();
  std::size_t inputs = channel_embedding_.cols();
  for (std::size_t c = 0; parameters.contains(embedding_name(c)); ++c) {
    category_embeddings_.push_back(get(embedding_name(c)));
    vocabulary_.categories.push_back(category_embeddings_.back().rows());
    inputs += category_embeddings_.back().cols();
  }
  hidden_ = get("bi_lstm.weight_hh_l0").cols();
  for (std::size_t l = 0; parameters.contains(fmt::format("bi_lstm.weight_ih_l{}", l)); ++l) {
    layers_.push_back({direction(parameters, name, l, false, inputs),
                       direction(parameters, name, l, true, inputs)});
    inputs = 2 * hidden_;
  }
  std::size_t width = hidden_ + user_embedding_.cols();
  const auto add_dense = [&](const std::string& tensor) {
    const Matrix<float>& bias = get(tensor + ".bias");
    const Matrix<float>& weight =
        parameter(parameters, name, tensor + ".weight", bias.cols(), width);
    width = weight.rows();
    dense_.emplace_back(tensor, weight, values_of(bias), arithmetic_.precision());
  };
  add_dense("final_input_net");
  for (std::size_t i = 0; parameters.contains(fmt::format("final_hidden_net.{}.weight", i)); ++i)
    add_dense(fmt::format("final_hidden_net.{}", i));
  add_dense("final_output_net");
  parameter(parameters, name, "final_output_net.bias", 1, 1);
}

Matrix<float> CausalMta::embed(const Batch& batch, const Sequences& sequences) const {
  const Journeys& journeys = *batch.journeys;
  Matrix<float> result(sequences.touch.size(), 0);
  const auto add = [&](const Matrix<float>& table, auto index) {
    std::vector<std::uint32_t> rows;
    for (const std::uint32_t touch : sequences.touch)
      rows.push_back(static_cast<std::uint32_t>(index(touch)));
    result = beside(result, gather(table, rows));
  };
  add(channel_embedding_, [&](std::uint32_t touch) { return journeys.channel[touch]; });
  for (std::size_t c = 0; c < category_embeddings_.size(); ++c)
    add(category_embeddings_[c], [&](std::uint32_t touch) { return journeys.category(touch, c); });
  return result;
}

/// Outputs of one direction, touch after touch. At step s the passes that are longer than s are the
/// first of longest_first.
Matrix<float> CausalMta::recur(const Direction& direction, bool reverse, const Matrix<float>& input,
                               const Sequences& sequences) const {
  const Matrix<float> gates_in = arithmetic_.multiply(input, direction.input);
  const auto& order = sequences.longest_first;
  Matrix<float> states(input.rows(), hidden_), cells(order.size(), hidden_), last;
  for (std::size_t step = 0, active = order.size(); active > 0; ++step) {
    while (active > 0 && sequences.length(order[active - 1]) <= step) --active;
    std::vector<std::uint32_t> still(active);
    std::iota(still.begin(), still.end(), std::uint32_t{0});
    const Matrix<float> recurrent =
        step == 0 ? Matrix<float>()
                  : arithmetic_.multiply(gather(last, still), direction.recurrent);
    Matrix<float> next(active, hidden_);
    for (std::size_t i = 0; i < active; ++i) {
      const std::size_t first = sequences.first[order[i]], length = sequences.length(order[i]);
      const std::size_t row = reverse ? first + length - 1 - step : first + step;
      std::vector<float> gates(gates_in.row(row).begin(), gates_in.row(row).end());
      if (step > 0) add_to(gates, recurrent.row(i));
      lstm_cell(gates, cells.row(i), next.row(i));
      std::ranges::copy(next.row(i), states.row(row).begin());
    }
    last = std::move(next);
  }
  return states;
}

std::vector<float> CausalMta::attend(const Matrix<float>& states, std::size_t first,
                                     std::size_t length, std::size_t padded_length) const {
  std::vector<std::uint32_t> rows(length);
  std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(first));
  const Matrix<float> keys = gather(states, rows);
  const Matrix<float> query = gather(states, std::span(rows).last(1));
  std::vector<float> scores = arithmetic_.multiply(query, "attention.scores", keys).values();
  std::vector<float> counts(length, 1);
  if (padded_length > length) {  // States of padding are 0, so are their scores.
    scores.push_back(0);
    counts.push_back(static_cast<float>(padded_length - length));
  }
  std::vector<float> weights = softmax(scores, counts);
  weights.resize(length);
  const Matrix<float> pooling(1, length, std::move(weights));
  return arithmetic_.multiply(pooling, "attention.pooling", tensor::transpose(keys)).values();
}

std::vector<Verdict> CausalMta::run(const Batch& batch) const {
  const Sequences sequences(batch);
  Matrix<float> outputs = embed(batch, sequences);
  for (const auto& layer : layers_)
    outputs = beside(recur(layer[0], false, outputs, sequences),
                     recur(layer[1], true, outputs, sequences));
  Matrix<float> states = columns(outputs, 0, hidden_);
  for (std::size_t r = 0; r < states.rows(); ++r)
    add_to(states.row(r), outputs.row(r).subspan(hidden_));
  Matrix<float> attended(batch.passes.size(), hidden_);
  std::vector<std::uint32_t> users;
  for (std::size_t i = 0; i < batch.passes.size(); ++i) {
    std::ranges::copy(attend(states, sequences.first[i], sequences.length(i), batch.padded_length),
                      attended.row(i).begin());
    const std::size_t j = batch.which[batch.forest.node(batch.passes[i]).journey];
    users.push_back(static_cast<std::uint32_t>(batch.journeys->user[j]));
  }
  Matrix<float> hidden = beside(attended, gather(user_embedding_, users));
  for (std::size_t i = 0; i < dense_.size(); ++i) {
    hidden = arithmetic_.multiply(hidden, dense_[i]);
    if (i + 1 < dense_.size()) apply_elu(hidden);
  }
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < hidden.rows(); ++i) {
    const float probability = sigmoid(hidden(i, 0));
    verdicts.push_back({probability, probability});
  }
  return verdicts;
}

}  // namespace hasse::attribution
