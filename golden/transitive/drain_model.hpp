// SPDX-License-Identifier: Apache-2.0
// The result side of the banked engine, cycle by cycle: finished rows, column corrections and the
// drain.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "golden/transitive/scaler_pipeline.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// First cycle after start in which the walkers are active.
inline constexpr std::uint64_t kFirstActiveCycle = 3;

/// Whether sums are finished with K-tile `tile_k`: it ends K, or a group of it.
inline bool ends_sums(const EngineConfig& config, const Shape& shape, int tile_k) {
  const int end = (tile_k + 1) * config.tile_bits;
  return end >= shape.k || (shape.group > 0 && end % shape.group == 0);
}

/// Rows that wait between an accumulator and the drain (the result side of wide_accumulator).
struct ResultRows {
  int reserved = 0;   ///< Rows under way or waiting.
  int available = 0;  ///< Rows the drain may read.
  bool entering = false;
  bool written = false;

  /// A cycle ends: a row is finished, the oldest has been sent.
  void tick(bool finish, bool pop) {
    reserved += (entering ? 1 : 0) - (pop ? 1 : 0);
    available += (written ? 1 : 0) - (pop ? 1 : 0);
    written = entering;
    entering = finish;
  }
};

/// Takes finished rows of all lanes in their order and offers them as results.
class DrainModel {
 public:
  DrainModel(const EngineConfig& config, const Shape& shape);

  std::vector<ResultRows> rows;  ///< Of every accumulate lane; ticked with `pops(lane)`.
  ResultRows corrections;        ///< Ticked with `pops_correction()`.

  /// A result is offered; the last one has been taken.
  bool has_result() const { return config_.scaling ? scaler_.has_result() : sent_valid_; }
  bool finished() const { return finished_; }
  /// The first half of a cycle: `taken` when the host takes a result in it.
  void step(bool taken);
  /// Whether the lane's oldest row, and the oldest correction, are left in this cycle.
  bool pops(int lane) const { return pop_ == lane; }
  bool pops_correction() const { return correction_pop_; }
  /// Room for the finished rows of a lane, and for corrections.
  bool full(int lane) const { return rows[static_cast<std::size_t>(lane)].reserved >= capacity_; }
  bool corrections_full() const;

  /// All that decides what comes, `columns` of the product left out. Not for scaled products.
  std::vector<std::uint64_t> state(int columns) const;
  /// Goes on `columns` later.
  void skip(int columns) { m_ += columns; }

 private:
  void step_to_scaler(bool taken);
  bool issue();
  void next_tile();

  EngineConfig config_;
  Shape shape_;
  int capacity_;
  ScalerPipeline scaler_;
  int row_ = 0, tile_rows_ = 0, n_ = 0, k_ = 0, m_ = 0, beat_ = 0;
  int pop_ = -1;
  bool correction_pop_ = false, done_ = false;
  bool arrived_ = false, arrived_last_ = false;  ///< Beat read from the lanes.
  bool sent_valid_ = false, sent_last_ = false;  ///< Beat at the port.
  bool finished_ = false;
};

}  // namespace hasse::transitive
