// SPDX-License-Identifier: Apache-2.0
#include "golden/attribution/tests/small_model.hpp"

#include <random>

#include "golden/attribution/training.hpp"

namespace hasse::attribution {

Journeys some_journeys(const std::vector<std::size_t>& lengths, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned count) { return random() % count; };
  Journeys journeys;
  journeys.name = "some journeys";
  journeys.offsets = {0};
  std::vector<std::int16_t> categories;
  for (const std::size_t length : lengths) {
    for (std::size_t t = 0; t < length; ++t) {
      journeys.channel.push_back(static_cast<std::uint8_t>(below(4)));
      categories.push_back(static_cast<std::int16_t>(below(3)));
      categories.push_back(static_cast<std::int16_t>(below(3)));
      journeys.time.push_back(static_cast<float>(t));
      journeys.cost.push_back(static_cast<float>(1 + below(5)));
    }
    journeys.user.push_back(static_cast<std::int32_t>(below(5)));
    journeys.converted.push_back(static_cast<std::uint8_t>(below(2)));
    journeys.offsets.push_back(static_cast<std::int32_t>(journeys.channel.size()));
  }
  journeys.category = {journeys.channel.size(), 2, std::move(categories)};
  return journeys;
}

Parameters some_parameters(std::size_t hidden, std::size_t attention) {
  Sizes sizes;
  sizes.vocabulary = {4, {3, 3}, 5};
  sizes.hidden = hidden;
  sizes.attention = attention;
  Parameters parameters = initial_parameters(sizes, 3);
  std::mt19937 random(4);
  for (std::size_t i = 0; i < parameters["user_embedding.weight"].size(); ++i)
    parameters["user_embedding.weight"].data()[i] =
        static_cast<float>(random() % 1000) / 500.0F - 1.0F;
  return parameters;
}

std::vector<Verdict> Fake::run(const Batch& batch) const {
  std::vector<Verdict> verdicts;
  for (const std::uint32_t pass : batch.passes) {
    std::vector<std::size_t> touches;
    for (const std::uint32_t node : batch.forest.path(pass))
      touches.push_back(batch.forest.node(node).touch);
    verdicts.push_back({verdict_(touches), 0});
  }
  return verdicts;
}

}  // namespace hasse::attribution
