// SPDX-License-Identifier: Apache-2.0
// Scores, softmax and weighted sums of one query.
#include "golden/attention/dense.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hasse::attention {

Indices first_tokens(std::size_t tokens) {
  Indices all(tokens);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

std::vector<double> scaled_scores(std::span<const float> q, const HeadRows& keys,
                                  std::size_t tokens) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(keys.dim()));
  std::vector<double> scores(tokens);
  for (std::size_t t = 0; t < tokens; ++t) scores[t] = scale * dot(q, keys[t]);
  return scores;
}

std::vector<double> softmax(std::span<const double> scores, const Indices& kept) {
  double most = -std::numeric_limits<double>::infinity();
  for (const std::size_t t : kept) most = std::max(most, scores[t]);
  std::vector<double> weights(kept.size());
  double sum = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    weights[i] = std::exp(scores[kept[i]] - most);
    sum += weights[i];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

std::vector<double> weighted_values(std::span<const double> weights, const Indices& kept,
                                    const HeadRows& values) {
  std::vector<double> result(values.dim());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto row = values[kept[i]];
    for (std::size_t d = 0; d < result.size(); ++d) result[d] += weights[i] * row[d];
  }
  return result;
}

}  // namespace hasse::attention
