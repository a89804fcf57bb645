// SPDX-License-Identifier: Apache-2.0
// Planes and codes say what the weights say.
#include "golden/quant/bits.hpp"

#include <gtest/gtest.h>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::Matrix;

/// All values that `bits` bits hold, in one row.
Matrix<std::int8_t> every_value(int bits) {
  std::vector<std::int8_t> values;
  for (int value = -(1 << (bits - 1)); value < 1 << (bits - 1); ++value) {
    values.push_back(static_cast<std::int8_t>(value));
  }
  const std::size_t count = values.size();
  return {1, count, std::move(values)};
}

class Planes : public testing::TestWithParam<int> {};

TEST_P(Planes, WeightedSumIsTheValue) {
  const Matrix<std::int8_t> w = every_value(GetParam());
  const auto sliced = planes(w, GetParam());
  ASSERT_EQ(sliced.size(), static_cast<std::size_t>(GetParam()));
  for (std::size_t k = 0; k < w.cols(); ++k) {
    int sum = 0;
    for (int s = 0; s < GetParam(); ++s) {
      sum += plane_weight(s, GetParam()) * sliced[static_cast<std::size_t>(s)](0, k);
    }
    EXPECT_EQ(sum, w(0, k));
  }
}

TEST_P(Planes, CodesAreTheColumnsOfThePlanes) {
  const Matrix<std::int8_t> w = every_value(GetParam());
  const auto sliced = planes(w, GetParam());
  for (int s = 0; s < GetParam(); ++s) {
    for (std::size_t k = 0; k < w.cols(); ++k) {
      EXPECT_EQ(code(w, 0, k, s, 1), sliced[static_cast<std::size_t>(s)](0, k));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllWidths, Planes, testing::Range(1, 9));

TEST(Code, FirstColumnIsTheLowestBit) {
  const Matrix<std::int8_t> w(2, 4, {0, 0, 0, 0, 1, 0, 3, -1});
  EXPECT_EQ(code(w, 1, 0, 0, 4), 0b1101U);
  EXPECT_EQ(code(w, 1, 0, 1, 4), 0b1100U);
  EXPECT_EQ(code(w, 1, 0, 7, 4), 0b1000U);
  EXPECT_EQ(code(w, 1, 2, 0, 2), 0b11U);
  EXPECT_EQ(code(w, 0, 0, 0, 4), 0U);
}

TEST(Code, BitsBeyondTheLastColumnAreZero) {
  const Matrix<std::int8_t> w(1, 3, {-1, -1, -1});
  EXPECT_EQ(code(w, 0, 2, 0, 8), 1U);
  EXPECT_EQ(code(w, 0, 3, 0, 8), 0U);
  EXPECT_EQ(code(w, 0, 8, 0, 8), 0U);
}

TEST(PlanesRefusal, ValuesThatDoNotFitAreNamed) {
  tensor::expect_refusal<QuantError>([] { planes(Matrix<std::int8_t>(1, 1, 8), 4); },
                                     "a weight is 8, expected -8 to 7 for 4 bits");
  tensor::expect_refusal<QuantError>([] { planes(Matrix<std::int8_t>(1, 1), 9); },
                                     "bits is 9, expected 1 to 8");
}

}  // namespace
}  // namespace hasse::quant
