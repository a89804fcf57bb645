// SPDX-License-Identifier: Apache-2.0
// Mirrors weight_sequencer, operand_loader, the finished rows and the drain register by register.
#include "golden/transitive/streamed_model.hpp"

#include <algorithm>
#include <deque>

#include "golden/transitive/drain_model.hpp"
#include "golden/transitive/olive_model.hpp"

namespace hasse::transitive {
namespace {

constexpr int kCorrectionRows = 4;  ///< Column corrections that may wait for the drain.

int tiles(int size, int tile) {
  return (size + tile - 1) / tile;
}

class Stream {
 public:
  Stream(const EngineConfig& config, const Shape& shape)
      : config_(config),
        shape_(shape),
        beats_per_row_(config.beats_per_row(shape.weight_bits)),
        tiles_k_(tiles(shape.k, config.depth())),
        capacity_(config.groups_per_tile(2)),
        weights_{shape.n, shape.m, config.tile_rows(shape), config.columns},
        drain_(config, shape) {
    tiles_to_load_ = tiles_k_ * tiles(shape.n, weights_.tile_rows) * tiles(shape.m, config.columns);
  }

  bool wants_weight() const { return !weights_.done() && (standing_ || swaps()) && !blocked(); }
  bool wants_activation() const { return loads() && !beyond_k(); }
  bool wants_scale(bool taken) const { return drain_.wants_scale(row_available(), taken); }
  bool wants_rescale(bool taken) const { return drain_.wants_rescale(row_available(), taken); }
  bool has_result() const { return drain_.offers(); }
  bool finished() const { return drain_.finished(); }

  void step(const HostCycle& host) {
    const bool swap = swaps();
    const bool weight = wants_weight();
    const Pops pops = drain(host);
    const bool finishes = take_beat(swap, weight, host.weight);
    load(swap, host.activation);
    // A correction enters its accumulator in the very cycle it moves: one stage less than a row.
    corrections_.entering = swap && config_.ends_sums(shape_, swapped_k_);
    corrections_.tick(false, pops.correction);
    in_tree_.push_back(finishes);
    rows_.tick(in_tree_.front(), pops.rows);
    in_tree_.pop_front();
    ++cycle_;
  }

  StreamedCount result() {
    result_.cycles = cycle_ - 1;
    return result_;
  }

 private:
  struct Pops {
    bool rows = false, correction = false;
  };

  /// The operands that are loaded move into place.
  bool swaps() const {
    return loaded_ && !standing_ &&
           !(config_.ends_sums(shape_, loaded_k_) && corrections_.reserved >= kCorrectionRows);
  }
  /// The next beat would end rows that have nowhere to go.
  bool blocked() const {
    const bool last_k = config_.ends_sums(shape_, tile_k_);
    const bool written = config_.columns_per_adder == 1 && ended_in_first_group_;
    return plane_ + 1 == beats_per_row_ &&
           (gap_ > 0 || written || (last_k && rows_.reserved >= capacity_));
  }

  /// Whether a beat finishes rows in this cycle.
  bool take_beat(bool swap, bool wants, bool offered) {
    const bool row_ends = plane_ + 1 == beats_per_row_;
    const bool last_k = config_.ends_sums(shape_, tile_k_);
    const bool stands = standing_ || swap;
    const bool fires = wants && offered;
    ended_in_first_group_ = false;
    if (!weights_.done() && !stands) ++result_.waiting_for_operands;
    if (!weights_.done() && stands && !wants) ++result_.waiting_for_room;
    if (wants && !offered) ++result_.waiting_for_weights;
    gap_ = fires && row_ends ? config_.columns_per_adder - 1 : std::max(gap_ - 1, 0);
    standing_ = stands;
    if (!fires) return false;
    ++result_.beats;
    result_.transrows +=
        static_cast<std::uint64_t>(std::min(config_.lanes, weights_.rows() - rows_done_));
    if (!row_ends) {
      ++plane_;
      return false;
    }
    plane_ = 0;
    ended_in_first_group_ = rows_done_ == 0 && config_.lanes >= weights_.rows();
    rows_done_ += config_.lanes;
    if (rows_done_ >= weights_.rows()) end_tile();
    return last_k;
  }

  void end_tile() {
    rows_done_ = 0;
    standing_ = false;
    result_.subtile_done.push_back(cycle_ + 1);
    if (++tile_k_ < tiles_k_) return;
    tile_k_ = 0;
    weights_.advance();
  }

  /// An operand, or a zero beyond K, is shifted in.
  bool loads() const { return tiles_to_load_ > 0 && (!loaded_ || swaps()); }
  bool beyond_k() const { return loading_k_ * config_.depth() + shifted_ >= shape_.k; }

  void load(bool swap, bool offered) {
    const bool shifts = tiles_to_load_ > 0 && (!loaded_ || swap);
    if (swap) swapped_k_ = loaded_k_;
    if (swap) result_.nodes_built += static_cast<std::uint64_t>(config_.stationary_words());
    if (swap) loaded_ = false;
    if (!shifts || (!beyond_k() && !offered)) return;
    shifted_ += config_.operand_rows;
    if (shifted_ < config_.depth()) return;
    shifted_ = 0;
    loaded_ = true;
    loaded_k_ = loading_k_;
    loading_k_ = loading_k_ + 1 == tiles_k_ ? 0 : loading_k_ + 1;
    --tiles_to_load_;
  }

  bool row_available() const { return rows_.available > 0 && corrections_.available > 0; }

  /// What the drain is done with.
  Pops drain(const HostCycle& host) {
    const DrainModel::Pops pops = drain_.tick(row_available(), host.result, host.scales);
    const bool group_ends = pops.row && (pops.row_of_tile + 1) % config_.lanes == 0;
    return {pops.tile || group_ends, pops.tile};
  }

  EngineConfig config_;
  Shape shape_;
  int beats_per_row_, tiles_k_, capacity_;
  TileWalk weights_;
  DrainModel drain_;
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
  ResultRows rows_, corrections_;
  std::uint64_t cycle_ = kFirstActiveCycle;
};

}  // namespace

StreamedCount count_streamed_cycles(const EngineConfig& config, const Shape& shape,
                                    const std::optional<MemoryConfig>& memory) {
  if (config.takes_pairs()) return count_olive_cycles(config, shape, memory);
  Stream stream(config, shape);
  if (!memory) {
    while (!stream.finished()) stream.step({});
    return stream.result();
  }
  HostMemory host(*memory, input_beats({config}, shape));
  for (std::uint64_t i = 1; i < kFirstActiveCycle; ++i) host.tick({false, false, false});
  while (!stream.finished()) {
    const HostCycle offers = host.offers();
    const HostCycle moved{stream.wants_weight() && offers.weight,
                          stream.wants_activation() && offers.activation,
                          stream.has_result() && offers.result};
    stream.step(offers);
    host.tick(moved);
  }
  return stream.result();
}

class SteppedStream::Implementation : public Stream {
 public:
  using Stream::Stream;
};

SteppedStream::SteppedStream(const EngineConfig& config, const Shape& shape)
    : engine_(std::make_unique<Implementation>(config, shape)) {}
SteppedStream::~SteppedStream() = default;
SteppedStream::SteppedStream(SteppedStream&&) noexcept = default;

bool SteppedStream::wants_weight() const {
  return engine_->wants_weight();
}
bool SteppedStream::wants_activation() const {
  return engine_->wants_activation();
}
bool SteppedStream::wants_scale(bool taken) const {
  return engine_->wants_scale(taken);
}
bool SteppedStream::wants_rescale(bool taken) const {
  return engine_->wants_rescale(taken);
}
bool SteppedStream::has_result() const {
  return engine_->has_result();
}
bool SteppedStream::finished() const {
  return engine_->finished();
}
void SteppedStream::step(const HostCycle& host) {
  engine_->step(host);
}
StreamedCount SteppedStream::result() {
  return engine_->result();
}

}  // namespace hasse::transitive
