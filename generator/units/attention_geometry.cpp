// SPDX-License-Identifier: Apache-2.0
// The sizes of an attention engine, and whether they fit together.
#include <fmt/format.h>

#include <algorithm>

#include "generator/design/combinations.hpp"
#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/page_scorer.hpp"

namespace hasse::units {
namespace {

/// What is left of `design` without attention: its array.
design::Design array_of(design::Design design) {
  design.attention.reset();
  return design;
}

}  // namespace

AttentionGeometry::AttentionGeometry(const design::Design& design)
    : Attention(design.attention.value_or(Attention{})), array(array_of(design)) {}

int AttentionGeometry::query_sum_bits() const {
  return kQueryBits + design::ceil_log2(dim);
}

int AttentionGeometry::bound_score_bits() const {
  return attention::units::score_bits(static_cast<std::size_t>(dim));
}

SelectorGeometry AttentionGeometry::selector() const {
  SelectorGeometry selector;
  const int most = std::max(max_pages, max_listed * page);
  selector.capacity = (most + selector.lanes - 1) / selector.lanes * selector.lanes;
  return selector;
}

std::string attention_problem(const AttentionGeometry& g) {
  design::Design whole = g.array.design;
  whole.attention = g;
  std::string text;
  for (const design::Problem& problem : design::check_combinations(whole, {}))
    text += fmt::format("{}{}: {}: {}", text.empty() ? "" : "\n", problem.pointer, problem.value,
                        problem.allowed);
  return text;
}

}  // namespace hasse::units
