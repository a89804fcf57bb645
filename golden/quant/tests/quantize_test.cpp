// SPDX-License-Identifier: Apache-2.0
// Scales, rounding and range of quantised matrices.
#include "golden/quant/quantize.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

Matrix<float> gaussian(std::size_t rows, std::size_t cols) {
  std::mt19937 random(5);
  std::normal_distribution<float> value(0.0F, 0.1F);
  Matrix<float> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = value(random);
  return result;
}

TEST(QuantizeWeights, EveryRowHasItsOwnScale) {
  const auto q = quantize_weights(Matrix<float>(2, 3, {7, -3.5F, 1, 0.07F, 0.01F, -0.07F}), 4);
  EXPECT_EQ(q.bits, 4);
  EXPECT_EQ(q.scales, (std::vector<float>{1.0F, 0.07F / 7}));
  EXPECT_EQ(q.values, Matrix<std::int8_t>(2, 3, {7, -4, 1, 7, 1, -7}));
}

TEST(QuantizeWeights, HalvesRoundToEven) {
  const auto q = quantize_weights(Matrix<float>(1, 6, {7, 0.5F, 1.5F, 2.5F, -0.5F, -2.5F}), 4);
  EXPECT_EQ(q.values, Matrix<std::int8_t>(1, 6, {7, 0, 2, 2, 0, -2}));
}

TEST(QuantizeWeights, TwoBitsAreTernary) {
  const auto q = quantize_weights(Matrix<float>(1, 4, {-2, 2, 0.9F, 1.1F}), 2);
  EXPECT_EQ(q.values, Matrix<std::int8_t>(1, 4, {-1, 1, 0, 1}));
}

TEST(QuantizeWeights, RowOfZerosStaysZero) {
  const auto q = quantize_weights(Matrix<float>(1, 2), 8);
  EXPECT_EQ(q.values, Matrix<std::int8_t>(1, 2));
  EXPECT_EQ(dequantize(q), Matrix<float>(1, 2));
}

TEST(QuantizeWeights, SubnormalAndHugeWeightsStayInRange) {
  const float tiny = std::numeric_limits<float>::denorm_min();
  const float huge = std::numeric_limits<float>::max();
  EXPECT_EQ(quantize_weights(Matrix<float>(1, 2, {190 * tiny, -190 * tiny}), 8).values,
            Matrix<std::int8_t>(1, 2, {127, -127}));
  EXPECT_EQ(quantize_weights(Matrix<float>(1, 2, {tiny, -tiny}), 8).values,
            Matrix<std::int8_t>(1, 2));
  EXPECT_EQ(quantize_weights(Matrix<float>(1, 2, {huge, -huge}), 8).values,
            Matrix<std::int8_t>(1, 2, {127, -127}));
}

class QuantizeWeightsBits : public testing::TestWithParam<int> {};

TEST_P(QuantizeWeightsBits, ErrorIsAtMostHalfAStepAndTheRangeIsSymmetric) {
  const int bits = GetParam();
  const Matrix<float> w = gaussian(16, 64);
  const auto q = quantize_weights(w, bits);
  const Matrix<float> back = dequantize(q);
  const int most = (1 << (bits - 1)) - 1;
  for (std::size_t n = 0; n < w.rows(); ++n) {
    for (std::size_t k = 0; k < w.cols(); ++k) {
      EXPECT_LE(std::fabs(back(n, k) - w(n, k)), 0.5001F * q.scales[n]);
      EXPECT_LE(std::abs(q.values(n, k)), most);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllWidths, QuantizeWeightsBits, testing::Range(2, 9));

TEST(QuantizeActivations, EveryColumnHasItsOwnScale) {
  const Matrix<float> x(2, 2, {127, 0.5F, -63.6F, -1.0F});
  const auto q = quantize_activations<std::int8_t>(x, 8);
  EXPECT_EQ(q.scales, (std::vector<float>{1.0F, 1.0F / 127}));
  EXPECT_EQ(q.values, Matrix<std::int8_t>(2, 2, {127, 64, -64, -127}));
}

TEST(QuantizeActivations, SixteenBitsReachTheirRange) {
  const auto q = quantize_activations<std::int16_t>(Matrix<float>(2, 1, {3, -3}), 16);
  EXPECT_EQ(q.values, Matrix<std::int16_t>(2, 1, {32767, -32767}));
}

TEST(QuantizeActivations, NarrowValuesAreTheSameInWideIntegers) {
  const Matrix<float> x = gaussian(9, 5);
  const auto narrow = quantize_activations<std::int8_t>(x, 4);
  const auto wide = quantize_activations<std::int16_t>(x, 4);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(narrow.values.data()[i], wide.values.data()[i]);
  }
}

TEST(QuantizeRefusal, BitsOutOfRangeAreNamed) {
  const Matrix<float> one(1, 1, 1.0F);
  expect_refusal<QuantError>([&] { quantize_weights(one, 1); }, "bits is 1, expected 2 to 8");
  expect_refusal<QuantError>([&] { quantize_weights(one, 9); }, "bits is 9, expected 2 to 8");
  expect_refusal<QuantError>([&] { quantize_activations<std::int8_t>(one, 5); },
                             "bits is 5, expected 4, 8 or 16");
  expect_refusal<QuantError>([&] { quantize_activations<std::int8_t>(one, 16); },
                             "bits is 16, expected 4, 8 or 16 and at most 8");
}

TEST(QuantizeRefusal, ValuesThatAreNotFiniteAreNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  expect_refusal<QuantError>(
      [&] {
        quantize_weights(Matrix<float>(2, 2, {1, 2, 3, nan}), 8);
      },
      "element 1 of row 1 is nan, expected a finite number");
  expect_refusal<QuantError>(
      [&] {
        quantize_activations<std::int8_t>(Matrix<float>(2, 2, {1, -infinity, 3, 4}), 8);
      },
      "element 0 of column 1 is -inf, expected a finite number");
}

}  // namespace
}  // namespace hasse::quant
