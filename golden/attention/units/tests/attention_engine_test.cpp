// SPDX-License-Identifier: Apache-2.0
// The engine's bit-true model against the real-valued references: what it reads, and how far its
// outputs are from real attention over the same tokens.
#include "golden/attention/units/attention_engine.hpp"

#include <gtest/gtest.h>

#include "golden/attention/figures.hpp"
#include "golden/attention/group_decoder.hpp"
#include "golden/attention/pages.hpp"
#include "golden/attention/streaming.hpp"
#include "golden/attention/top_p.hpp"
#include "golden/attention/units/kv_scaler.hpp"
#include "golden/attention/units/tests/engine_error.hpp"

namespace hasse::attention::units {
namespace {

using tensor::Matrix;

constexpr std::size_t kPage = 16;
constexpr const char* kText = "/usr/share/common-licenses/Artistic";

EngineStep run(const EngineCase& c) {
  return AttentionEngine(kErrorShape).run(c.task, c.queries.queries, c.memory.memory);
}

/// Outputs of `step` are within the bounds of real attention over `tokens`, to stored operands and
/// to real ones.
void expect_near(const EngineCase& c, const EngineStep& step, std::size_t column,
                 const Indices& tokens) {
  const Matrix<double> out = real_outputs(step, c.task, c.memory);
  const HeadOperands stored = stored_operands(c);
  for (const bool is_stored : {true, false}) {
    const HeadOperands& operands = is_stored ? stored : c.real;
    const auto exact = exact_output(operands, column, tokens);
    const double bound = error_bound(c, operands, column, tokens, is_stored).all() + 1e-6;
    for (std::size_t d = 0; d < exact.size(); ++d)
      ASSERT_NEAR(out(column, d), exact[d], bound) << (is_stored ? "stored" : "real");
  }
}

/// Every case of random operands and of the byte-level model, with codes of 4 and 8 bits.
template <class Check>
void for_cases(Check check, std::size_t columns = 2) {
  std::mt19937 random(1);
  std::vector<HeadOperands> all = real_operands(kText, 100, 97);
  for (const std::size_t tokens : {1U, 15U, 16U, 17U, 100U, 300U})
    all.push_back(random_operands(random, columns, tokens));
  for (const HeadOperands& operands : all) {
    for (const int bits : {8, 4}) {
      EngineCase c = engine_case(operands, bits);
      check(c);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

std::size_t pages_of(const EngineCase& c) {
  return (c.task.tokens + kPage - 1) / kPage;
}

/// The case with its first query alone.
EngineCase of_one_query(const EngineCase& c) {
  HeadOperands one = c.real;
  one.q = Matrix<float>(1, c.real.q.cols());
  std::ranges::copy(c.real.q.row(0), one.q.row(0).begin());
  return engine_case(one, c.task.kv_bits);
}

TEST(AttentionEngineModel, DenseIsRealAttentionWithinTheBound) {
  for_cases([](EngineCase& c) {
    const EngineStep step = run(c);
    ASSERT_EQ(step.listed, first_tokens(pages_of(c)));
    ASSERT_EQ(step.value_pages, step.listed);
    for (std::size_t column = 0; column < c.real.q.rows(); ++column) {
      ASSERT_EQ(step.kept[column], c.task.tokens);
      expect_near(c, step, column, first_tokens(c.task.tokens));
    }
  });
}

/// Codes of the pages of a query, in real numbers.
std::vector<double> page_codes(const EngineCase& c) {
  const auto& bounds = c.memory.memory.bounds;
  std::vector<double> codes;
  for (std::size_t p = 0; p < bounds.pages(); ++p) {
    codes.push_back(score_code(page_score(c.queries.queries.row(0), bounds.max(p), bounds.min(p)),
                               c.task.page_shift, kErrorShape.selector.score_bits));
  }
  return codes;
}

TEST(AttentionEngineModel, ReadsThePagesThatTheReferenceSelects) {
  for_cases([](const EngineCase& several) {
    EngineCase c = of_one_query(several);
    c.task.source = PageSource::scores;
    for (const bool force : {true, false}) {
      for (const std::size_t places : {1U, 2U, 5U, 100U}) {
        c.task.places = places;
        c.task.force_last = force;
        const PageRule rule{.budget = places * kPage, .force_last = force, .score_partial = !force};
        const EngineStep step = run(c);
        ASSERT_EQ(step.listed, select_pages(page_codes(c), rule, c.task.tokens)) << places;
        const Indices tokens = tokens_of_pages(step.listed, kPage, c.task.tokens);
        ASSERT_EQ(step.kept[0], tokens.size());
        expect_near(c, step, 0, tokens);
      }
    }
  });
}

/// Probabilities of the case's first query, from scores computed here.
std::vector<double> probabilities(const EngineCase& c) {
  std::vector<std::int8_t> scores;
  const auto query = c.queries.queries.row(0);
  for (const KvPage& page : c.memory.memory.pages) {
    for (const KvWord& key : page.keys) {
      std::int64_t sum = 0;
      std::int32_t query_sum = 0;
      for (std::size_t d = 0; d < query.size(); ++d) {
        sum += query[d] * (key.codes[d] - (1 << (c.task.kv_bits - 1)));
        query_sum += query[d];
      }
      scores.push_back(
          key_score(sum, query_sum, key.low, key.range, c.task.kv_bits, c.task.key_shift));
    }
  }
  std::vector<double> row;
  for (const std::uint16_t p : softmax_row(scores, c.task.step)) row.push_back(p / 65536.0);
  return row;
}

/// All tokens that are as likely as the least likely of those that sorting keeps.
Indices by_sorting(const std::vector<double>& weights, double p) {
  double sum = 0, least = 1;
  for (const double weight : weights) sum += weight;
  if (sum < p) return first_tokens(weights.size());
  for (const std::size_t i : exact_top_p(weights, p)) least = std::min(least, weights[i]);
  Indices kept;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i] >= least) kept.push_back(i);
  return kept;
}

// The mass of what is kept, by real scores, is p less what probabilities and scores are off by.
TEST(AttentionEngineModel, KeepsTheMassThatItIsAskedFor) {
  for_cases([](const EngineCase& several) {
    EngineCase c = of_one_query(several);
    for (const std::uint32_t mass : {1U, 32768U, 55706U, 62259U, 65535U, 65536U}) {
      c.task.mass = mass;
      const double p = mass / 65536.0;
      const EngineStep step = run(c);
      const Indices kept = by_sorting(probabilities(c), p);
      ASSERT_EQ(step.kept[0], kept.size()) << p;
      ASSERT_EQ(step.value_pages, pages_of_tokens(kept, kPage));
      expect_near(c, step, 0, kept);
      const auto all = first_tokens(c.task.tokens);
      const double lost = kSoftmaxError + static_cast<double>(all.size()) * kProbabilityHalf;
      for (const bool is_stored : {true, false}) {
        const HeadOperands operands = is_stored ? stored_operands(c) : c.real;
        const auto scores = scaled_scores(operands.q.row(0), operands.keys(), c.task.tokens);
        const double off = std::tanh(score_error(c, 0, all, is_stored) / 2);
        ASSERT_GE(kept_mass(scores, kept), p - lost - off) << c.task.tokens << " tokens, p " << p;
      }
    }
  });
}

// As the reference does: the largest weight, and those that equal it to 16 bits.
TEST(AttentionEngineModel, NoMassKeepsTheLargest) {
  for_cases([](const EngineCase& several) {
    EngineCase c = of_one_query(several);
    c.task.mass = 0;
    const EngineStep step = run(c);
    const Indices kept = top_p(probabilities(c), {.p = 0}).kept;
    ASSERT_EQ(step.kept[0], kept.size());
    ASSERT_EQ(step.value_pages, pages_of_tokens(kept, kPage));
    expect_near(c, step, 0, kept);
  });
}

// Slots of a streaming head hold the blocks that LServe's rule names, in the order of their tokens.
TEST(AttentionEngineModel, StreamsTheBlocksThatTheReferenceNames) {
  std::mt19937 random(5);
  const StreamRule rule{
      .sink = 2 * kPage, .recent = 4 * kPage, .unit = StreamUnit::blocks, .block = kPage};
  StreamAddresser addresser(rule.sink_blocks(), rule.ring_blocks());
  for (std::size_t tokens = 1; tokens < 16 * kPage; ++tokens) {
    if (tokens % kPage == 1) addresser.next();
    Indices slots;
    const Indices seen = stream_tokens(rule, tokens - 1);
    for (const std::size_t block : pages_of_tokens(seen, kPage))
      slots.push_back(ring_slot(block, rule.sink_blocks(), rule.ring_blocks()));
    ASSERT_EQ(addresser.slots(), slots) << tokens;
    if (tokens % 37 != 0) continue;
    EngineCase c = engine_case(random_operands(random, 2, tokens), 8);
    KvMemory ring{std::vector<KvPage>(7), PageStatsUnit(kPage, kErrorShape.dim)};
    for (const std::size_t block : pages_of_tokens(seen, kPage))
      ring.pages[ring_slot(block, 2, 5)] = c.memory.memory.pages[block];
    c.task.source = PageSource::stream;
    const EngineStep step =
        AttentionEngine(kErrorShape).run(c.task, c.queries.queries, ring, slots);
    ASSERT_EQ(step.listed, slots);
    for (const std::size_t column : {0U, 1U}) expect_near(c, step, column, seen);
  }
}

/// Whole numbers, small enough for page scores to be exact codes.
HeadOperands whole_operands(std::mt19937& random, std::size_t columns, std::size_t tokens) {
  HeadOperands operands = random_operands(random, columns, tokens);
  for (Matrix<float>* m : {&operands.q, &operands.k}) {
    for (std::size_t r = 0; r < m->rows(); ++r) {
      for (float& x : m->row(r)) x = std::clamp(std::rint(4 * x), -15.0F, 15.0F);
    }
  }
  return operands;
}

std::vector<std::int8_t> as_bytes(std::span<const float> whole) {
  std::vector<std::int8_t> bytes;
  for (const float x : whole) bytes.push_back(static_cast<std::int8_t>(x));
  return bytes;
}

/// A step over pages of `whole` operands, their bounds and queries as they are.
EngineCase whole_case(const HeadOperands& whole, const EngineShape& shape) {
  EngineCase c = engine_case(whole, 8, shape);
  c.memory.memory.bounds = PageStatsUnit(shape.logical_page(), shape.dim);
  for (std::size_t t = 0; t < whole.k.rows(); ++t)
    c.memory.memory.bounds.append(as_bytes(whole.k.row(t)));
  c.queries.queries = {whole.q.rows(), shape.dim, as_bytes(whole.q.values())};
  c.task.source = PageSource::scores;
  c.task.page_shift = 0;
  return c;
}

/// The tokens that the decoder of a policy that does as `task` reads.
std::vector<Indices> decoded(const EngineTask& task, const EngineShape& shape,
                             const HeadOperands& whole) {
  HeadPolicy policy;
  policy.select = Select::pages;
  policy.group_union = task.unite;
  policy.pages = {.page = shape.page,
                  .logical_page = shape.logical_page(),
                  .budget = task.places * shape.page,
                  .force_last = task.force_last,
                  .score_partial = !task.force_last};
  GroupDecoder decoder(policy, {whole.k, whole.k}, 0, shape.dim, whole.q.rows());
  for (std::size_t t = 0; t < whole.k.rows(); ++t) decoder.append();
  CacheFigures figures;
  return decoder.choose(whole.q, 8, figures);
}

// Logical pages, a list for every query head or one for all of them.
TEST(AttentionEngineModel, ChoosesAsTheGroupDecoder) {
  std::mt19937 random(6);
  const EngineShape shape{.dim = 32, .page = 32, .logical_pages = 2};
  for (int i = 0; i < 40; ++i) {
    const HeadOperands whole = whole_operands(random, 3, 1 + random() % 400);
    EngineCase c = whole_case(whole, shape);
    c.task.places = 1 + random() % 5;
    c.task.force_last = i % 2 == 0;
    c.task.unite = i % 4 < 2;
    const auto tokens = decoded(c.task, shape, whole);
    const EngineStep step = AttentionEngine(shape).run(c.task, c.queries.queries, c.memory.memory);
    ASSERT_EQ(step.listed, pages_of_tokens(unite(tokens), shape.page)) << i;
    for (std::size_t q = 0; q < tokens.size(); ++q) ASSERT_EQ(step.kept[q], tokens[q].size()) << i;
  }
}

TEST(AttentionEngineModel, EqualScoresGiveTheMean) {
  std::mt19937 random(7);
  for (const std::size_t tokens : {1U, 15U, 16U, 17U, 200U}) {
    EngineCase c = engine_case(random_operands(random, 1, tokens), 8);
    c.queries.queries = Matrix<std::int8_t>(1, kErrorShape.dim, std::int8_t{0});
    std::ranges::fill(c.real.q.row(0), 0.0F);
    expect_near(c, run(c), 0, first_tokens(tokens));
    c.task.mass = 32768;
    EXPECT_EQ(run(c).kept[0], tokens) << "all of a tie";
  }
}

// Scores of 127 and -128: the former share everything.
TEST(AttentionEngineModel, SaturatedScoresShareEvenly) {
  std::mt19937 random(8);
  HeadOperands operands = random_operands(random, 1, 40);
  Indices high;
  for (std::size_t t = 0; t < 40; ++t) {
    if (t % 3 == 0) high.push_back(t);
    std::ranges::fill(operands.k.row(t), t % 3 == 0 ? 1.0F : -1.0F);
  }
  std::ranges::fill(operands.q.row(0), 1.0F);
  EngineCase c = engine_case(operands, 8);
  c.task.key_shift -= 3;
  c.task.step = softmax_step(.2);
  const auto out = real_outputs(run(c), c.task, c.memory);
  HeadOperands even = operands;
  std::ranges::fill(even.q.row(0), 0.0F);
  const auto mean = exact_output(even, 0, high);
  ErrorBound bound = error_bound(c, operands, 0, high, false);
  bound.scores = 0;
  for (std::size_t d = 0; d < mean.size(); ++d) EXPECT_NEAR(out(0, d), mean[d], bound.all());
}

TEST(AttentionEngineModel, WhoSeesNothingGetsNothing) {
  std::mt19937 random(9);
  EngineCase c = engine_case(random_operands(random, 3, 10), 8);
  c.task.visible = {0, 0, 0};
  for (const bool prune : {false, true}) {
    if (prune) c.task.mass = 60000;
    const EngineStep step = run(c);
    for (const std::int32_t out : step.out.values()) EXPECT_EQ(out, 0);
    EXPECT_EQ(step.kept, (std::vector<std::size_t>{0, 0, 0}));
  }
}

// What docs/attention.md states, in units of the largest value.
TEST(AttentionEngineModel, ErrorsAreThoseThatAreStated) {
  const auto operands = real_operands(kText, 200, 13);
  for (const int bits : {8, 4}) {
    const EngineErrors errors = engine_errors(operands, bits);
    EXPECT_LT(errors.stored.mean, 0.002);
    EXPECT_LT(errors.stored.worst, bits == 8 ? 0.032 : 0.048);
    EXPECT_LT(errors.real.mean, bits == 8 ? 0.0025 : 0.016);
    EXPECT_LT(errors.real.worst, bits == 8 ? 0.035 : 0.25);
    EXPECT_LT(errors.stored.bound.all(), 0.08);
  }
}

}  // namespace
}  // namespace hasse::attention::units
