// SPDX-License-Identifier: Apache-2.0
// memory_stream: the words of a memory, lap after lap, while whoever takes them stalls.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

#include "generator/units/attention_engine.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

struct Shape {
  int width, depth, lap_bits;
};

/// A word that leaves.
struct Place {
  int address = 0, lap = 0;
  bool last = false;  ///< Of its lap.
};

class MemoryStream : public testing::TestWithParam<Shape> {
 protected:
  std::uint64_t word() { return random_.next() & ((std::uint64_t{1} << GetParam().width) - 1); }
  int laps() const { return 1 << GetParam().lap_bits; }

  /// A write, in a cycle of its own.
  void write(int address, std::uint64_t data) {
    words_[static_cast<std::size_t>(address)] = data;
    bench_.set("write_enable_i", 1);
    bench_.set("write_address_i", static_cast<std::uint64_t>(address));
    bench_.set("write_data_i", data);
    tick(random_.chance(0.5));
    bench_.set("write_enable_i", 0);
    bench_.set("write_data_i", word());
  }

  void fill() {
    for (int a = 0; a < GetParam().depth; ++a) write(a, word());
  }

  /// Words leave from the first one on, whatever was going on.
  void begin(int last_address, int last_lap) {
    bench_.set("last_address_i", static_cast<std::uint64_t>(last_address));
    bench_.set("last_lap_i", static_cast<std::uint64_t>(last_lap));
    bench_.set("begin_i", 1);
    begins_ = true;
    last_address_ = last_address;
    last_lap_ = last_lap;
    tick(random_.chance(0.5));
    bench_.set("begin_i", 0);
  }

  /// A cycle. A word shows when it is read in the cycle before, which is so when there is room.
  void tick(bool ready) {
    if (HasFatalFailure()) return;
    bench_.set("ready_i", ready ? 1 : 0);
    bench_.settle();
    ASSERT_EQ(bench_.is_set("valid_o"), shown_.has_value()) << "cycle " << cycles_;
    if (shown_) expect_shown();
    bench_.edge();
    ++cycles_;
    if (begins_) {
      shown_.reset();
      next_ = place(0, 0);
    } else if (!shown_ || ready) {
      shown_ = next_;
      if (next_) next_ = after(*next_);
    }
    begins_ = false;
  }

  void expect_shown() {
    ASSERT_EQ(bench_.get("data_o"), words_[static_cast<std::size_t>(shown_->address)]);
    ASSERT_EQ(bench_.get("address_o"), static_cast<std::uint64_t>(shown_->address));
    ASSERT_EQ(bench_.get("lap_o"), static_cast<std::uint64_t>(shown_->lap));
    ASSERT_EQ(bench_.is_set("last_o"), shown_->last);
  }

  Place place(int address, int lap) const { return {address, lap, address == last_address_}; }

  std::optional<Place> after(const Place& before) const {
    if (!before.last) return place(before.address + 1, before.lap);
    if (before.lap == last_lap_) return std::nullopt;
    return place(0, before.lap + 1);
  }

  /// Until nothing is left, and some cycles more.
  void drain(double stall) {
    while ((next_ || shown_) && !HasFatalFailure()) tick(!random_.chance(stall));
    for (int i = 0; i < 4; ++i) tick(random_.chance(0.5));
  }

  int any_address() { return below(random_, GetParam().depth); }
  int any_lap() { return below(random_, laps()); }

  Bench bench_{
      {units::memory_stream()},
      {{"Width", GetParam().width}, {"Depth", GetParam().depth}, {"LapBits", GetParam().lap_bits}}};
  harness::Random random_{191};
  std::vector<std::uint64_t> words_ =
      std::vector<std::uint64_t>(static_cast<std::size_t>(GetParam().depth));
  std::optional<Place> next_, shown_;  ///< The word that is read next, the one on offer.
  int last_address_ = 0, last_lap_ = 0;
  bool begins_ = false;
  int cycles_ = 0;
};

TEST_P(MemoryStream, RepeatsItsWords) {
  fill();
  for (int i = 0; i < 60 && !HasFatalFailure(); ++i) {
    for (int writes = below(random_, 3); writes > 0; --writes) write(any_address(), word());
    begin(any_address(), any_lap());
    drain(0.2 * (i % 4));
  }
}

TEST_P(MemoryStream, RepeatsOneWordAndAllOfThem) {
  fill();
  for (const int address : {0, GetParam().depth - 1})
    for (const int lap : {0, 1, laps() - 1}) {
      begin(address, lap);
      drain(0);
    }
}

TEST_P(MemoryStream, MayBeginAnewAtAnyTime) {
  fill();
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
    begin(any_address(), any_lap());
    for (int cycle = below(random_, 2 * GetParam().depth + 4); cycle > 0; --cycle)
      tick(random_.chance(0.7));
    if (i % 10 == 9) drain(0.3);
  }
}

// The first word shows two cycles after the begin; then a word leaves every cycle.
TEST_P(MemoryStream, TakesACycleForEveryWord) {
  fill();
  begin(GetParam().depth - 1, 1);
  cycles_ = 0;
  while ((next_ || shown_) && !HasFatalFailure()) tick(true);
  EXPECT_EQ(cycles_, 1 + 2 * GetParam().depth);
}

TEST_P(MemoryStream, IsIdleAfterReset) {
  fill();
  for (int cycles = 0; cycles < 4; ++cycles) {
    begin(GetParam().depth - 1, laps() - 1);
    for (int i = 0; i < cycles; ++i) tick(false);
    bench_.model().reset();
    next_.reset();
    shown_.reset();
    for (int i = 0; i < 4; ++i) tick(random_.chance(0.5));
  }
}

TEST_P(MemoryStream, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  next_.reset();
  shown_.reset();
  fill();
  for (int i = 0; i < 5; ++i) {
    begin(any_address(), any_lap());
    drain(0.3);
  }
  expect_icarus_agrees(bench_, recording);
}

INSTANTIATE_TEST_SUITE_P(Shapes, MemoryStream,
                         testing::Values(Shape{9, 16, 2}, Shape{1, 2, 1}, Shape{5, 2, 3},
                                         Shape{32, 40, 1}, Shape{8, 7, 4}),
                         [](const auto& point) {
                           const Shape& s = point.param;
                           return fmt::format("w{}_d{}_l{}", s.width, s.depth, s.lap_bits);
                         });

}  // namespace
}  // namespace hasse::unit
