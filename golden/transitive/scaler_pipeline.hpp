// SPDX-License-Identifier: Apache-2.0
// The way of finished sums through the drain's registers and the group scaler, cycle for cycle.
#pragma once

namespace hasse::transitive {

/// What the cycle model has to know of the sums of a column group.
struct ScaledSums {
  bool valid = false;
  bool final = false;  ///< Of a row's last group.
  bool last = false;   ///< The product's last.
};

/// drain's arrival and output registers, then the stages of group_scaler. `taken`: the host takes
/// results in this cycle.
class ScalerPipeline {
 public:
  /// `turns`: cycles a column group takes to be requantised, 0 when it is not.
  explicit ScalerPipeline(int turns) : requantise_turns_(turns) {}

  /// Whether the drain may read another column group in this cycle.
  bool free(bool taken) const { return !arrived_.valid || moves(taken); }
  /// Whether results are offered, and whether they are the product's last.
  bool has_result() const { return out_.final && turns_ == 0; }
  bool is_last() const { return out_.last; }

  /// One cycle; `read` is what the drain reads in it, only while free(taken).
  void tick(const ScaledSums& read, bool taken) {
    const bool go = goes(taken), move = moves(taken), take = free(taken);
    if (go) {
      out_ = {scaled_.valid, scaled_.valid && scaled_.final, scaled_.last};
      turns_ = out_.final ? requantise_turns_ : 0;
      scaled_ = centred_;
      centred_ = held_;
    } else if (turns_ > 0) {
      --turns_;
    }
    if (move) held_ = arrived_;
    if (take) arrived_ = read;
  }

 private:
  bool goes(bool taken) const { return !out_.final || (turns_ == 0 && taken); }
  bool moves(bool taken) const { return !held_.valid || goes(taken); }

  int requantise_turns_;
  int turns_ = 0;
  ScaledSums arrived_, held_, centred_, scaled_, out_;
};

}  // namespace hasse::transitive
