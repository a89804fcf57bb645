// SPDX-License-Identifier: Apache-2.0
// The synthetic market.
#include "golden/attribution/synthetic.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <span>

#include "golden/attribution/attribute.hpp"
#include "golden/attribution/coalitions.hpp"

namespace hasse::attribution {
namespace {

constexpr std::size_t kFeatures = 9;
constexpr std::size_t kPlacements = 3, kAffinities = 6, kNoise = 2;

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Draws that are the same in every standard library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::size_t below(std::size_t count) { return random_() % count; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }
  /// An index with probability in proportion to its weight.
  std::size_t pick(const std::vector<double>& weights) {
    double left = uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i + 1 < weights.size(); ++i)
      if ((left -= weights[i]) < 0) return i;
    return weights.size() - 1;
  }

 private:
  std::mt19937_64 random_;
};

/// Log-odds that the touches `members` (indices from the journey's first) add together.
double effects(const SyntheticOptions& options, std::span<const std::uint8_t> channels,
               std::uint32_t members) {
  std::vector<double> fresh(synthetic_channels().size(), 1);
  double sum = 0;
  for (std::size_t t = 0; t < channels.size(); ++t) {
    if ((members >> t & 1U) == 0) continue;
    const double age = static_cast<double>(channels.size() - 1 - t);
    sum += synthetic_channels()[channels[t]].effect * fresh[channels[t]] *
           std::pow(options.fading, age);
    fresh[channels[t]] *= options.repetition;
  }
  return sum;
}

std::vector<double> true_credit(const SyntheticOptions& options,
                                std::span<const std::uint8_t> channels, double base) {
  const std::size_t length = channels.size();
  std::vector<double> caused(std::size_t{1} << length), values(length);
  for (std::uint32_t set = 0; set < caused.size(); ++set)
    caused[set] = logistic(base + effects(options, channels, set)) - logistic(base);
  for (std::size_t t = 0; t < length; ++t)
    for (std::uint32_t set = 0; set < caused.size(); ++set)
      if ((set >> t & 1U) == 0)
        values[t] += shapley_weight(static_cast<std::size_t>(std::popcount(set)), length) *
                     (caused[set | 1U << t] - caused[set]);
  return normalised(std::move(values));
}

/// Places a noisy, coarse reading of `affinity` in 0..kAffinities - 1.
std::int16_t reading(Dice& dice, double affinity) {
  if (dice.uniform() < 1.0 / 3) return static_cast<std::int16_t>(dice.below(kAffinities));
  const double place = std::floor(affinity + kAffinities / 2.0);
  return static_cast<std::int16_t>(std::clamp(place, 0.0, kAffinities - 1.0));
}

void add_touch(Dice& dice, Journeys& journeys, std::vector<std::int16_t>& features,
               std::size_t channel, double affinity, float time) {
  journeys.channel.push_back(static_cast<std::uint8_t>(channel));
  features.push_back(static_cast<std::int16_t>(channel * kPlacements + dice.below(kPlacements)));
  features.push_back(reading(dice, affinity));
  for (std::size_t f = 2; f < kFeatures; ++f)
    features.push_back(static_cast<std::int16_t>(dice.below(kNoise)));
  journeys.time.push_back(time);
  const double price = synthetic_channels()[channel].cost * (0.5 + dice.uniform());
  journeys.cost.push_back(static_cast<float>(price));
}

std::vector<double> channel_weights(const SyntheticOptions& options, double affinity) {
  std::vector<double> weights;
  for (const SyntheticChannel& channel : synthetic_channels())
    weights.push_back(std::exp(channel.reach + options.confounding * channel.targeted * affinity));
  return weights;
}

}  // namespace

const std::vector<SyntheticChannel>& synthetic_channels() {
  static const std::vector<SyntheticChannel> channels = {
      {"search", 1.8, 0.1, 0.0, 0.004},       {"video", 1.4, -0.2, -0.7, 0.006},
      {"social", 1.1, 0.3, -0.4, 0.002},      {"display", 0.8, 0.5, -0.2, 0.001},
      {"mail", 0.55, 0.0, 0.1, 0.0005},       {"affiliate", 0.3, 0.2, 0.6, 0.003},
      {"retargeting", 0.1, 0.4, 1.1, 0.0015}, {"brand", 0.0, 0.0, 1.3, 0.005}};
  return channels;
}

SyntheticJourneys synthesise(const SyntheticOptions& options) {
  Dice dice(options.seed);
  std::vector<double> affinities(options.users);
  for (double& affinity : affinities) affinity = dice.normal();
  SyntheticJourneys result;
  Journeys& journeys = result.journeys;
  journeys.name = "synthetic journeys";
  for (const SyntheticChannel& channel : synthetic_channels())
    journeys.channels.push_back(channel.name);
  journeys.offsets = {0};
  std::vector<std::int16_t> features;
  for (std::size_t j = 0; j < options.journeys; ++j) {
    const std::size_t user = dice.below(options.users);
    const std::vector<double> weights = channel_weights(options, affinities[user]);
    std::size_t length = 2;
    while (length < options.longest && dice.uniform() < 0.65) ++length;
    double time = dice.uniform() * 1e6;
    for (std::size_t t = 0; t < length; ++t) {
      add_touch(dice, journeys, features, dice.pick(weights), affinities[user],
                static_cast<float>(time));
      time += 1e4 * dice.uniform();
    }
    const std::span<const std::uint8_t> channels = std::span(journeys.channel).last(length);
    const double base = options.base + options.affinity * affinities[user];
    const double odds = base + effects(options, channels, (1U << length) - 1);
    journeys.user.push_back(static_cast<std::int32_t>(user));
    journeys.converted.push_back(dice.uniform() < logistic(odds) ? 1 : 0);
    journeys.offsets.push_back(static_cast<std::int32_t>(journeys.channel.size()));
    result.base.push_back(base);
    for (const double credit : true_credit(options, channels, base))
      result.credit.push_back(credit);
  }
  journeys.category = {journeys.channel.size(), kFeatures, std::move(features)};
  return result;
}

Split split(std::size_t count, double share, std::uint64_t seed) {
  Dice dice(seed);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count - 1; i > 0; --i) std::swap(order[i], order[dice.below(i + 1)]);
  const auto middle =
      order.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(count));
  Split result{{order.begin(), middle}, {middle, order.end()}};
  std::ranges::sort(result.train);
  std::ranges::sort(result.held_out);
  return result;
}

}  // namespace hasse::attribution
