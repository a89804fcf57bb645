// SPDX-License-Identifier: Apache-2.0
// Bit-true models of page_stats, page_scorer and page_reducer: integer bounds and scores of pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/attention/page_extremes.hpp"

namespace hasse::attention::units {

/// page_stats: extremes of 8-bit keys, written to memory page by page as keys arrive.
using PageStatsUnit = PageExtremes<std::int8_t>;

/// Exact page score: sum over channels of max(q * max, q * min). It needs one product a channel,
/// with the maximum where q is positive and the minimum where it is negative, so it is also the
/// product of [max, min] with [max(q, 0), min(q, 0)], which the transitive engines compute. It fits
/// score_bits(dim) bits.
std::int32_t page_score(std::span<const std::int8_t> q, std::span<const std::int8_t> max,
                        std::span<const std::int8_t> min);

/// Bits of a signed page score of `dim` channels of 8 by 8 bits.
int score_bits(std::size_t dim);

/// Cycles from a page's first channels to its score, `channels` of `dim` channels a cycle: one for
/// each beat, one for the adder tree's register.
std::size_t page_score_cycles(std::size_t dim, std::size_t channels);

/// page_reducer: takes logical scores one after another and gives a physical page's score, its
/// largest, with the last of `ratio` of them or when told that no more come.
class PageReducer {
 public:
  explicit PageReducer(std::size_t ratio) : ratio_(ratio) {}

  /// Takes a score; true when `score` is that of a whole physical page. `last` ends the list.
  bool take(std::int32_t logical, bool last, std::int32_t& score);

 private:
  std::size_t ratio_;
  std::size_t taken_ = 0;
  std::int32_t best_ = 0;
};

/// The unsigned code of a score for the selector: arithmetic shift right by `shift`, saturation to
/// `bits` bits, offset by 2^(bits - 1). Order is kept; scores that differ below the shift tie.
std::uint32_t score_code(std::int32_t score, int shift, int bits);

}  // namespace hasse::attention::units
