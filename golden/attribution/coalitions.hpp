// SPDX-License-Identifier: Apache-2.0
// Which passes a journey's credits need, and what they make of the verdicts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "golden/attribution/attribute.hpp"
#include "golden/attribution/forest.hpp"

namespace hasse::attribution {

/// The passes of one journey in a batch, every one added once.
class Passes {
 public:
  /// Passes of the batch's journey number `journey`, whose first touch is `first`.
  Passes(Batch& batch, std::size_t journey, std::size_t first)
      : batch_(batch), journey_(journey), first_(first) {}

  /// Index among the batch's passes of the one through `touches` (of the journey, from 0), in that
  /// order; at least one.
  std::size_t add(std::span<const std::size_t> touches);

 private:
  Batch& batch_;
  std::size_t journey_;
  std::size_t first_;
  std::map<std::pair<std::uint32_t, std::size_t>, std::uint32_t> nodes_;  ///< By parent and touch.
  std::map<std::uint32_t, std::size_t> index_;                            ///< By node.
};

/// A weighted difference of two passes that counts towards the value of a touch.
struct Term {
  static constexpr std::size_t kNoPass = static_cast<std::size_t>(-1);  ///< v = 0.
  std::size_t touch;
  double weight;
  std::size_t with, without;  ///< Indices among the batch's passes.
};

/// What a journey of `length` touches needs: terms, and the pass of the whole journey.
struct Plan {
  std::vector<Term> terms;
  std::size_t whole = 0;

  /// Values of the touches, from the verdicts on the batch's passes.
  std::vector<double> values(std::size_t length, std::span<const Verdict> verdicts) const;
};

/// Exact Shapley values over all 2^length - 1 passes, 1 <= length <= 16.
Plan exact_plan(Passes& passes, std::size_t length, bool count_empty);
/// DCRMTA's published subsets.
Plan published_plan(Passes& passes, std::size_t length);
/// Every touch left out once.
Plan leave_one_out_plan(Passes& passes, std::size_t length);
/// The whole journey only, and no terms.
Plan whole_plan(Passes& passes, std::size_t length);
/// The touches in the order `permutation`, each against those before it.
Plan permutation_plan(Passes& passes, std::span<const std::size_t> permutation, bool count_empty);

/// The subsets of 0..items - 1 that the published `subseq` goes through: all that are not empty up
/// to five items; from six to ten those of the last five; beyond, items from the eleventh with
/// every subset of the sixth to tenth.
std::vector<std::vector<std::size_t>> published_subsets(std::size_t items);

/// |S|! (n - |S| - 1)! / n!, Shapley's weight of a set of `size` among `n` players.
double shapley_weight(std::size_t size, std::size_t n);

}  // namespace hasse::attribution
