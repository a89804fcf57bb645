// SPDX-License-Identifier: Apache-2.0
// The tile tracker between a dispatch and lanes that read what they were given, in any order.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <deque>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

/// Cycles that may pass from the last read of a sub-tile to its release.
constexpr int kMostDelay = 2;

class TileTracker : public testing::TestWithParam<const char*> {
 protected:
  struct Tile {
    unsigned number;  ///< Modulo the sub-tiles that may be open.
    int unread;
    bool complete = false;
    int waiting = 0;  ///< Cycles since the last of its reads.
  };

  int lanes() const { return g_.design.lanes; }

  std::uint64_t random_mask() { return random_.next() >> (64 - lanes()); }

  // One beat a cycle is taken from the host; a cycle later it is handed out.
  void cycle(bool feed) {
    const bool take = feed && open_ && random_.chance(0.8);
    const bool ends = take && ++beats_ >= length_;
    if (ends) {
      beats_ = 0;
      length_ = random_.chance(0.2) ? g_.design.rows / lanes() : 3 + below(random_, 4);
    }
    bench_.set("tile_end_i", ends);
    hand_out();
    read();
    bench_.settle();
    check();
    bench_.edge();
    taken_ += ends ? 1 : 0;
    pending_ = take;
    pending_end_ = ends;
    open_ = taken_ < g_.engine.open_tiles();
    bench_.settle();
    ASSERT_EQ(bench_.is_set("open_o"), open_) << taken_ << " sub-tiles are taken";
  }

  // The beat taken a cycle ago; every lane but some of the last group has a row.
  void hand_out() {
    pushed_ = pending_ ? random_mask() | 1U : 0;
    zero_ = random_mask();
    if (pending_ && (tiles_.empty() || tiles_.back().complete)) tiles_.push_back({number_, 0});
    if (pending_) tiles_.back().unread += std::popcount(pushed_);
    bench_.set("push_i", pushed_);
    bench_.set("push_zero_i", zero_);
    bench_.set(g_.plans_ahead() ? "push_number_i" : "push_half_i", number_);
    bench_.set("tile_complete_i", pending_ && pending_end_);
    completes_ = pending_ && pending_end_;
    if (completes_) number_ = (number_ + 1) % static_cast<unsigned>(g_.engine.open_tiles());
  }

  // Each lane reads from either of the two oldest sub-tiles, never what has only just been handed
  // out.
  void read() {
    std::uint64_t reads = 0, halves = 0;
    for (int lane = 0; lane < lanes(); ++lane) {
      const std::size_t which = static_cast<std::size_t>(below(random_, 2));
      if (which >= tiles_.size() || random_.chance(read_pause_)) continue;
      Tile& tile = tiles_[which];
      const bool newest = &tile == &tiles_.back();
      if (tile.unread - (newest ? std::popcount(pushed_) : 0) <= 0) continue;
      --tile.unread;
      reads |= std::uint64_t{1} << lane;
      halves |= std::uint64_t{tile.number % 2} << lane;
    }
    bench_.set("read_i", reads);
    bench_.set("read_half_i", halves | (random_mask() & ~reads));
  }

  void check() {
    ASSERT_EQ(bench_.get("transrows_o"), static_cast<std::uint64_t>(std::popcount(pushed_)));
    ASSERT_EQ(bench_.get("zero_transrows_o"),
              static_cast<std::uint64_t>(std::popcount(pushed_ & zero_)));
    if (bench_.is_set("release_o")) {
      ASSERT_FALSE(tiles_.empty());
      ASSERT_TRUE(tiles_.front().complete && tiles_.front().waiting > 0) << "released too early";
      ASSERT_EQ(bench_.get(g_.plans_ahead() ? "release_number_o" : "release_half_o"),
                tiles_.front().number);
      tiles_.pop_front();
      --taken_;
      ++released_;
    }
    if (completes_) {
      tiles_.back().complete = true;
      ++completed_;
    }
    if (!tiles_.empty() && tiles_.front().complete && tiles_.front().unread == 0) expect_soon();
  }

  void expect_soon() { EXPECT_LE(++tiles_.front().waiting, kMostDelay) << "released too late"; }

  void run(int cycles) {
    for (int i = 0; i < cycles && !HasFatalFailure(); ++i) {
      read_pause_ = std::array{0.7, 0.1, 0.97}[static_cast<std::size_t>(i / 500 % 3)];
      cycle(true);
    }
    for (int i = 0; i < 40 && beats_ != 0 && !HasFatalFailure(); ++i) cycle(true);
    EXPECT_GT(released_, 0);
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::tile_tracker(g_)}};
  harness::Random random_{47};
  std::deque<Tile> tiles_;  ///< Handed out and not released, oldest first.
  std::uint64_t pushed_ = 0, zero_ = 0;
  unsigned number_ = 0;
  bool open_ = true, pending_ = false, pending_end_ = false, completes_ = false;
  int length_ = 3;  ///< Beats of the sub-tile that is taken.
  int beats_ = 0, taken_ = 0, released_ = 0, completed_ = 0;
  double read_pause_ = 0.5;
};

TEST_P(TileTracker, ReleasesASubTileWhenItHasBeenRead) {
  run(6000);
  EXPECT_GT(completed_, 100);
}

TEST_P(TileTracker, ForgetsEverythingAtReset) {
  run(60);
  for (const char* port : {"push_i", "read_i", "tile_end_i", "tile_complete_i"})
    bench_.set(port, 0);
  bench_.model().reset();
  tiles_.clear();
  number_ = 0;
  open_ = true;
  pending_ = pending_end_ = completes_ = false;
  beats_ = taken_ = released_ = completed_ = 0;
  run(300);
}

INSTANTIATE_TEST_SUITE_P(Designs, TileTracker,
                         testing::Values(R"({"lanes": 1, "rows": 8})",
                                         R"({"lanes": 5, "rows": 60})",
                                         R"({"lanes": 16, "rows": 256})",
                                         R"({"lanes": 5, "rows": 60, "planner": "orbit"})"));

}  // namespace
}  // namespace hasse::unit
