// SPDX-License-Identifier: Apache-2.0
// How finished rows leave an engine: the drain of RTL, register by register.
#pragma once

#include <algorithm>

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

/// A beat goes from the finished rows to the register that reads them, and from there to the port.
class DrainModel {
 public:
  /// What a cycle finishes.
  struct Pops {
    bool row = false;     ///< The last beat of a row is read.
    bool tile = false;    ///< It is that of the tile's last row.
    int row_of_tile = 0;  ///< Number of that row.
  };

  DrainModel(const EngineConfig& config, const TileWalk& walk)
      : beat_columns_(config.columns / config.columns_per_adder), walk_(walk) {}

  /// A beat is at the port in this cycle.
  bool offers() const { return valid_; }
  /// The product's last beat was taken in the last cycle.
  bool finished() const { return finished_; }

  /// One cycle: whether a finished row can be read, and whether the host takes a beat.
  Pops tick(bool available, bool taken) {
    const bool move = !valid_ || taken;
    finished_ = valid_ && taken && last_;
    const bool free = !arrived_ || move;
    if (move) {
      valid_ = arrived_;
      last_ = arrived_last_;
    }
    if (!free) return {};
    arrived_ = !walk_.done() && available;
    const Pops pops = arrived_ ? issue() : Pops{};
    arrived_last_ = walk_.done();
    return pops;
  }

 private:
  /// Reads the next beat of a row.
  Pops issue() {
    if (++beat_ * beat_columns_ < walk_.width()) return {};
    beat_ = 0;
    const Pops pops{true, row_ + 1 == walk_.rows(), row_};
    ++row_;
    if (!pops.tile) return pops;
    row_ = 0;
    walk_.advance();
    return pops;
  }

  int beat_columns_;
  TileWalk walk_;
  int beat_ = 0, row_ = 0;
  bool arrived_ = false, arrived_last_ = false;  ///< Beat read from the rows.
  bool valid_ = false, last_ = false;            ///< Beat at the port.
  bool finished_ = false;
};

}  // namespace hasse::transitive
