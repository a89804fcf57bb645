// SPDX-License-Identifier: Apache-2.0
// Integer bounds and scores against the real ones, and at the limits of their numbers.
#include "golden/attention/units/page_scorer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "golden/attention/pages.hpp"

namespace hasse::attention::units {
namespace {

std::vector<std::int8_t> random_bytes(std::mt19937& random, std::size_t count) {
  std::vector<std::int8_t> bytes(count);
  for (std::int8_t& byte : bytes) byte = static_cast<std::int8_t>(random() % 256 - 128);
  return bytes;
}

std::vector<float> real(std::span<const std::int8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(PageScorer, EqualsTheRealScore) {
  std::mt19937 random(1);
  for (const std::size_t page : {1U, 4U, 16U}) {
    PageStatsUnit unit(page, 24);
    PageStats reference(page, 24);
    for (int t = 0; t < 100; ++t) {
      const auto key = random_bytes(random, 24);
      unit.append(key);
      reference.append(real(key));
      const auto q = random_bytes(random, 24);
      const std::size_t last = unit.pages() - 1;
      ASSERT_EQ(unit.pages(), reference.pages());
      EXPECT_EQ(page_score(q, unit.max(last), unit.min(last)),
                attention::page_score(real(q), reference.max(last), reference.min(last)));
    }
  }
}

TEST(PageScorer, FitsItsBits) {
  for (const std::size_t dim : {1U, 32U, 64U, 128U, 100U}) {
    const std::vector<std::int8_t> low(dim, -128);
    const std::vector<std::int8_t> high(dim, 127);
    const std::int64_t largest = page_score(low, high, low);
    const std::int64_t smallest = page_score(low, high, high);
    const std::int64_t half = std::int64_t{1} << (score_bits(dim) - 1);
    EXPECT_LT(largest, half);
    EXPECT_GE(largest, half / 2) << "no bit is spare";
    EXPECT_GE(smallest, -half);
  }
  EXPECT_EQ(score_bits(128), 23);
}

TEST(PageScorer, TakesAsManyBeatsAsChannelsNeed) {
  EXPECT_EQ(page_score_cycles(128, 16), 9U);
  EXPECT_EQ(page_score_cycles(100, 16), 8U);
  EXPECT_EQ(page_score_cycles(1, 128), 2U);
}

TEST(PageReducer, GivesTheBestOfEachPhysicalPage) {
  const std::vector<std::int32_t> logical = {-5, -9, 4, 2, -7};
  PageReducer reducer(2);
  std::vector<std::int32_t> physical;
  for (std::size_t i = 0; i < logical.size(); ++i) {
    std::int32_t score = 0;
    if (reducer.take(logical[i], i + 1 == logical.size(), score)) physical.push_back(score);
  }
  EXPECT_EQ(physical, (std::vector<std::int32_t>{-5, 4, -7}));
}

TEST(ScoreCode, KeepsOrderAndSaturates) {
  EXPECT_EQ(score_code(-40000, 0, 16), 0U);
  EXPECT_EQ(score_code(40000, 0, 16), 65535U);
  EXPECT_EQ(score_code(-1, 0, 16), 32767U);
  EXPECT_EQ(score_code(0, 4, 16), 32768U);
  EXPECT_EQ(score_code(-1, 4, 16), 32767U);
  std::uint32_t before = 0;
  for (std::int32_t score = -3000; score < 3000; ++score) {
    const std::uint32_t code = score_code(score, 3, 12);
    EXPECT_GE(code, before);
    before = code;
  }
}

}  // namespace
}  // namespace hasse::attention::units
