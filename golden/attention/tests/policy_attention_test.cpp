// SPDX-License-Identifier: Apache-2.0
// Windows under policies: budgets of everything are dense, bytes follow the formulas.
#include "golden/attention/policy_attention.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "golden/attention/group_decoder.hpp"
#include "golden/attention/kv_codes.hpp"
#include "golden/attention/tests/random_heads.hpp"
#include "golden/model/operators.hpp"

namespace hasse::attention {
namespace {

using tensor::Matrix;

constexpr std::size_t kTokens = 150;
constexpr std::size_t kDim = 16;
constexpr std::size_t kHeads = 4;
constexpr std::size_t kKvHeads = 2;

/// One layer of random heads.
struct Window {
  Matrix<float> q = gaussian(kTokens, kHeads* kDim, 1);
  Matrix<float> k = gaussian(kTokens, kKvHeads* kDim, 2);
  Matrix<float> v = gaussian(kTokens, kKvHeads* kDim, 3);
};

struct Ran {
  Matrix<float> out;
  Figures figures;
};

Ran run(const HeadPolicy& head, const Schedule& schedule = {}, int kv_bits = 16,
        const Window& window = {}) {
  Policy policy = dense_policy({1, kKvHeads});
  policy.kv_bits = kv_bits;
  policy.heads[0].assign(kKvHeads, head);
  Figures figures(1, kHeads, kKvHeads);
  auto out = PolicyAttention(policy, schedule, figures)(0, window.q, window.k, window.v);
  return {std::move(out), std::move(figures)};
}

HeadPolicy pages(std::size_t page, std::size_t budget) {
  HeadPolicy policy = *system_policy("quest");
  policy.pages.page = policy.pages.logical_page = page;
  policy.pages.budget = budget;
  return policy;
}

void expect_dense(const Matrix<float>& out) {
  const Window window;
  const auto dense = model::attend(window.q, window.k, window.v, kDim);
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out.data()[i], dense.data()[i], 2e-5);
}

TEST(PolicyAttention, WholeBudgetsAreDense) {
  for (const std::string& name : system_names()) {
    HeadPolicy head = *system_policy(name);
    head.pages.budget = head.stream.recent = 192;  // whole pages of 64
    if (head.prune) head.top_p.p = 1;
    const Ran ran = run(head);
    if (!head.prune) expect_dense(ran.out);
    EXPECT_NEAR(ran.figures.all_queries().mean_mass(), 1, head.prune ? 1e-3 : 1e-9) << name;
  }
  expect_dense(run({}).out);
}

TEST(PolicyAttention, PromptsAreDenseButForStreamingHeads) {
  HeadPolicy head = pages(16, 16);
  expect_dense(run(head, {.prefill = kTokens}).out);
  head.select = Select::stream;
  head.stream = {.sink = 4, .recent = 8, .prefill_recent = 8};
  expect_dense(run(head, {.prefill = kTokens}).out);
  EXPECT_NE(run(head, {.prefill = kTokens, .chunk = 32}).out, run(head, {.prefill = kTokens}).out);
}

TEST(PolicyAttention, DecodingReadsNothingAhead) {
  const Ran whole = run(pages(8, 24));
  Window cut;
  for (std::size_t t = 100; t < kTokens; ++t) {
    for (float& value : cut.k.row(t)) value = 50;
    for (float& value : cut.v.row(t)) value = 50;
  }
  const Ran changed = run(pages(8, 24), {}, 16, cut);
  for (std::size_t t = 0; t < 100; ++t) {
    EXPECT_TRUE(std::ranges::equal(whole.out.row(t), changed.out.row(t))) << t;
  }
}

TEST(PolicyAttention, QuestReadsWhatItsFormulaSays) {
  const Schedule last{.prefill = kTokens - 7};  // 143..149: ten pages of 16, at most 150 tokens
  const CacheFigures read = run(pages(16, 64), last).figures.all_caches();
  EXPECT_EQ(read.steps, 7 * kKvHeads);
  EXPECT_EQ(read.selections, read.steps);
  const double vector = kDim * 2;
  EXPECT_EQ(read.stats_bytes,
            static_cast<double>(read.steps) * 2 * vector * 8.0 + 6 * 2 * 2 * vector)
      << "pages before the last: 8 at 143 tokens, then 9";
  EXPECT_EQ(read.dense_bytes, 2.0 * 2 * vector * (144 + 145 + 146 + 147 + 148 + 149 + 150));
}

TEST(PolicyAttention, ReuseChoosesAtMultiples) {
  HeadPolicy head = pages(16, 32);
  head.pages.reuse = 4;
  const CacheFigures reused = run(head, {.prefill = 90}).figures.all_caches();
  EXPECT_EQ(reused.steps, 60 * kKvHeads);
  EXPECT_EQ(reused.selections, 16 * kKvHeads) << "at 90, then 92, 96, ..., 148";
}

TEST(PolicyAttention, ReusedDenseListOutlivesTheBudget) {
  HeadPolicy head = pages(16, 64);
  head.pages.reuse = 4;
  head.pages.dense_when = DenseWhen::history_fits;
  const auto kept = run(head, {.prefill = 64, .from = 67}).figures.queries[0][0].kept;
  EXPECT_EQ(kept.quantile(1), 68U) << "position 67 still reads the dense list of 64";
}

TEST(PolicyAttention, TopPKeepsItsMass) {
  for (const double p : {.5, .85, .95}) {
    HeadPolicy head;
    head.prune = true;
    head.estimate_bits = 16;
    head.top_p.p = p;
    const QueryFigures queries = run(head).figures.all_queries();
    EXPECT_GE(queries.mean_mass(), p);
    EXPECT_LT(queries.mean_mass(), 1);
    EXPECT_DOUBLE_EQ(queries.mean_recall(), 1) << "exact scores keep the best";
  }
}

TEST(PolicyAttention, EstimatesOfFewerBitsRecallLess) {
  HeadPolicy head;
  head.prune = true;
  double before = 1;
  for (const int bits : {8, 4, 2}) {
    head.estimate_bits = bits;
    const double recall = run(head).figures.all_queries().mean_recall();
    EXPECT_LT(recall, before) << bits;
    before = recall;
  }
  EXPECT_GT(before, .5);
}

TEST(PolicyAttention, GroupUnionReadsForAllItsQueries) {
  HeadPolicy head;
  head.prune = true;
  const Ran apart = run(head);
  head.group_union = true;
  const Ran together = run(head);
  EXPECT_GT(together.figures.all_queries().kept.mean(), apart.figures.all_queries().kept.mean());
  EXPECT_EQ(together.figures.all_caches().token_bytes, apart.figures.all_caches().token_bytes)
      << "the cache is read once for all queries of a KV head either way";
  EXPECT_EQ(together.figures.all_caches().estimate_bytes,
            kKvHeads * (kDim / 2.0 + 4) * kTokens * (kTokens + 1) / 2);
}

TEST(PolicyAttention, TopPBeforeOrAfterTheSelection) {
  HeadPolicy head = pages(16, 64);
  head.prune = true;
  const double before = run(head).figures.all_queries().kept.mean();
  head.estimate_all = true;
  EXPECT_GT(run(head).figures.all_queries().kept.mean(), before)
      << "the share is of all tokens' mass, not of the pages' alone";
}

TEST(PolicyAttention, FewBitsOfCacheCostLittle) {
  const Window window;
  const auto dense = model::attend(window.q, window.k, window.v, kDim);
  double before = 0;
  for (const int bits : {16, 8, 4}) {
    const Ran ran = run({}, {}, bits);
    double error = 0;
    for (std::size_t i = 0; i < dense.size(); ++i) {
      error = std::max(error, std::fabs(static_cast<double>(ran.out.data()[i] - dense.data()[i])));
    }
    EXPECT_GT(error, before) << bits;
    EXPECT_LT(error, .5) << bits;
    before = error;
    EXPECT_EQ(ran.figures.all_caches().dense_bytes,
              kKvHeads * 2 * kv_bytes(kDim, bits) * kTokens * (kTokens + 1) / 2);
  }
}

TEST(PolicyAttention, EqualScoresReadTheLowestPages) {
  Window window;
  window.k = Matrix<float>(kTokens, kKvHeads * kDim, 1.0F);
  const Ran ran = run(pages(16, 48), {.prefill = 144}, 16, window);
  EXPECT_EQ(ran.figures.all_caches().pages_read, 3 * ran.figures.all_caches().steps);
  EXPECT_EQ(ran.figures.all_queries().kept.quantile(1), 38U) << "two whole pages and 6 tokens";
}

TEST(Unite, IsTheSortedUnion) {
  EXPECT_EQ(unite({{1, 4}, {}, {0, 4, 9}}), (Indices{0, 1, 4, 9}));
  EXPECT_TRUE(unite({}).empty());
}

}  // namespace
}  // namespace hasse::attention
