// SPDX-License-Identifier: Apache-2.0
// Scale search, choice of type and statistics of whole tensors.
#include "golden/quant/olive_quantize.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

/// Gaussian values, every `every`-th of them ten times as large.
Matrix<float> with_outliers(std::size_t rows, std::size_t cols, std::size_t every) {
  std::mt19937 random(11);
  std::normal_distribution<float> value(0.0F, 0.1F);
  Matrix<float> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i)
    result.data()[i] = value(random) * (i % every + 1 == every ? 10.0F : 1.0F);
  return result;
}

double squared_error(const Matrix<float>& a, const Matrix<float>& b) {
  double error = 0;
  for (std::size_t i = 0; i < a.size(); ++i) error += std::pow(a.data()[i] - b.data()[i], 2);
  return error;
}

const std::vector<OliveFormat> kInt4 = {olive_format(OliveType::int4)};

TEST(OliveWeights, ErrorIsThatOfTheDecodedWeights) {
  const Matrix<float> w = with_outliers(4, 63, 50);
  const OliveWeights q = quantize_olive_weights(w, olive_candidates(4, true));
  EXPECT_NEAR(squared_error(w, dequantize(q)), q.squared_error, 1e-4 * q.squared_error);
  EXPECT_EQ(q.codes.cols(), 64U);
  EXPECT_EQ(decoded(q).cols(), 63U);
  EXPECT_EQ(q.statistics.pairs, 4U * 32U);
}

TEST(OliveWeights, TheScaleIsTheBestOfTheSearch) {
  const Matrix<float> w = with_outliers(1, 200, 40);
  const OliveWeights q = quantize_olive_weights(w, kInt4);
  double mean = 0, squares = 0;
  for (const float value : w.values()) mean += value / 200.0;
  for (const float value : w.values()) squares += (value - mean) * (value - mean);
  const double x_max = std::fabs(mean) + 3 * std::sqrt(squares / 199);
  const OliveGrid grid(kInt4[0]);
  double best = std::numeric_limits<double>::infinity(), best_scale = 0;
  for (int i = 75; i < 250; i += 2) {
    const auto scale = static_cast<float>(x_max * i / 100 / 7);
    double error = 0;
    for (std::size_t k = 0; k < 200; k += 2) {
      const double left = w(0, k), right = w(0, k + 1);
      const auto pair = grid.rounded(left / scale, right / scale, OutlierRule::keep_larger);
      error += std::pow(left - pair[0] * static_cast<double>(scale), 2) +
               std::pow(right - pair[1] * static_cast<double>(scale), 2);
    }
    if (error < best) best = error, best_scale = scale;
  }
  EXPECT_FLOAT_EQ(q.scales[0], static_cast<float>(best_scale));
}

TEST(OliveWeights, OutliersSurviveWhatPlainFourBitsLose) {
  const Matrix<float> w = with_outliers(8, 256, 64);
  const double olive = squared_error(w, dequantize(quantize_olive_weights(w, kInt4)));
  const double plain = squared_error(w, dequantize(quantize_weights(w, 4)));
  EXPECT_LT(olive, 0.5 * plain);
}

TEST(OliveWeights, TheTypeWithTheSmallerErrorIsTaken) {
  std::mt19937 random(3);
  std::normal_distribution<float> value(0.0F, 7.0F / 3);
  Matrix<float> integers(4, 256);
  for (std::size_t i = 0; i < integers.size(); ++i)
    integers.data()[i] = std::clamp(std::rint(value(random)), -7.0F, 7.0F);
  EXPECT_EQ(quantize_olive_weights(integers, olive_candidates(4, true)).format.name, "int4");
  Matrix<float> powers(4, 256);
  for (std::size_t i = 0; i < powers.size(); ++i)
    powers.data()[i] = std::ldexp(i % 2 == 0 ? 1.0F : -1.0F, static_cast<int>(random() % 5));
  EXPECT_EQ(quantize_olive_weights(powers, olive_candidates(4, true)).format.name, "flint4");
}

TEST(OliveWeights, StatisticsCountOutliersBeforeTheyFall) {
  Matrix<float> w(1, 4000, 0.0F);
  for (std::size_t k = 0; k < 4000; ++k) w(0, k) = k % 2 == 0 ? 1.0F : -1.0F;
  w(0, 0) = 50.0F;
  w(0, 10) = 60.0F;
  w(0, 11) = -70.0F;
  const OliveWeights q = quantize_olive_weights(w, kInt4);
  EXPECT_EQ(q.statistics, (PairStatistics{2000, 1, 1}));
  EXPECT_EQ(decoded(q)(0, 10), 0);
  EXPECT_LT(decoded(q)(0, 11), -7);
}

TEST(OliveWeights, RowsOfZerosAndSingleValuesAreExact) {
  const Matrix<float> w(2, 1, {0.0F, -3.0F});
  const OliveWeights q = quantize_olive_weights(w, kInt4);
  EXPECT_EQ(q.scales[0], 0);
  EXPECT_EQ(decoded(q)(0, 0), 0);
  EXPECT_NEAR(dequantize(q)(1, 0), -3.0F, 0.05F);
}

TEST(OliveActivations, OneTypeAndScaleServeEveryToken) {
  const Matrix<float> x = with_outliers(48, 5, 30);
  const OliveScale found = calibrate_olive(x, olive_candidates(4, true));
  const OliveActivations q = quantize_olive_activations(x, found);
  EXPECT_EQ(q.codes.rows(), 48U);
  EXPECT_EQ(q.codes.cols(), 5U);
  EXPECT_NEAR(squared_error(x, dequantize(q)), found.squared_error, 1e-4 * found.squared_error);
  for (std::size_t m = 0; m < 5; ++m)
    for (std::size_t k = 0; k < 48; k += 2) {
      const auto pair = decode_pair(q.format, {q.codes(k, m), q.codes(k + 1, m)});
      EXPECT_EQ(pair[0].value(), decoded(q)(k, m));
      EXPECT_EQ(pair[1].value(), decoded(q)(k + 1, m));
    }
}

TEST(OliveActivations, EightBitsAreCloserThanFour) {
  const Matrix<float> x = with_outliers(64, 8, 1000);
  EXPECT_LT(calibrate_olive(x, olive_candidates(8, true)).squared_error,
            0.05 * calibrate_olive(x, olive_candidates(4, true)).squared_error);
}

TEST(OliveActivations, ScaleZeroMeansZero) {
  const OliveActivations q =
      quantize_olive_activations(Matrix<float>(2, 1, 5.0F), {kInt4[0], 0.0F, 0});
  EXPECT_EQ(decoded(q), Matrix<std::int16_t>(2, 1));
}

TEST(OliveRefusal, BadValuesAndSearchesAreNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Matrix<float> bad(2, 2, {1, 2, 3, nan}), good(1, 2, 1.0F);
  expect_refusal<QuantError>([&] { quantize_olive_weights(bad, kInt4); },
                             "element 1 of row 1 is nan, expected a finite number");
  expect_refusal<QuantError>([&] { calibrate_olive(bad, kInt4); }, "element 1 of column 1 is nan");
  expect_refusal<QuantError>([&] { quantize_olive_weights(good, {}); }, "no type to choose from");
  expect_refusal<QuantError>(
      [&] {
        quantize_olive_weights(good, kInt4, {0, 250, 2});
      },
      "search from 0 to 250 by 2");
  expect_refusal<QuantError>(
      [&] {
        calibrate_olive(good, kInt4, {80, 80, 2});
      },
      "search from 80 to 80");
}

}  // namespace
}  // namespace hasse::quant
