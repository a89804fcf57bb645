// SPDX-License-Identifier: Apache-2.0
// Measures on lists that can be checked by hand.
#include "golden/attribution/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hasse::attribution {
namespace {

TEST(Auc, IsTheShareOfPairsInOrder) {
  const std::vector<float> p{0.1F, 0.4F, 0.35F, 0.8F};
  const std::vector<std::uint8_t> y{0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(auc(p, y), 0.75);
}

TEST(Auc, CountsTiesHalf) {
  const std::vector<float> p{0.5F, 0.5F, 0.2F};
  const std::vector<std::uint8_t> y{1, 0, 0};
  EXPECT_DOUBLE_EQ(auc(p, y), 0.75);
  EXPECT_DOUBLE_EQ(auc(p, std::vector<std::uint8_t>{0, 0, 0}), 0.5);
}

TEST(LogLoss, IsTheMeanSurprise) {
  const std::vector<float> p{0.5F, 0.25F};
  EXPECT_NEAR(log_loss(p, std::vector<std::uint8_t>{1, 0}), (std::log(2) - std::log(0.75)) / 2,
              1e-7);
  EXPECT_NEAR(log_loss(std::vector<float>{1}, std::vector<std::uint8_t>{0}), 23 * std::log(2),
              1e-6);
}

TEST(Calibration, ComparesPredictionsWithOutcomes) {
  const std::vector<float> p{0.05F, 0.15F, 0.12F, 1.0F};
  const auto bins = calibration(p, std::vector<std::uint8_t>{0, 1, 0, 1}, 10);
  ASSERT_EQ(bins.size(), 3U);
  EXPECT_EQ(bins[1].journeys, 2U);
  EXPECT_NEAR(bins[1].predicted, 0.135, 1e-6);
  EXPECT_DOUBLE_EQ(bins[1].observed, 0.5);
  EXPECT_DOUBLE_EQ(bins[2].observed, 1);
}

TEST(RankCorrelation, MindsOrderOnly) {
  const std::vector<double> a{1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(rank_correlation(a, std::vector<double>{1, 10, 100, 1000}), 1);
  EXPECT_DOUBLE_EQ(rank_correlation(a, std::vector<double>{4, 3, 2, 1}), -1);
  EXPECT_DOUBLE_EQ(rank_correlation(a, std::vector<double>{1, 3, 2, 4}), 0.8);
  EXPECT_DOUBLE_EQ(rank_correlation(a, std::vector<double>{7, 7, 7, 7}), 0);
}

TEST(MeanError, IsAbsolute) {
  EXPECT_DOUBLE_EQ(mean_error(std::vector<double>{1, 2}, std::vector<double>{2, 0}), 1.5);
}

}  // namespace
}  // namespace hasse::attribution
