// SPDX-License-Identifier: Apache-2.0
// Encoding, decoding and packing of pairs.
#include "golden/quant/olive_pair.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

constexpr auto kLarger = OutlierRule::keep_larger;
constexpr auto kEven = OutlierRule::keep_even;

std::array<int, 2> values(const OliveFormat& format, PairCodes codes) {
  const auto pair = decode_pair(format, codes);
  return {pair[0].value(), pair[1].value()};
}

TEST(OlivePair, PairsOfTheFigureInThePaper) {
  const OliveGrid grid(olive_format("int4"));
  EXPECT_EQ(grid.encode(2.6, 4.2, kLarger), (PairCodes{0b0011, 0b0100}));
  EXPECT_EQ(grid.encode(96, 1, kLarger), (PairCodes{0b0111, 0b1000}));
  EXPECT_EQ(grid.encode(-3, -17, kLarger), (PairCodes{0b1000, 0b1010}));
}

TEST(OlivePair, TheLargerOfTwoOutliersIsKept) {
  const OliveGrid grid(olive_format("int4"));
  EXPECT_EQ(grid.rounded(20, -30, kLarger), (std::array{0, -32}));
  EXPECT_EQ(grid.rounded(20, -30, kEven), (std::array{24, 0}));
  EXPECT_EQ(grid.rounded(-30, 20, kLarger), (std::array{-32, 0}));
  EXPECT_EQ(grid.rounded(30, -30, kLarger), (std::array{32, 0})) << "the left one of equals";
  EXPECT_EQ(grid.kind(20, -30), PairKind::outlier_outlier);
  EXPECT_EQ(grid.kind(20, 3), PairKind::outlier_normal);
  EXPECT_EQ(grid.kind(7, -7), PairKind::normal_normal);
}

TEST(OlivePair, MiddlesRoundAwayFromZeroAndToTheOutlier) {
  const OliveGrid grid(olive_format("int4"));
  EXPECT_EQ(grid.nearest(2.5).value, 3);
  EXPECT_EQ(grid.nearest(-2.5).value, -3);
  EXPECT_EQ(grid.nearest(9.49).value, 7);
  EXPECT_EQ(grid.nearest(-9.5).value, -12);
  EXPECT_TRUE(grid.nearest(-9.5).outlier);
  EXPECT_EQ(grid.nearest(1e30).value, 96);
}

TEST(OlivePair, UnsignedFormatsHaveNoNegatives) {
  const OliveGrid grid(olive_format("uint4"));
  EXPECT_EQ(grid.rounded(-50, 14.9, kLarger), (std::array{0, 14}));
  EXPECT_EQ(grid.rounded(224, -1, kLarger), (std::array{224, 0}));
}

class EveryOlivePair : public testing::TestWithParam<OliveFormat> {
 protected:
  const OliveFormat& format() const { return GetParam(); }
};

TEST_P(EveryOlivePair, EveryTwoCodesDecodeToAtMostOneOutlier) {
  const unsigned codes = 1U << format().bits;
  for (unsigned left = 0; left < codes; ++left)
    for (unsigned right = 0; right < codes; ++right) {
      const auto [l, r] =
          values(format(), {static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(right)});
      if (left == format().identifier || right == format().identifier) {
        ASSERT_TRUE(l == 0 || r == 0) << left << ", " << right << ": the victim is 0";
      } else {
        ASSERT_LE(std::max(std::abs(l), std::abs(r)), format().normal_max);
      }
    }
}

TEST_P(EveryOlivePair, DecodedPairsEncodeToTheSameValues) {
  const OliveGrid grid(format());
  const unsigned codes = 1U << format().bits;
  for (unsigned left = 0; left < codes; ++left)
    for (unsigned right = 0; right < codes; ++right) {
      const PairCodes pair{static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(right)};
      const auto before = values(format(), pair);
      const PairCodes again = grid.encode(before[0], before[1], kLarger);
      ASSERT_EQ(values(format(), again), before) << left << ", " << right;
    }
}

TEST_P(EveryOlivePair, ValuesGoToTheNearestOfAll) {
  const OliveGrid grid(format());
  std::set<int> all;
  for (const int magnitude : grid.magnitudes()) {
    all.insert(magnitude);
    if (format().is_signed) all.insert(-magnitude);
  }
  std::mt19937 random(7);
  std::normal_distribution<double> value(0, format().normal_max);
  for (int i = 0; i < 5000; ++i) {
    const double x = value(random) * (i % 8 == 0 ? 6 : 1);
    double least = std::fabs(x);
    for (const int v : all) least = std::min(least, std::fabs(x - v));
    const auto place = grid.nearest(x);
    ASSERT_DOUBLE_EQ(std::fabs(x - place.value), least) << x;
    ASSERT_EQ(place.outlier, std::abs(place.value) > format().normal_max);
    ASSERT_NE(place.code, format().identifier);
  }
}

TEST_P(EveryOlivePair, RoundedIsWhatDecodingGives) {
  const OliveGrid grid(format());
  std::mt19937 random(8);
  std::normal_distribution<double> value(0, format().normal_max);
  for (int i = 0; i < 5000; ++i) {
    const double left = value(random), right = value(random);
    for (const OutlierRule rule : {kLarger, kEven})
      ASSERT_EQ(values(format(), grid.encode(left, right, rule)), grid.rounded(left, right, rule));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryOlivePair,
                         testing::ValuesIn(olive_formats().begin(), olive_formats().end()),
                         [](const auto& point) { return std::string(point.param.name); });

TEST(OlivePacking, TheLeftCodeIsTheLowNibble) {
  const Matrix<std::uint8_t> codes(2, 4, {1, 2, 3, 4, 15, 8, 0, 9});
  EXPECT_EQ(pack_pairs(codes, 4), Matrix<std::uint8_t>(2, 2, {0x21, 0x43, 0x8f, 0x90}));
  EXPECT_EQ(unpack_pairs(pack_pairs(codes, 4), 4), codes);
  EXPECT_EQ(pack_pairs(codes, 8), codes);
  EXPECT_EQ(unpack_pairs(codes, 8), codes);
}

TEST(OlivePacking, BadShapesAndCodesAreNamed) {
  const Matrix<std::uint8_t> odd(1, 3), wide(1, 2, {3, 16});
  expect_refusal<QuantError>([&] { pack_pairs(odd, 4); }, "3 columns, expected pairs");
  expect_refusal<QuantError>([&] { pack_pairs(wide, 4); }, "pair 0 of row 0 is (3, 16)");
  expect_refusal<QuantError>([&] { pack_pairs(wide, 5); }, "bits is 5, expected 4 or 8");
  expect_refusal<QuantError>([&] { unpack_pairs(odd, 8); }, "3 bytes a row, expected pairs");
  expect_refusal<QuantError>([&] { unpack_pairs(odd, 2); }, "bits is 2, expected 4 or 8");
}

}  // namespace
}  // namespace hasse::quant
