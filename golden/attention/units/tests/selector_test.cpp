// SPDX-License-Identifier: Apache-2.0
// The selector against sorting, and its cycles against the limits that were set.
#include "golden/attention/units/selector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "golden/attention/pages.hpp"

namespace hasse::attention::units {
namespace {

using Scores = std::vector<std::uint32_t>;

constexpr SelectorShape kDefault;

Scores uniform(std::size_t count, std::uint32_t below, std::uint32_t seed) {
  std::mt19937 random(seed);
  Scores scores(count);
  for (std::uint32_t& score : scores) score = random() % below;
  return scores;
}

/// Scores as a softmax has them: few large, most tiny.
Scores peaked(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> logit(0, 3);
  Scores scores(count);
  for (std::uint32_t& score : scores) {
    score = static_cast<std::uint32_t>(65535 * std::exp(std::min(logit(random) - 8, 0.0)));
  }
  return scores;
}

/// What sorting keeps of unforced scores, joined with the forced ones.
std::vector<std::size_t> by_sorting(const Scores& scores, const std::vector<bool>& forced,
                                    std::size_t k) {
  std::vector<double> values(scores.begin(), scores.end());
  std::size_t count = 0;
  for (std::size_t i = 0; i < forced.size(); ++i) {
    if (!forced[i]) continue;
    values[i] = 1e9;
    ++count;
  }
  return top_k(values, std::max(k, count), Ties::lowest);
}

/// The highest threshold whose scores reach `target`, and all that are not below it.
std::vector<std::size_t> by_mass(const Scores& scores, std::uint64_t target) {
  Scores sorted = scores;
  std::ranges::sort(sorted, std::greater{});
  std::uint64_t sum = 0;
  std::size_t i = 0;
  while (i < sorted.size() && sum < target) sum += sorted[i++];
  std::vector<std::size_t> kept;
  for (std::size_t s = 0; i > 0 && s < scores.size(); ++s) {
    if (scores[s] >= sorted[i - 1]) kept.push_back(s);
  }
  return kept;
}

TEST(SelectorTopK, EqualsSorting) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const std::size_t count = 1 + seed * 37 % 700;
    for (const auto& scores : {uniform(count, 65536, seed), uniform(count, 7, seed),
                               peaked(count, seed), Scores(count, 65535), Scores(count, 0)}) {
      for (const std::size_t k : {std::size_t{0}, std::size_t{1}, count / 3, count, count + 5}) {
        const SelectorTask task{.scores = scores, .target = k};
        const SelectorResult result = select(kDefault, task);
        EXPECT_EQ(result.kept, by_sorting(scores, {}, k)) << seed << ' ' << k;
        EXPECT_LE(result.cycles, most_select_cycles(kDefault, count));
      }
    }
  }
}

TEST(SelectorTopK, ForcedPagesTakePlaces) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const Scores scores = uniform(100, 50, seed);
    std::vector<bool> forced(100);
    forced[0] = forced[99] = forced[seed] = true;
    for (const std::size_t k : {0U, 1U, 3U, 4U, 30U, 100U}) {
      const SelectorTask task{.scores = scores, .forced = forced, .target = k};
      EXPECT_EQ(select(kDefault, task).kept, by_sorting(scores, forced, k)) << seed << ' ' << k;
    }
  }
}

TEST(SelectorTopP, EqualsSorting) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    const std::size_t count = 1 + seed * 37 % 700;
    for (const auto& scores :
         {uniform(count, 65536, seed), uniform(count, 7, seed), peaked(count, seed)}) {
      const auto all = std::accumulate(scores.begin(), scores.end(), std::uint64_t{0});
      for (const std::uint64_t target : {std::uint64_t{0}, std::uint64_t{1}, all / 2, all}) {
        const SelectorTask task{.scores = scores, .by_mass = true, .target = target};
        EXPECT_EQ(select(kDefault, task).kept, by_mass(scores, target)) << seed << ' ' << target;
      }
    }
  }
}

TEST(SelectorTopP, KeepsAllWhenTheTargetIsOutOfReach) {
  const Scores scores = {5, 0, 9};
  const SelectorTask task{.scores = scores, .by_mass = true, .target = 15};
  EXPECT_EQ(select(kDefault, task).kept, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(SelectorTopP, ForcedScoresCountTowardsTheSum) {
  const Scores scores = {5, 1, 9, 2};
  const SelectorTask task{
      .scores = scores, .forced = {false, true, false, true}, .by_mass = true, .target = 10};
  EXPECT_EQ(select(kDefault, task).kept, (std::vector<std::size_t>{1, 2, 3}));
}

TEST(SelectorEdges, NoScores) {
  EXPECT_TRUE(select(kDefault, {.target = 4}).kept.empty());
  EXPECT_TRUE(select(kDefault, {.by_mass = true, .target = 4}).kept.empty());
}

TEST(SelectorCycles, MeetTheLimitsThatWereSet) {
  EXPECT_EQ(most_select_cycles(kDefault, 2048), 268U) << "asked for: at most 300";
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& scores : {uniform(2048, 65536, seed), peaked(2048, seed)}) {
      const SelectorResult result = select(kDefault, {.scores = scores, .target = 256});
      EXPECT_LE(result.cycles, 268U);
      EXPECT_LE(result.scans, 2);
    }
  }
}

TEST(SelectorCycles, TwelveBitScoresNeedOneScan) {
  const SelectorShape shape{.score_bits = 12};
  EXPECT_EQ(most_select_cycles(shape, 2048), 137U) << "the stretch: at most 150";
  const Scores scores = uniform(2048, 4096, 1);
  const SelectorResult result = select(shape, {.scores = scores, .target = 256});
  EXPECT_EQ(result.scans, 1);
  EXPECT_EQ(result.cycles, 137U);
  EXPECT_EQ(result.kept, by_sorting(scores, {}, 256));
}

TEST(SelectorCycles, SkipScansThatDecideNothing) {
  Scores scores(2048);
  std::iota(scores.begin(), scores.end(), 0U);
  const SelectorResult whole = select(kDefault, {.scores = scores, .target = 256});
  EXPECT_EQ(whole.scans, 1) << "sixteen scores a counter: 256 end with one";
  EXPECT_EQ(whole.cycles, 137U);
  EXPECT_EQ(select(kDefault, {.scores = scores, .target = 255}).scans, 2);
}

TEST(SelectorCycles, WorstCaseOfEveryShapeIsFiveScans) {
  for (const int bits : {12, 16, 20, 24, 28}) {
    const SelectorShape shape{.score_bits = bits};
    const Scores scores = uniform(500, 3, 1);  // all on one threshold until the last digit
    const SelectorResult result = select(shape, {.scores = scores, .target = 250});
    EXPECT_EQ(result.scans, 1 + (bits - 12) / 4);
    EXPECT_LE(result.scans, 5);
    EXPECT_EQ(result.cycles, most_select_cycles(shape, 500));
    EXPECT_EQ(result.kept, by_sorting(scores, {}, 250));
  }
}

}  // namespace
}  // namespace hasse::attention::units
