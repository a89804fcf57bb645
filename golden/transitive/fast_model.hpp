// SPDX-License-Identifier: Apache-2.0
// The engine's pace, sub-tile after sub-tile, fast enough for whole language models.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "golden/transitive/subtile_planner.hpp"

namespace hasse::transitive {

/// What one or many sub-tiles amounted to.
struct PaceCount {
  std::uint64_t subtiles = 0;
  std::uint64_t transrows = 0;
  std::uint64_t present = 0;  ///< Different nodes read, summed over sub-tiles.
  std::uint64_t nodes_built = 0;
  std::uint64_t busiest = 0;      ///< Nodes of the busiest prefix lane, summed over sub-tiles.
  std::uint64_t build_steps = 0;  ///< Steps of building, summed over sub-tiles.
  std::uint64_t conflicts = 0;    ///< Lane-cycles in which every candidate's bank was taken.

  PaceCount& operator+=(const PaceCount& other);
};

/// Follows the reads of every lane and every bank claim, but none of the drain: building, claims,
/// reorder buffers and the wide adders' turns go by the rules of `count_cycles`, results always
/// find room. Weights and activations are always there. Equal to `count_cycles` in the finish of
/// every sub-tile unless the drain is what limits.
///
/// Time is counted in read slots: lane l meets slot s in cycle s + l, so a whole slot can be
/// settled at once.
class FastModel {
 public:
  explicit FastModel(const EngineConfig& config);

  /// Appends a sub-tile of the stream and runs until its codes have entered some lane's window.
  void push(const SubtileReads& reads);
  /// Runs to the end of what was pushed. Nothing may be pushed afterwards.
  void finish();

  /// Cycle in which each sub-tile was finished so far, as CycleCount::subtile_done.
  const std::vector<std::uint64_t>& subtile_done() const { return subtile_done_; }
  /// Sums over all sub-tiles pushed.
  const PaceCount& count() const { return count_; }

 private:
  static constexpr std::size_t kTiles = 4;  ///< Sub-tiles between the dispatcher and the last read.
  static constexpr std::size_t kMaxLanes = 16, kMaxBanks = 40, kMaxWindow = 8, kMaxReorder = 64;
  static constexpr std::uint64_t kNever = ~std::uint64_t{0} >> 1;

  /// A TransRow in a window: bank, claim and entry of the reorder buffer.
  struct Candidate {
    std::uint16_t claim;  ///< 1 + half and node: what a bank is taken for.
    std::uint8_t bank;
    std::uint8_t tag;
  };

  struct Lane {
    std::array<Candidate, 2 * kMaxWindow> window;  ///< Oldest first; the second half is slack.
    std::array<std::uint64_t, kMaxReorder> ready;  ///< Cycle from which an entry can retire.
    int candidates = 0;
    std::uint64_t tile = 0;  ///< Of the next TransRow.
    int beat = 0;            ///< Of the next TransRow, within its sub-tile.
    int reads = 0;           ///< TransRows in that sub-tile.
    std::uint64_t tail = 0, head = 0;
    int head_plane = 0;          ///< Planes of the head's row that have retired.
    std::uint64_t retired = 0;   ///< Cycle of the last retirement.
    std::uint64_t last_row = 0;  ///< Cycle in which a row last went to its wide adder.
  };

  /// A sub-tile on its way.
  struct Tile {
    std::vector<Candidate> reads;  ///< Beats one after the other, a candidate per lane.
    std::array<int, kMaxLanes> lane_reads{};
    int outstanding = 0;  ///< TransRows not read yet.
    int beats = 0;
    int steps = 0;                      ///< Of building.
    std::uint64_t dispatched = kNever;  ///< Cycle in which its first beat is taken.
    std::uint64_t built = kNever;       ///< Last cycle of building.
  };

  Tile& tile(std::uint64_t number) { return tiles_[number % kTiles]; }
  bool input_needed() const { return front_ == pushed_; }
  void fill(Tile& tile, const SubtileReads& reads);
  void schedule(std::uint64_t number);
  void step();
  bool grant(Lane& lane);
  void accept(std::size_t index);
  bool has_room(Lane& lane, std::uint64_t cycle) const;
  void next_tile(std::size_t index);
  void release();

  EngineConfig config_;
  SubtilePlanner planner_;
  std::uint64_t search_cycles_;  ///< From taking a sub-tile's codes to its plan.
  int lanes_, look_ahead_, depth_;
  int weight_bits_ = 4;
  int min_steps_;
  PaceCount count_;
  std::uint64_t slot_ = 3;
  std::uint64_t pushed_ = 0;    ///< Sub-tiles pushed.
  std::uint64_t front_ = 0;     ///< Sub-tile that the foremost lane is in.
  std::uint64_t released_ = 0;  ///< Sub-tiles whose reads have all been made.
  std::vector<std::uint64_t> subtile_done_;
  std::array<Tile, kTiles> tiles_;
  std::array<std::uint16_t, kMaxBanks> taken_{};  ///< Claims of the slot being settled.
  std::vector<Lane> lane_states_;
};

}  // namespace hasse::transitive
