// SPDX-License-Identifier: Apache-2.0
// Which passes are made.
#include "golden/attribution/coalitions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/attribution/tests/small_model.hpp"

namespace hasse::attribution {
namespace {

TEST(PublishedSubsets, AreThoseOfTheCode) {
  EXPECT_EQ(published_subsets(2), (std::vector<std::vector<std::size_t>>{{0}, {1}, {0, 1}}));
  EXPECT_EQ(published_subsets(5).size(), 31U);
  for (const auto& subset : published_subsets(9))
    EXPECT_GE(*std::ranges::min_element(subset), 4U);  // The last five vary, the rest never occur.
  EXPECT_EQ(published_subsets(9).size(), 31U);
  EXPECT_EQ(published_subsets(13).size(), 32U);
  EXPECT_EQ(published_subsets(13).front(), (std::vector<std::size_t>{10, 11, 12}));
  EXPECT_EQ(published_subsets(13).back(), (std::vector<std::size_t>{5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(ShapleyWeight, AddsToOneOverAllSets) {
  EXPECT_DOUBLE_EQ(shapley_weight(1, 3), 1.0 / 6);
  double sum = 0;
  const double choose[] = {1, 4, 6, 4, 1};
  for (std::size_t size = 0; size < 5; ++size) sum += choose[size] * shapley_weight(size, 5);
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(ExactPlan, MakesOneStepOfTheModelPerSubset) {
  const Journeys journeys = some_journeys({6});
  Batch batch;
  batch.journeys = &journeys;
  batch.which = {0};
  Passes passes(batch, 0, 0);
  const Plan plan = exact_plan(passes, 6, true);
  EXPECT_EQ(batch.forest.size(), 63U);
  EXPECT_EQ(batch.passes.size(), 63U);
  EXPECT_EQ(batch.forest.levels().size(), 6U);
  EXPECT_EQ(plan.terms.size(), 6U * 32U);
  EXPECT_EQ(batch.forest.path(batch.passes[plan.whole]).size(), 6U);
}

TEST(PermutationPlan, PutsTouchesBackIntoTheOrderOfTime) {
  const Journeys journeys = some_journeys({4});
  Batch batch;
  batch.journeys = &journeys;
  batch.which = {0};
  Passes passes(batch, 0, 0);
  const std::vector<std::size_t> order{2, 0, 3, 1};
  const Plan plan = permutation_plan(passes, order, false);
  EXPECT_EQ(plan.terms.size(), 3U);
  for (const std::uint32_t pass : batch.passes) {
    std::vector<std::uint32_t> touches;
    for (const std::uint32_t node : batch.forest.path(pass))
      touches.push_back(batch.forest.node(node).touch);
    EXPECT_TRUE(std::ranges::is_sorted(touches));
  }
}

}  // namespace
}  // namespace hasse::attribution
