// SPDX-License-Identifier: Apache-2.0
// How finished rows leave an engine: the drain of RTL, register by register.
#pragma once

#include <algorithm>

#include "golden/transitive/pass_recurrence.hpp"
#include "golden/transitive/scaler_pipeline.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// Tiles of weight rows, N-tile after N-tile, M-tile after M-tile.
struct TileWalk {
  int n, m, tile_rows, columns;
  int n0 = 0, m0 = 0;

  int rows() const { return std::min(tile_rows, n - n0); }
  int width() const { return std::min(columns, m - m0); }
  bool done() const { return m0 >= m; }
  void advance() {
    n0 += rows();
    if (n0 < n) return;
    n0 = 0;
    m0 += columns;
  }
};

/// Rows that wait between an accumulator and the drain (the result side of wide_accumulator).
struct ResultRows {
  int reserved = 0;   ///< Rows under way or waiting.
  int available = 0;  ///< Rows the drain may read.
  bool entering = false;
  bool written = false;

  void tick(bool finish, bool pop) {
    reserved += (entering ? 1 : 0) - (pop ? 1 : 0);
    available += (written ? 1 : 0) - (pop ? 1 : 0);
    written = entering;
    entering = finish;
  }
};

/// A beat goes from the finished rows to the register that reads them, and from there to the port;
/// where groups are scaled, through the scaler, which keeps all but those of a row's last group.
class DrainModel {
 public:
  /// What a cycle finishes.
  struct Pops {
    bool row = false;     ///< The last beat of a row is read.
    bool tile = false;    ///< It is that of the tile's last row.
    int row_of_tile = 0;  ///< Number of that row.
  };

  DrainModel(const EngineConfig& config, const Shape& shape)
      : shape_(shape),
        scaling_(config.scaling),
        beat_columns_(config.columns / config.columns_per_adder),
        walk_{shape.n, shape.m, config.tile_rows(shape), config.columns},
        scaler_(shape.requantise ? beat_columns_ + kRequantiseCycles : 0) {}

  /// A beat is at the port in this cycle.
  bool offers() const { return scaling_ ? scaler_.has_result() : valid_; }
  /// The product's last beat has been taken.
  bool finished() const { return finished_; }
  /// Row of its tile that is read next.
  int row() const { return row_; }
  /// Whether a row can begin, once what it is scaled by is there: `available`, a finished row can
  /// be read; `taken`, the host takes a beat in this cycle.
  bool wants_scale(bool available, bool taken) const {
    return shape_.group > 0 && begins_row(available, taken);
  }
  bool wants_rescale(bool available, bool taken) const {
    return shape_.requantise && in_last_group() && begins_row(available, taken);
  }

  /// One cycle. `scales`: what the next row is scaled by is there.
  Pops tick(bool available, bool taken, bool scales = true) {
    available = available && !walk_.done();
    return scaling_ ? to_scaler(available && (beat_ > 0 || scales), taken)
                    : to_port(available, taken);
  }

  /// All that decides what comes, `passes` of it being over, when nothing is scaled.
  void add_to(PassRecurrence::State& state, int passes) const {
    for (const int value : {row_, walk_.n0, beat_, walk_.m0 - passes * walk_.columns,
                            arrived_ ? 1 : 0, arrived_last_ ? 1 : 0, valid_ ? 1 : 0, last_ ? 1 : 0})
      state.push_back(static_cast<std::uint64_t>(value));
  }
  /// Leaves out `passes` over the weights.
  void skip(int passes) { walk_.m0 += passes * walk_.columns; }

 private:
  static constexpr int kRequantiseCycles = 2;  ///< From a value to its requantised one.

  /// The rows that are read have no further group.
  bool in_last_group() const { return k_ + shape_.group >= shape_.k || shape_.group == 0; }
  bool begins_row(bool available, bool taken) const {
    return scaling_ && beat_ == 0 && scaler_.free(taken) && available && !walk_.done();
  }

  Pops to_port(bool available, bool taken) {
    const bool move = !valid_ || taken;
    finished_ = finished_ || (valid_ && taken && last_);
    const bool free = !arrived_ || move;
    if (move) {
      valid_ = arrived_;
      last_ = arrived_last_;
    }
    if (!free) return {};
    arrived_ = available;
    const Pops pops = available ? issue() : Pops{};
    arrived_last_ = walk_.done();
    return pops;
  }

  Pops to_scaler(bool available, bool taken) {
    finished_ = finished_ || (scaler_.has_result() && taken && scaler_.is_last());
    const bool final = in_last_group();
    const bool read = available && scaler_.free(taken);
    const Pops pops = read ? issue() : Pops{};
    scaler_.tick({read, final, walk_.done()}, taken);
    return pops;
  }

  /// Reads the next beat of a row.
  Pops issue() {
    if (++beat_ * beat_columns_ < walk_.width()) return {};
    beat_ = 0;
    const Pops pops{true, row_ + 1 == walk_.rows(), row_};
    ++row_;
    if (pops.tile) next_tile();
    return pops;
  }

  void next_tile() {
    row_ = 0;
    k_ += shape_.group;
    if (shape_.group > 0 && k_ < shape_.k) return;
    k_ = 0;
    walk_.advance();
  }

  Shape shape_;
  bool scaling_;
  int beat_columns_;
  TileWalk walk_;
  ScalerPipeline scaler_;
  int beat_ = 0, row_ = 0;
  int k_ = 0;                                    ///< Where the group begins.
  bool arrived_ = false, arrived_last_ = false;  ///< Beat read from the rows.
  bool valid_ = false, last_ = false;            ///< Beat at the port.
  bool finished_ = false;
};

}  // namespace hasse::transitive
