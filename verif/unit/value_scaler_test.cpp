// SPDX-License-Identifier: Apache-2.0
// value_scaler against golden: the weights of tokens, and what becomes of their sums.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/kv_scaler.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/split_array.hpp"

namespace hasse::unit {
namespace {

using Golden = attention::units::ValueScaler;

constexpr int kSumBits = 48;
/// From the cycle in which a token is offered to the one in which its weight shows.
constexpr int kLatency = 2;

/// A token's probability, and the scale of its value.
struct Token {
  std::uint16_t probability = 0;
  std::int16_t low = 0;
  std::uint16_t range = 0;
};

class ValueScaler : public testing::Test {
 protected:
  /// A number of random size, at most 16 bits.
  std::uint64_t number() {
    return static_cast<std::uint64_t>(random_number(random_, 1 + below(random_, 17))) & 65535;
  }

  Token token(int shift) {
    const bool saturates = random_.chance(0.1);
    const std::uint64_t ranges = saturates ? 65535 : (1U << shift) - 1;
    return {static_cast<std::uint16_t>(number()), static_cast<std::int16_t>(number()),
            static_cast<std::uint16_t>(number() & ranges)};
  }

  std::vector<Token> tokens(int count, int shift) {
    std::vector<Token> all(static_cast<std::size_t>(count));
    for (Token& t : all) t = token(shift);
    return all;
  }

  void offer(const Token& token, bool valid) {
    bench_.set("probability_i", token.probability);
    bench_.set_field("low_i", 0, 16, token.low);
    bench_.set("range_i", token.range);
    bench_.set("valid_i", valid ? 1 : 0);
  }

  /// A cycle; weights that show are expected.
  void tick() {
    bench_.settle();
    const bool shows = on_their_way_.front() >= 0;
    ASSERT_EQ(bench_.is_set("weight_valid_o"), shows);
    if (shows) {
      ASSERT_EQ(bench_.get("weight_o"), static_cast<std::uint64_t>(on_their_way_.front()));
    }
    on_their_way_.pop_front();
    bench_.edge();
  }

  /// Offers nothing for a cycle.
  void idle() {
    offer(token(16), false);
    on_their_way_.push_back(-1);
    tick();
  }

  /// What was taken before is forgotten. The first token may come in the same cycle.
  void begin(int bits, int shift) {
    bits_ = bits;
    shift_ = shift;
    golden_ = Golden(bits, shift);
    bench_.set("short_i", bits == 4 ? 1 : 0);
    bench_.set("shift_i", static_cast<std::uint64_t>(shift));
    bench_.set("begin_i", 1);
    if (random_.chance(0.5)) {
      take(token(shift));
    } else {
      idle();
    }
    bench_.set("begin_i", 0);
  }

  void take(const Token& t) {
    offer(t, true);
    on_their_way_.push_back(golden_.take(t.probability, t.low, t.range));
    tick();
    bench_.set("begin_i", 0);
  }

  void send(const std::vector<Token>& all, double stall) {
    for (std::size_t i = 0; i < all.size() && !HasFatalFailure();)
      random_.chance(stall) ? idle() : take(all[i++]);
  }

  /// Until all that was taken is added.
  void settle() {
    for (int i = 0; i < kLatency + 1 && !HasFatalFailure(); ++i) idle();
  }

  void expect_output(std::int64_t sum) {
    if (HasFatalFailure()) return;
    bench_.set_field("sum_i", 0, kSumBits, sum);
    bench_.settle();
    ASSERT_EQ(bench_.number("out_o", 0, 32), golden_.output(sum))
        << fmt::format("sum {}, {} bits, shift {}", sum, bits_, shift_);
  }

  void expect_outputs(int count) {
    for (int i = 0; i < count; ++i)
      expect_output(random_number(random_, 1 + below(random_, kSumBits - 16)));
  }

  Bench bench_{{units::value_scaler(units::AttentionGeometry(geometry(split_array(1)).design))}};
  harness::Random random_{179};
  std::deque<std::int64_t> on_their_way_ = std::deque<std::int64_t>(kLatency, -1);
  Golden golden_{8, 16};
  int bits_ = 8, shift_ = 16;
};

TEST_F(ValueScaler, GivesGoldensWeightsAndOutputs) {
  for (int i = 0; i < 2000 && !HasFatalFailure(); ++i) {
    const int shift = 1 + below(random_, 16);
    begin(i % 2 == 0 ? 8 : 4, shift);
    send(tokens(below(random_, 12), shift), 0.2 * (i % 3));
    settle();
    expect_outputs(4);
  }
}

// Weights around every half, and around the largest of all.
TEST_F(ValueScaler, RoundsHalvesUpAndSaturates) {
  for (int shift = 1; shift <= 16; ++shift) {
    begin(8, shift);
    for (const std::uint32_t weight : {0U, 1U, 2U, 32768U, 65534U, 65535U, 65536U, 65537U})
      for (int off = -1; off <= 1; ++off) {
        const std::int64_t product =
            (std::int64_t{weight} << shift) + (std::int64_t{1} << (shift - 1)) + off;
        for (const int range : {1, 3, 65535})
          if (product % range == 0 && product / range <= 65535)
            take({static_cast<std::uint16_t>(product / range), 5,
                  static_cast<std::uint16_t>(range)});
      }
    for (const int range : {65534, 65535}) {
      take({65535, -1, static_cast<std::uint16_t>(range)});
      take({static_cast<std::uint16_t>(range), 1, 65535});
    }
    settle();
    expect_outputs(10);
  }
}

// A sum's lowest bits decide how the output is rounded, and its highest ones are cut off.
TEST_F(ValueScaler, RoundsOutputsToTheLastBit) {
  for (const int bits : {4, 8})
    for (int shift = 1; shift <= 16; ++shift) {
      begin(bits, shift);
      settle();
      for (int bit = 0; bit < kSumBits - 16; ++bit)
        for (const int off : {-1, 0, 1}) {
          expect_output((std::int64_t{1} << bit) + off);
          expect_output(-(std::int64_t{1} << bit) + off);
        }
      for (int i = 0; i < 100; ++i) expect_output(random_number(random_, 18 - shift));
    }
}

// Sums of smallest elements alone, a little at a time: any carry of theirs shows.
TEST_F(ValueScaler, AddsUpSmallestElements) {
  for (int i = 0; i < 400 && !HasFatalFailure(); ++i) {
    begin(i % 2 == 0 ? 8 : 4, 16);
    const int most = 1 + below(random_, 16);
    for (int j = 0; j < 20; ++j)
      take({static_cast<std::uint16_t>(below(random_, 1 << most)),
            static_cast<std::int16_t>(random_number(random_, 1 + below(random_, 16))), 0});
    settle();
    expect_output(0);
  }
}

// As many tokens as there may be, all of them as large as can be.
TEST_F(ValueScaler, HoldsTheLargestSums) {
  for (const int low : {-32768, 32767}) {
    for (const int bits : {4, 8}) {
      begin(bits, 1);
      for (int i = 0; i < 65535 && !HasFatalFailure(); ++i)
        take({65535, static_cast<std::int16_t>(low), 65535});
      settle();
      expect_outputs(20);
    }
  }
}

TEST_F(ValueScaler, KnowsNothingOfAnEarlierQuery) {
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
    begin(8, 16);
    send(tokens(below(random_, 5), 16), 0.3);
    for (int j = 0; j < kLatency; ++j) idle();
    begin(i % 2 == 0 ? 8 : 4, 1 + below(random_, 16));
    settle();
    expect_outputs(2);
  }
}

TEST_F(ValueScaler, OffersNothingAfterReset) {
  begin(8, 16);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < i; ++j) take(token(16));
    bench_.set("valid_i", 0);
    bench_.model().reset();
    on_their_way_.assign(kLatency, -1);
    settle();
  }
}

TEST_F(ValueScaler, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  for (int i = 0; i < 20; ++i) {
    begin(i % 2 == 0 ? 8 : 4, 1 + below(random_, 16));
    send(tokens(6, 16), 0.2);
    settle();
    expect_outputs(2);
  }
  expect_icarus_agrees(bench_, recording);
}

}  // namespace
}  // namespace hasse::unit
