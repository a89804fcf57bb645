// SPDX-License-Identifier: Apache-2.0
// Accounts and the replay.
#include "golden/attribution/economics.hpp"

#include <algorithm>
#include <numeric>

namespace hasse::attribution {
namespace {

/// The journey of every touch.
std::vector<std::size_t> journey_of_touches(const Journeys& journeys) {
  std::vector<std::size_t> result;
  for (std::size_t j = 0; j < journeys.size(); ++j)
    result.insert(result.end(), journeys.length(j), j);
  return result;
}

}  // namespace

double total_cost(const Journeys& journeys) {
  return std::accumulate(journeys.cost.begin(), journeys.cost.end(), 0.0);
}

std::vector<ChannelAccount> channel_accounts(const Journeys& journeys,
                                             std::span<const double> credit, double budget) {
  std::vector<ChannelAccount> accounts(journeys.channel_count());
  for (std::size_t c = 0; c < accounts.size(); ++c) accounts[c].name = journeys.channel_name(c);
  const std::vector<std::size_t> journey = journey_of_touches(journeys);
  for (std::size_t t = 0; t < journeys.touches(); ++t) {
    ChannelAccount& account = accounts[journeys.channel[t]];
    ++account.touches;
    account.cost += journeys.cost[t];
    account.credit += credit[t] * journeys.converted[journey[t]];
  }
  double sum = 0;
  for (ChannelAccount& account : accounts) {
    if (account.cost > 0) account.roi = account.credit / account.cost;
    sum += account.roi.value_or(0);
  }
  for (ChannelAccount& account : accounts)
    if (sum > 0) account.budget = budget * account.roi.value_or(0) / sum;
  return accounts;
}

std::vector<double> credit_shares(const std::vector<ChannelAccount>& accounts) {
  double sum = 0;
  for (const ChannelAccount& account : accounts) sum += account.credit;
  std::vector<double> shares;
  for (const ChannelAccount& account : accounts)
    shares.push_back(sum > 0 ? account.credit / sum : 0);
  return shares;
}

Replay replay(const Journeys& journeys, const std::vector<ChannelAccount>& accounts) {
  std::vector<double> left;
  for (const ChannelAccount& account : accounts) left.push_back(account.budget);
  std::vector<std::size_t> order(journeys.touches());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](auto a, auto b) { return journeys.time[a] < journeys.time[b]; });
  const std::vector<std::size_t> journey = journey_of_touches(journeys);
  std::vector<bool> stopped(journeys.size());
  Replay result;
  for (const std::size_t t : order) {
    const std::size_t j = journey[t];
    double& budget = left[journeys.channel[t]];
    if (stopped[j]) continue;
    if (budget <= journeys.cost[t]) {
      stopped[j] = true;
      ++result.stopped;
      continue;
    }
    budget -= journeys.cost[t];
    result.cost += journeys.cost[t];
    result.conversions += journeys.converted[j] / static_cast<double>(journeys.length(j));
  }
  if (result.conversions > 0) result.cpa = 1000 * result.cost / result.conversions;
  result.cvr = result.conversions / static_cast<double>(journeys.size());
  return result;
}

}  // namespace hasse::attribution
