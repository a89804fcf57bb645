// SPDX-License-Identifier: Apache-2.0
// What credits are for: return per channel, a budget, and what that budget would have bought.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/attribution/journeys.hpp"

namespace hasse::attribution {

/// One channel's account.
struct ChannelAccount {
  std::string name;
  std::size_t touches = 0;
  double cost = 0;
  double credit = 0;          ///< Conversions: the sum of credits of touches in converted journeys.
  std::optional<double> roi;  ///< credit / cost; none for a channel that costs nothing.
  double budget = 0;          ///< Its share of the budget, in proportion to the ROI.
};

/// Accounts of all channels for the credits (per touch, adding to 1 or 0 in a journey) of
/// `journeys`, `budget` being divided among them.
std::vector<ChannelAccount> channel_accounts(const Journeys& journeys,
                                             std::span<const double> credit, double budget);

/// Cost of all touches.
double total_cost(const Journeys& journeys);

/// Credits of the channels as shares, adding to 1.
std::vector<double> credit_shares(const std::vector<ChannelAccount>& accounts);

/// The end of a replay.
struct Replay {
  double conversions = 0;
  double cost = 0;
  std::size_t stopped = 0;    ///< Journeys that met an empty budget.
  std::optional<double> cpa;  ///< Cost per action, 1000 * cost / conversions.
  double cvr = 0;             ///< Conversions / journeys.
};

/// Buys the touches of all journeys in the order of time out of the channels' budgets. A touch that
/// its channel's budget does not exceed is not bought and ends the journey; each touch bought in a
/// converted journey is worth an equal part of the conversion. After DCRMTA's published backtest.
Replay replay(const Journeys& journeys, const std::vector<ChannelAccount>& accounts);

}  // namespace hasse::attribution
