// SPDX-License-Identifier: Apache-2.0
// Journeys and models made for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "golden/attribution/journeys.hpp"
#include "golden/attribution/parameters.hpp"
#include "golden/attribution/predictor.hpp"

namespace hasse::attribution {

/// Journeys of the given lengths with random channels (of 4), categories (two columns of 3), users
/// (of 5) and conversions.
Journeys some_journeys(const std::vector<std::size_t>& lengths, std::uint32_t seed = 1);

/// A DCRMTA for some_journeys, small, with random weights.
Parameters some_parameters(std::size_t hidden = 8, std::size_t attention = 16);

/// A model that says what a function of the pass's touches (of all journeys) says.
class Fake : public Predictor {
 public:
  explicit Fake(std::function<float(const std::vector<std::size_t>&)> verdict)
      : verdict_(std::move(verdict)) {}
  std::string name() const override { return "fake"; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::vector<Verdict> run(const Batch& batch) const override;

 private:
  Vocabulary vocabulary_{4, {3, 3}, 5};
  std::function<float(const std::vector<std::size_t>&)> verdict_;
};

}  // namespace hasse::attribution
