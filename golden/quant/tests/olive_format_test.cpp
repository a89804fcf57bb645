// SPDX-License-Identifier: Apache-2.0
// Codes of normal values and outliers, against the tables of the paper and of the authors' code.
#include "golden/quant/olive_format.hpp"

#include <gtest/gtest.h>

#include <set>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;

std::vector<int> normals(const OliveFormat& format) {
  std::vector<int> values;
  for (unsigned code = 0; code < 1U << format.bits; ++code)
    values.push_back(decode_normal(format, code).value());
  return values;
}

std::vector<int> outliers(const OliveFormat& format) {
  std::vector<int> values;
  for (unsigned code = 0; code < 1U << format.bits; ++code)
    values.push_back(decode_outlier(format, code).value());
  return values;
}

TEST(OliveFormat, NormalValuesAreThoseOfTheTables) {
  EXPECT_EQ(normals(olive_format("int4")),
            (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 0, -7, -6, -5, -4, -3, -2, -1}));
  EXPECT_EQ(normals(olive_format("flint4")),
            (std::vector{0, 1, 2, 3, 16, 8, 4, 6, 0, -1, -2, -3, -16, -8, -4, -6}));
  EXPECT_EQ(normals(olive_format("uint4")),
            (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0}));
  EXPECT_EQ(normals(olive_format("uflint4")),
            (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 0, 32, 16, 24, 8, 10, 12, 14}));
  const std::vector<int> int8 = normals(olive_format("int8"));
  EXPECT_EQ(int8[0x7f], 127);
  EXPECT_EQ(int8[0x80], 0);
  EXPECT_EQ(int8[0x81], -127);
  EXPECT_EQ(int8[0xff], -1);
}

TEST(OliveFormat, FourBitOutliersAreThoseOfTheTables) {
  EXPECT_EQ(outliers(olive_format("int4")),
            (std::vector{0, 12, 16, 24, 32, 48, 64, 96, 0, -12, -16, -24, -32, -48, -64, -96}));
  EXPECT_EQ(outliers(olive_format("flint4")),
            (std::vector{0, 24, 32, 48, 64, 96, 128, 192, 0, -24, -32, -48, -64, -96, -128, -192}));
}

TEST(OliveFormat, UnsignedOutliersAreTheAuthorsGrid) {
  std::multiset<int> twice, half;
  for (const int value : outliers(olive_format("uint4"))) twice.insert(2 * value);
  EXPECT_EQ(twice, (std::multiset{0, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
                                  448}));
  for (const int value : outliers(with_bias(olive_format("uflint4"), 4))) half.insert(value / 2);
  EXPECT_EQ(half, twice);
  EXPECT_EQ(outliers(olive_format("uint4"))[0xf], 0) << "the identifier's code";
  EXPECT_EQ(outliers(olive_format("uflint4"))[0x8], 0) << "the identifier's code";
}

TEST(OliveFormat, EightBitOutliersStayBelowTwoToTheFifteenth) {
  const std::vector<int> values = outliers(olive_format("int8"));
  EXPECT_EQ(values[0x00], 0);
  EXPECT_EQ(values[0x01], 9 << 4);
  EXPECT_EQ(values[0x08], 8 << 5);
  EXPECT_EQ(values[0x3f], 15 << 11);
  EXPECT_EQ(values[0x40], 15 << 11) << "beyond the largest";
  EXPECT_EQ(values[0xff], -(15 << 11));
}

TEST(OliveFormat, TheAuthorsEightBitGridIsE2M5) {
  std::set<int> quarters;
  for (const int value : outliers(olive_format("int8_e2m5")))
    if (value != 0) quarters.insert(value / 4);
  EXPECT_EQ(quarters.size(), 254U);
  EXPECT_EQ(*quarters.begin(), -504);
  EXPECT_EQ(*quarters.upper_bound(0), 33);
  EXPECT_EQ(*quarters.rbegin(), 504);
}

class EveryOliveFormat : public testing::TestWithParam<OliveFormat> {};

TEST_P(EveryOliveFormat, ItsBiasIsTheSmallestThatKeepsOutliersApart) {
  const OliveFormat& format = GetParam();
  EXPECT_EQ(with_bias(format, format.bias), format);
  expect_refusal<QuantError>([&] { with_bias(format, format.bias - 1); }, "bias is");
  int least = format.largest();
  for (const int value : outliers(format))
    if (value > 0) least = std::min(least, value);
  EXPECT_GT(least, format.normal_max);
}

TEST_P(EveryOliveFormat, LargestValuesAreWhatItSays) {
  const OliveFormat& format = GetParam();
  const std::vector<int> large = outliers(format), small = normals(format);
  EXPECT_EQ(*std::ranges::max_element(large), format.largest());
  EXPECT_EQ(*std::ranges::max_element(small), format.normal_max);
  EXPECT_LT(format.largest(), 1 << 15);
}

TEST_P(EveryOliveFormat, TheIdentifierReadsAsZero) {
  const OliveFormat& format = GetParam();
  EXPECT_EQ(decode_normal(format, format.identifier), ExponentInteger{});
  EXPECT_EQ(decode_outlier(format, format.identifier), ExponentInteger{});
}

INSTANTIATE_TEST_SUITE_P(All, EveryOliveFormat,
                         testing::ValuesIn(olive_formats().begin(), olive_formats().end()),
                         [](const auto& point) { return std::string(point.param.name); });

TEST(OliveFormat, CandidatesFollowBitsAndSign) {
  const auto names = [](int bits, bool is_signed) {
    std::string result;
    for (const OliveFormat& format : olive_candidates(bits, is_signed))
      result += std::string(format.name) + " ";
    return result;
  };
  EXPECT_EQ(names(4, true), "int4 flint4 ");
  EXPECT_EQ(names(4, false), "uint4 uflint4 ");
  EXPECT_EQ(names(8, true), "int8 ");
  EXPECT_EQ(names(8, false), "int8 ");
}

TEST(OliveFormatRefusal, UnknownNamesAndBitsAreNamed) {
  expect_refusal<QuantError>([] { olive_format("int5"); },
                             "\"int5\", expected one of int4, flint4");
  expect_refusal<QuantError>([] { olive_candidates(3, true); }, "bits is 3, expected 4 or 8");
  expect_refusal<QuantError>([] { with_bias(olive_format("int4"), 14); },
                             "int4: bias is 14, expected 2 to 13");
}

}  // namespace
}  // namespace hasse::quant
