// SPDX-License-Identifier: Apache-2.0
// Pages of keys, the bound on what a query can score in them, and the choice of pages: Quest
// (arXiv 2406.10774) and LServe (arXiv 2502.14866).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "golden/attention/dense.hpp"
#include "golden/attention/page_extremes.hpp"

namespace hasse::attention {

/// Extremes of real keys.
using PageStats = PageExtremes<float>;

/// Sum over channels of max(q * max, q * min): no key of the page scores higher (unscaled).
double page_score(std::span<const float> q, std::span<const float> max, std::span<const float> min);

/// The scores of all pages of `stats`.
std::vector<double> page_scores(std::span<const float> q, const PageStats& stats);

/// Physical pages of `ratio` logical ones score as their best; the last one may have fewer.
/// LServe section 3.5, hierarchical paging.
std::vector<double> reduce_pages(std::span<const double> logical, std::size_t ratio);

/// Who wins when scores are equal. No paper and no code says; ours is the lowest index.
enum class Ties { lowest, highest };

/// How a budget in tokens becomes pages: Quest's evaluation rounds down, Twilight up.
enum class Rounding { down, up };

/// When nothing is selected, because all is read: when all pages fit the budget (Quest's kernels),
/// or when the tokens before the current one do (LServe).
enum class DenseWhen { pages_fit, history_fits };

/// How pages are chosen. The defaults are those of Quest's kernels.
struct PageRule {
  std::size_t page = 16;          ///< Tokens of a physical page.
  std::size_t logical_page = 16;  ///< Tokens that share a bound; divides `page`.
  std::size_t budget = 2048;      ///< Tokens that may be read, forced pages included.
  Rounding rounding = Rounding::down;
  std::size_t min_pages = 1;   ///< Fewest pages read, if there are as many.
  bool force_last = true;      ///< The last page is always read and takes one of the places.
  bool score_partial = false;  ///< The last page competes by its score.
  Ties ties = Ties::lowest;
  DenseWhen dense_when = DenseWhen::pages_fit;
  std::size_t reuse = 1;  ///< A choice is made at positions that this divides, then kept.

  /// Pages that `tokens` tokens occupy.
  std::size_t pages(std::size_t tokens) const { return (tokens + page - 1) / page; }
  /// Pages that may be read of those that `tokens` tokens occupy.
  std::size_t places(std::size_t tokens) const;
  /// Whether all of `tokens` tokens, the current one included, are read unselected.
  bool dense(std::size_t tokens) const;
};

/// The `k` best of `scores`, ascending by index; all of them when there are no more than `k`.
Indices top_k(std::span<const double> scores, std::size_t k, Ties ties);

/// The pages that `rule` reads of `tokens` >= 1 tokens, ascending; `scores` holds one for every
/// physical page, the last included (its score is not looked at unless the rule scores it).
Indices select_pages(std::span<const double> scores, const PageRule& rule, std::size_t tokens);

/// The tokens of `pages` [ascending] below `tokens`.
Indices tokens_of_pages(const Indices& pages, std::size_t page, std::size_t tokens);

/// The pages that hold `tokens` [ascending].
Indices pages_of_tokens(const Indices& tokens, std::size_t page);

}  // namespace hasse::attention
