// SPDX-License-Identifier: Apache-2.0
// softmax_unit against golden, row after row, with random stalls.
#include "golden/attention/units/softmax_unit.hpp"

#include <gtest/gtest.h>

#include "generator/units/attention.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Scores = std::vector<std::int8_t>;

class SoftmaxUnit : public testing::Test {
 protected:
  SoftmaxUnit()
      : bench_({units::softmax_mantissas(), units::softmax_unit(units::softmax_mantissas())}) {}

  Scores scores(std::size_t count, int least, int most) {
    Scores row(count);
    for (std::int8_t& score : row)
      score = static_cast<std::int8_t>(least + below(random_, most - least + 1));
    return row;
  }

  void tick() {
    bench_.edge();
    ++cycles_;
  }

  void begin(std::uint32_t step) {
    bench_.set("step_i", step);
    bench_.set("begin_i", 1);
    bench_.settle();
    tick();
    bench_.set("begin_i", 0);
  }

  /// The first pass.
  void add(const Scores& row, double stall) {
    for (std::size_t i = 0; i < row.size();) {
      const bool valid = !random_.chance(stall);
      bench_.set_field("score_i", 0, 8, row[i]);
      bench_.set("score_last_i", i + 1 == row.size() ? 1 : 0);
      bench_.set("score_valid_i", valid ? 1 : 0);
      bench_.settle();
      ASSERT_TRUE(bench_.is_set("score_ready_o"));
      i += valid ? 1 : 0;
      tick();
    }
    bench_.set("score_valid_i", 0);
    bench_.set("score_last_i", 0);
  }

  /// The second pass.
  void expect_probabilities(const Scores& row, const std::vector<std::uint16_t>& golden,
                            double stall) {
    std::size_t sent = 0, got = 0;
    for (int patience = 0; got < row.size(); ++patience) {
      ASSERT_LT(patience, 100000);
      const bool valid = sent < row.size() && !random_.chance(stall),
                 ready = !random_.chance(stall);
      bench_.set_field("score_i", 0, 8, sent < row.size() ? row[sent] : 0);
      bench_.set("score_valid_i", valid ? 1 : 0);
      bench_.set("probability_ready_i", ready ? 1 : 0);
      bench_.settle();
      sent += valid && bench_.is_set("score_ready_o") ? 1 : 0;
      if (bench_.is_set("probability_valid_o") && ready) {
        ASSERT_EQ(bench_.get("probability_o"), golden[got])
            << "score " << got << " of " << row.size();
        ++got;
      }
      tick();
    }
    bench_.set("score_valid_i", 0);
  }

  void expect_row(const Scores& row, std::uint32_t step, double stall) {
    if (HasFatalFailure()) return;
    begin(step);
    add(row, stall);
    expect_probabilities(row, attention::units::softmax_row(row, step), stall);
  }

  Bench bench_;
  harness::Random random_{151};
  std::size_t cycles_ = 0;
};

TEST_F(SoftmaxUnit, GivesGoldensProbabilities) {
  for (int i = 0; i < 200; ++i) {
    const auto step = static_cast<std::uint32_t>(1 + below(random_, 1 << (1 + below(random_, 20))) %
                                                         ((1 << 20) - 1));
    const int least = below(random_, 256) - 128;
    expect_row(scores(static_cast<std::size_t>(1 + below(random_, 40)), least,
                      least + below(random_, 128 - least)),
               step, 0.1 * (i % 4));
  }
}

TEST_F(SoftmaxUnit, TakesTheLimits) {
  const std::uint32_t steepest = (1U << 20) - 1;
  for (const std::uint32_t step : {1U, attention::units::softmax_step(0.05), steepest}) {
    expect_row({-128}, step, 0);
    expect_row({127, -128}, step, 0);
    expect_row({-128, 127, -128}, step, 0);
    expect_row(Scores(50, 127), step, 0);
    expect_row(Scores(50, -128), step, 0);
    Scores rising;
    for (int score = -128; score < 128; ++score) rising.push_back(static_cast<std::int8_t>(score));
    expect_row(rising, step, 0);
    expect_row({rising.rbegin(), rising.rend()}, step, 0);
  }
}

// A long row: the sum grows by 13 bits.
TEST_F(SoftmaxUnit, AddsUpLongRows) {
  const std::uint32_t step = attention::units::softmax_step(0.1);
  const Scores row = scores(8192, -128, 127);
  begin(step);
  add(row, 0);
  const std::vector<std::uint16_t> golden = attention::units::softmax_row(row, step);
  expect_probabilities({row.begin(), row.begin() + 50}, golden, 0);
}

TEST_F(SoftmaxUnit, MayBeginAnewAtAnyTime) {
  const std::uint32_t step = attention::units::softmax_step(0.1);
  for (int i = 0; i < 60; ++i) {
    const Scores row = scores(5, -128, 127);
    begin(step);
    add(row, 0);
    for (int cycle = below(random_, 80); cycle > 0; --cycle) {
      bench_.set("score_valid_i", random_.chance(0.5) ? 1 : 0);
      bench_.settle();
      tick();
    }
    bench_.set("score_valid_i", 0);
    expect_row(row, step, 0.2);
  }
}

TEST_F(SoftmaxUnit, TakesTheCyclesItStates) {
  const std::uint32_t step = attention::units::softmax_step(0.1);
  const Scores row = scores(20, -128, 127);
  cycles_ = 0;
  expect_row(row, step, 0);
  // Begin, a cycle a score, the sum and its logarithm, the division; then the second pass.
  EXPECT_EQ(cycles_, 1U + 20 + 4 + 17 + 20 * 21);
}

}  // namespace
}  // namespace hasse::unit
