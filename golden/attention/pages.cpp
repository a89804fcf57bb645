// SPDX-License-Identifier: Apache-2.0
// Page statistics, scores and selection.
#include "golden/attention/pages.hpp"

#include <algorithm>
#include <limits>

namespace hasse::attention {

double page_score(std::span<const float> q, std::span<const float> max,
                  std::span<const float> min) {
  double sum = 0;
  for (std::size_t d = 0; d < q.size(); ++d) {
    const double value = q[d];
    sum += std::max(value * max[d], value * min[d]);
  }
  return sum;
}

std::vector<double> page_scores(std::span<const float> q, const PageStats& stats) {
  std::vector<double> scores(stats.pages());
  for (std::size_t p = 0; p < scores.size(); ++p) {
    scores[p] = page_score(q, stats.max(p), stats.min(p));
  }
  return scores;
}

std::vector<double> reduce_pages(std::span<const double> logical, std::size_t ratio) {
  std::vector<double> physical((logical.size() + ratio - 1) / ratio,
                               -std::numeric_limits<double>::infinity());
  for (std::size_t p = 0; p < logical.size(); ++p) {
    physical[p / ratio] = std::max(physical[p / ratio], logical[p]);
  }
  return physical;
}

std::size_t PageRule::places(std::size_t tokens) const {
  const std::size_t whole = rounding == Rounding::up ? (budget + page - 1) / page : budget / page;
  return std::min(std::max(min_pages, whole), pages(tokens));
}

bool PageRule::dense(std::size_t tokens) const {
  if (dense_when == DenseWhen::history_fits) return tokens <= budget + 1;
  return pages(tokens) <= places(tokens);
}

Indices top_k(std::span<const double> scores, std::size_t k, Ties ties) {
  Indices order = first_tokens(scores.size());
  const auto better = [&scores, ties](std::size_t a, std::size_t b) {
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    return ties == Ties::lowest ? a < b : a > b;
  };
  k = std::min(k, order.size());
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(k);
  std::partial_sort(order.begin(), end, order.end(), better);
  order.erase(end, order.end());
  std::ranges::sort(order);
  return order;
}

Indices select_pages(std::span<const double> scores, const PageRule& rule, std::size_t tokens) {
  const std::size_t pages = rule.pages(tokens);
  const std::size_t places = rule.places(tokens);
  if (!rule.force_last || places == pages) return top_k(scores.first(pages), places, rule.ties);
  if (rule.score_partial) {
    Indices best = top_k(scores.first(pages), places, rule.ties);
    if (best.back() == pages - 1) return best;
  }
  Indices chosen = top_k(scores.first(pages - 1), places == 0 ? 0 : places - 1, rule.ties);
  chosen.push_back(pages - 1);
  return chosen;
}

Indices tokens_of_pages(const Indices& pages, std::size_t page, std::size_t tokens) {
  Indices result;
  result.reserve(pages.size() * page);
  for (const std::size_t p : pages) {
    for (std::size_t t = p * page; t < std::min((p + 1) * page, tokens); ++t) result.push_back(t);
  }
  return result;
}

Indices pages_of_tokens(const Indices& tokens, std::size_t page) {
  Indices result;
  for (const std::size_t t : tokens) {
    if (result.empty() || result.back() != t / page) result.push_back(t / page);
  }
  return result;
}

}  // namespace hasse::attention
