// SPDX-License-Identifier: Apache-2.0
// The selector of top-k places and top-p sums, and what it is made of.
#pragma once

#include <vector>

#include "generator/hdl/module.hpp"

namespace hasse::units {

/// What a selector is built for; attention::units::SelectorShape, and the most scores.
struct SelectorGeometry {
  static constexpr int kDigitBits = 4, kDigits = 1 << kDigitBits;
  /// Of a node: none of digit 0. All scores of a node that the threshold has come to are known to
  /// reach what is missing; at the first digit they are the total.
  static constexpr int kCounters = kDigits - 1;

  int lanes = 16;           ///< Scores of a row.
  int score_bits = 16;      ///< A multiple of 4.
  int histogram_bits = 12;  ///< Leading bits counted while scores stream in, 4, 8 or 12.
  int capacity = 2048;      ///< Scores at the most; a multiple of `lanes`.

  int rows() const { return capacity / lanes; }
  int levels() const { return histogram_bits / 4; }
  int digits() const { return score_bits / 4; }
  /// Of a sum of all scores.
  int counter_bits() const;
  /// Of a target, which may ask for more than there is.
  int sum_bits() const { return counter_bits() + 1; }
};

/// The highest digit at which counters, added up from the top, reach what is missing.
hdl::Module selector_narrow(const SelectorGeometry& g);
/// Counters of the first digit.
hdl::Module selector_root(const SelectorGeometry& g);
/// Counters of a later digit, under every node of the digits before it.
hdl::Module selector_level(const SelectorGeometry& g);
/// What a row's undecided scores add to the counters of a digit; of selectors that scan.
hdl::Module selector_tally(const SelectorGeometry& g);
/// Which of a row's scores are kept.
hdl::Module selector_mask(const SelectorGeometry& g);
/// All modules of a selector, the top last. Values and cycles are attention::units::select's.
std::vector<hdl::Module> selector(const SelectorGeometry& g);

}  // namespace hasse::units
