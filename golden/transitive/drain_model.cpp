// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/drain_model.hpp"

#include <algorithm>

namespace hasse::transitive {
namespace {

constexpr int kRequantiseCycles = 2;  ///< From a value to its requantised one.
constexpr int kCorrectionRows = 4;    ///< Column corrections that may wait for the drain.

void add_rows(std::vector<std::uint64_t>& state, const ResultRows& rows) {
  for (const int value :
       {rows.reserved, rows.available, rows.entering ? 1 : 0, rows.written ? 1 : 0})
    state.push_back(static_cast<std::uint64_t>(value));
}

}  // namespace

DrainModel::DrainModel(const EngineConfig& config, const Shape& shape)
    : rows(static_cast<std::size_t>(config.lanes)),
      config_(config),
      shape_(shape),
      capacity_(std::max(config.groups_per_tile(2), 1)),
      scaler_(shape.requantise ? config.columns / config.columns_per_adder + kRequantiseCycles : 0),
      tile_rows_(std::min(config.rows_per_tile(shape.weight_bits), shape.n)) {}

bool DrainModel::corrections_full() const {
  return corrections.reserved >= kCorrectionRows;
}

std::vector<std::uint64_t> DrainModel::state(int columns) const {
  std::vector<std::uint64_t> state;
  add_rows(state, corrections);
  for (const ResultRows& lane : rows) add_rows(state, lane);
  for (const int value : {row_, tile_rows_, n_, k_, beat_, m_ - columns})
    state.push_back(static_cast<std::uint64_t>(value));
  for (const bool value : {arrived_, arrived_last_, sent_valid_, sent_last_})
    state.push_back(value ? 1U : 0U);
  return state;
}

void DrainModel::step(bool taken) {
  pop_ = -1;
  correction_pop_ = false;
  if (config_.scaling) return step_to_scaler(taken);
  const bool move = !sent_valid_ || taken;
  finished_ = finished_ || (sent_valid_ && taken && sent_last_);
  const bool free = !arrived_ || move;
  if (move) {
    sent_valid_ = arrived_;
    sent_last_ = arrived_last_;
  }
  if (!free) return;
  arrived_ = issue();
  arrived_last_ = done_;
}

void DrainModel::step_to_scaler(bool taken) {
  finished_ = finished_ || (scaler_.has_result() && taken && scaler_.is_last());
  const bool final = k_ + shape_.group >= shape_.k || shape_.group == 0;
  const bool read = scaler_.free(taken) && issue();
  scaler_.tick({read, final, done_}, taken);
}

/// Reads the next beat from the lanes; false when there is none.
bool DrainModel::issue() {
  if (done_) return false;
  const int lane = row_ % config_.lanes;
  if (rows[static_cast<std::size_t>(lane)].available == 0 || corrections.available == 0)
    return false;
  const int columns = std::min(config_.columns, shape_.m - m_);
  const int per_beat = config_.columns / config_.columns_per_adder;
  if (++beat_ * per_beat < columns) return true;
  beat_ = 0;
  pop_ = lane;
  if (++row_ < tile_rows_) return true;
  correction_pop_ = true;
  next_tile();
  return true;
}

void DrainModel::next_tile() {
  row_ = 0;
  k_ += shape_.group;
  if (shape_.group > 0 && k_ < shape_.k) return;
  k_ = 0;
  n_ += tile_rows_;
  if (n_ == shape_.n) {
    n_ = 0;
    m_ += config_.columns;
    done_ = m_ >= shape_.m;
  }
  tile_rows_ = std::min(config_.rows_per_tile(shape_.weight_bits), shape_.n - n_);
}

}  // namespace hasse::transitive
