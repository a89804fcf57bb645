// SPDX-License-Identifier: Apache-2.0
// The exact product against plain sums, at every edge of its blocks.
#include "golden/tensor/gemm.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <tuple>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::tensor {
namespace {

template <class Left, class Right>
Matrix<std::int64_t> naive_gemm(const Matrix<Left>& w, const Matrix<Right>& x) {
  Matrix<std::int64_t> y(w.rows(), x.cols());
  for (std::size_t n = 0; n < w.rows(); ++n) {
    for (std::size_t k = 0; k < w.cols(); ++k) {
      for (std::size_t m = 0; m < x.cols(); ++m) y(n, m) += std::int64_t{w(n, k)} * x(k, m);
    }
  }
  return y;
}

template <class T>
Matrix<T> random_matrix(std::size_t rows, std::size_t cols, std::mt19937& random) {
  std::uniform_int_distribution<int> value(std::numeric_limits<T>::min(),
                                           std::numeric_limits<T>::max());
  Matrix<T> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = static_cast<T>(value(random));
  return result;
}

template <class To, class From>
Matrix<To> cast(const Matrix<From>& matrix) {
  return {matrix.rows(), matrix.cols(),
          std::vector<To>(matrix.values().begin(), matrix.values().end())};
}

using Shape = std::tuple<std::size_t, std::size_t, std::size_t>;

class Gemm : public testing::TestWithParam<Shape> {
 protected:
  template <class Left, class Right>
  void expect_exact() {
    const auto [n, k, m] = GetParam();
    std::mt19937 random(7);
    const auto w = random_matrix<Left>(n, k, random);
    const auto x = random_matrix<Right>(k, m, random);
    EXPECT_EQ(gemm<std::int64_t>(w, x), naive_gemm(w, x));
  }
};

TEST_P(Gemm, EightByEightBitsIsExact) {
  expect_exact<std::int8_t, std::int8_t>();
}
TEST_P(Gemm, EightBySixteenBitsIsExact) {
  expect_exact<std::int8_t, std::int16_t>();
}
TEST_P(Gemm, SixteenByEightBitsIsExact) {
  expect_exact<std::int16_t, std::int8_t>();
}
TEST_P(Gemm, SixteenBySixteenBitsIsExact) {
  expect_exact<std::int16_t, std::int16_t>();
}

// Sides around the sizes of blocks and row tiles, and degenerate ones.
INSTANTIATE_TEST_SUITE_P(Shapes, Gemm,
                         testing::Values(Shape{1, 1, 1}, Shape{1, 1000, 1}, Shape{3, 5, 7},
                                         Shape{127, 63, 2}, Shape{128, 64, 33}, Shape{129, 65, 1},
                                         Shape{2, 1023, 3}, Shape{2, 1024, 3}, Shape{2, 1025, 3},
                                         Shape{300, 3000, 5}, Shape{5, 0, 4}, Shape{0, 3, 4},
                                         Shape{4, 3, 0}));

TEST(GemmExtremes, SumsAtTheEdgeOfFloatAreExact) {
  // 1024 terms of 2^14 make 2^24, the last integer after which float has gaps.
  for (const int x : {-128, 127}) {
    const Matrix<std::int8_t> w(2, 2047, std::int8_t{-128});
    const Matrix<std::int8_t> activations(2047, 2, static_cast<std::int8_t>(x));
    EXPECT_EQ(gemm<std::int32_t>(w, activations), Matrix<std::int32_t>(2, 2, 2047 * -128 * x));
  }
}

TEST(GemmExtremes, LargestSixteenBitTermsAreExact) {
  const Matrix<std::int16_t> w(1, 5000, std::int16_t{-32768});
  const Matrix<std::int16_t> x(5000, 1, std::int16_t{-32768});
  EXPECT_EQ(gemm<std::int64_t>(w, x)(0, 0), std::int64_t{5000} << 30);
}

TEST(GemmResult, NarrowAndWideResultsAgree) {
  std::mt19937 random(3);
  const auto w = random_matrix<std::int8_t>(40, 200, random);
  const auto x = random_matrix<std::int16_t>(200, 30, random);
  EXPECT_EQ(cast<std::int64_t>(gemm<std::int32_t>(w, x)), gemm<std::int64_t>(w, x));
}

TEST(GemmRefusal, ResultTooNarrowNamesTheBound) {
  const Matrix<std::int16_t> w(1, 3, std::int16_t{-32768});
  const Matrix<std::int16_t> x(3, 1, std::int16_t{32767});
  expect_refusal<GemmError>([&] { gemm<std::int32_t>(w, x); },
                            "K * max|W| * max|X| = 3 * 32768 * 32767 exceeds 2147483647, the "
                            "largest 32-bit result");
  EXPECT_EQ(gemm<std::int64_t>(w, x)(0, 0), std::int64_t{-3} * 32768 * 32767);
}

TEST(GemmRefusal, BoundThatJustFitsIsAccepted) {
  const Matrix<std::int16_t> w(1, 2, std::int16_t{32767});
  const Matrix<std::int16_t> x(2, 1, std::int16_t{32767});
  EXPECT_EQ(gemm<std::int32_t>(w, x)(0, 0), 2 * 32767 * 32767);
}

TEST(GemmRefusal, InnerDimensionsHaveToAgree) {
  const Matrix<std::int8_t> w(2, 3);
  const Matrix<std::int8_t> x(4, 2);
  expect_refusal<GemmError>([&] { gemm<std::int32_t>(w, x); },
                            "W has 3 columns and X has 4 rows, expected the same K");
}

}  // namespace
}  // namespace hasse::tensor
