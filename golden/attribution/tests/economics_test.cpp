// SPDX-License-Identifier: Apache-2.0
// Accounts and replay on two journeys.
#include "golden/attribution/economics.hpp"

#include <gtest/gtest.h>

namespace hasse::attribution {
namespace {

/// Channels 0, 1 (converted) and 1, 2 (not), in the order of time 0 1 | 2 3, costs 1 2 | 4 0.
Journeys two() {
  Journeys journeys;
  journeys.offsets = {0, 2, 4};
  journeys.channel = {0, 1, 1, 2};
  journeys.category = {4, 0};
  journeys.time = {0, 1, 2, 3};
  journeys.cost = {1, 2, 4, 0};
  journeys.user = {0, 1};
  journeys.converted = {1, 0};
  journeys.channels = {"search", "mail"};
  return journeys;
}

TEST(ChannelAccounts, CreditConversionsOnly) {
  const auto accounts = channel_accounts(two(), std::vector<double>{0.25, 0.75, 0.5, 0.5}, 8);
  ASSERT_EQ(accounts.size(), 3U);
  EXPECT_EQ(accounts[0].name, "search");
  EXPECT_EQ(accounts[2].name, "channel 2");
  EXPECT_EQ(accounts[1].touches, 2U);
  EXPECT_DOUBLE_EQ(accounts[1].cost, 6);
  EXPECT_DOUBLE_EQ(accounts[1].credit, 0.75);
  EXPECT_DOUBLE_EQ(accounts[1].roi.value(), 0.125);
  EXPECT_FALSE(accounts[2].roi.has_value());
  EXPECT_DOUBLE_EQ(accounts[0].budget, 8 * 0.25 / 0.375);
  EXPECT_DOUBLE_EQ(accounts[2].budget, 0);
  EXPECT_EQ(credit_shares(accounts), (std::vector<double>{0.25, 0.75, 0}));
}

TEST(Replay, BuysWhatBudgetsExceed) {
  auto accounts = channel_accounts(two(), std::vector<double>(4, 0.5), 0);
  accounts[0].budget = 2;
  accounts[1].budget = 5;
  const Replay run = replay(two(), accounts);
  EXPECT_DOUBLE_EQ(run.cost, 3);  // The third touch costs 4, of 3 left: its journey ends.
  EXPECT_EQ(run.stopped, 1U);
  EXPECT_DOUBLE_EQ(run.conversions, 1);
  EXPECT_DOUBLE_EQ(run.cpa.value(), 3000);
  EXPECT_DOUBLE_EQ(run.cvr, 0.5);
}

TEST(Replay, WithoutMoneyBuysNothing) {
  const Replay run = replay(two(), channel_accounts(two(), std::vector<double>(4, 0.5), 0));
  EXPECT_EQ(run.stopped, 2U);
  EXPECT_EQ(run.conversions, 0);
  EXPECT_FALSE(run.cpa.has_value());
}

}  // namespace
}  // namespace hasse::attribution
