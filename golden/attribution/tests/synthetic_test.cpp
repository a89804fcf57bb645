// SPDX-License-Identifier: Apache-2.0
// The synthetic market has the causes it says it has.
#include "golden/attribution/synthetic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "golden/attribution/economics.hpp"

namespace hasse::attribution {
namespace {

SyntheticJourneys market(double confounding) {
  SyntheticOptions options;
  options.journeys = 4000;
  options.confounding = confounding;
  return synthesise(options);
}

/// How much more often channel `channel` meets users of high base odds than of low ones.
double targeting(const SyntheticJourneys& market, std::uint8_t channel) {
  double high = 0, low = 0;
  const Journeys& journeys = market.journeys;
  for (std::size_t j = 0; j < journeys.size(); ++j)
    for (std::size_t t = journeys.first(j); t < journeys.first(j + 1); ++t)
      if (journeys.channel[t] == channel) (market.base[j] > -3.2 ? high : low) += 1;
  return high / low;
}

TEST(Synthetic, TrueCreditsAreShares) {
  const SyntheticJourneys made = market(1);
  const Journeys& journeys = made.journeys;
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    double sum = 0;
    for (std::size_t t = journeys.first(j); t < journeys.first(j + 1); ++t) sum += made.credit[t];
    // A journey that met only the channel without effect has no cause to credit.
    if (sum != 0) {
      EXPECT_NEAR(sum, 1, 1e-9);
    }
  }
}

TEST(Synthetic, TheChannelWithoutEffectEarnsNothing) {
  const SyntheticJourneys made = market(1);
  const auto accounts = channel_accounts(made.journeys, made.credit, 1);
  EXPECT_EQ(accounts.back().name, "brand");
  EXPECT_EQ(accounts.back().credit, 0);
  EXPECT_GT(accounts.front().credit, 2 * accounts[4].credit);
}

TEST(Synthetic, TheConfounderDecidesWhomChannelsMeet) {
  EXPECT_GT(targeting(market(1), 7), 2);
  EXPECT_LT(targeting(market(1), 1), 0.8);
  // About 1,500 touches a channel: the standard deviation of this ratio is 0.07.
  EXPECT_NEAR(targeting(market(0), 7) / targeting(market(0), 1), 1, 0.28);
}

TEST(Synthetic, TheSameSeedGivesTheSameBytes) {
  EXPECT_EQ(tensor::format_safetensors(tensors_of(market(1).journeys), {}),
            tensor::format_safetensors(tensors_of(market(1).journeys), {}));
}

TEST(Synthetic, CanBeWrittenAndRead) {
  const Journeys journeys = market(1).journeys;
  EXPECT_EQ(parse_journeys(tensor::Safetensors::parse(
                               tensor::format_safetensors(tensors_of(journeys), {}), "s"))
                .channel,
            journeys.channel);
}

TEST(Split, CoversEverythingOnce) {
  const Split parts = split(10, 0.7, 5);
  EXPECT_EQ(parts.train.size(), 7U);
  std::vector<std::size_t> all = parts.train;
  all.insert(all.end(), parts.held_out.begin(), parts.held_out.end());
  std::ranges::sort(all);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(all[i], i);
}

}  // namespace
}  // namespace hasse::attribution
