// SPDX-License-Identifier: Apache-2.0
// The fixed-point softmax against the real one, up to 128 K tokens.
#include "golden/attention/units/softmax_unit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::attention::units {
namespace {

using Row = std::vector<std::int8_t>;

constexpr std::size_t kMost = std::size_t{1} << 17;
constexpr double kBound = 1.0 / 1024;

/// Largest difference from the real softmax of score * step, whose step is exact.
double error(const Row& scores, std::uint32_t step) {
  const double unit = step / static_cast<double>(1 << kStepFraction);
  const int most = *std::ranges::max_element(scores);
  double sum = 0;
  for (const int score : scores) sum += std::exp2((score - most) * unit);
  const auto row = softmax_row(scores, step);
  double worst = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double real = std::exp2((scores[i] - most) * unit) / sum;
    worst = std::max(worst, std::fabs(row[i] / 65536.0 - real));
  }
  return worst;
}

const std::vector<std::uint32_t> kSteps = {1,     700,   softmax_step(1.0 / 64), 5000, 11111, 23637,
                                           65536, 70001, softmax_step(11)};

TEST(SoftmaxUnit, EveryPairOfScores) {
  double worst = 0;
  for (const std::uint32_t step : kSteps) {
    for (int second = -128; second < 128; ++second) {
      for (const int first : {-128, -1, 0, 127}) {
        const Row row = {static_cast<std::int8_t>(first), static_cast<std::int8_t>(second)};
        worst = std::max(worst, error(row, step));
      }
    }
  }
  EXPECT_LT(worst, kBound / 4);
}

/// One score at 127 among `count` at 127 - `distance`, it first or last.
Row peak(std::size_t count, int distance, bool first) {
  Row row(count, static_cast<std::int8_t>(127 - distance));
  (first ? row.front() : row.back()) = 127;
  return row;
}

// The sum of many small weights is where truncation would add up: 2^17 tokens just above the
// smallest weight, and around the distance at which they outweigh the peak.
TEST(SoftmaxUnit, OnePeakAmongAsManyTokensAsThereMayBe) {
  double worst = 0;
  for (const std::uint32_t step : {5000U, 23637U, 65536U}) {
    for (int distance = 0; distance < 256; distance += 11) {
      worst = std::max(worst, error(peak(kMost, distance, distance % 2 == 0), step));
    }
  }
  EXPECT_LT(worst, kBound / 2);
}

TEST(SoftmaxUnit, RandomRowsOfEveryLength) {
  std::mt19937 random(1);
  double worst = 0;
  for (std::size_t count = 1; count <= kMost; count = count * 3 + 1) {
    for (const std::uint32_t step : kSteps) {
      std::normal_distribution<double> score(0, 1 + random() % 60);
      Row row(count);
      for (std::int8_t& value : row) {
        value = static_cast<std::int8_t>(std::clamp(score(random), -128.0, 127.0));
      }
      worst = std::max(worst, error(row, step));
    }
  }
  EXPECT_LT(worst, kBound / 2);
}

TEST(SoftmaxUnit, RisingAndFallingScoresMoveTheMaximum) {
  for (const std::uint32_t step : kSteps) {
    Row rising;
    for (int score = -128; score < 128; ++score) rising.push_back(static_cast<std::int8_t>(score));
    EXPECT_LT(error(rising, step), kBound / 4) << step;
    std::ranges::reverse(rising);
    EXPECT_LT(error(rising, step), kBound / 4) << step;
  }
}

TEST(SoftmaxUnit, EqualScoresShareEvenly) {
  for (const std::size_t count : {1U, 2U, 3U, 1000U, 65536U}) {
    const auto row = softmax_row(Row(count, -128), 65536);
    const double share = 65536.0 / static_cast<double>(count);
    EXPECT_NEAR(row[0], std::min(share, 65535.0), 1 + share / 65536) << count;
  }
}

TEST(SoftmaxUnit, ProbabilitiesAddUpToOne) {
  std::mt19937 random(2);
  Row row(500);
  for (std::int8_t& value : row) value = static_cast<std::int8_t>(random() % 256 - 128);
  double sum = 0;
  for (const std::uint16_t p : softmax_row(row, 3000)) sum += p / 65536.0;
  EXPECT_NEAR(sum, 1, 500.0 / 131072);
}

TEST(SoftmaxUnit, NothingTakenIsNothing) {
  SoftmaxUnit unit(65536);
  unit.finish();
  EXPECT_EQ(unit.probability(3), 0);
  EXPECT_TRUE(softmax_row({}, 65536).empty());
}

TEST(SoftmaxStep, IsLogarithmic) {
  EXPECT_EQ(softmax_step(std::numbers::ln2), 65536U);
  using Error = std::out_of_range;
  tensor::expect_refusal<Error>([] { softmax_step(0); }, "a score is worth 0, expected more than");
  tensor::expect_refusal<Error>([] { softmax_step(12); }, "a score is worth 12, expected");
  tensor::expect_refusal<Error>([] { softmax_step(std::nan("")); }, "nan, expected");
}

}  // namespace
}  // namespace hasse::attention::units
