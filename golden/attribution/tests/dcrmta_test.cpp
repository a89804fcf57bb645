// SPDX-License-Identifier: Apache-2.0
// DCRMTA against its definition, written down once more without batches, forests or shortcuts.
#include "golden/attribution/dcrmta.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "golden/attribution/tests/small_model.hpp"

namespace hasse::attribution {
namespace {

using testing::HasSubstr;
using Vector = std::vector<double>;

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

/// The published definition for one journey, padded with `padding` touches that are not masked.
class Definition {
 public:
  Definition(const Parameters& parameters, const Journeys& journeys)
      : p_(parameters), j_(journeys) {}

  Verdict operator()(std::size_t journey, std::size_t padding = 0) const {
    const std::size_t length = j_.length(journey);
    std::vector<Vector> inputs;
    for (std::size_t t = 0; t < length; ++t) inputs.push_back(touch(j_.first(journey) + t));
    std::vector<Vector> states = recur(recur(inputs, "0"), "1");
    for (std::size_t t = 0; t < padding; ++t) {
      inputs.push_back(padding_touch());
      states.emplace_back(states.front().size());
    }
    Vector scores;
    std::vector<Vector> features;
    for (std::size_t t = 0; t < inputs.size(); ++t) {
      Vector both = states[t];
      both.insert(both.end(), inputs[t].begin(), inputs[t].end());
      Vector hidden = linear("dense_1.0", both);
      for (double& x : hidden) x = std::tanh(x);
      scores.push_back(linear("dense_1.4", relu(linear("dense_1.2", hidden)))[0]);
      features.push_back(linear(
          "dense_2.3", relu(linear("dense_2.0", Vector(inputs[t].begin() + 4, inputs[t].end())))));
    }
    const Vector causal = attend(states, scores);
    const Vector user =
        linear("dense_3", row("user_embedding.weight", static_cast<std::size_t>(j_.user[journey])));
    Vector likeness, sum = user;
    for (const Vector& feature : features) {
      likeness.push_back(dot(feature, user));
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += feature[i];
    }
    const Vector attention = attend(features, likeness);
    const auto pooled = [&](const Vector& weights) {
      Vector x(sum.size());
      double squares = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double v = sum[i] * weights[i] / static_cast<double>(1 + inputs.size());
        x[i] = (v > 0 ? 1 : -1) * std::sqrt(std::abs(v) + 1e-6);
        squares += x[i] * x[i];
      }
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = x[i] / std::sqrt(squares) + causal[i];
      return linear("dense_final.0", x)[0];
    };
    const double logit = pooled(attention), without = pooled(Vector(sum.size(), 1));
    return {static_cast<float>(logistic(logit)), static_cast<float>(logistic(logit - without))};
  }

 private:
  Vector row(const std::string& name, std::size_t r) const {
    const auto values = p_.at(name).row(r);
    return {values.begin(), values.end()};
  }
  Vector touch(std::size_t t) const {
    Vector x = row("channel_embedding.weight", j_.channel[t]);
    for (std::size_t c = 0; c < 2; ++c)
      append(x, row("cat_embedding_list." + std::to_string(c) + ".weight",
                    static_cast<std::size_t>(j_.category(t, c))));
    return x;
  }
  Vector padding_touch() const {
    Vector x = row("channel_embedding.weight", 4);
    append(x, row("cat_embedding_list.0.weight", 3));
    append(x, row("cat_embedding_list.1.weight", 3));
    return x;
  }
  static void append(Vector& x, const Vector& y) { x.insert(x.end(), y.begin(), y.end()); }
  static double dot(const Vector& x, const Vector& y) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    return sum;
  }
  static Vector relu(Vector x) {
    for (double& v : x) v = std::max(v, 0.0);
    return x;
  }
  Vector matrix(const std::string& name, const Vector& x) const {
    Vector y;
    for (std::size_t n = 0; n < p_.at(name).rows(); ++n) y.push_back(dot(row(name, n), x));
    return y;
  }
  Vector linear(const std::string& name, const Vector& x) const {
    Vector y = matrix(name + ".weight", x);
    for (std::size_t n = 0; n < y.size(); ++n) y[n] += p_.at(name + ".bias")(0, n);
    return y;
  }
  static Vector attend(const std::vector<Vector>& rows, const Vector& scores) {
    double sum = 0;
    Vector y(rows.front().size());
    for (const double score : scores) sum += std::exp(score);
    for (std::size_t t = 0; t < rows.size(); ++t)
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += std::exp(scores[t]) / sum * rows[t][i];
    return y;
  }
  std::vector<Vector> recur(const std::vector<Vector>& inputs, const std::string& layer) const {
    const std::size_t size = p_.at("lstm.weight_hh_l0").cols();
    Vector h(size), c(size);
    std::vector<Vector> result;
    for (const Vector& x : inputs) {
      const Vector in = matrix("lstm.weight_ih_l" + layer, x);
      const Vector back = matrix("lstm.weight_hh_l" + layer, h);
      const auto gate = [&](std::size_t n) {
        return in[n] + back[n] + p_.at("lstm.bias_ih_l" + layer)(0, n) +
               p_.at("lstm.bias_hh_l" + layer)(0, n);
      };
      for (std::size_t i = 0; i < size; ++i) {
        c[i] = logistic(gate(size + i)) * c[i] + logistic(gate(i)) * std::tanh(gate(2 * size + i));
        h[i] = logistic(gate(3 * size + i)) * std::tanh(c[i]);
      }
      result.push_back(h);
    }
    return result;
  }

  const Parameters& p_;
  const Journeys& j_;
};

const std::vector<std::size_t> kLengths{1, 4, 7, 2, 12};

TEST(Dcrmta, IsWhatItsDefinitionSays) {
  const Parameters parameters = some_parameters();
  const Journeys journeys = some_journeys(kLengths);
  const Dcrmta model(parameters, "model", Arithmetic(Precision::f32));
  const auto verdicts = model.run(whole_journeys(journeys, {0, 1, 2, 3, 4}));
  const Definition definition(parameters, journeys);
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    EXPECT_NEAR(verdicts[j].probability, definition(j).probability, 2e-6) << j;
    EXPECT_NEAR(verdicts[j].effect, definition(j).effect, 2e-6) << j;
  }
  EXPECT_NE(verdicts[0].probability, verdicts[1].probability);
}

TEST(Dcrmta, PublishedPaddingIsNotMasked) {
  const Parameters parameters = some_parameters();
  const Journeys journeys = some_journeys(kLengths);
  const Dcrmta model(parameters, "model", Arithmetic(Precision::f32));
  Batch batch = whole_journeys(journeys, {0, 1, 2, 3, 4});
  const auto masked = model.run(batch);
  batch.padded_length = 12;
  const auto padded = model.run(batch);
  const Definition definition(parameters, journeys);
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    const Verdict expected = definition(j, 12 - journeys.length(j));
    EXPECT_NEAR(padded[j].probability, expected.probability, 2e-6) << j;
    EXPECT_NEAR(padded[j].effect, expected.effect, 2e-6) << j;
  }
  EXPECT_EQ(padded[4], masked[4]);  // It is as long as the padding.
  EXPECT_GT(std::abs(padded[0].probability - masked[0].probability), 1e-4F);
}

class DcrmtaIn : public testing::TestWithParam<Precision> {};

TEST_P(DcrmtaIn, OrderOfABatchDoesNotChangeABit) {
  const Journeys journeys = some_journeys(kLengths);
  const Dcrmta model(some_parameters(), "model", Arithmetic(GetParam()));
  const auto forwards = model.run(whole_journeys(journeys, {0, 1, 2, 3, 4}));
  const auto backwards = model.run(whole_journeys(journeys, {4, 3, 2, 1, 0}));
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    EXPECT_EQ(forwards[j], backwards[4 - j]) << j;
    EXPECT_EQ(forwards[j], model.run(whole_journeys(journeys, {j}))[0]) << j;
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, DcrmtaIn,
                         testing::Values(Precision::f32, Precision::w8a8, Precision::w4a8),
                         [](const auto& param) { return std::string(name_of(param.param)); });

TEST(Dcrmta, EightBitsAreCloseToFloat) {
  const Journeys journeys = some_journeys(kLengths);
  const Parameters parameters = some_parameters(64, 256);
  const auto exact =
      probabilities(Dcrmta(parameters, "model", Arithmetic(Precision::f32)), journeys);
  const auto eight =
      probabilities(Dcrmta(parameters, "model", Arithmetic(Precision::w8a8)), journeys);
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    EXPECT_NEAR(eight[j], exact[j], 5e-3) << j;
    EXPECT_NE(eight[j], exact[j]) << j;
  }
}

TEST(Dcrmta, RefusesTensorsThatDoNotFit) {
  const auto refusal = [](const Parameters& parameters) {
    try {
      Dcrmta(parameters, "m.safetensors", Arithmetic(Precision::f32));
    } catch (const tensor::FormatError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  Parameters parameters = some_parameters();
  parameters["dense_3.weight"] = {7, 5};
  EXPECT_THAT(refusal(parameters),
              HasSubstr("m.safetensors: dense_3.weight shape is 7 x 5, expected 8 x 5"));
  parameters = some_parameters();
  parameters.erase("lstm.bias_hh_l1");
  EXPECT_THAT(refusal(parameters), HasSubstr("lstm.bias_hh_l1 is missing"));
  parameters = some_parameters();
  parameters["extra"] = {1, 1};
  EXPECT_THAT(refusal(parameters), HasSubstr("tensor is extra, expected one of DCRMTA's"));
}

TEST(Parameters, AreReadAsWritten) {
  const Parameters parameters = some_parameters();
  EXPECT_EQ(read_parameters(tensor::Safetensors::parse(format_parameters(parameters, {}), "m")),
            parameters);
}

}  // namespace
}  // namespace hasse::attribution
