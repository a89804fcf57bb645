// SPDX-License-Identifier: Apache-2.0
// page_stats against golden's extremes, key after key, with random stalls.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/attention.hpp"
#include "golden/attention/units/page_scorer.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

struct Pages {
  units::KeyBeats keys;
  int page;
};

class PageStats : public testing::TestWithParam<Pages> {
 protected:
  /// A key of `pool` random values or extremes; beyond the last channel 0.
  std::vector<std::int8_t> key() {
    std::vector<std::int8_t> key(static_cast<std::size_t>(keys_.dim));
    for (std::int8_t& channel : key) channel = static_cast<std::int8_t>(random_number(random_, 8));
    return key;
  }

  void clear() {
    bench_.set("key_valid_i", 0);
    bench_.set("clear_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("clear_i", 0);
  }

  /// Sends `key` and expects golden's extremes after it.
  void send(const std::vector<std::int8_t>& key, attention::units::PageStatsUnit& golden) {
    golden.append(key);
    const std::size_t page = golden.pages() - 1;
    for (int beat = 0; beat < keys_.beats() && !HasFatalFailure();) {
      const bool valid = random_.chance(0.8), ready = random_.chance(0.7);
      for (int c = 0; c < keys_.channels; ++c) bench_.set_field("key_i", c, 8, at(key, beat, c));
      bench_.set("key_valid_i", valid ? 1 : 0);
      bench_.set("bounds_ready_i", ready ? 1 : 0);
      bench_.settle();
      ASSERT_EQ(bench_.is_set("key_ready_o"), ready);
      ASSERT_EQ(bench_.is_set("bounds_valid_o"), valid);
      if (valid && ready) {
        expect_bounds(golden, page, beat);
        ASSERT_EQ(bench_.is_set("page_end_o"),
                  golden.tokens() % static_cast<std::size_t>(GetParam().page) == 0);
        ++beat;
      }
      bench_.edge();
    }
  }

  void expect_bounds(const attention::units::PageStatsUnit& golden, std::size_t page, int beat) {
    for (int c = 0; c < keys_.channels && beat * keys_.channels + c < keys_.dim; ++c) {
      const auto channel = static_cast<std::size_t>(beat * keys_.channels + c);
      ASSERT_EQ(bench_.number("max_o", c, 8), golden.max(page)[channel]) << channel;
      ASSERT_EQ(bench_.number("min_o", c, 8), golden.min(page)[channel]) << channel;
    }
  }

  std::int8_t at(const std::vector<std::int8_t>& key, int beat, int channel) const {
    const auto place = static_cast<std::size_t>(beat * keys_.channels + channel);
    return place < key.size() ? key[place] : std::int8_t{0};
  }

  attention::units::PageStatsUnit empty() const {
    return {static_cast<std::size_t>(GetParam().page), static_cast<std::size_t>(keys_.dim)};
  }

  units::KeyBeats keys_ = GetParam().keys;
  Bench bench_{{units::page_stats(GetParam().keys, GetParam().page)}};
  harness::Random random_{113};
};

TEST_P(PageStats, HoldsTheExtremesOfEveryPage) {
  auto golden = empty();
  for (int token = 0; token < 5 * GetParam().page + 3; ++token) send(key(), golden);
}

// A sequence ends at any token of a page, and the next one begins a page.
TEST_P(PageStats, BeginsAnew) {
  for (int length : {1, GetParam().page - 1, GetParam().page, GetParam().page + 1}) {
    clear();
    auto golden = empty();
    for (int token = 0; token < length; ++token) send(key(), golden);
  }
}

TEST_P(PageStats, KeepsKeysThatAreAllAlike) {
  for (const int value : {-128, 0, 127}) {
    auto golden = empty();
    clear();
    for (int token = 0; token < 2 * GetParam().page; ++token)
      send(std::vector<std::int8_t>(static_cast<std::size_t>(keys_.dim),
                                    static_cast<std::int8_t>(value)),
           golden);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PageStats,
                         testing::Values(Pages{{64, 16}, 16}, Pages{{16, 16}, 4}, Pages{{20, 8}, 3},
                                         Pages{{128, 4}, 2}, Pages{{6, 1}, 1}),
                         [](const auto& point) {
                           const Pages& p = point.param;
                           return fmt::format("d{}_c{}_p{}", p.keys.dim, p.keys.channels, p.page);
                         });

}  // namespace
}  // namespace hasse::unit
