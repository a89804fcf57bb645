// SPDX-License-Identifier: Apache-2.0
// Top-p by bisection, step by step as Twilight's kernel does it.
#include "golden/attention/top_p.hpp"

#include <algorithm>

namespace hasse::attention {
namespace {

/// What one pass over the weights tells about a bracket.
struct Pass {
  double sum_above;    ///< Of the weights above the middle.
  double least_above;  ///< Smallest weight above `low`, `high` at most.
  double most_up_to;   ///< Largest weight not above `high`, `low` at least.
};

Pass scan(std::span<const double> weights, double low, double middle, double high) {
  Pass pass{0, high, low};
  for (const double weight : weights) {
    if (weight > middle) pass.sum_above += weight;
    if (weight > low) pass.least_above = std::min(pass.least_above, weight);
    if (weight <= high) pass.most_up_to = std::max(pass.most_up_to, weight);
  }
  return pass;
}

}  // namespace

TopP top_p(std::span<const double> weights, const TopPRule& rule) {
  TopP result;
  if (weights.empty()) return result;
  double low = 0;
  double high = rule.start == TopPStart::max ? *std::ranges::max_element(weights) : weights.front();
  Pass pass{};
  do {
    const double middle = (low + high) / 2;
    pass = scan(weights, low, middle, high);
    if (pass.sum_above >= rule.p) {
      low = middle;
    } else {
      high = std::min(middle, pass.most_up_to);
    }
    ++result.iterations;
  } while (pass.most_up_to - pass.least_above > rule.epsilon);
  result.threshold = low;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= low) continue;
    result.kept.push_back(i);
    result.mass += weights[i];
  }
  return result;
}

Indices exact_top_p(std::span<const double> weights, double p) {
  Indices order = first_tokens(weights.size());
  std::ranges::stable_sort(
      order, [&weights](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  double mass = 0;
  std::size_t kept = 0;
  while (kept < order.size() && mass < p && weights[order[kept]] > 0)
    mass += weights[order[kept++]];
  order.resize(kept);
  std::ranges::sort(order);
  return order;
}

}  // namespace hasse::attention
