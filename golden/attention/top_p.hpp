// SPDX-License-Identifier: Apache-2.0
// The fewest weights that add up to a share p: by sorting, and by Twilight's bisection (arXiv
// 2502.02770, Algorithm 1).
#pragma once

#include <cstddef>
#include <span>

#include "golden/attention/dense.hpp"

namespace hasse::attention {

/// Upper start of the bisection: the paper takes the largest weight, the published kernel the first
/// one (the attention sink) and so keeps every weight above 0 when the first is 0.
enum class TopPStart { max, first };

/// How top-p is found.
struct TopPRule {
  double p = 0.95;
  TopPStart start = TopPStart::max;
  double epsilon = 1e-5;  ///< Bracketing weights may differ by as much when the search ends.
};

/// What a bisection found.
struct TopP {
  Indices kept;     ///< Every weight above the threshold, so all of a tie at the boundary.
  double mass = 0;  ///< Sum of the kept weights; at least p of it if all weights reach p.
  double threshold = 0;
  int iterations = 0;
};

/// Bisects for the highest threshold above which `weights`, each in 0..1, add up to `rule.p`.
/// Nothing is kept of no weights.
TopP top_p(std::span<const double> weights, const TopPRule& rule);

/// The fewest weights that add up to `p`, largest first and lowest index first among equals; all
/// positive ones when they do not reach it. The reference of top_p.
Indices exact_top_p(std::span<const double> weights, double p);

}  // namespace hasse::attention
