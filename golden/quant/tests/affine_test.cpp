// SPDX-License-Identifier: Apache-2.0
// AWQ's quantiser by the published vectors, its quirks included, and its integer scales.
#include "golden/quant/affine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;
using Codes = Matrix<std::uint8_t>;

Matrix<float> sample(std::size_t rows, std::size_t columns) {
  std::mt19937 random(5);
  std::normal_distribution<float> value(0.02F, 0.1F);
  Matrix<float> result(rows, columns);
  for (std::size_t n = 0; n < rows; ++n)
    for (float& v : result.row(n)) v = value(random);
  return result;
}

TEST(Affine, AGroupOfBothSigns) {
  const AffineWeights q = quantize_affine(Matrix<float>(1, 4, {-.3F, .1F, .7F, 1.2F}), 4, 4);
  EXPECT_FLOAT_EQ(q.scales(0, 0), 0.1F);
  EXPECT_EQ(q.zeros, Codes(1, 1, {3}));
  EXPECT_EQ(q.codes, Codes(1, 4, {0, 4, 10, 15}));
}

TEST(Affine, AGroupOfPositiveValuesSaturates) {
  const AffineWeights q = quantize_affine(Matrix<float>(1, 4, {.5F, .6F, .7F, 1.2F}), 4, 4);
  EXPECT_EQ(q.zeros, Codes(1, 1, {0}));
  EXPECT_EQ(q.codes, Codes(1, 4, {11, 13, 15, 15}));
  const Matrix<float> back = dequantize(q);
  EXPECT_NEAR(back(0, 0), .5133F, 1e-4);
  EXPECT_NEAR(back(0, 1), .6067F, 1e-4);
  EXPECT_NEAR(back(0, 2), .7F, 1e-6);
  EXPECT_NEAR(back(0, 3), .7F, 1e-6);
}

TEST(Affine, HalvesAreRoundedToEven) {
  // A range of 15 has steps of 1; 0.5, 1.5 and 2.5 go to even neighbours.
  const AffineWeights q = quantize_affine(Matrix<float>(1, 5, {0, .5F, 1.5F, 2.5F, 15}), 4, 5);
  EXPECT_EQ(q.codes, Codes(1, 5, {0, 0, 2, 2, 15}));
}

TEST(Affine, AFlatGroupKeepsTheNarrowestRange) {
  const AffineWeights q = quantize_affine(Matrix<float>(1, 2, {0, 0}), 4, 2);
  EXPECT_FLOAT_EQ(q.scales(0, 0), 1e-5F / 15);
  EXPECT_EQ(q.codes, Codes(1, 2, {0, 0}));
}

TEST(Affine, ThreeBitsHaveEightCodes) {
  const AffineWeights q = quantize_affine(sample(8, 64), 3, 32);
  EXPECT_EQ(*std::max_element(q.codes.data(), q.codes.data() + q.codes.size()), 7);
  EXPECT_EQ(q.scales.cols(), 2U);
}

TEST(Affine, EveryValueOfAMixedGroupIsWithinAStep) {
  const Matrix<float> w = sample(16, 96);
  const AffineWeights q = quantize_affine(w, 4, 32);
  EXPECT_EQ(q.scales.cols(), 3U);
  const Matrix<float> back = dequantize(q);
  // The zero point is rounded, too, so values at the ends may be off by a whole step.
  for (std::size_t n = 0; n < w.rows(); ++n)
    for (std::size_t k = 0; k < w.cols(); ++k)
      EXPECT_LE(std::fabs(w(n, k) - back(n, k)), 1.001F * q.scales(n, k / 32));
}

TEST(Affine, IntegerScalesKeepCodesAndZeros) {
  const AffineWeights q = quantize_affine(sample(16, 96), 4, 32);
  const GroupedWeights integers = with_integer_scales(q);
  const Matrix<float> exact = dequantize(q), back = dequantize(integers);
  for (std::size_t n = 0; n < exact.rows(); ++n)
    for (std::size_t k = 0; k < exact.cols(); ++k) {
      const std::size_t g = k / 32;
      EXPECT_EQ(integers.codes(n, k) + 8, q.codes(n, k));
      EXPECT_EQ(integers.groups.zeros(n, g) + 8, q.zeros(n, g));
      const float tolerance = 0.501F * integers.row_scales[n] * 15;
      EXPECT_NEAR(back(n, k), exact(n, k), tolerance);
    }
  for (std::size_t n = 0; n < exact.rows(); ++n)
    EXPECT_EQ(int{std::ranges::max(integers.groups.scales.row(n))}, 255);
}

TEST(Affine, RefusesWhatItCannotQuantise) {
  const Matrix<float> w(1, 2, {1, 2});
  expect_refusal<QuantError>([&] { quantize_affine(w, 9, 2); }, "bits is 9, expected 2 to 8");
  expect_refusal<QuantError>([&] { quantize_affine(w, 4, 0); }, "group is 0, expected at least 1");
  const Matrix<float> bad(1, 1, {std::numeric_limits<float>::quiet_NaN()});
  expect_refusal<QuantError>([&] { quantize_affine(bad, 4, 1); }, "element 0 of row 0");
}

}  // namespace
}  // namespace hasse::quant
