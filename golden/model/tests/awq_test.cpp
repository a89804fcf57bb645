// SPDX-License-Identifier: Apache-2.0
// AWQ by its formulas, by what folding must not change, and by what a search must not make worse.
#include "golden/model/awq.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "golden/model/score.hpp"
#include "golden/model/tests/tiny_model.hpp"
#include "golden/quant/affine.hpp"

namespace hasse::model {
namespace {

using tensor::Matrix;

constexpr const char* kText =
    "The quick brown fox jumps over the lazy dog, twice, and then a third time.";

/// The tiny model; with as many key-value heads as query heads, v_proj and o_proj fit together.
Llama tiny(bool grouped_queries) {
  if (grouped_queries) return Llama(tiny_file(tiny_tensors(), tiny_metadata()));
  auto tensors = tiny_tensors();
  std::mt19937 random(23);
  for (tensor::TensorData& data : tensors)
    if (data.name.find("k_proj") != data.name.npos || data.name.find("v_proj") != data.name.npos)
      data = random_tensor(data.name, {8, 8}, random);
  return Llama(tiny_file(tensors, tiny_metadata({{"num_key_value_heads", "2"}})));
}

std::vector<std::vector<Token>> windows(const Llama& model) {
  return byte_windows(model.config(), kText).tokens;
}

TEST(Awq, ScalesArePowersOfMagnitudesAroundOne) {
  const std::vector<float> means = {4, 1, 0};
  EXPECT_EQ(awq_scales(means, 0), (std::vector<float>{1, 1, 1}));
  // 2, 1 and the floor of 1e-4, over sqrt(2e-4).
  const std::vector<float> half = awq_scales(means, 0.5);
  const float middle = std::sqrt(2e-4F);
  EXPECT_FLOAT_EQ(half[0], 2 / middle);
  EXPECT_FLOAT_EQ(half[1], 1 / middle);
  EXPECT_FLOAT_EQ(half[2], 1e-4F / middle);
}

// Without clipping the folded model is the model: scales cancel.
TEST(Awq, FoldingChangesNothing) {
  for (const bool grouped_queries : {true, false}) {
    const Llama model = tiny(grouped_queries);
    std::vector<AwqChoice> choices;
    const Llama folded = awq_search(model, windows(model), {3, 4, false}, {}, &choices);
    EXPECT_EQ(choices.size(), grouped_queries ? 6U : 8U);
    EXPECT_TRUE(std::ranges::any_of(choices, [](const AwqChoice& c) { return c.alpha > 0; }));
    for (const auto& window : windows(model)) {
      const Matrix<float> expected = model.forward(window), actual = folded.forward(window);
      for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(actual.data()[i], expected.data()[i],
                    2e-4F * (1 + std::fabs(expected.data()[i])));
    }
  }
}

TEST(Awq, TheSearchIsNeverWorseThanRounding) {
  const Llama model = tiny(false);
  std::vector<AwqChoice> choices;
  awq_search(model, windows(model), {3, 4, false}, {}, &choices);
  double found = 0, rounded = 0;
  for (const AwqChoice& choice : choices) {
    EXPECT_LE(choice.loss, choice.loss_rounded);
    EXPECT_LE(choice.alpha, 0.95);
    found += choice.loss / choice.loss_rounded;
    rounded += 1;
  }
  EXPECT_LT(found, rounded);
}

// The reported loss of a projection is what its folded, rounded weights do to real inputs.
TEST(Awq, TheLossIsThatOfTheFoldedWeights) {
  const Llama model = tiny(true);
  std::vector<AwqChoice> choices;
  const Llama folded = awq_search(model, windows(model), {3, 4, false}, {}, &choices);
  const std::string down = "model.layers.0.mlp.down_proj.weight";
  const auto choice = std::ranges::find_if(
      choices, [&](const AwqChoice& c) { return c.projections.front() == down; });
  ASSERT_NE(choice, choices.end());
  const Matrix<float> rounded =
      quant::dequantize(quant::quantize_affine(folded.weight(down), 3, 4));
  double sum = 0, count = 0;
  Llama as_rounded = folded;
  as_rounded.set_weight(down, rounded);
  for (const auto& window : windows(model)) {
    Matrix<float> input, scaled;
    model.forward(window, [&](const auto& name, const auto& x) {
      if (name == down) input = x;
    });
    folded.forward(window, [&](const auto& name, const auto& x) {
      if (name == down) scaled = x;
    });
    const Matrix<float> expected = model.project(down, input);
    const Matrix<float> actual = as_rounded.project(down, scaled);
    for (std::size_t i = 0; i < expected.size(); ++i, ++count)
      sum += std::pow(actual.data()[i] - expected.data()[i], 2);
  }
  EXPECT_NEAR(sum / count, choice->loss, 0.01 * choice->loss);
}

double output_error(const Matrix<float>& w, const Matrix<float>& rounded, const Matrix<float>& x) {
  double sum = 0;
  for (std::size_t t = 0; t < x.rows(); ++t)
    for (std::size_t n = 0; n < w.rows(); ++n) {
      double y = 0;
      for (std::size_t k = 0; k < w.cols(); ++k) y += x(t, k) * (rounded(n, k) - w(n, k));
      sum += y * y;
    }
  return sum;
}

TEST(Awq, ClippingLowersTheErrorOfRowsWithAnOutlierThatHardlyMatters) {
  std::mt19937 random(1);
  std::normal_distribution<float> value(0, 1);
  Matrix<float> w(4, 32), x(64, 32);
  for (float& v : std::span(w.data(), w.size())) v = value(random);
  for (float& v : std::span(x.data(), x.size())) v = value(random);
  for (std::size_t n = 0; n < 4; ++n) w(n, 5) = 6;
  for (std::size_t t = 0; t < 64; ++t) x(t, 5) *= 0.01F;
  const AwqOptions options{3, 32, true};
  const Matrix<float> limited = clipped(w, x, options);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_LT(limited(n, 5), 6);
    EXPECT_GE(limited(n, 5), 6 * 0.55F);
    EXPECT_EQ(limited(n, 0), w(n, 0));
  }
  const auto rounded = [](const Matrix<float>& m) {
    return quant::dequantize(quant::quantize_affine(m, 3, 32));
  };
  EXPECT_LT(output_error(w, rounded(limited), x), 0.8 * output_error(w, rounded(w), x));
}

TEST(Awq, QueriesAndKeysAreNotClipped) {
  const Llama model = tiny(true);
  const Llama folded = awq_search(model, windows(model), {3, 4, false});
  const Llama both = awq_search(model, windows(model), {3, 4, true});
  std::size_t clipped_projections = 0;
  for (const std::string& name : model.linear_names()) {
    const bool same = both.weight(name) == folded.weight(name);
    const bool attention_only =
        name.find("q_proj") != name.npos || name.find("k_proj") != name.npos;
    EXPECT_TRUE(same || !attention_only) << name;
    clipped_projections += same ? 0 : 1;
  }
  EXPECT_GT(clipped_projections, 0U);
}

}  // namespace
}  // namespace hasse::model
