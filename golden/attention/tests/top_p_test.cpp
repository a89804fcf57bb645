// SPDX-License-Identifier: Apache-2.0
// Twilight's bisection on hand vectors and random weights.
#include "golden/attention/top_p.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace hasse::attention {
namespace {

TopPRule share(double p, TopPStart start = TopPStart::max) {
  return {.p = p, .start = start, .epsilon = 1e-5};
}

std::vector<double> random_weights(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> score(0, 2);
  std::vector<double> weights(count);
  for (double& weight : weights) weight = std::exp(score(random));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

double least(const std::vector<double>& weights, const Indices& kept) {
  double result = 1;
  for (const std::size_t i : kept) result = std::min(result, weights[i]);
  return result;
}

TEST(TopP, FollowsTheHandVector) {
  const std::vector<double> weights = {.30, .02, .22, .05, .16, .10, .08, .04, .03};
  const TopP found = top_p(weights, share(.85));
  EXPECT_EQ(found.iterations, 5);
  EXPECT_EQ(found.kept, (Indices{0, 2, 4, 5, 6}));
  EXPECT_NEAR(found.mass, .86, 1e-12);
  EXPECT_EQ(found.kept, exact_top_p(weights, .85));
}

TEST(TopP, KeepsAllOfATie) {
  const TopP found = top_p(std::vector<double>(4, .25), share(.5));
  EXPECT_EQ(found.kept.size(), 4U);
  EXPECT_EQ(exact_top_p(std::vector<double>(4, .25), .5), (Indices{0, 1}));
}

TEST(TopP, ThePublishedStartPrunesNothingWithoutASink) {
  const std::vector<double> weights = {0, .5, .3, .2};
  const TopP found = top_p(weights, share(.85, TopPStart::first));
  EXPECT_EQ(found.kept, (Indices{1, 2, 3}));
  EXPECT_EQ(found.iterations, 1);
}

TEST(TopP, MassReachesPAndHardlyMoreThanTheFewest) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    for (const double p : {.5, .85, .95, .99}) {
      const auto weights = random_weights(1 + seed * 3, seed);
      const TopP found = top_p(weights, share(p));
      EXPECT_GE(found.mass, p - 1e-12);
      const Indices fewest = exact_top_p(weights, p);
      EXPECT_TRUE(std::ranges::includes(found.kept, fewest));
      EXPECT_GE(least(weights, found.kept), least(weights, fewest) - 1e-5) << "within epsilon";
    }
  }
}

TEST(TopP, EdgesOfP) {
  const auto weights = random_weights(50, 1);
  EXPECT_EQ(top_p(weights, share(1)).kept.size(), 50U);
  const TopP none_asked = top_p(weights, share(0));
  const auto most = std::ranges::max_element(weights) - weights.begin();
  EXPECT_TRUE(std::ranges::binary_search(none_asked.kept, static_cast<std::size_t>(most)));
  EXPECT_TRUE(top_p({}, share(.5)).kept.empty());
  EXPECT_EQ(top_p(std::vector<double>{1}, share(.5)).kept, (Indices{0}));
  EXPECT_TRUE(exact_top_p(weights, 0).empty());
  EXPECT_EQ(exact_top_p(weights, 1.5).size(), 50U);
}

}  // namespace
}  // namespace hasse::attention
