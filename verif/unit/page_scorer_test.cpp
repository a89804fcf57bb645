// SPDX-License-Identifier: Apache-2.0
// page_scorer against golden: scores, and the cycles between them.
#include "golden/attention/units/page_scorer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/attention.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Channels = std::vector<std::int8_t>;

class PageScorer : public testing::TestWithParam<units::KeyBeats> {
 protected:
  Channels channels(int least, int most) {
    Channels values(static_cast<std::size_t>(keys_.dim));
    for (std::int8_t& value : values)
      value = random_.chance(0.2)
                  ? static_cast<std::int8_t>(random_.chance(0.5) ? least : most)
                  : static_cast<std::int8_t>(least + below(random_, most - least + 1));
    return values;
  }

  void put(const char* port, const Channels& values, int beat) {
    for (int c = 0; c < keys_.channels; ++c) {
      const auto place = static_cast<std::size_t>(beat * keys_.channels + c);
      bench_.set_field(port, c, 8, place < values.size() ? values[place] : 0);
    }
  }

  void load(const Channels& query) {
    bench_.set("bounds_valid_i", 0);
    bench_.set("query_valid_i", 1);
    for (int beat = 0; beat < keys_.beats(); ++beat) {
      put("query_i", query, beat);
      bench_.settle();
      bench_.edge();
    }
    bench_.set("query_valid_i", 0);
  }

  /// Takes a score if there is one, and expects it.
  void take_score(bool ready) {
    bench_.set("score_ready_i", ready ? 1 : 0);
    bench_.settle();
    if (!bench_.is_set("score_valid_o") || !ready) return;
    ASSERT_FALSE(expected_.empty());
    ASSERT_EQ(bench_.number("score_o", 0, bits_), expected_.front());
    expected_.pop_front();
  }

  /// Scores a page; `stall` of either side.
  void score(const Channels& query, const Channels& max, const Channels& min, double stall) {
    const std::int32_t golden = attention::units::page_score(query, max, min);
    for (int beat = 0; beat < keys_.beats() && !HasFatalFailure();) {
      const bool valid = !random_.chance(stall);
      put("max_i", max, beat);
      put("min_i", min, beat);
      bench_.set("bounds_valid_i", valid ? 1 : 0);
      take_score(!random_.chance(stall));
      if (valid && bench_.is_set("bounds_ready_o") && ++beat == keys_.beats())
        expected_.push_back(golden);
      bench_.edge();
      ++cycles_;
    }
    bench_.set("bounds_valid_i", 0);
  }

  void drain() {
    while (!expected_.empty() && !HasFatalFailure()) {
      take_score(true);
      bench_.edge();
      ++cycles_;
    }
  }

  units::KeyBeats keys_ = GetParam();
  int bits_ = attention::units::score_bits(static_cast<std::size_t>(GetParam().dim));
  Bench bench_{{units::page_scorer(GetParam())}};
  harness::Random random_{127};
  std::deque<std::int32_t> expected_;
  std::size_t cycles_ = 0;
};

TEST_P(PageScorer, ScoresAsGoldenWhileBothSidesStall) {
  for (int round = 0; round < 20; ++round) {
    const Channels query = channels(-128, 127);
    load(query);
    for (int page = 0; page < 20; ++page)
      score(query, channels(-20, 127), channels(-128, 20), 0.1 * (round % 5));
    drain();
  }
}

TEST_P(PageScorer, ReachesTheLargestAndTheSmallestScore) {
  const auto all = [&](int value) {
    return Channels(static_cast<std::size_t>(keys_.dim), static_cast<std::int8_t>(value));
  };
  for (const int q : {-128, 127, 0})
    for (const int max : {-128, 127})
      for (const int min : {-128, 127}) {
        load(all(q));
        score(all(q), all(max), all(min), 0);
        drain();
      }
}

// A page takes its beats, and its score shows a cycle later; pages overlap in that cycle.
TEST_P(PageScorer, TakesTheCyclesThatGoldenStates) {
  const Channels query = channels(-128, 127);
  load(query);
  constexpr std::size_t kPages = 9;
  for (std::size_t page = 0; page < kPages; ++page)
    score(query, channels(0, 127), channels(-128, 0), 0);
  drain();
  const std::size_t one = attention::units::page_score_cycles(
      static_cast<std::size_t>(keys_.dim), static_cast<std::size_t>(keys_.channels));
  EXPECT_EQ(cycles_, kPages * (one - 1) + 1);
}

INSTANTIATE_TEST_SUITE_P(Shapes, PageScorer,
                         testing::Values(units::KeyBeats{64, 16}, units::KeyBeats{16, 16},
                                         units::KeyBeats{128, 4}, units::KeyBeats{20, 8},
                                         units::KeyBeats{7, 3}, units::KeyBeats{5, 1}),
                         [](const auto& point) {
                           return fmt::format("d{}_c{}", point.param.dim, point.param.channels);
                         });

}  // namespace
}  // namespace hasse::unit
