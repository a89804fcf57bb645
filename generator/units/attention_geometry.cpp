// SPDX-License-Identifier: Apache-2.0
// The sizes of an attention engine, and which of them fit together.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/page_scorer.hpp"

namespace hasse::units {

int AttentionGeometry::word_bits() const {
  const int lane = array.design.streams() ? array.code_bits : array.design.tile_bits;
  return array.design.lanes * lane;
}

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

namespace {

std::string array_problem(const Geometry& g) {
  const design::Design& d = g.design;
  if (d.takes_pairs() || g.takes_programs() || g.lists_nodes())
    return fmt::format("engine {} with planner {}: expected one that takes weights as they are",
                       d.engine, d.planner);
  if (d.units != 1 || d.bus != "native" || d.scaling != "none")
    return "expected units 1, bus native, scaling none";
  if (d.activations != "either" || d.activation_bits != 16 || d.weight_bits != 8)
    return "expected activations either, activation_bits 16, weight_bits 8";
  if (d.columns_per_adder != 1) return "expected columns_per_adder 1";
  return "";
}

}  // namespace

std::string attention_problem(const AttentionGeometry& g) {
  if (std::string problem = array_problem(g.array); !problem.empty()) return problem;
  const int lanes = g.selector().lanes;
  if (!std::has_single_bit(static_cast<unsigned>(g.page)) || g.page % lanes != 0)
    return fmt::format("page {}: expected a power of two, a multiple of {}", g.page, lanes);
  for (const auto& [name, tile] :
       {std::pair{"a K-tile", g.array.engine.depth()},
        std::pair{"an N-tile of 8 bits", g.array.engine.rows_per_tile(8)},
        std::pair{"an N-tile of 4 bits", g.array.engine.rows_per_tile(4)}}) {
    if (tile == 0 || g.dim % tile != 0 || g.page % tile != 0 || g.kBoundsBlock % tile != 0)
      return fmt::format("{} of the array has {}: expected a divisor of {}, {} and {}", name, tile,
                         g.dim, g.page, g.kBoundsBlock);
  }
  if (g.word_bits() % g.kScaleBits != 0 || g.page % g.scale_lanes() != 0)
    return fmt::format(
        "weight beats of {} bits: expected a multiple of {} that divides a page's {}",
        g.word_bits(), g.kScaleBits, g.page * g.kScaleBits);
  if (g.max_listed > g.max_pages || g.max_listed * g.page > 65535)
    return fmt::format("max_listed {}: expected at most max_pages and 65535 tokens", g.max_listed);
  return "";
}

}  // namespace hasse::units
