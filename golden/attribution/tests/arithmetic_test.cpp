// SPDX-License-Identifier: Apache-2.0
// Products: right, and independent of what lies beside a row.
#include "golden/attribution/arithmetic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hasse::attribution {
namespace {

using tensor::Matrix;

Matrix<float> random_matrix(std::size_t rows, std::size_t cols, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Matrix<float> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = normal(random);
  return result;
}

double exact(const Matrix<float>& x, const Matrix<float>& w, std::size_t m, std::size_t n) {
  double sum = 0;
  for (std::size_t k = 0; k < x.cols(); ++k) sum += static_cast<double>(x(m, k)) * w(n, k);
  return sum;
}

class ArithmeticIn : public testing::TestWithParam<Precision> {};

TEST_P(ArithmeticIn, ProductsAreCloseToTheExactOnes) {
  const Matrix<float> x = random_matrix(7, 49, 1), w = random_matrix(33, 49, 2);
  const std::vector<float> bias(33, 0.5F);
  const Matrix<float> y = Arithmetic(GetParam()).multiply(x, Weights("w", w, bias, GetParam()));
  const double steps = GetParam() == Precision::w4a8 ? 7 : 127;
  const double bound = GetParam() == Precision::f32 ? 1e-4 : 49 * 16 * (0.5 / steps + 0.5 / 127);
  ASSERT_EQ(y.rows(), 7U);
  ASSERT_EQ(y.cols(), 33U);
  for (std::size_t m = 0; m < y.rows(); ++m)
    for (std::size_t n = 0; n < y.cols(); ++n) EXPECT_NEAR(y(m, n), exact(x, w, m, n) + 0.5, bound);
}

TEST_P(ArithmeticIn, ARowIsTheSameWhateverLiesBesideIt) {
  const Matrix<float> x = random_matrix(67, 64, 1), w = random_matrix(257, 64, 2);
  const Arithmetic arithmetic(GetParam());
  const Weights weights("w", w, {}, GetParam());
  const Matrix<float> all = arithmetic.multiply(x, weights);
  for (const std::size_t m : {0U, 3U, 31U, 66U}) {
    // A part of a longer vector, so that the row also lies elsewhere in memory.
    Matrix<float> part(1 + m % 3, 64);
    std::ranges::copy(x.row(m), part.row(m % 3).begin());
    const Matrix<float> alone = arithmetic.multiply(part, weights);
    EXPECT_TRUE(std::ranges::equal(alone.row(m % 3), all.row(m))) << m;
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, ArithmeticIn,
                         testing::Values(Precision::f32, Precision::w8a8, Precision::w4a8),
                         [](const auto& param) { return std::string(name_of(param.param)); });

TEST(Arithmetic, IntegerProductsAreThoseOfTheirBits) {
  std::vector<std::string> names;
  const Arithmetic arithmetic(Precision::w4a8,
                              [&](const std::string& name, const auto& w, const auto& x, int bits) {
                                names.push_back(name);
                                EXPECT_EQ(bits, 4);
                                for (const std::int8_t value : w.values())
                                  EXPECT_LE(std::abs(value), 7);
                                return Matrix<std::int32_t>(w.rows(), x.cols(), 1);
                              });
  const Matrix<float> x(2, 3, 254), w(4, 3, 14);
  EXPECT_EQ(arithmetic.multiply(x, "mine", w), Matrix<float>(2, 4, 4));  // Scales are 2 and 2.
  EXPECT_EQ(names, std::vector<std::string>{"mine"});
}

}  // namespace
}  // namespace hasse::attribution
