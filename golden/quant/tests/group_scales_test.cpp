// SPDX-License-Identifier: Apache-2.0
// Grouped quantisation by its properties, and rounding by hand-computed values.
#include "golden/quant/group_scales.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

// Gaussian rows; a few rows of one sign only, and a row of zeros.
Matrix<float> sample(std::size_t cols) {
  std::mt19937 random(11);
  std::normal_distribution<float> value(0.0F, 0.1F);
  Matrix<float> result(24, cols);
  for (float& v : result.row(0)) v = 0;
  for (std::size_t n = 1; n < result.rows(); ++n)
    for (float& v : result.row(n)) {
      v = value(random);
      if (n % 5 == 1) v = std::fabs(v) + 0.5F;
      if (n % 5 == 2) v = -std::fabs(v) - 0.01F;
    }
  return result;
}

double error(const Matrix<float>& w, const GroupedWeights& q) {
  const Matrix<float> back = dequantize(q);
  double difference = 0, whole = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    difference += std::pow(w.data()[i] - back.data()[i], 2);
    whole += std::pow(w.data()[i], 2);
  }
  return std::sqrt(difference / whole);
}

TEST(Qserve, ScaledWeightsNeverLeaveEightBits) {
  for (const int group : {8, 32, 128, 1000}) {
    const GroupedWeights q = quantize_qserve(sample(200), group);
    const Matrix<std::int16_t> scaled = scaled_weights(q.codes, q.groups);
    for (const int value : scaled.values()) {
      EXPECT_GE(value, -128);
      EXPECT_LE(value, 127);
    }
    for (const int code : q.codes.values()) EXPECT_TRUE(code >= -8 && code <= 7) << code;
    for (const int zero : q.groups.zeros.values()) EXPECT_TRUE(zero >= -8 && zero <= 7) << zero;
  }
}

// Rounding the step down leaves out up to half a unit per code at the ends of the range.
TEST(Qserve, IsOffByAtMostAStepAndWhatItsRoundingLeavesOut) {
  const Matrix<float> w = sample(200);
  const GroupedWeights q = quantize_qserve(w, 32);
  const Matrix<float> back = dequantize(q);
  for (std::size_t n = 0; n < w.rows(); ++n)
    for (std::size_t k = 0; k < w.cols(); ++k)
      EXPECT_LE(
          std::fabs(w(n, k) - back(n, k)),
          q.row_scales[n] * (1.001F * static_cast<float>(q.groups.scales(n, k / 32)) + 8.01F));
}

TEST(Qserve, QuantisesAGroupByHand) {
  // 119 / 119 is the row's step; the range -31..119 has steps of 10, and 3 of them lie below 0.
  const GroupedWeights q = quantize_qserve(Matrix<float>(1, 4, {119, -31, 0, 34}), 4);
  EXPECT_FLOAT_EQ(q.row_scales[0], 1);
  EXPECT_EQ(q.groups.scales, Matrix<std::uint8_t>(1, 1, {10}));
  EXPECT_EQ(q.groups.zeros, Matrix<std::int8_t>(1, 1, {3 - 8}));
  EXPECT_EQ(q.codes, Matrix<std::int8_t>(1, 4, {15 - 8, 0 - 8, 3 - 8, 6 - 8}));
}

TEST(SymmetricGroups, ClipNothing) {
  const Matrix<float> w = sample(100);
  for (int bits = 2; bits <= 8; ++bits) {
    const GroupedWeights q = quantize_symmetric_groups(w, bits, 32);
    const Matrix<float> back = dequantize(q);
    for (const int zero : q.groups.zeros.values()) EXPECT_EQ(zero, 0);
    for (const int code : q.codes.values()) EXPECT_LT(std::abs(code), 1 << (bits - 1));
    for (std::size_t n = 0; n < w.rows(); ++n)
      for (std::size_t k = 0; k < w.cols(); ++k)
        EXPECT_LE(
            std::fabs(w(n, k) - back(n, k)),
            q.row_scales[n] * (0.501F * static_cast<float>(q.groups.scales(n, k / 32)) + 0.51F));
  }
}

TEST(SymmetricGroups, SmallerGroupsAndZeroPointsHelp) {
  const Matrix<float> w = sample(256);
  const double whole = error(w, quantize_symmetric_groups(w, 4, 256));
  const double small = error(w, quantize_symmetric_groups(w, 4, 32));
  EXPECT_LT(small, whole);
  EXPECT_LT(error(w, quantize_qserve(w, 32)), small);
}

TEST(GroupScales, RefusesWhatItCannotQuantise) {
  const Matrix<float> w(1, 2, {1, 2});
  expect_refusal<QuantError>([&] { quantize_symmetric_groups(w, 1, 2); },
                             "bits is 1, expected 2 to 8");
  expect_refusal<QuantError>([&] { quantize_qserve(w, 0); }, "group is 0, expected at least 1");
  const Matrix<float> bad(1, 1, {std::numeric_limits<float>::quiet_NaN()});
  expect_refusal<QuantError>([&] { quantize_qserve(bad, 1); }, "element 0 of row 0");
}

TEST(Requantise, RoundsHalvesAwayFromZeroAndClamps) {
  const auto halves = [](std::int64_t value) { return int{requantise(value, {1, 1})}; };
  EXPECT_EQ(halves(1), 1);
  EXPECT_EQ(halves(-1), -1);
  EXPECT_EQ(halves(3), 2);
  EXPECT_EQ(halves(-3), -2);
  EXPECT_EQ(halves(-2), -1);
  EXPECT_EQ(halves(253), 127);
  EXPECT_EQ(halves(1000), 127);
  EXPECT_EQ(halves(-257), -128);
  EXPECT_EQ(int{requantise(-1, {65535, 63})}, 0);
}

TEST(Requantise, FindsTheClosestRescale) {
  for (const double factor : {1.0, 0.5, 0.1, 127.0 / 33554431, 1e-9, 0.99999}) {
    const Rescale rescale = rescale_of(factor);
    EXPECT_NEAR(std::ldexp(rescale.multiplier, -rescale.shift) / factor, 1, 1.0 / 65536) << factor;
  }
  expect_refusal<QuantError>([] { rescale_of(0); }, "factor is 0");
  expect_refusal<QuantError>([] { rescale_of(1.5); }, "factor is 1.5");
}

}  // namespace
}  // namespace hasse::quant
