// SPDX-License-Identifier: Apache-2.0
// Bit-true model of softmax_unit: online, base 2, fixed point.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hasse::attention::units {

// Formats, U for unsigned, integer bits before the point and fraction bits after it:
//   score      S8.0    what QK gives, requantised to eight bits
//   step       U4.16   log2(e) times what a score of 1 is worth, so that weights are powers of 2
//   exponent   S12.10  score * step, rounded to ten bits: an error of 2^-11 is 0.034 % of a weight
//   mantissa   U1.16   2^(fraction of the exponent), from a table of 1,024 words
//   weight     U1.30   the mantissa shifted by the distance to the maximum, rounded to nearest
//   sum        U18.30  of 2^17 weights, none above 1
//   reciprocal U1.16   of the sum, normalised to 1 <= sum < 2 and cut to sixteen fraction bits
//   probability U0.16  rounded, saturated at 1 - 2^-16

/// Fraction bits of a step, a weight and a probability.
inline constexpr int kStepFraction = 16;
inline constexpr int kExponentFraction = 10;
inline constexpr int kMantissaFraction = 16;
inline constexpr int kWeightFraction = 30;
inline constexpr int kProbabilityBits = 16;

/// The step of scores worth `unit` each in natural logarithms: unit * log2(e), rounded to U4.16.
/// Throws std::out_of_range unless 0 < unit and the step fits.
std::uint32_t softmax_step(double unit);

/// The softmax of one row, in two passes over its scores: `take` all, then `probability` of each.
/// The running maximum is kept as the whole power of two at or above the largest exponent, so a new
/// maximum shifts the sum and needs no multiplier.
class SoftmaxUnit {
 public:
  /// Scores are worth `step` (U4.16) in powers of two.
  explicit SoftmaxUnit(std::uint32_t step) : step_(step) {}

  /// First pass: adds a score to the sum. A masked score is not taken, and its probability is 0.
  void take(std::int8_t score);

  /// Ends the first pass: one restoring division. Nothing may have been taken; then every
  /// probability is 0.
  void finish();

  /// Second pass: the probability of a score that was taken.
  std::uint16_t probability(std::int8_t score) const;

  /// The sum of all weights, U18.30, relative to 2^maximum().
  std::uint64_t sum() const { return sum_; }
  /// The whole power of two at or above the largest exponent.
  int maximum() const { return maximum_; }

 private:
  std::int32_t exponent(std::int8_t score) const;
  std::uint64_t weight(std::int32_t exponent) const;

  std::uint32_t step_;
  bool empty_ = true;
  int maximum_ = 0;
  std::uint64_t sum_ = 0;
  int sum_log2_ = 0;  ///< Whole part of the sum's logarithm, its lowest bit being 0.
  std::uint32_t reciprocal_ = 0;
};

/// The probabilities of a whole row, U0.16.
std::vector<std::uint16_t> softmax_row(std::span<const std::int8_t> scores, std::uint32_t step);

}  // namespace hasse::attention::units
