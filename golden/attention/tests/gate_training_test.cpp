// SPDX-License-Identifier: Apache-2.0
// Gradients of gates against differences, and a model in which it is known which heads matter.
#include "golden/attention/gate_training.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "golden/attention/head_gates.hpp"
#include "golden/attention/passkey.hpp"
#include "golden/attention/tests/copying_model.hpp"
#include "golden/model/operators.hpp"
#include "golden/model/tests/tiny_model.hpp"

namespace hasse::attention {
namespace {

using tensor::Matrix;

/// Two layers of one KV head, windows of 96 bytes.
model::Llama tiny() {
  return model::Llama(model::tiny_file(model::tiny_tensors(),
                                       model::tiny_metadata({{"max_position_embeddings", "96"}})));
}

const std::string kText = "The quick brown fox jumps over the lazy dog, and then it sleeps.";

TEST(GatedModel, WithOpenGatesIsTheModel) {
  const model::Llama model = tiny();
  const auto tokens = model::byte_tokens(kText);
  const GatedModel gated(model, 1, 3);
  const auto hidden = gated.hidden(tokens, Matrix<float>(2, 1, 1.0F));
  const auto logits = model.forward(tokens);
  // The embedding of a byte is what its logit multiplies the hidden state with.
  const auto embedded = model.embed(model::byte_tokens("x"));
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    double logit = 0;
    for (std::size_t c = 0; c < 8; ++c) logit += hidden(t, c) * embedded(0, c);
    EXPECT_NEAR(logit, logits(t, 'x'), 1e-4);
  }
  const GateStep step = gated.step(tokens, 10, Matrix<float>(2, 1, 1.0F), 0, GateLoss::code);
  EXPECT_EQ(step.distillation, 0);
}

TEST(GatedModel, ClosedGatesSeeOnlySinkAndRecentTokens) {
  const model::Llama model = tiny();
  const GatedModel gated(model, 0, 3);
  auto tokens = model::byte_tokens(kText);
  const auto before = gated.hidden(tokens, Matrix<float>(2, 1));
  tokens[10] = 'Z';
  const auto after = gated.hidden(tokens, Matrix<float>(2, 1));
  for (std::size_t c = 0; c < 8; ++c) {
    EXPECT_NE(before(14, c), after(14, c)) << "two layers of three tokens reach four back";
    EXPECT_EQ(before(15, c), after(15, c));
  }
}

TEST(GatedModel, GradientsAreThoseOfTheLoss) {
  const model::Llama model = tiny();
  const GatedModel gated(model, 1, 3);
  const auto tokens = model::byte_tokens(kText);
  Matrix<float> gates(2, 1);
  gates(0, 0) = 0.7F;
  gates(1, 0) = 0.2F;
  for (const GateLoss form : {GateLoss::paper, GateLoss::code}) {
    const GateStep at = gated.step(tokens, 20, gates, 0.05, form);
    for (std::size_t layer = 0; layer < 2; ++layer) {
      constexpr float nudge = 0.02F;
      Matrix<float> up = gates;
      Matrix<float> down = gates;
      up(layer, 0) += nudge;
      down(layer, 0) -= nudge;
      const double slope = (gated.step(tokens, 20, up, 0.05, form).loss -
                            gated.step(tokens, 20, down, 0.05, form).loss) /
                           (2 * nudge);
      EXPECT_NEAR(at.gradient(layer, 0), slope, 0.01 * std::fabs(slope) + 1e-5) << layer;
    }
  }
}

TEST(GatedModel, PaperAndCodeScaleDifferently) {
  const model::Llama model = tiny();
  const GatedModel gated(model, 1, 3);
  const auto tokens = model::byte_tokens(kText);
  const Matrix<float> gates(2, 1, 0.5F);
  const GateStep paper = gated.step(tokens, 20, gates, 0.05, GateLoss::paper);
  const GateStep code = gated.step(tokens, 20, gates, 0.05, GateLoss::code);
  EXPECT_NEAR(paper.distillation, 8 * code.distillation, 1e-9) << "hidden size";
  EXPECT_NEAR(paper.loss - paper.distillation, 2 * (code.loss - code.distillation), 1e-9);
}

TEST(GateLearningRate, RisesAndFalls) {
  const GateTraining training{.steps = 100, .learning_rate = 1};
  EXPECT_DOUBLE_EQ(gate_learning_rate(training, 0), 0.1);
  EXPECT_DOUBLE_EQ(gate_learning_rate(training, 10), 0.55);
  EXPECT_DOUBLE_EQ(gate_learning_rate(training, 50), 1);
  EXPECT_DOUBLE_EQ(gate_learning_rate(training, 90), 0.55);
}

// One layer's attention is cut off the model: nothing depends on what it reads, so its gate has to
// close; the other reads far back, so its gate has to stay open.
TEST(TrainGates, CloseTheHeadsThatNothingDependsOn) {
  const std::string filler(96, 'e');
  for (const std::size_t idle : {0U, 1U}) {
    model::Llama model = tiny();
    model.set_weight("model.layers." + std::to_string(idle) + ".self_attn.o_proj.weight",
                     Matrix<float>(8, 8));
    const GateTraining training{
        .sink = 0, .recent = 2, .steps = 60, .learning_rate = 0.05, .shortest = 64};
    const GateResult result = train_gates(model, filler, training);
    EXPECT_LT(result.gates(idle, 0), 0.1F);
    EXPECT_GT(result.gates(1 - idle, 0), 0.4F);
    EXPECT_EQ(result.losses.size(), 60U);
    EXPECT_EQ(result.gates, train_gates(model, filler, training).gates) << "the same every time";
  }
}

/// Keys found when heads at 1 read all and the others stream, in texts of 160 bytes.
std::size_t keys_found(const model::Llama& model, const Matrix<float>& gates,
                       const GateTraining& training) {
  Policy policy = dense_policy({gates.rows(), gates.cols()});
  for (std::size_t layer = 0; layer < gates.rows(); ++layer) {
    for (std::size_t head = 0; head < gates.cols(); ++head) {
      if (gates(layer, head) == 1) continue;
      policy.heads[layer][head].select = Select::stream;
      policy.heads[layer][head].stream = {.sink = training.sink,
                                          .recent = training.recent,
                                          .prefill = StreamPrefill::window,
                                          .prefill_recent = training.recent};
    }
  }
  const PasskeyGrid grid{.lengths = {160}, .depths = {.3}, .keys = 6, .seed = 40};
  return passkey_scores(model, std::string(200, '~'), policy, grid).front().keys_found;
}

// Only one head of the copying model needs what is far away, so it alone has to be found.
TEST(TrainGates, FindTheHeadThatRetrieves) {
  const model::Llama model = CopyingModel::make();
  const GateTraining training{
      .sink = 2, .recent = 8, .steps = 60, .learning_rate = 0.05, .shortest = 100};
  const GateResult result = train_gates(model, std::string(200, '~'), training);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    for (std::size_t head = 0; head < 4; ++head) {
      const float gate = result.gates(layer, head);
      EXPECT_TRUE(gate >= 0 && gate <= 1) << gate;
      const bool retrieves = layer == 1 && head == CopyingModel::kRetrievalHead;
      EXPECT_EQ(gate > 0.5F, retrieves) << layer << ", " << head << ": " << gate;
    }
  }
  EXPECT_LT(result.losses.back(), result.losses.front());

  Matrix<float> gates(2, 4, 1.0F);
  EXPECT_EQ(keys_found(model, gates, training), 6U) << "dense";
  const auto kept = retrieval_heads(result.gates, 7.0 / 8, GateRule::ranked);
  std::ranges::copy(kept.values(), gates.data());
  EXPECT_EQ(keys_found(model, gates, training), 6U) << "the trained head alone";
  EXPECT_EQ(keys_found(model, Matrix<float>(2, 4), training), 0U) << "streaming";
  for (std::size_t other = 0; other < 8; ++other) {
    if (other == 4 + CopyingModel::kRetrievalHead) continue;
    Matrix<float> wrong(2, 4);
    wrong.data()[other] = 1;
    EXPECT_EQ(keys_found(model, wrong, training), 0U) << other;
  }
}

}  // namespace
}  // namespace hasse::attention
