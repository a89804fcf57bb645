// SPDX-License-Identifier: Apache-2.0
// Weights as shifted mantissas, their sum, and one reciprocal a row.
#include "golden/attention/units/softmax_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace hasse::attention::units {
namespace {

constexpr std::size_t kTable = std::size_t{1} << kExponentFraction;
constexpr int kMostShift = 63;

/// 2^(i / 1024), U1.16, the ROM of the unit.
std::array<std::uint32_t, kTable> make_mantissas() {
  std::array<std::uint32_t, kTable> table{};
  for (std::size_t i = 0; i < kTable; ++i) {
    const double value = std::exp2(static_cast<double>(i) / kTable);
    table[i] = static_cast<std::uint32_t>(std::lrint(value * (1 << kMantissaFraction)));
  }
  return table;
}

std::uint32_t mantissa(std::int32_t exponent) {
  static const std::array<std::uint32_t, kTable> table = make_mantissas();
  return table[static_cast<std::uint32_t>(exponent) % kTable];
}

int whole_part(std::int32_t exponent) {
  return exponent >> kExponentFraction;
}

/// `value` shifted right by `shift` >= 0, halves rounded up.
std::uint64_t rounded_shift(std::uint64_t value, int shift) {
  if (shift == 0) return value;
  if (shift > kMostShift) return 0;
  return ((value >> (shift - 1)) + 1) >> 1;
}

}  // namespace

std::uint32_t softmax_step(double unit) {
  const double step = unit * std::numbers::log2e * (1 << kStepFraction);
  if (!(step >= 0.5) || step >= (1 << (kStepFraction + 4)) - 0.5) {
    throw std::out_of_range(fmt::format(
        "softmax_step: a score is worth {}, expected more than 0 and less than 11.09", unit));
  }
  return static_cast<std::uint32_t>(std::lrint(step));
}

std::int32_t SoftmaxUnit::exponent(std::int8_t score) const {
  constexpr int drop = kStepFraction - kExponentFraction;
  const std::int64_t product = std::int64_t{score} * step_;
  return static_cast<std::int32_t>((product + (1 << (drop - 1))) >> drop);
}

std::uint64_t SoftmaxUnit::weight(std::int32_t exponent) const {
  const std::uint64_t one = std::uint64_t{mantissa(exponent)}
                            << (kWeightFraction - kMantissaFraction);
  return rounded_shift(one, maximum_ - whole_part(exponent));
}

void SoftmaxUnit::take(std::int8_t score) {
  const std::int32_t x = exponent(score);
  const int above = whole_part(x + static_cast<std::int32_t>(kTable) - 1);
  if (empty_) {
    maximum_ = above;
    empty_ = false;
  } else if (above > maximum_) {
    sum_ = rounded_shift(sum_, above - maximum_);
    maximum_ = above;
  }
  sum_ += weight(x);
}

void SoftmaxUnit::finish() {
  if (empty_) return;
  sum_log2_ = static_cast<int>(std::bit_width(sum_)) - 1;
  const std::uint64_t normalised = sum_log2_ >= kMantissaFraction
                                       ? rounded_shift(sum_, sum_log2_ - kMantissaFraction)
                                       : sum_ << (kMantissaFraction - sum_log2_);
  const std::uint64_t dividend = std::uint64_t{1} << (2 * kMantissaFraction);
  reciprocal_ = static_cast<std::uint32_t>((dividend + normalised / 2) / normalised);
}

std::uint16_t SoftmaxUnit::probability(std::int8_t score) const {
  if (empty_) return 0;
  const std::int32_t x = exponent(score);
  const std::uint64_t product = std::uint64_t{mantissa(x)} * reciprocal_;
  // mantissa * 2^(whole - maximum) * reciprocal * 2^(30 - sum_log2), in units of 2^-16.
  const int shift = 2 * kMantissaFraction - kProbabilityBits + (maximum_ - whole_part(x)) -
                    (kWeightFraction - sum_log2_);
  const std::uint64_t rounded = rounded_shift(product, std::max(shift, 0));
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(rounded, (1 << kProbabilityBits) - 1));
}

std::vector<std::uint16_t> softmax_row(std::span<const std::int8_t> scores, std::uint32_t step) {
  SoftmaxUnit unit(step);
  for (const std::int8_t score : scores) unit.take(score);
  unit.finish();
  std::vector<std::uint16_t> row(scores.size());
  std::ranges::transform(scores, row.begin(),
                         [&unit](std::int8_t score) { return unit.probability(score); });
  return row;
}

}  // namespace hasse::attention::units
