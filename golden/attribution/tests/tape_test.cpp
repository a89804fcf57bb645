// SPDX-License-Identifier: Apache-2.0
// Gradients against differences, and the taped DCRMTA against the one in use.
#include "golden/attribution/tape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "golden/attribution/dcrmta.hpp"
#include "golden/attribution/tests/small_model.hpp"
#include "golden/attribution/training.hpp"

namespace hasse::attribution {
namespace {

using tensor::Matrix;
using Loss = std::function<Tape::Var(Tape&)>;

double loss_of(const Parameters& parameters, const Loss& loss) {
  Tape tape(parameters);
  const Tape::Var out = loss(tape);
  return tape.value(out)(0, 0);
}

/// Compares every `stride`-th element of every gradient with a central difference.
void expect_gradients(Parameters parameters, const Loss& loss, std::size_t stride = 1,
                      float step = 1e-2F) {
  Tape tape(parameters);
  tape.backward(loss(tape));
  std::map<std::string, Matrix<float>> gradients;
  for (const auto& [name, gradient] : tape.gradients()) gradients[name] = *gradient;
  for (const auto& [name, gradient] : gradients)
    for (std::size_t i = 0; i < gradient.size(); i += stride) {
      float& element = parameters.at(name).data()[i];
      const float kept = element;
      element = kept + step;
      const double above = loss_of(parameters, loss);
      element = kept - step;
      const double below = loss_of(parameters, loss);
      element = kept;
      EXPECT_NEAR(gradient.data()[i], (above - below) / (2 * step),
                  2e-3 + 0.02 * std::abs(gradient.data()[i]))
          << name << "[" << i << "]";
    }
}

Parameters matrices() {
  return {{"x", {3, 4, {0.5F, -0.7F, 1.2F, 0.3F, -0.4F, 0.9F, -1.1F, 0.8F, 0.6F, 0.2F, -0.5F, 1}}},
          {"y", {3, 4, {1, 0.2F, -0.6F, 0.7F, 0.9F, -0.3F, 0.4F, -0.8F, 0.5F, 1.1F, 0.6F, -0.2F}}},
          {"w", {2, 4, {0.3F, -0.2F, 0.8F, 0.5F, -0.6F, 0.4F, 0.1F, 0.9F}}},
          {"column", {3, 1, {0.4F, -0.9F, 0.6F}}},
          {"cell", {3, 1, {0.2F, -0.5F, 0.7F}}},
          {"row", {1, 4, {0.1F, -0.4F, 0.3F, 0.2F}}}};
}

/// A loss out of `x`, in which every element counts differently.
Tape::Var weigh(Tape& tape, Tape::Var x) {
  const Matrix<float>& value = tape.value(x);
  Matrix<float> weights(value.rows(), value.cols()), ones(1, value.cols(), 1);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights.data()[i] = 0.3F + 0.1F * static_cast<float>(i);
  const Tape::Var sum = tape.sum_groups(tape.multiply(x, tape.constant(weights)),
                                        {std::vector<std::uint32_t>(value.rows(), 0), 1});
  return tape.linear(sum, tape.constant(ones));
}

TEST(Tape, GradientsOfEveryOperationAreDifferences) {
  const Tape::Groups groups{{0, 1, 0}, 2};
  const std::map<std::string, std::function<Tape::Var(Tape&)>> operations = {
      {"linear", [](Tape& t) { return t.linear(t.parameter("x"), t.parameter("w")); }},
      {"add_row", [](Tape& t) { return t.add_row(t.parameter("x"), t.parameter("row")); }},
      {"add", [](Tape& t) { return t.add(t.parameter("x"), t.parameter("x")); }},
      {"scale", [](Tape& t) { return t.scale(t.parameter("x"), -2); }},
      {"multiply", [](Tape& t) { return t.multiply(t.parameter("x"), t.parameter("y")); }},
      {"scale_rows", [](Tape& t) { return t.scale_rows(t.parameter("x"), t.parameter("column")); }},
      {"row_dots", [](Tape& t) { return t.row_dots(t.parameter("x"), t.parameter("y")); }},
      {"tanh", [](Tape& t) { return t.tanh(t.parameter("x")); }},
      {"relu", [](Tape& t) { return t.relu(t.parameter("x")); }},
      {"signed_root", [](Tape& t) { return t.signed_root(t.parameter("x")); }},
      {"unit_rows", [](Tape& t) { return t.unit_rows(t.parameter("x")); }},
      {"lstm", [](Tape& t) { return t.lstm(t.parameter("x"), t.parameter("cell")); }},
      {"columns", [](Tape& t) { return t.columns(t.parameter("x"), 1, 2); }},
      {"rows", [](Tape& t) { return t.rows(t.parameter("x"), 1, 2); }},
      {"gather",
       [](Tape& t) {
         return t.gather(t.parameter("x"), {2, 0, 2});
       }},
      {"beside",
       [](Tape& t) {
         return t.beside({t.parameter("x"), t.parameter("y")});
       }},
      {"below",
       [](Tape& t) {
         return t.below({t.parameter("x"), t.parameter("y")});
       }},
      {"softmax", [=](Tape& t) { return t.softmax(t.parameter("column"), groups); }},
      {"sum_groups", [=](Tape& t) { return t.sum_groups(t.parameter("x"), groups); }}};
  for (const auto& [name, operation] : operations) {
    SCOPED_TRACE(name);
    expect_gradients(matrices(), [&](Tape& tape) { return weigh(tape, operation(tape)); });
  }
}

TEST(Tape, GradientsOfLossesAreDifferences) {
  const std::vector<std::uint8_t> labels{1, 0, 1}, classes{3, 0, 2};
  expect_gradients(matrices(), [&](Tape& t) {
    return t.add(t.binary_cross_entropy(t.parameter("column"), labels),
                 t.cross_entropy(t.parameter("x"), classes));
  });
}

TEST(Tape, ReversedGradientsPointTheOtherWay) {
  const Parameters parameters = matrices();
  const auto gradient = [&](bool reverse) {
    Tape tape(parameters);
    const Tape::Var x = tape.parameter("x");
    tape.backward(weigh(tape, tape.tanh(reverse ? tape.reverse_gradient(x, 0.5F) : x)));
    return *tape.gradients().at("x");
  };
  const Matrix<float> forward = gradient(false), reversed = gradient(true);
  for (std::size_t i = 0; i < forward.size(); ++i)
    EXPECT_FLOAT_EQ(reversed.data()[i], -0.5F * forward.data()[i]);
}

const std::vector<std::size_t> kLengths{3, 1, 4};

TEST(TapedDcrmta, SaysWhatTheOneInUseSays) {
  const Parameters parameters = some_parameters();
  const Journeys journeys = some_journeys(kLengths);
  const Dcrmta model(parameters, "model", Arithmetic(Precision::f32));
  const auto verdicts = model.run(whole_journeys(journeys, {0, 1, 2}));
  Tape tape(parameters);
  const TapedOutputs outputs = tape_dcrmta(tape, model.sizes(), journeys, {0, 1, 2});
  for (std::size_t j = 0; j < 3; ++j) {
    const auto logistic = [](float x) { return 1 / (1 + std::exp(-x)); };
    EXPECT_NEAR(logistic(tape.value(outputs.logit)(j, 0)), verdicts[j].probability, 1e-6);
    EXPECT_NEAR(logistic(tape.value(outputs.effect)(j, 0)), verdicts[j].effect, 1e-6);
  }
  EXPECT_EQ(outputs.channel_labels.size(), journeys.touches());
}

// Without the reversal, which is no gradient of anything, all gradients are differences.
TEST(TapedDcrmta, GradientsAreDifferences) {
  const Journeys journeys = some_journeys(kLengths);
  const Parameters parameters = some_parameters(4, 6);
  const Sizes sizes = dcrmta_sizes(parameters, "model");
  TrainingOptions options;
  options.channel_weight = 0;
  expect_gradients(
      parameters,
      [&](Tape& tape) {
        const TapedOutputs outputs = tape_dcrmta(tape, sizes, journeys, {0, 1, 2});
        return tape_loss(tape, outputs, journeys.converted, options);
      },
      7, 2e-4F);  // Signed roots are steep about 0.
}

}  // namespace
}  // namespace hasse::attribution
