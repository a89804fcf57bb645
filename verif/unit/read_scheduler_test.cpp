// SPDX-License-Identifier: Apache-2.0
// All windows together: every lane's node comes from a bank that was read for it a cycle before.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"
#include "golden/transitive/hasse_graph.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

/// A node in its bank.
struct Place {
  int bank, half, address;
  bool operator==(const Place&) const = default;
};

class ReadScheduler : public testing::TestWithParam<const char*> {
 protected:
  struct Lane {
    std::deque<Place> queued;      ///< Handed over, not yet in the window.
    std::map<int, Place> waiting;  ///< In the window or being read, by tag.
    int unreturned = 0;            ///< Nodes received, entries not yet free.
    int received = 0;
  };

  Place place_of(transitive::Code code, int half) const {
    const auto place = g_.lattice.place(transitive::mirror(code, g_.design.tile_bits).node);
    const int banks = g_.design.banks_per_lane;
    return {place.lane * banks + place.slot % banks, half, place.slot / banks};
  }

  // Hands one beat to some of the lanes, as the dispatch does: all in the same half.
  void feed() {
    const unsigned tag = static_cast<unsigned>(below(random_, 1 << units::code_tag_bits(g_)));
    bench_.set("tag_i", tag);
    for (int lane = 0; lane < g_.design.lanes; ++lane) {
      Lane& state = lanes_[static_cast<std::size_t>(lane)];
      const auto code = static_cast<transitive::Code>(below(random_, 1 << g_.design.tile_bits));
      const bool room = static_cast<int>(state.queued.size()) < g_.engine.code_queue_depth();
      const bool push = feeding_ && room && random_.chance(0.9);
      bench_.set_field("code_i", lane, g_.design.tile_bits, code);
      bench_.set_field("code_valid_i", lane, 1, push);
      if (push) state.queued.push_back(place_of(code, static_cast<int>(tag >> units::kHalf)));
      fed_ += push ? 1 : 0;
    }
  }

  void give_credit() {
    for (int lane = 0; lane < g_.design.lanes; ++lane) {
      Lane& state = lanes_[static_cast<std::size_t>(lane)];
      const bool credit = state.unreturned > 0 && random_.chance(credit_);
      bench_.set_field("credit_i", lane, 1, credit);
      state.unreturned -= credit ? 1 : 0;
    }
  }

  void cycle() {
    const std::vector<std::size_t> queued_before = queue_sizes();
    feed();
    give_credit();
    bench_.set("built_i", feeding_ ? static_cast<std::uint64_t>(below(random_, 4)) : 3);
    bench_.settle();
    receive();
    note_reads();
    note_allocations(queued_before);
    bench_.edge();
  }

  // No TransRow is there before operands are loaded and nodes built. Claims of before the reset
  // must be gone by then.
  void reset_and_build() {
    for (const char* port : {"code_valid_i", "credit_i", "built_i"}) bench_.set(port, 0);
    bench_.model().reset(1);
    const std::size_t cycles =
        static_cast<std::size_t>(g_.design.tile_bits) + g_.lattice.steps().size();
    for (std::size_t i = 0; i < cycles; ++i) bench_.model().tick();
    lanes_.assign(lanes_.size(), Lane{});
    reads_.clear();
    std::fill(reading_.begin(), reading_.end(), 0);
    fed_ = received_ = 0;
  }

  void finish() {
    feeding_ = false;
    for (int i = 0; i < 400 && !HasFailure(); ++i) cycle();
    EXPECT_EQ(received_, fed_);
    EXPECT_GT(fed_, 0);
  }

  std::vector<std::size_t> queue_sizes() const {
    std::vector<std::size_t> sizes;
    for (const Lane& lane : lanes_) sizes.push_back(lane.queued.size());
    return sizes;
  }

  // The nodes that arrive now were read in the cycle before, and no other bank was.
  void receive() {
    std::set<int> used;
    for (int lane = 0; lane < g_.design.lanes; ++lane) {
      ASSERT_EQ(bench_.field("data_valid_o", lane, 1), reading_[static_cast<std::size_t>(lane)]);
      if (bench_.field("data_valid_o", lane, 1) == 0) continue;
      Lane& state = lanes_[static_cast<std::size_t>(lane)];
      const int tag = static_cast<int>(bench_.field("data_tag_o", lane, g_.tag_bits));
      const auto waiting = state.waiting.find(tag);
      ASSERT_NE(waiting, state.waiting.end()) << "lane " << lane << " did not wait for tag " << tag;
      const Place want = waiting->second;
      ASSERT_EQ(bench_.field("data_bank_o", lane, g_.bank_bits),
                static_cast<std::uint64_t>(want.bank));
      ASSERT_EQ(bench_.field("data_half_o", lane, 1), static_cast<std::uint64_t>(want.half));
      ASSERT_EQ(reading_half_[static_cast<std::size_t>(lane)],
                static_cast<std::uint64_t>(want.half));
      ASSERT_TRUE(reads_.contains(want.bank)) << "bank " << want.bank << " was not read";
      ASSERT_EQ(reads_.at(want.bank), want) << "lane " << lane;
      shared_ += used.insert(want.bank).second ? 0 : 1;
      state.waiting.erase(waiting);
      ++state.unreturned;
      ++received_;
    }
    ASSERT_EQ(used.size(), reads_.size()) << "a bank was read for nobody";
  }

  void note_reads() {
    reads_.clear();
    for (int bank = 0; bank < g_.derived.banks; ++bank)
      if (bench_.field("read_o", bank, 1) != 0)
        reads_[bank] = {
            bank, static_cast<int>(bench_.field("read_half_o", bank, 1)),
            static_cast<int>(bench_.field("read_address_o", bank, g_.bank_address_bits))};
    for (int lane = 0; lane < g_.design.lanes; ++lane) {
      reading_[static_cast<std::size_t>(lane)] = bench_.field("lane_read_o", lane, 1);
      reading_half_[static_cast<std::size_t>(lane)] = bench_.field("lane_half_o", lane, 1);
    }
  }

  void note_allocations(const std::vector<std::size_t>& queued_before) {
    for (int lane = 0; lane < g_.design.lanes; ++lane) {
      if (bench_.field("alloc_o", lane, 1) == 0) continue;
      Lane& state = lanes_[static_cast<std::size_t>(lane)];
      ASSERT_GT(queued_before[static_cast<std::size_t>(lane)], 0U)
          << "lane " << lane << " invents a TransRow";
      const int tag = static_cast<int>(bench_.field("alloc_tag_o", lane, g_.tag_bits));
      ASSERT_TRUE(state.waiting.emplace(tag, state.queued.front()).second)
          << "tag " << tag << " is in use";
      ASSERT_LE(static_cast<int>(state.waiting.size()) + state.unreturned, g_.reorder_depth);
      state.queued.pop_front();
    }
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module lookup_ = units::node_lookup(g_);
  hdl::Module window_ = units::look_ahead(g_, lookup_);
  Bench bench_{{lookup_, window_, units::read_scheduler(g_, window_)}};
  harness::Random random_{19};
  std::vector<Lane> lanes_{static_cast<std::size_t>(g_.design.lanes)};
  std::map<int, Place> reads_;  ///< Of the cycle before, by bank.
  std::vector<std::uint64_t> reading_ = std::vector<std::uint64_t>(lanes_.size());
  std::vector<std::uint64_t> reading_half_ = reading_;
  bool feeding_ = true;
  double credit_ = 0.8;
  int fed_ = 0, received_ = 0, shared_ = 0;
};

TEST_P(ReadScheduler, AlignsPicksWithTheReadsOfTheirSlot) {
  reset_and_build();
  for (int i = 0; i < 3000 && !HasFailure(); ++i) {
    credit_ = i / 300 % 2 == 0 ? 0.8 : 0.02;  // All entries are taken for a while.
    cycle();
  }
  credit_ = 0.8;
  finish();
  if (g_.design.lanes > 1) {
    EXPECT_GT(shared_, 0) << "no two lanes shared a read";
  }
}

TEST_P(ReadScheduler, ForgetsItsClaimsAtReset) {
  for (int i = 0; i < 20 && !HasFailure(); ++i) {
    reset_and_build();
    for (int j = 0; j < 60 && !HasFailure(); ++j) cycle();
  }
  finish();
}

INSTANTIATE_TEST_SUITE_P(
    Designs, ReadScheduler,
    testing::Values(
        R"({"tile_bits": 3, "lanes": 1, "look_ahead": 1, "rows": 16})",
        R"({"tile_bits": 2, "lanes": 16, "banks_per_lane": 1, "look_ahead": 1, "rows": 128})",
        R"({"tile_bits": 4, "lanes": 3, "look_ahead": 2, "rows": 64})",
        R"({"tile_bits": 6, "lanes": 5, "banks_per_lane": 4, "look_ahead": 3, "rows": 64})"));

}  // namespace
}  // namespace hasse::unit
