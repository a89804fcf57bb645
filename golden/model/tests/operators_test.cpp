// SPDX-License-Identifier: Apache-2.0
// Every operator against its definition.
#include "golden/model/operators.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace hasse::model {
namespace {

using tensor::Matrix;

constexpr float kClose = 1e-5F;

Matrix<float> random_matrix(std::size_t rows, std::size_t cols, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value;
  Matrix<float> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = value(random);
  return result;
}

float dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void expect_close(std::span<const float> actual, std::span<const float> expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], kClose) << i;
}

TEST(Linear, MultipliesByTheTransposedWeight) {
  const Matrix<float> x(2, 3, {1, 2, 3, 4, 5, 6});
  const Matrix<float> weight(2, 3, {1, 0, -1, 0, 2, 0});
  EXPECT_EQ(linear(x, weight), Matrix<float>(2, 2, {-2, 4, -2, 10}));
}

TEST(RmsNorm, DividesByTheRootMeanSquareAndAppliesTheGain) {
  const Matrix<float> x(2, 2, {3, 4, 0, 0});
  const std::vector<float> gain{1, 2};
  const float root = std::sqrt(12.5F + 0.5F);
  expect_close(rms_norm(x, gain, 0.5F).row(0), std::vector<float>{3 / root, 8 / root});
  expect_close(rms_norm(x, gain, 0.5F).row(1), std::vector<float>{0, 0});
}

TEST(RotatePositions, TurnsHalvesOfAHeadByTheAngleOfTheirPosition) {
  Matrix<float> x(3, 4, {1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0});
  rotate_positions(x, 4, 100.0F);
  expect_close(x.row(0), std::vector<float>{1, 1, 0, 0});
  expect_close(x.row(2),
               std::vector<float>{std::cos(2.0F), std::cos(0.2F), std::sin(2.0F), std::sin(0.2F)});
}

TEST(RotatePositions, ScoresDependOnDistanceOnly) {
  const Matrix<float> pair = random_matrix(2, 8, 1);
  Matrix<float> q(10, 8);
  Matrix<float> k(10, 8);
  for (std::size_t t = 0; t < q.rows(); ++t) {
    std::ranges::copy(pair.row(0), q.row(t).begin());
    std::ranges::copy(pair.row(1), k.row(t).begin());
  }
  rotate_positions(q, 4, 50.0F);
  rotate_positions(k, 4, 50.0F);
  EXPECT_NEAR(dot(q.row(3), k.row(1)), dot(q.row(9), k.row(7)), kClose);
}

/// Attention of one head, from its definition.
std::vector<float> attend_by_definition(const Matrix<float>& q, const Matrix<float>& k,
                                        const Matrix<float>& v, std::size_t t, std::size_t own,
                                        std::size_t shared, std::size_t dim) {
  std::vector<float> out(dim);
  float total = 0;
  for (std::size_t s = 0; s <= t; ++s) {
    const float score = dot(q.row(t).subspan(own, dim), k.row(s).subspan(shared, dim));
    const float weight = std::exp(score / std::sqrt(static_cast<float>(dim)));
    total += weight;
    for (std::size_t i = 0; i < dim; ++i) out[i] += weight * v(s, shared + i);
  }
  for (float& value : out) value /= total;
  return out;
}

TEST(Attend, IsCausalSoftmaxAttentionWithSharedKeys) {
  constexpr std::size_t kDim = 3;
  const auto q = random_matrix(7, 4 * kDim, 1);
  const auto k = random_matrix(7, 2 * kDim, 2);
  const auto v = random_matrix(7, 2 * kDim, 3);
  const auto result = attend(q, k, v, kDim);
  for (std::size_t head = 0; head < 4; ++head) {
    for (std::size_t t = 0; t < 7; ++t) {
      expect_close(result.row(t).subspan(head * kDim, kDim),
                   attend_by_definition(q, k, v, t, head * kDim, head / 2 * kDim, kDim));
    }
  }
}

TEST(Attend, LargeScoresDoNotOverflow) {
  const Matrix<float> big(2, 2, 1e4F);
  EXPECT_EQ(attend(big, big, Matrix<float>(2, 2, {1, 2, 3, 4}), 2),
            Matrix<float>(2, 2, {1, 2, 2, 3}));
}

TEST(Swiglu, GatesWithTheSigmoidWeightedUnit) {
  const auto result = swiglu(Matrix<float>(1, 3, {0, 2, -100}), Matrix<float>(1, 3, {5, 3, 7}));
  expect_close(result.row(0), std::vector<float>{0, 6 / (1 + std::exp(-2.0F)), 0});
}

TEST(Add, AddsInPlace) {
  Matrix<float> x(1, 2, {1, 2});
  add(x, Matrix<float>(1, 2, {10, 20}));
  EXPECT_EQ(x, Matrix<float>(1, 2, {11, 22}));
}

TEST(Surprise, IsTheBitsOfTheSoftmax) {
  EXPECT_NEAR(surprise(std::vector<float>(256, 3.0F), 7), 8.0, 1e-12);
  EXPECT_NEAR(surprise(std::vector<float>{1000, 1000, -1000}, 0), 1.0, 1e-12);
}

}  // namespace
}  // namespace hasse::model
