// SPDX-License-Identifier: Apache-2.0
// Notices that an engine begins a pass over the weights in a state in which it began one before.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "golden/transitive/cycle_model.hpp"

namespace hasse::transitive {

/// What has been counted up to a cycle, or from one cycle to another.
struct Progress {
  std::uint64_t cycles = 0;
  std::uint64_t transrows = 0;
  std::uint64_t nodes_built = 0;
  std::size_t subtiles = 0;
  LaneCycles lanes;
};

inline Progress operator-(const Progress& a, const Progress& b) {
  return {a.cycles - b.cycles,
          a.transrows - b.transrows,
          a.nodes_built - b.nodes_built,
          a.subtiles - b.subtiles,
          {a.lanes.reading - b.lanes.reading, a.lanes.conflict - b.lanes.conflict,
           a.lanes.reorder - b.lanes.reorder, a.lanes.nodes - b.lanes.nodes,
           a.lanes.codes - b.lanes.codes}};
}

/// Passes after which an engine is in the same state again, and what they amount to.
struct Period {
  int passes = 0;
  Progress progress;
};

/// Every pass has the same weights, so an engine that begins two passes in the same state does the
/// same between them for ever. `State` has to hold all that decides what comes, in numbers that do
/// not grow with time.
class PassRecurrence {
 public:
  using State = std::vector<std::uint64_t>;

  /// A pass begins. The period, if an earlier one began in this state.
  std::optional<Period> begin(State state, const Progress& progress) {
    for (std::size_t i = seen_.size(); i-- > 0;)
      if (seen_[i].first == state)
        return Period{static_cast<int>(seen_.size() - i), progress - seen_[i].second};
    seen_.emplace_back(std::move(state), progress);
    return std::nullopt;
  }

 private:
  std::vector<std::pair<State, Progress>> seen_;  ///< Of every pass so far.
};

}  // namespace hasse::transitive
