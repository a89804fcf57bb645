// SPDX-License-Identifier: Apache-2.0
// Mirrors weight_sequencer, operand_loader, the finished rows and the drain register by register.
#include "golden/transitive/streamed_model.hpp"

#include <algorithm>
#include <deque>

namespace hasse::transitive {
namespace {

constexpr std::uint64_t kBegin = 3;  ///< First cycle after start in which the walkers are active.
constexpr int kCorrectionRows = 4;   ///< Column corrections that may wait for the drain.

int tiles(int size, int tile) {
  return (size + tile - 1) / tile;
}

/// Finished rows between an accumulator and the drain.
struct Finished {
  int reserved = 0, available = 0;
  bool entering = false, written = false;

  void tick(bool enters, bool pop) {
    reserved += (entering ? 1 : 0) - (pop ? 1 : 0);
    available += (written ? 1 : 0) - (pop ? 1 : 0);
    written = entering;
    entering = enters;
  }
};

/// Weight rows of N-tile after N-tile, M-tile after M-tile.
struct Walk {
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

class Stream {
 public:
  Stream(const EngineConfig& config, const Shape& shape, const std::optional<MemoryConfig>& memory)
      : config_(config),
        k_(shape.k),
        beats_per_row_(config.beats_per_row(shape.weight_bits)),
        tiles_k_(tiles(shape.k, config.depth())),
        capacity_(config.groups_per_tile(2)),
        weights_{shape.n, shape.m, config.rows_per_tile(shape.weight_bits), config.columns},
        results_(weights_) {
    tiles_to_load_ = tiles_k_ * tiles(shape.n, weights_.tile_rows) * tiles(shape.m, config.columns);
    if (memory) memory_.emplace(*memory, input_beats({config}, shape));
  }

  StreamedCount run() {
    std::uint64_t cycle = kBegin;
    for (std::uint64_t i = 1; memory_ && i < kBegin; ++i) memory_->tick({false, false, false});
    for (; !finished_; ++cycle) step(cycle);
    result_.cycles = cycle - 1;
    return result_;
  }

 private:
  void step(std::uint64_t cycle) {
    const HostCycle host = memory_ ? memory_->offers() : HostCycle{};
    moved_ = {false, false, sent_valid_ && host.result};
    const Pops pops = drain(host.result);
    const bool swap = loaded_ && !standing_ &&
                      !(loaded_k_ == tiles_k_ - 1 && corrections_.reserved >= kCorrectionRows);
    const bool finishes = take_beat(cycle, swap, host.weight);
    load(swap, host.activation);
    // A correction enters its accumulator in the very cycle it moves: one stage less than a row.
    corrections_.entering = swap && swapped_k_ == tiles_k_ - 1;
    corrections_.tick(false, pops.correction);
    in_tree_.push_back(finishes);
    rows_.tick(in_tree_.front(), pops.rows);
    in_tree_.pop_front();
    if (memory_) memory_->tick(moved_);
  }

  struct Pops {
    bool rows = false, correction = false;
  };

  /// Whether a beat finishes rows in this cycle.
  bool take_beat(std::uint64_t cycle, bool swap, bool offered) {
    const bool row_ends = plane_ + 1 == beats_per_row_;
    const bool last_k = tile_k_ == tiles_k_ - 1;
    const bool stands = standing_ || swap;
    const bool written = config_.columns_per_adder == 1 && ended_in_first_group_;
    const bool blocked =
        row_ends && (gap_ > 0 || written || (last_k && rows_.reserved >= capacity_));
    ended_in_first_group_ = false;
    const bool wants = !weights_.done() && stands && !blocked;
    const bool fires = moved_.weight = wants && offered;
    if (!weights_.done() && !stands) ++result_.waiting_for_operands;
    if (!weights_.done() && stands && blocked) ++result_.waiting_for_room;
    if (wants && !offered) ++result_.waiting_for_weights;
    gap_ = fires && row_ends ? config_.columns_per_adder - 1 : std::max(gap_ - 1, 0);
    standing_ = stands;
    if (!fires) return false;
    ++result_.beats;
    if (!row_ends) {
      ++plane_;
      return false;
    }
    plane_ = 0;
    ended_in_first_group_ = rows_done_ == 0 && config_.lanes >= weights_.rows();
    rows_done_ += config_.lanes;
    if (rows_done_ >= weights_.rows()) end_tile(cycle);
    return last_k;
  }

  void end_tile(std::uint64_t cycle) {
    rows_done_ = 0;
    standing_ = false;
    result_.subtile_done.push_back(cycle + 1);
    if (++tile_k_ < tiles_k_) return;
    tile_k_ = 0;
    weights_.advance();
  }

  void load(bool swap, bool offered) {
    if (swap) swapped_k_ = loaded_k_;
    const bool shifts = tiles_to_load_ > 0 && (!loaded_ || swap);
    if (swap) loaded_ = false;
    const bool beyond_k = loading_k_ * config_.depth() + shifted_ >= k_;
    moved_.activation = shifts && !beyond_k && offered;
    if (!moved_.activation && !(shifts && beyond_k)) return;
    shifted_ += config_.operand_rows;
    if (shifted_ < config_.depth()) return;
    shifted_ = 0;
    loaded_ = true;
    loaded_k_ = loading_k_;
    loading_k_ = loading_k_ + 1 == tiles_k_ ? 0 : loading_k_ + 1;
    --tiles_to_load_;
  }

  /// A beat goes from the rows to the register that reads them, and from there to the port.
  Pops drain(bool taken) {
    const bool move = !sent_valid_ || taken;
    finished_ = sent_valid_ && taken && sent_last_;
    const bool free = !arrived_ || move;
    if (move) {
      sent_valid_ = arrived_;
      sent_last_ = arrived_last_;
    }
    if (!free) return {};
    arrived_ = !results_.done() && rows_.available > 0 && corrections_.available > 0;
    const Pops pops = arrived_ ? issue() : Pops{};
    arrived_last_ = results_.done();
    return pops;
  }

  /// Reads the next beat of a row.
  Pops issue() {
    Pops pops;
    if (++beat_ * (config_.columns / config_.columns_per_adder) < results_.width()) return pops;
    beat_ = 0;
    ++sent_;
    pops.correction = sent_ == results_.rows();
    pops.rows = pops.correction || sent_ % config_.lanes == 0;
    if (!pops.correction) return pops;
    sent_ = 0;
    results_.advance();
    return pops;
  }

  EngineConfig config_;
  int k_;
  int beats_per_row_, tiles_k_, capacity_;
  Walk weights_, results_;
  StreamedCount result_;
  // weights
  int plane_ = 0, rows_done_ = 0, tile_k_ = 0, gap_ = 0;
  bool standing_ = false;
  bool ended_in_first_group_ = false;  ///< The beat before ended a sub-tile of a single group.
  std::deque<bool> in_tree_ =
      std::deque<bool>(static_cast<std::size_t>(config_.tree_stages));  ///< Beats that end rows.
  // operands
  int tiles_to_load_ = 0, shifted_ = 0, loading_k_ = 0, loaded_k_ = 0, swapped_k_ = 0;
  bool loaded_ = false;
  // results
  Finished rows_, corrections_;
  int beat_ = 0, sent_ = 0;
  bool arrived_ = false, arrived_last_ = false;  ///< Beat read from the rows.
  bool sent_valid_ = false, sent_last_ = false;  ///< Beat at the port.
  bool finished_ = false;
  // host
  std::optional<HostMemory> memory_;  ///< None: the host never waits.
  HostCycle moved_;                   ///< Streams on which a beat moves in this cycle.
};

}  // namespace

StreamedCount count_streamed_cycles(const EngineConfig& config, const Shape& shape,
                                    const std::optional<MemoryConfig>& memory) {
  return Stream(config, shape, memory).run();
}

}  // namespace hasse::transitive
