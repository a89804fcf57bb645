// SPDX-License-Identifier: Apache-2.0
// Journeys whose causes are known, so that credits can be held against the truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/attribution/journeys.hpp"

namespace hasse::attribution {

/// One channel of the synthetic market.
struct SyntheticChannel {
  std::string name;
  double effect;    ///< Log-odds of conversion that a fresh touch adds.
  double reach;     ///< Log of how often it is used.
  double targeted;  ///< How much more often, in log, by users of affinity 1 than of affinity 0.
  double cost;      ///< Of a touch.
};

/// The eight channels: the three that do least follow the users who convert anyway.
const std::vector<SyntheticChannel>& synthetic_channels();

/// What is drawn. Every user has an affinity, standard normal: the confounder. It raises the odds
/// of converting without any touch, and it decides which channels meet the user.
struct SyntheticOptions {
  std::size_t journeys = 12000;
  std::size_t users = 200;
  std::size_t longest = 8;  ///< Touches; from 2 up, geometrically fewer of more.
  double confounding = 1;   ///< Times every influence of the affinity on channels; 0: none.
  double affinity = 1.2;    ///< Log-odds of conversion that an affinity of 1 adds.
  double base = -3.2;       ///< Log-odds of conversion of a journey without causes.
  double fading = 0.75;     ///< What is left of a touch's effect per touch after it.
  double repetition = 0.5;  ///< What a channel's next touch is worth, as a part of the last.
  std::uint64_t seed = 1;
};

/// Journeys, and what caused their conversions.
struct SyntheticJourneys {
  Journeys journeys;
  std::vector<double> base;    ///< Per journey: log-odds without any touch, affinity included.
  std::vector<double> credit;  ///< Per touch: the true credit.
};

/// Draws journeys. The true credit of a touch is its Shapley value for what a set S of touches
/// causes, sigmoid(base + effects of S) - sigmoid(base), as a share of the journey's. Nine features
/// tell the channel's placement, the affinity (coarsely, and wrong every third time) and noise.
SyntheticJourneys synthesise(const SyntheticOptions& options);

/// The first `share` of the journeys, and the rest.
struct Split {
  std::vector<std::size_t> train, held_out;
};

/// Splits journeys 0 .. count - 1 at random: `share` of them to train on. The same for a seed.
Split split(std::size_t count, double share, std::uint64_t seed);

}  // namespace hasse::attribution
