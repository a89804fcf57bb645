// SPDX-License-Identifier: Apache-2.0
// softmax_unit against golden, row after row, with masked scores and random stalls.
#include "golden/attention/units/softmax_unit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "generator/units/attention.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Golden = attention::units::SoftmaxUnit;

/// A score; a masked one counts for nothing.
struct Score {
  std::int8_t value = 0;
  bool masked = false;
};
using Scores = std::vector<Score>;

constexpr std::uint32_t kSteepest = (1U << 20) - 1;
/// Cycles in which no score is taken, between the passes: the sum, its logarithm, the division.
constexpr int kBetween = 4 + 17;
/// From the cycle in which a score is taken to the one in which its probability shows.
constexpr int kLatency = 5;

Scores unmasked(const std::vector<int>& values) {
  Scores row;
  for (const int value : values) row.push_back({static_cast<std::int8_t>(value), false});
  return row;
}

Golden golden_of(const Scores& row, std::uint32_t step) {
  Golden golden(step);
  for (const Score& score : row)
    if (!score.masked) golden.take(score.value);
  golden.finish();
  return golden;
}

class SoftmaxUnit : public testing::Test {
 protected:
  SoftmaxUnit()
      : bench_({units::softmax_mantissas(), units::softmax_unit(units::softmax_mantissas())}) {}

  Scores scores(int count, int least, int most, double masked = 0) {
    Scores row(static_cast<std::size_t>(count));
    for (Score& score : row) {
      score.value = static_cast<std::int8_t>(least + below(random_, most - least + 1));
      score.masked = random_.chance(masked);
    }
    return row;
  }

  std::uint32_t random_step() {
    return static_cast<std::uint32_t>(1 + below(random_, 1 << (1 + below(random_, 20)))) %
           (kSteepest + 1);
  }

  void tick() {
    bench_.edge();
    ++cycles_;
  }

  void offer(const Score& score, bool last) {
    bench_.set_field("score_i", 0, 8, score.value);
    bench_.set("masked_i", score.masked ? 1 : 0);
    bench_.set("score_last_i", last ? 1 : 0);
    bench_.set("score_valid_i", 1);
  }

  /// Nothing valid on the score's ports.
  void offer_nothing() {
    offer({static_cast<std::int8_t>(below(random_, 256)), random_.chance(0.5)},
          random_.chance(0.5));
    bench_.set("score_valid_i", 0);
  }

  /// Takes or does not take probabilities, at random.
  bool choose_ready(double stall) {
    const bool ready = !random_.chance(stall);
    bench_.set("probability_ready_i", ready ? 1 : 0);
    return ready;
  }

  /// Whatever is offered or on its way is forgotten.
  void begin(std::uint32_t step) {
    bench_.set("step_i", step);
    bench_.set("begin_i", 1);
    offer({static_cast<std::int8_t>(below(random_, 256)), false}, random_.chance(0.5));
    choose_ready(0.5);
    bench_.settle();
    tick();
    bench_.set("begin_i", 0);
    offer_nothing();
  }

  void expect_handshake(bool score_ready, bool probability_valid) {
    bench_.settle();
    ASSERT_EQ(bench_.is_set("score_ready_o"), score_ready) << "cycle " << cycles_;
    ASSERT_EQ(bench_.is_set("probability_valid_o"), probability_valid) << "cycle " << cycles_;
  }

  /// The first pass.
  void add(const Scores& row, double stall) {
    for (std::size_t i = 0; i < row.size() && !HasFatalFailure();) {
      const bool valid = !random_.chance(stall);
      valid ? offer(row[i], i + 1 == row.size()) : offer_nothing();
      choose_ready(0.5);
      expect_handshake(true, false);
      i += valid ? 1 : 0;
      tick();
    }
  }

  /// Scores are offered already, but are not taken yet.
  void divide() {
    for (int i = 0; i < kBetween && !HasFatalFailure(); ++i) {
      offer({static_cast<std::int8_t>(below(random_, 256)), random_.chance(0.5)},
            random_.chance(0.5));
      choose_ready(0.5);
      expect_handshake(false, false);
      tick();
    }
    offer_nothing();
  }

  /// A second pass over `row`, until no probability is on its way any more.
  void expect_probabilities(const Scores& row, const Golden& golden, double stall) {
    std::size_t sent = 0;
    // Where the unit's stages have a score, by its place in the row; -1: none.
    std::vector<int> stages(kLatency, -1);
    const auto on_its_way = [&] {
      return std::ranges::any_of(stages, [](int i) { return i >= 0; });
    };
    while ((sent < row.size() || on_its_way()) && !HasFatalFailure()) {
      const bool valid = sent < row.size() && !random_.chance(stall),
                 advance = choose_ready(stall) || stages.back() < 0;
      valid ? offer(row[sent], random_.chance(0.1)) : offer_nothing();
      expect_handshake(advance, stages.back() >= 0);
      if (stages.back() >= 0) expect_probability(row, stages.back(), golden);
      if (advance) {
        std::ranges::rotate(stages, stages.end() - 1);
        stages.front() = valid ? static_cast<int>(sent++) : -1;
      }
      tick();
    }
    offer_nothing();
  }

  void expect_probability(const Scores& row, int place, const Golden& golden) {
    const Score& score = row[static_cast<std::size_t>(place)];
    ASSERT_EQ(bench_.get("probability_o"), score.masked ? 0 : golden.probability(score.value))
        << "score " << place << " of " << row.size();
  }

  void expect_row(const Scores& row, std::uint32_t step, double stall) {
    if (HasFatalFailure()) return;
    begin(step);
    add(row, stall);
    divide();
    expect_probabilities(row, golden_of(row, step), stall);
  }

  Bench bench_;
  harness::Random random_{151};
  int cycles_ = 0;
};

TEST_F(SoftmaxUnit, GivesGoldensProbabilities) {
  for (int i = 0; i < 400; ++i) {
    const int least = below(random_, 256) - 128;
    expect_row(scores(1 + below(random_, 40), least, least + below(random_, 128 - least)),
               random_step(), 0.1 * (i % 4));
  }
}

TEST_F(SoftmaxUnit, PassesOverMaskedScores) {
  for (int i = 0; i < 200; ++i)
    expect_row(scores(1 + below(random_, 20), -128, 127, 0.2 * (1 + i % 4)), random_step(),
               0.1 * (i % 3));
}

TEST_F(SoftmaxUnit, PassesOverMaskedScoresWhereverTheyAre) {
  const std::uint32_t step = attention::units::softmax_step(0.1);
  for (int mask = 0; mask < 16; ++mask) {
    // What is masked would be the largest, or add as much as all others.
    for (const int largest : {120, 20}) {
      Scores row = unmasked({20, -3, 20, 19});
      for (std::size_t i = 0; i < row.size(); ++i)
        if ((mask >> i) % 2 == 1) row[i] = {static_cast<std::int8_t>(largest), true};
      expect_row(row, step, 0);
    }
  }
}

TEST_F(SoftmaxUnit, GivesNothingForRowsOfNothing) {
  for (const int count : {1, 2, 3, 30}) {
    expect_row(scores(count, -128, 127, 1), random_step(), 0.2);
    expect_row(scores(count, -128, 127), random_step(), 0.2);
  }
}

TEST_F(SoftmaxUnit, TakesTheLimits) {
  for (const std::uint32_t step : {1U, attention::units::softmax_step(0.05), kSteepest}) {
    for (const std::vector<int>& row : std::vector<std::vector<int>>{
             {-128}, {127, -128}, {-128, 127, -128}, std::vector(50, 127), std::vector(50, -128)})
      expect_row(unmasked(row), step, 0);
    std::vector<int> rising(256);
    std::iota(rising.begin(), rising.end(), -128);
    expect_row(unmasked(rising), step, 0);
    std::ranges::reverse(rising);
    expect_row(unmasked(rising), step, 0);
  }
}

// Rows in which eight steps of a score are a factor of two and the largest, kOne, weighs 1.
constexpr std::uint32_t kEighths = 8192;
constexpr int kOne = 120;
constexpr int kLeastPlace = attention::units::kWeightFraction;

/// `row` and what it takes for its weights to add up to `sum`, U1.30.
Scores topped_up(Scores row, std::uint64_t sum) {
  const std::uint64_t rest = sum - golden_of(row, kEighths).sum();
  for (int bit = 0; bit < kLeastPlace; ++bit)
    if ((rest >> bit) % 2 == 1) row.push_back(unmasked({kOne - 8 * (kLeastPlace - bit)})[0]);
  return row;
}

// The sum as a divisor has 17 bits. Any weight that was one unit less or more would show, when the
// sum is just what is rounded up to a divisor, or just not.
TEST_F(SoftmaxUnit, AddsUpToTheLastBit) {
  for (int i = 0; i < 3000 && !HasFatalFailure(); ++i) {
    // The largest is not the first, and what comes before it is shifted.
    Scores row = unmasked({kOne});
    for (int j = 0; j < 5; ++j)
      row.insert(row.begin(), unmasked({kOne - 33 - below(random_, 20 + 48 * (i % 5))})[0]);
    const auto divisor = static_cast<std::uint64_t>((3 << 15) + below(random_, 1 << 15));
    const std::uint64_t half = std::uint64_t{1} << 13, sum = (divisor << 14) - half;
    expect_row(topped_up(row, i % 2 == 0 ? sum : sum - 1), kEighths, 0);
  }
}

// Divisors of one and two, and quotients that are nearly another number.
TEST_F(SoftmaxUnit, DividesToTheLastBit) {
  constexpr std::uint64_t kDividend = std::uint64_t{1} << 32;
  std::vector<std::uint64_t> divisors = {1 << 16, (1 << 16) + 1, (1 << 17) - 1, 1 << 17};
  for (std::uint64_t divisor = 1 << 16; divisor < 1 << 17; ++divisor) {
    const std::uint64_t rest = (kDividend + divisor / 2) % divisor;
    if (rest < 20 || rest + 20 > divisor) divisors.push_back(divisor);
  }
  ASSERT_GT(divisors.size(), 20U);
  for (const std::uint64_t divisor : divisors) {
    const std::uint64_t half = std::uint64_t{1} << 13;
    for (const std::uint64_t sum : {(divisor << 14) - half, (divisor << 14) + half - 1})
      if (sum > kDividend / 4 && sum < kDividend / 2)
        expect_row(topped_up(unmasked({kOne}), sum), kEighths, 0);
  }
}

// Probabilities above a quarter show the product's highest bits, to which lower ones carry now and
// then.
TEST_F(SoftmaxUnit, MultipliesToTheLastBit) {
  for (int i = 0; i < 12000 && !HasFatalFailure(); ++i)
    expect_row(scores(2 + below(random_, 2), -20, 20),
               static_cast<std::uint32_t>(1 + below(random_, 2500)), 0);
}

// Sums of every length. Most probabilities of a long row are the same few numbers, so every score
// is asked for, to see where one number ends and the next begins.
TEST_F(SoftmaxUnit, AddsUpLongRows) {
  for (int i = 0; i < 68 && !HasFatalFailure(); ++i) {
    const int log = 1 + i % 17;
    const auto step = static_cast<std::uint32_t>(10 + below(random_, 400));
    Scores row = scores((1 << log) - below(random_, 1 << (log - 1)), -128, 127);
    for (std::size_t j = 0; row.size() > 256 && j < 256; ++j)
      row[j] = {static_cast<std::int8_t>(j), false};
    begin(step);
    add(row, 0);
    divide();
    const Golden golden = golden_of(row, step);
    row.resize(std::min<std::size_t>(row.size(), 256));
    expect_probabilities(row, golden, 0);
  }
}

// As many weights of one as there may be: the sum has one bit more than any other.
TEST_F(SoftmaxUnit, AddsUpTheLargestSum) {
  const Scores row(std::size_t{1} << 17);
  begin(1);
  add(row, 0);
  divide();
  expect_probabilities({row.begin(), row.begin() + 3}, golden_of(row, 1), 0);
}

TEST_F(SoftmaxUnit, MayRepeatTheSecondPassInAnyOrder) {
  const std::uint32_t step = attention::units::softmax_step(0.05);
  for (int i = 0; i < 20 && !HasFatalFailure(); ++i) {
    Scores row = scores(30, -128, 127, 0.2);
    const Golden golden = golden_of(row, step);
    expect_row(row, step, 0.1);
    expect_probabilities(row, golden, 0);
    for (std::size_t j = row.size(); j > 1; --j)
      std::swap(row[j - 1], row[static_cast<std::size_t>(below(random_, static_cast<int>(j)))]);
    row.resize(11);
    expect_probabilities(row, golden, 0.3);
  }
}

TEST_F(SoftmaxUnit, MayBeginAnewAtAnyTime) {
  const std::uint32_t step = attention::units::softmax_step(0.1);
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
    const Scores row = scores(5, -128, 127, 0.2);
    begin(step);
    add(row, 0);
    for (int cycle = below(random_, 40); cycle > 0; --cycle) {
      random_.chance(0.5) ? offer({static_cast<std::int8_t>(below(random_, 256)), false}, true)
                          : offer_nothing();
      choose_ready(0.3);
      bench_.settle();
      tick();
    }
    expect_row(row, step, 0.2);
  }
}

TEST_F(SoftmaxUnit, MayBeginAnewInTheFirstPass) {
  for (int i = 0; i < 50 && !HasFatalFailure(); ++i) {
    begin(random_step());
    for (int cycle = below(random_, 10); cycle > 0; --cycle) {
      offer({static_cast<std::int8_t>(below(random_, 256)), false}, false);
      choose_ready(0.5);
      expect_handshake(true, false);
      tick();
    }
    expect_row(scores(5, -128, 127, 0.4), random_step(), 0);
  }
}

TEST_F(SoftmaxUnit, TakesTheCyclesItStates) {
  const Scores row = scores(20, -128, 127, 0.2);
  cycles_ = 0;
  expect_row(row, attention::units::softmax_step(0.1), 0);
  // Begin, a cycle a score, the sum and the division; a cycle a score, and the last on its way.
  EXPECT_EQ(cycles_, 1 + 20 + kBetween + 20 + kLatency);
}

TEST_F(SoftmaxUnit, IsIdleAfterReset) {
  const auto idle = [&] {
    bench_.model().reset();
    for (int i = 0; i < 40 && !HasFatalFailure(); ++i) {
      offer(scores(1, -128, 127)[0], random_.chance(0.5));
      choose_ready(0.5);
      expect_handshake(false, false);
      tick();
    }
  };
  idle();
  const Scores row = scores(5, -128, 127);
  for (int cycle = 0; cycle < 40 && !HasFatalFailure(); ++cycle) {
    begin(random_step());
    add(row, 0);
    for (int i = 0; i < cycle; ++i) {
      offer(row[0], false);
      choose_ready(0.2);
      bench_.settle();
      tick();
    }
    idle();
  }
}

// In four values; the first row leaves whatever the registers hold after a reset out of account.
TEST_F(SoftmaxUnit, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  offer_nothing();
  expect_row(scores(4, -128, 127, 1), random_step(), 0.2);
  for (int i = 0; i < 20; ++i) expect_row(scores(6, -128, 127, 0.3), random_step(), 0.2);
  expect_icarus_agrees(bench_, recording);
}

}  // namespace
}  // namespace hasse::unit
