// SPDX-License-Identifier: Apache-2.0
// Counting what was read.
#include "golden/attention/figures.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "golden/attention/pages.hpp"

namespace hasse::attention {

void KeptTokens::add(std::size_t tokens) {
  if (counts_.size() <= tokens) counts_.resize(tokens + 1);
  ++counts_[tokens];
  ++steps_;
}

void KeptTokens::add(const KeptTokens& other) {
  counts_.resize(std::max(counts_.size(), other.counts_.size()));
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  steps_ += other.steps_;
}

double KeptTokens::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    sum += static_cast<double>(i) * static_cast<double>(counts_[i]);
  }
  return sum / static_cast<double>(steps_);
}

std::size_t KeptTokens::quantile(double share) const {
  const double wanted = share * static_cast<double>(steps_);
  double seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += static_cast<double>(counts_[i]);
    if (seen >= wanted) return i;
  }
  return 0;
}

void QueryFigures::add(const QueryFigures& other) {
  steps += other.steps;
  kept_mass += other.kept_mass;
  recall += other.recall;
  kept.add(other.kept);
}

void CacheFigures::add(const CacheFigures& other) {
  steps += other.steps;
  selections += other.selections;
  pages_read += other.pages_read;
  stats_bytes += other.stats_bytes;
  estimate_bytes += other.estimate_bytes;
  token_bytes += other.token_bytes;
  dense_bytes += other.dense_bytes;
}

Figures::Figures(std::size_t layers, std::size_t query_heads, std::size_t kv_heads)
    : queries(layers, std::vector<QueryFigures>(query_heads)),
      caches(layers, std::vector<CacheFigures>(kv_heads)) {}

QueryFigures Figures::all_queries() const {
  QueryFigures sum;
  for (const auto& layer : queries) {
    for (const QueryFigures& head : layer) sum.add(head);
  }
  return sum;
}

CacheFigures Figures::all_caches() const {
  CacheFigures sum;
  for (const auto& layer : caches) {
    for (const CacheFigures& head : layer) sum.add(head);
  }
  return sum;
}

double kept_mass(std::span<const double> scores, const Indices& kept) {
  const double most = *std::ranges::max_element(scores);
  double all = 0;
  for (const double score : scores) all += std::exp(score - most);
  double part = 0;
  for (const std::size_t t : kept) part += std::exp(scores[t] - most);
  return part / all;
}

double recall(std::span<const double> scores, const Indices& kept) {
  if (kept.empty()) return 1;
  const Indices best = top_k(scores, kept.size(), Ties::lowest);
  Indices both;
  std::ranges::set_intersection(kept, best, std::back_inserter(both));
  return static_cast<double>(both.size()) / static_cast<double>(kept.size());
}

}  // namespace hasse::attention
