// SPDX-License-Identifier: Apache-2.0
// page_reducer and score_coder against golden.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/attention.hpp"
#include "golden/attention/units/page_scorer.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

constexpr int kBits = 22;

class PageReducer : public testing::TestWithParam<int> {
 protected:
  struct Reduced {
    std::int32_t score;
    bool last;
  };

  /// Sends a list of `count` scores, some of them equal, and expects golden's.
  void reduce(int count, double stall) {
    attention::units::PageReducer golden(static_cast<std::size_t>(GetParam()));
    for (int i = 0; i < count && !HasFatalFailure();) {
      const bool valid = !random_.chance(stall), last = i + 1 == count;
      const auto logical = static_cast<std::int32_t>(
          random_.chance(0.3) ? below(random_, 3) - 1 : random_number(random_, kBits));
      bench_.set_field("logical_i", 0, kBits, logical);
      bench_.set("logical_last_i", last ? 1 : 0);
      bench_.set("logical_valid_i", valid ? 1 : 0);
      take(!random_.chance(stall));
      if (valid && bench_.is_set("logical_ready_o")) {
        ++i;
        std::int32_t score = 0;
        if (golden.take(logical, last, score)) expected_.push_back({score, last});
      }
      bench_.edge();
    }
    bench_.set("logical_valid_i", 0);
    for (int cycle = 0; cycle < 4 && !HasFatalFailure(); ++cycle) {
      take(true);
      bench_.edge();
    }
    ASSERT_TRUE(expected_.empty());
  }

  void take(bool ready) {
    bench_.set("score_ready_i", ready ? 1 : 0);
    bench_.settle();
    if (!bench_.is_set("score_valid_o") || !ready) return;
    ASSERT_FALSE(expected_.empty());
    ASSERT_EQ(bench_.number("score_o", 0, kBits), expected_.front().score);
    ASSERT_EQ(bench_.is_set("score_last_o"), expected_.front().last);
    expected_.pop_front();
  }

  Bench bench_{{units::page_reducer(kBits, GetParam())}};
  harness::Random random_{131};
  std::deque<Reduced> expected_;
};

TEST_P(PageReducer, FindsTheLargestOfEveryPhysicalPage) {
  for (int list = 0; list < 200 && !HasFatalFailure(); ++list)
    reduce(1 + below(random_, 4 * GetParam() + 3), 0.2 * (list % 4));
}

INSTANTIATE_TEST_SUITE_P(Ratios, PageReducer, testing::Values(1, 2, 3, 4, 8));

struct Coder {
  int bits, code_bits;
};

class ScoreCoder : public testing::TestWithParam<Coder> {};

TEST_P(ScoreCoder, ShiftsSaturatesAndOffsets) {
  const auto [bits, code_bits] = GetParam();
  Bench bench({units::score_coder(bits, code_bits)});
  harness::Random random(137);
  for (int i = 0; i < 20000; ++i) {
    const auto score = static_cast<std::int32_t>(random_number(random, bits));
    const int shift = below(random, 32);
    bench.set_field("score_i", 0, bits, score);
    bench.set("shift_i", static_cast<std::uint64_t>(shift));
    bench.model().eval();
    ASSERT_EQ(bench.get("code_o"), attention::units::score_code(score, shift, code_bits))
        << score << " >> " << shift;
  }
}

INSTANTIATE_TEST_SUITE_P(Widths, ScoreCoder,
                         testing::Values(Coder{22, 16}, Coder{22, 12}, Coder{13, 12}, Coder{17, 8}),
                         [](const auto& point) {
                           return fmt::format("{}_to_{}", point.param.bits, point.param.code_bits);
                         });

}  // namespace
}  // namespace hasse::unit
