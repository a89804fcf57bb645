// SPDX-License-Identifier: Apache-2.0
// Trees of passes.
#include "golden/attribution/forest.hpp"

#include <algorithm>

namespace hasse::attribution {

std::uint32_t Forest::add(std::uint32_t parent, std::size_t touch, std::size_t journey) {
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  const std::uint32_t depth = parent == kRoot ? 0 : nodes_[parent].depth + 1;
  nodes_.push_back(
      {parent, static_cast<std::uint32_t>(touch), static_cast<std::uint32_t>(journey), depth});
  if (levels_.size() == depth) levels_.emplace_back();
  levels_[depth].push_back(number);
  return number;
}

std::vector<std::uint32_t> Forest::path(std::uint32_t number) const {
  std::vector<std::uint32_t> result;
  for (std::uint32_t at = number; at != kRoot; at = nodes_[at].parent) result.push_back(at);
  std::ranges::reverse(result);
  return result;
}

Batch whole_journeys(const Journeys& journeys, std::vector<std::size_t> which) {
  Batch batch;
  batch.journeys = &journeys;
  batch.which = std::move(which);
  for (std::size_t i = 0; i < batch.which.size(); ++i) {
    const std::size_t j = batch.which[i];
    std::uint32_t last = Forest::kRoot;
    for (std::size_t t = journeys.first(j); t < journeys.first(j + 1); ++t)
      last = batch.forest.add(last, t, i);
    batch.passes.push_back(last);
  }
  return batch;
}

}  // namespace hasse::attribution
