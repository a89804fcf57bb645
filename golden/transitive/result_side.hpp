// SPDX-License-Identifier: Apache-2.0
// The result side of a banked engine, cycle by cycle: finished rows of all lanes, column
// corrections, and the drain that empties them.
#pragma once

#include <algorithm>
#include <vector>

#include "golden/transitive/drain_model.hpp"

namespace hasse::transitive {

/// Takes finished rows of all lanes in their order and offers them as results.
class ResultSide {
 public:
  ResultSide(const EngineConfig& config, const Shape& shape)
      : rows(static_cast<std::size_t>(config.lanes)),
        capacity_(std::max(config.groups_per_tile(2), 1)),
        drain_(config, shape) {}

  std::vector<ResultRows> rows;  ///< Of every accumulate lane; ticked with `pops(lane)`.
  ResultRows corrections;        ///< Ticked with `pops_correction()`.

  /// As those of DrainModel.
  bool has_result() const { return drain_.offers(); }
  bool finished() const { return drain_.finished(); }
  bool wants_scale(bool taken) const { return drain_.wants_scale(available(), taken); }
  bool wants_rescale(bool taken) const { return drain_.wants_rescale(available(), taken); }

  /// The first half of a cycle.
  void step(const HostCycle& host) { pops_ = drain_.tick(available(), host.result, host.scales); }
  /// Whether the lane's oldest row, and the oldest correction, are left in this cycle.
  bool pops(std::size_t lane) const { return pops_.row && lane_of(pops_.row_of_tile) == lane; }
  bool pops_correction() const { return pops_.tile; }
  /// No room for more finished rows of a lane, or corrections.
  bool full(std::size_t lane) const { return rows[lane].reserved >= capacity_; }
  bool corrections_full() const { return corrections.reserved >= kCorrectionRows; }

  /// All that decides what comes, `passes` of it being over, when nothing is scaled.
  void add_to(PassRecurrence::State& state, int passes) const {
    add_rows(state, corrections);
    for (const ResultRows& lane : rows) add_rows(state, lane);
    drain_.add_to(state, passes);
  }
  /// Leaves out `passes` over the weights.
  void skip(int passes) { drain_.skip(passes); }

 private:
  static constexpr int kCorrectionRows = 4;  ///< Column corrections that may wait for the drain.

  static void add_rows(PassRecurrence::State& state, const ResultRows& rows) {
    state.insert(state.end(), {static_cast<std::uint64_t>(rows.reserved),
                               static_cast<std::uint64_t>(rows.available), rows.entering ? 1U : 0U,
                               rows.written ? 1U : 0U});
  }
  std::size_t lane_of(int row) const { return static_cast<std::size_t>(row) % rows.size(); }
  bool available() const {
    return corrections.available > 0 && rows[lane_of(drain_.row())].available > 0;
  }

  int capacity_;
  DrainModel drain_;
  DrainModel::Pops pops_;
};

}  // namespace hasse::transitive
