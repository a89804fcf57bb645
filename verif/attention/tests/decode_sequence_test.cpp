// SPDX-License-Identifier: Apache-2.0
// The steps that are made for an engine attend to what the policies' references attend to.
#include "verif/attention/decode_sequence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "generator/design/design.hpp"
#include "golden/attention/streaming.hpp"

namespace hasse::harness {
namespace {

using attention::HeadRows;
using attention::Indices;

constexpr std::size_t kTokens = 300, kSteps = 20;
/// Of outputs, in units of the largest value: what scores and codes of eight bits cost.
constexpr double kError = 0.03;

class DecodeSequenceTest : public testing::Test {
 protected:
  DecodeSequenceTest() {
    DecodeOptions options;
    options.tokens = kTokens;
    options.steps = kSteps;
    options.kv_head = 1;
    sequence_ = make_sequence(g_, options);
  }

  /// Real attention of query head `head` of the last of `tokens` tokens over `seen`.
  std::vector<double> real(std::size_t head, std::size_t tokens, const Indices& seen) const {
    const HeadRows keys(layer_.k, 1, layer_.dim), values(layer_.v, 1, layer_.dim);
    const HeadRows queries(layer_.q, layer_.group() + head, layer_.dim);
    const auto scores = attention::scaled_scores(queries[tokens - 1], keys, tokens);
    return attention::weighted_values(attention::softmax(scores, seen), seen, values);
  }

  /// Steps of the series by `name`, on the bit-true model, give what `seen_by` says of a position.
  template <class SeenBy>
  void expect_near(const std::string& name, const SeenBy& seen_by) const {
    const auto series =
        std::ranges::find(sequence_.series, name, [](const auto& one) { return one.setting.name; });
    ASSERT_NE(series, sequence_.series.end()) << name;
    ASSERT_EQ(series->steps.size(), kSteps);
    float most = 0;
    for (const float value : layer_.v.values()) most = std::max(most, std::fabs(value));
    for (const DecodeStep& step : series->steps) {
      attention::units::AttentionEngine engine(shape_of(g_));
      const auto outputs =
          real_outputs(engine.run(step.task, step.queries.queries, step.memory.memory, step.slots),
                       step.task, step.memory);
      for (std::size_t head = 0; head < outputs.rows(); ++head) {
        const auto exact = real(head, step.task.tokens, seen_by(step.task.tokens - 1));
        for (std::size_t d = 0; d < layer_.dim; ++d)
          ASSERT_NEAR(outputs(head, d), exact[d], kError * most)
              << name << ", " << step.task.tokens << " tokens";
      }
    }
  }

  units::AttentionGeometry g_{design::load(HASSE_SOURCE_DIR "/flows/designs/bytelm.json")};
  LayerOperands layer_ = layer_operands(2);
  DecodeSequence sequence_;
};

TEST_F(DecodeSequenceTest, DenseStepsSeeAllTokens) {
  expect_near("dense", [](std::size_t position) { return attention::first_tokens(position + 1); });
}

// Blocks fill, begin and leave the ring on the way.
TEST_F(DecodeSequenceTest, StreamingStepsSeeTheRing) {
  attention::StreamRule rule;
  rule.unit = attention::StreamUnit::blocks;
  rule.block = 16;
  rule.sink = 16;
  rule.recent = 64;
  expect_near("streaming",
              [&](std::size_t position) { return attention::stream_tokens(rule, position); });
}

TEST_F(DecodeSequenceTest, ScoredStepsReadAQuarter) {
  const DecodeSeries& quest = sequence_.series.at(2);
  EXPECT_EQ(quest.setting.name, "Quest");
  for (const DecodeStep& step : quest.steps) {
    EXPECT_EQ(step.task.source, attention::units::PageSource::scores);
    EXPECT_EQ(step.task.places, kTokens / 4 / 16);
    EXPECT_FALSE(step.task.mass);
  }
  EXPECT_EQ(sequence_.series.at(3).steps.front().task.mass, 55706U);
}

// Where Quest or LServe would not select, neither does the engine.
TEST(DecodeTask, IsDenseWhereThePolicyIs) {
  const units::AttentionGeometry g(design::load(HASSE_SOURCE_DIR "/flows/designs/bytelm.json"));
  HeadSetting setting{.name = "budget of four pages"};
  setting.policy.select = attention::Select::pages;
  setting.policy.pages.budget = 64;
  using enum attention::units::PageSource;
  EXPECT_EQ(decode_task(setting, 64, 2, g).source, window);
  EXPECT_EQ(decode_task(setting, 65, 2, g).source, scores);
  setting.policy.pages.dense_when = attention::DenseWhen::history_fits;
  EXPECT_EQ(decode_task(setting, 65, 2, g).source, window);
  EXPECT_EQ(decode_task(setting, 66, 2, g).source, scores);
  EXPECT_EQ(decode_task(setting, 66, 2, g).visible, (std::vector<std::size_t>{2, 2}));
}

}  // namespace
}  // namespace hasse::harness
