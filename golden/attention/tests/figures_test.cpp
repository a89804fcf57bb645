// SPDX-License-Identifier: Apache-2.0
// Means, quantiles, mass and recall.
#include "golden/attention/figures.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hasse::attention {
namespace {

TEST(KeptTokens, MeanAndQuantiles) {
  KeptTokens kept;
  for (std::size_t tokens = 1; tokens <= 10; ++tokens) kept.add(tokens);
  EXPECT_DOUBLE_EQ(kept.mean(), 5.5);
  EXPECT_EQ(kept.quantile(.5), 5U);
  EXPECT_EQ(kept.quantile(.9), 9U);
  EXPECT_EQ(kept.quantile(1), 10U);
  KeptTokens more;
  more.add(100);
  kept.add(more);
  EXPECT_EQ(kept.quantile(1), 100U);
  EXPECT_EQ(KeptTokens().quantile(.5), 0U);
}

TEST(KeptMass, IsTheShareOfTheSoftmax) {
  const std::vector<double> scores = {std::log(1.0), std::log(2.0), std::log(5.0)};
  EXPECT_DOUBLE_EQ(kept_mass(scores, {0, 2}), 6.0 / 8);
  EXPECT_EQ(kept_mass(scores, {}), 0);
}

TEST(Recall, ComparesWithTheHighestScores) {
  const std::vector<double> scores = {4, 1, 3, 2};
  EXPECT_EQ(recall(scores, {0, 2}), 1);
  EXPECT_EQ(recall(scores, {0, 1}), .5);
  EXPECT_EQ(recall(scores, {1, 3}), 0);
  EXPECT_EQ(recall(scores, {}), 1);
}

}  // namespace
}  // namespace hasse::attention
