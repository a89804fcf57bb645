// SPDX-License-Identifier: Apache-2.0
// The bound of a page, the hand vectors of LServe's figure 7, and every rule of selection.
#include "golden/attention/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "golden/attention/tests/random_heads.hpp"

namespace hasse::attention {
namespace {

using Key = std::array<float, 8>;

PageStats stats_of(const std::vector<Key>& keys, std::size_t page) {
  PageStats stats(page, 8);
  for (const Key& key : keys) stats.append(key);
  return stats;
}

PageRule rule_of(std::size_t page, std::size_t budget) {
  PageRule rule;
  rule.page = rule.logical_page = page;
  rule.budget = budget;
  return rule;
}

// LServe (arXiv 2502.14866) figure 7: physical pages of 8 tokens, logical pages of 4.
constexpr Key kQuery = {1, -2, 2, -2, 1, 1, 1, -3};
const std::vector<Key> kKeys = {
    {-1, 2, -6, 8, 0, -6, 0, 6},  {2, 2, -1, 1, 4, 4, -2, -2},  {-6, 3, 1, 6, 2, 1, 2, -1},
    {-2, -1, 2, 8, -5, 5, -6, 1}, {0, -2, 3, -3, -3, 1, 5, 0},  {3, -1, -2, 0, 2, 4, 5, 7},
    {2, 6, -8, 4, -3, -7, 2, -1}, {4, 5, -4, 2, -8, 2, -3, -3}, {-7, -4, 1, -5, -5, -5, -8, -5},
    {2, -3, 5, 7, 3, 7, -2, -2},  {6, -3, -7, 1, 8, -4, 7, -2}, {-2, 6, 8, 3, -3, 8, -8, -1},
    {-2, 7, 0, 3, 0, 3, 0, -7},   {2, 0, -5, 4, -5, 6, 2, 1},   {-1, 8, -8, -3, 4, 5, 1, 2},
    {-4, 0, -3, -5, 1, 0, 6, 4}};

TEST(PageScore, GivesThePublishedFigure) {
  const PageStats stats = stats_of(kKeys, 4);
  const std::array<float, 8> most = {2, 3, 2, 8, 4, 5, 2, 6};
  const std::array<float, 8> least = {-4, 0, -8, -5, -5, 0, 0, -7};
  EXPECT_TRUE(std::ranges::equal(stats.max(0), most));
  EXPECT_TRUE(std::ranges::equal(stats.min(3), least));
  const auto logical = page_scores(kQuery, stats);
  EXPECT_EQ(logical, (std::vector<double>{23, 40, 78, 49}));
  EXPECT_EQ(reduce_pages(logical, 2), (std::vector<double>{40, 78}));
}

TEST(PageScore, BoundsEveryKeyOfThePage) {
  for (const std::size_t page : {1U, 3U, 7U, 16U, 32U}) {
    const auto keys = gaussian(213, 16, 5);
    const auto queries = gaussian(20, 16, 6);
    PageStats stats(page, 16);
    for (std::size_t t = 0; t < keys.rows(); ++t) stats.append(keys.row(t));
    for (std::size_t i = 0; i < queries.rows(); ++i) {
      const auto scores = page_scores(queries.row(i), stats);
      for (std::size_t t = 0; t < keys.rows(); ++t) {
        EXPECT_GE(scores[t / page], dot(queries.row(i), keys.row(t)) - 1e-9);
      }
    }
  }
}

TEST(PageScore, OfOneTokenIsItsProduct) {
  const PageStats stats = stats_of({kKeys[0]}, 16);
  EXPECT_EQ(page_score(kQuery, stats.max(0), stats.min(0)), dot(kQuery, kKeys[0]));
}

TEST(PageStats, BeginEveryPageAfresh) {
  const PageStats stats = stats_of({kKeys[1], kKeys[0], kKeys[4]}, 2);
  EXPECT_EQ(stats.pages(), 2U);
  EXPECT_TRUE(std::ranges::equal(stats.max(1), kKeys[4]));
  EXPECT_TRUE(std::ranges::equal(stats.min(1), kKeys[4]));
}

TEST(ReducePages, TakesAnIncompleteLastPage) {
  EXPECT_EQ(reduce_pages(std::vector<double>{1, 2, -3}, 2), (std::vector<double>{2, -3}));
  EXPECT_TRUE(reduce_pages({}, 2).empty());
}

TEST(TopK, LowestOrHighestIndexWinsTies) {
  const std::vector<double> scores = {3, 5, 3, 3, 1};
  EXPECT_EQ(top_k(scores, 3, Ties::lowest), (Indices{0, 1, 2}));
  EXPECT_EQ(top_k(scores, 3, Ties::highest), (Indices{1, 2, 3}));
  EXPECT_EQ(top_k(scores, 9, Ties::lowest), first_tokens(5));
  EXPECT_TRUE(top_k(scores, 0, Ties::lowest).empty());
}

TEST(SelectPages, QuestsKernelForcesTheLastPage) {
  const std::vector<double> scores = {9, 1, 8, 7, 99};
  EXPECT_EQ(select_pages(scores, rule_of(4, 12), 18), (Indices{0, 2, 4}));
  EXPECT_EQ(select_pages(scores, rule_of(4, 4), 18), (Indices{4}));
}

TEST(SelectPages, QuestsEvaluationScoresThePartialPage) {
  PageRule rule = rule_of(4, 4);
  rule.force_last = false;
  rule.score_partial = true;
  rule.min_pages = 3;
  EXPECT_EQ(select_pages(std::vector<double>{9, 1, 8, 7, 2}, rule, 18), (Indices{0, 2, 3}));
}

TEST(SelectPages, ForcedPageThatCompetesTakesNoSecondPlace) {
  PageRule rule = rule_of(4, 8);
  rule.score_partial = true;
  EXPECT_EQ(select_pages(std::vector<double>{9, 1, 8, 7, 99}, rule, 18), (Indices{0, 4}));
  EXPECT_EQ(select_pages(std::vector<double>{9, 1, 8, 7, 2}, rule, 18), (Indices{0, 4}));
}

TEST(SelectPages, BudgetRoundsDownOrUp) {
  PageRule rule = rule_of(16, 40);
  EXPECT_EQ(rule.places(1000), 2U);
  rule.rounding = Rounding::up;
  EXPECT_EQ(rule.places(1000), 3U);
}

TEST(SelectPages, DenseIsDecidedByPagesOrByHistory) {
  PageRule rule = rule_of(64, 4096);
  EXPECT_TRUE(rule.dense(4096));
  EXPECT_FALSE(rule.dense(4097));
  rule.dense_when = DenseWhen::history_fits;
  EXPECT_TRUE(rule.dense(4097));
  EXPECT_FALSE(rule.dense(4098));
}

TEST(SelectPages, EveryEdgeOfTheHistory) {
  for (const std::size_t tokens : {1U, 15U, 16U, 17U, 31U, 32U, 33U}) {
    const PageRule rule = rule_of(16, 32);
    const std::vector<double> equal(rule.pages(tokens), 4.0);
    const Indices pages = select_pages(equal, rule, tokens);
    EXPECT_EQ(pages.back(), (tokens - 1) / 16) << tokens;
    EXPECT_EQ(pages.size(), std::min<std::size_t>(2, rule.pages(tokens))) << tokens;
    EXPECT_EQ(pages.front(), 0U) << "the lowest index wins";
  }
}

TEST(SelectPages, APlantedNeedleIsAlwaysRead) {
  auto keys = gaussian(512, 32, 7);
  const auto q = gaussian(1, 32, 8);
  for (std::size_t d = 0; d < 32; ++d) keys(133, d) = 3 * q(0, d);
  PageStats stats(16, 32);
  for (std::size_t t = 0; t < keys.rows(); ++t) stats.append(keys.row(t));
  const auto pages = select_pages(page_scores(q.row(0), stats), rule_of(16, 32), 512);
  EXPECT_EQ(pages, (Indices{133 / 16, 31}));
}

// A page of two keys that never meet in one token outscores the page of the best key, unless
// logical pages are smaller: Quest and LServe rank differently.
TEST(SelectPages, LogicalPagesRankDifferently) {
  const std::vector<Key> keys = {{9, 0, 0, 0, 0, 0, 0, 0},
                                 {0, 9, 0, 0, 0, 0, 0, 0},
                                 {6, 6, 0, 0, 0, 0, 0, 0},
                                 {0, 0, 0, 0, 0, 0, 0, 0}};
  const Key q = {1, 1, 0, 0, 0, 0, 0, 0};
  const auto quest = page_scores(q, stats_of(keys, 2));
  const auto lserve = reduce_pages(page_scores(q, stats_of(keys, 1)), 2);
  EXPECT_EQ(top_k(quest, 1, Ties::lowest), (Indices{0}));
  EXPECT_EQ(top_k(lserve, 1, Ties::lowest), (Indices{1}));
}

TEST(PageTokens, GoBackAndForth) {
  EXPECT_EQ(tokens_of_pages({0, 2}, 4, 10), (Indices{0, 1, 2, 3, 8, 9}));
  EXPECT_EQ(pages_of_tokens({0, 3, 8, 9}, 4), (Indices{0, 2}));
  EXPECT_TRUE(tokens_of_pages({}, 4, 10).empty());
}

}  // namespace
}  // namespace hasse::attention
