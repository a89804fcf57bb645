// SPDX-License-Identifier: Apache-2.0
// Mirrors olive_sequencer, the rows that leave the array, and the drain register by register.
#include "golden/transitive/olive_model.hpp"

#include <deque>

#include "golden/transitive/drain_model.hpp"

namespace hasse::transitive {
namespace {

constexpr int kOpenTiles = 2;  ///< Tiles whose sums may wait for the drain.

class OliveArray {
 public:
  OliveArray(const EngineConfig& config, const Shape& shape,
             const std::optional<MemoryConfig>& memory)
      : lanes_(config.lanes),
        pairs_(config.activation_beats(shape.k)),
        walk_{shape.n, shape.m, config.lanes, config.columns},
        drain_(config, shape),
        leaving_(static_cast<std::size_t>(config.columns), false) {
    if (memory) memory_.emplace(*memory, input_beats({config}, shape));
  }

  StreamedCount run() {
    std::uint64_t cycle = kFirstActiveCycle;
    for (std::uint64_t i = 1; memory_ && i < kFirstActiveCycle; ++i)
      memory_->tick({false, false, false});
    for (; !drain_.finished(); ++cycle) step(cycle);
    result_.cycles = cycle - 1;
    return result_;
  }

 private:
  void step(std::uint64_t cycle) {
    const HostCycle host = memory_ ? memory_->offers() : HostCycle{};
    const bool sent = drain_.offers() && host.result;
    const DrainModel::Pops pops = drain_.tick(rows_ > 0, host.result);
    const bool leaves = leave();
    const bool fires = fire(pops.tile);
    const bool taken = take(cycle, host, fires);
    rows_ += (leaves ? 1 : 0) - (pops.row ? 1 : 0);
    if (memory_) memory_->tick({taken, taken, sent});
  }

  /// A row leaves by the last column; before that by all others, a cycle each.
  bool leave() {
    leaving_.push_front(to_leave_ > 0);
    if (to_leave_ > 0) --to_leave_;
    const bool leaves = leaving_[leaving_.size() - 2];
    leaving_.pop_back();
    return leaves;
  }

  /// Whether an element of the pair enters the array. Waves clear the sums of a new tile, or
  /// follow the last one, and drive out those of the tile before.
  bool fire(bool tile_popped) {
    const bool begins = full_ && first_ && !second_;
    const bool flush = !full_ && walk_.done() && open_;
    const bool blocked = spacing_ > 0 || (open_ && waiting_ == kOpenTiles);
    const bool wave = (begins || flush) && !blocked;
    const bool fires = full_ && !(begins && blocked);
    const bool captures = wave && open_;
    if (begins && blocked) ++result_.waiting_for_room;
    if (captures) to_leave_ = open_rows_;
    if (wave) open_rows_ = pair_rows_;
    if (wave) open_ = !flush;
    spacing_ = wave ? lanes_ - 1 : std::max(spacing_ - 1, 0);
    waiting_ += (captures ? 1 : 0) - (tile_popped ? 1 : 0);
    return fires;
  }

  bool take(std::uint64_t cycle, const HostCycle& host, bool fires) {
    const bool room = !full_ || (fires && second_);
    const bool wants = !walk_.done() && room;
    const bool takes = wants && host.weight && host.activation;
    if (wants && !takes && !full_) ++result_.waiting_for_weights;
    if (fires && second_) full_ = false;
    if (fires) second_ = !second_;
    if (!takes) return false;
    full_ = true;
    first_ = pair_ == 0;
    if (first_) pair_rows_ = walk_.rows();
    ++result_.beats;
    result_.subtile_done.push_back(cycle + 1);
    if (++pair_ < pairs_) return true;
    pair_ = 0;
    walk_.advance();
    return true;
  }

  int lanes_, pairs_;
  TileWalk walk_;
  DrainModel drain_;
  StreamedCount result_;
  // pairs
  int pair_ = 0, pair_rows_ = 0;
  bool full_ = false, first_ = false, second_ = false;
  // the array
  bool open_ = false;  ///< It holds sums of a tile.
  int open_rows_ = 0, spacing_ = 0, waiting_ = 0;
  // rows on their way out
  int to_leave_ = 0;          ///< By column 0.
  std::deque<bool> leaving_;  ///< By column 0 and those after it.
  int rows_ = 0;              ///< That can be read.
  std::optional<HostMemory> memory_;
};

}  // namespace

StreamedCount count_olive_cycles(const EngineConfig& config, const Shape& shape,
                                 const std::optional<MemoryConfig>& memory) {
  return OliveArray(config, shape, memory).run();
}

}  // namespace hasse::transitive
