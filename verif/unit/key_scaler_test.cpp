// SPDX-License-Identifier: Apache-2.0
// key_scaler against golden, a token a cycle.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>

#include "generator/units/attention_engine.hpp"
#include "golden/attention/units/kv_scaler.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/split_array.hpp"

namespace hasse::unit {
namespace {

constexpr int kMostShift = 63;

/// What the unit is told of a key and its query.
struct Token {
  std::int64_t sum = 0;
  std::int32_t queries = 0;
  std::int16_t low = 0;
  std::uint16_t range = 0;
};

units::AttentionGeometry geometry_of(int dim) {
  units::AttentionGeometry g(geometry(split_array(1)).design);
  g.dim = dim;
  return g;
}

class KeyScaler : public testing::TestWithParam<int> {
 protected:
  /// A number of random size, at most `bits` bits.
  std::int64_t number(int bits) { return random_number(random_, 1 + below(random_, bits)); }

  /// A key of any kind. `sum` is all that fits, which is more than a query and codes give.
  Token token() {
    return {number(g_.query_sum_bits() + 9), static_cast<std::int32_t>(number(query_bits_)),
            static_cast<std::int16_t>(number(16)), static_cast<std::uint16_t>(number(17))};
  }

  void offer(const Token& token) {
    bench_.set_field("sum_i", 0, g_.array.design.accumulator_bits, token.sum);
    bench_.set_field("query_sum_i", 0, query_bits_, token.queries);
    bench_.set_field("low_i", 0, 16, token.low);
    bench_.set("range_i", token.range);
  }

  /// Offers `tokens` one after another; every score is golden's, three cycles later.
  void expect(const std::vector<Token>& tokens, int bits, int shift) {
    if (HasFatalFailure()) return;
    bench_.set("short_i", bits == 4 ? 1 : 0);
    bench_.set("shift_i", static_cast<std::uint64_t>(shift));
    constexpr auto kLate = static_cast<std::size_t>(units::AttentionGeometry::kKeyCycles);
    for (std::size_t i = 0; i < tokens.size() + kLate; ++i) {
      offer(i < tokens.size() ? tokens[i] : token());
      bench_.settle();
      if (i >= kLate) expect_score(tokens[i - kLate], bits, shift);
      bench_.edge();
    }
  }

  void expect_score(const Token& t, int bits, int shift) {
    ASSERT_EQ(bench_.number("score_o", 0, 8),
              attention::units::key_score(t.sum, t.queries, t.low, t.range, bits, shift))
        << fmt::format("sum {}, queries {}, low {}, range {}, {} bits, shift {}", t.sum, t.queries,
                       t.low, t.range, bits, shift);
  }

  /// A shift with which the score of `token` fits just so, or just not.
  int fitting_shift(const Token& t, int bits) {
    const std::int64_t levels = (1 << bits) - 1, offset = std::int64_t{1} << (bits - 1);
    const std::int64_t score =
        (t.sum + offset * t.queries) * t.range + levels * t.low * std::int64_t{t.queries};
    const auto width =
        static_cast<int>(std::bit_width(static_cast<std::uint64_t>(std::abs(score))));
    return std::clamp(width - 9 + below(random_, 4), 1, kMostShift);
  }

  units::AttentionGeometry g_ = geometry_of(GetParam());
  int query_bits_ = g_.query_sum_bits();
  Bench bench_{{units::key_scaler(g_)}};
  harness::Random random_{173};
};

TEST_P(KeyScaler, GivesGoldensScores) {
  for (int i = 0; i < 4000; ++i) {
    const Token t = token();
    const int bits = i % 2 == 0 ? 8 : 4;
    expect({t}, bits, fitting_shift(t, bits));
  }
}

TEST_P(KeyScaler, TakesATokenACycleWithEveryShift) {
  for (const int bits : {4, 8})
    for (int shift = 1; shift <= kMostShift; ++shift) {
      std::vector<Token> tokens(40);
      for (Token& t : tokens) t = token();
      expect(tokens, bits, shift);
    }
}

// The largest product of either kind, of either sign, and both together.
TEST_P(KeyScaler, HoldsAtTheLimits) {
  const std::int64_t most = std::int64_t{1} << (g_.query_sum_bits() + 8);
  const std::int32_t queries = std::int32_t{1} << (query_bits_ - 1);
  std::vector<Token> tokens;
  for (const std::int64_t sum : {-most, std::int64_t{0}, most - 1})
    for (const std::int32_t q : {-queries, 0, queries - 1})
      for (const int low : {-32768, 0, 32767})
        for (const int range : {0, 1, 65535})
          tokens.push_back(
              {sum, q, static_cast<std::int16_t>(low), static_cast<std::uint16_t>(range)});
  for (const int bits : {4, 8})
    for (int shift = 1; shift <= kMostShift; ++shift) expect(tokens, bits, shift);
}

// Sums around every half and around the largest scores.
TEST_P(KeyScaler, RoundsHalvesUpAndSaturates) {
  for (const int bits : {4, 8})
    for (int shift = 1; shift <= 12; ++shift) {
      std::vector<Token> tokens;
      for (const int score : {-129, -128, -127, -2, -1, 0, 1, 126, 127, 128})
        for (const int off : {-1, 0, 1}) {
          const std::int64_t half = std::int64_t{1} << (shift - 1);
          tokens.push_back({(std::int64_t{score} << shift) + half + off, 0, 0, 1});
        }
      expect(tokens, bits, shift);
    }
}

TEST_P(KeyScaler, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  for (int i = 0; i < 60; ++i) {
    const Token t = token();
    expect({t}, i % 2 == 0 ? 8 : 4, fitting_shift(t, 8));
  }
  expect_icarus_agrees(bench_, recording);
}

INSTANTIATE_TEST_SUITE_P(Dims, KeyScaler, testing::Values(16, 64, 128),
                         [](const auto& point) { return fmt::format("d{}", point.param); });

}  // namespace
}  // namespace hasse::unit
