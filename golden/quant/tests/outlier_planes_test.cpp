// SPDX-License-Identifier: Apache-2.0
// Split weights multiply exactly as whole ones, and their TransRows are counted right.
#include "golden/quant/outlier_planes.hpp"

#include <gtest/gtest.h>

#include <random>

#include "golden/tensor/gemm.hpp"

namespace hasse::quant {
namespace {

using tensor::Matrix;

/// Weights of the given codes, with scales of 1.
OliveWeights weights(const char* format, Matrix<std::uint8_t> codes, std::size_t k) {
  return {olive_format(format), std::move(codes), k, {}, {}, 0};
}

Matrix<std::uint8_t> random_codes(std::size_t rows, std::size_t cols, int bits) {
  std::mt19937 random(23);
  Matrix<std::uint8_t> codes(rows, cols);
  for (std::size_t i = 0; i < codes.size(); ++i)
    codes.data()[i] = static_cast<std::uint8_t>(random() & ((1U << bits) - 1));
  return codes;
}

class SplitsExactly : public testing::TestWithParam<const char*> {};

TEST_P(SplitsExactly, InEveryFormatAndForTilesThatEndEarly) {
  const int bits = olive_format(GetParam()).bits;
  const OliveWeights w = weights(GetParam(), random_codes(13, 38, bits), 37);
  std::mt19937 random(29);
  Matrix<std::int16_t> x(37, 5);
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<std::int16_t>(static_cast<int>(random() % 256) - 128);
  for (const int tile_bits : {1, 4, 8}) {
    const SplitOutliers split = split_outliers(w, tile_bits);
    EXPECT_FALSE(split.outliers.empty());
    EXPECT_EQ(product(split, x), tensor::gemm<std::int64_t>(decoded(w), x));
    for (const std::int8_t value : split.normal.values())
      EXPECT_LE(std::abs(value), w.format.normal_max);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, SplitsExactly,
                         testing::Values("int4", "flint4", "uint4", "uflint4", "int8",
                                         "int8_e2m5"));

TEST(SplitOutliers, ListsTheBitsOfMagnitudes) {
  // -12 and +24 beside their victims, then 3 and -2.
  const OliveWeights w = weights("int4", Matrix<std::uint8_t>(1, 6, {9, 8, 8, 3, 3, 14}), 6);
  const SplitOutliers split = split_outliers(w, 4);
  EXPECT_EQ(split.normal, Matrix<std::int8_t>(1, 6, {0, 0, 0, 0, 3, -2}));
  const std::vector<OutlierTransRow> expected = {{0, 0, 2, true, 0b0001},
                                                 {0, 0, 3, false, 0b1000},
                                                 {0, 0, 3, true, 0b0001},
                                                 {0, 0, 4, false, 0b1000}};
  EXPECT_EQ(split.outliers, expected);
}

TEST(SplitOutliers, TheBusiestLaneSetsThePace) {
  // Rows 0 and 2 share lane 0 of two; row 2 has the outlier -12, two TransRows.
  Matrix<std::uint8_t> codes(3, 2, {1, 1, 1, 1, 9, 8});
  const SplitOutliers split = split_outliers(weights("int4", codes, 2), 8);
  EXPECT_EQ(listed_cycles(split, 4, 2, 4), 2U * 4U + 2U);
  EXPECT_EQ(listed_cycles(split, 4, 2, 2), 4U + 4U + 2U);
  EXPECT_EQ(beat_cycles(split, 4, 2), 2U * 4U + 2U);
}

}  // namespace
}  // namespace hasse::quant
