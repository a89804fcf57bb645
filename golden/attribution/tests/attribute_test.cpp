// SPDX-License-Identifier: Apache-2.0
// Credits, for models whose Shapley values are known.
#include "golden/attribution/attribute.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "golden/attribution/dcrmta.hpp"
#include "golden/attribution/tests/small_model.hpp"

namespace hasse::attribution {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// v(S) = what its touches weigh, and 0.3 more when both the first and the third are there.
float together(const std::vector<std::size_t>& touches) {
  const auto has = [&](std::size_t t) { return std::ranges::count(touches, t) > 0; };
  float value = has(0) && has(2) ? 0.3F : 0.0F;
  for (const std::size_t t : touches) value += 0.02F * static_cast<float>(t + 1);
  return value;
}

std::vector<double> values(Method method, const std::vector<std::size_t>& lengths,
                           std::size_t exact = 12) {
  AttributeOptions options;
  options.method = method;
  options.exact_touches = exact;
  options.samples = 64;
  return attribute(Fake(together), some_journeys(lengths), options).values;
}

TEST(Attribute, ShapleyValuesAreSharesOfWhatTouchesMakeTogether) {
  const std::vector<double> phi = values(Method::shapley, {4});
  const double expected[] = {0.02 + 0.15, 0.04, 0.06 + 0.15, 0.08};
  for (std::size_t t = 0; t < 4; ++t) EXPECT_NEAR(phi[t], expected[t], 1e-6);
}

TEST(Attribute, LeavingOutTheEmptySetLeavesWhatATouchAddsToOthers) {
  const std::vector<double> phi = values(Method::shapley_nonempty, {4});
  const double expected[] = {0.02 * 3 / 4 + 0.15, 0.04 * 3 / 4, 0.06 * 3 / 4 + 0.15, 0.08 * 3 / 4};
  for (std::size_t t = 0; t < 4; ++t) EXPECT_NEAR(phi[t], expected[t], 1e-6);
}

TEST(Attribute, ThePublishedRuleIsExactUpToSixTouches) {
  const std::vector<double> all = values(Method::shapley_nonempty, {6});
  const std::vector<double> published = values(Method::published, {6});
  for (std::size_t t = 0; t < 6; ++t) EXPECT_NEAR(published[t], all[t], 1e-6);
  EXPECT_NEAR(values(Method::published, {1})[0], 0.02, 1e-6);
  // Beyond, early touches are never met: the third touch's partner is not among its subsets.
  EXPECT_LT(values(Method::published, {9})[2], values(Method::shapley_nonempty, {9})[2] / 2);
}

TEST(Attribute, LeaveOneOutIsADifference) {
  const std::vector<double> phi = values(Method::leave_one_out, {4});
  const double expected[] = {0.32, 0.04, 0.36, 0.08};
  for (std::size_t t = 0; t < 4; ++t) EXPECT_NEAR(phi[t], expected[t], 1e-6);
}

TEST(Attribute, LastTouchTakesAll) {
  EXPECT_THAT(values(Method::last_touch, {3}), ElementsAre(0, 0, 1));
}

TEST(Attribute, SampledValuesAreWithinTheirStatedErrors) {
  AttributeOptions options;
  options.exact_touches = 3;
  options.samples = 256;
  const Journeys journeys = some_journeys({6, 3});
  const Credits credits = attribute(Fake(together), journeys, options);
  EXPECT_EQ(credits.sampled, 1U);
  const std::vector<double> exact = values(Method::shapley, {6, 3});
  for (std::size_t t = 0; t < 6; ++t)
    EXPECT_NEAR(credits.values[t], exact[t], 4 * credits.standard_error[t] + 1e-6) << t;
  // A pair of reverse orders splits the two partners' gain evenly, always.
  EXPECT_NEAR(credits.standard_error[0], 0, 1e-7);
  EXPECT_EQ(credits.standard_error[7], 0);
}

TEST(Attribute, SampledErrorsAreRealWherePairsDoNotCancel) {
  // Only three particular touches together are worth something.
  const Fake three([](const std::vector<std::size_t>& touches) {
    return std::ranges::count_if(touches, [](auto t) { return t < 3; }) == 3 ? 0.9F : 0.0F;
  });
  AttributeOptions options;
  options.exact_touches = 3;
  options.samples = 400;
  const Credits credits = attribute(three, some_journeys({7}), options);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_GT(credits.standard_error[t], 1e-3);
    EXPECT_NEAR(credits.values[t], 0.3, 4 * credits.standard_error[t]);
  }
}

TEST(Attribute, NegativeValuesBecomeNoCredit) {
  EXPECT_THAT(normalised({3, -1, 1}), ElementsAre(0.75, 0, 0.25));
  EXPECT_THAT(normalised({-3, 0}), ElementsAre(0, 0));
}

TEST(Attribute, NeitherThreadsNorNeighboursChangeABit) {
  const std::vector<std::size_t> lengths{5, 1, 9, 3, 4, 14, 2, 8};
  const Dcrmta model(some_parameters(), "model", Arithmetic(Precision::f32));
  const Journeys journeys = some_journeys(lengths);
  AttributeOptions options;
  const Credits one = attribute(model, journeys, options);
  options.threads = 3;
  EXPECT_EQ(attribute(model, journeys, options).values, one.values);
  const Credits alone = attribute(model, select(journeys, {2}), options);
  EXPECT_TRUE(std::ranges::equal(
      alone.values, std::span(one.values).subspan(journeys.first(2), journeys.length(2))));
  EXPECT_EQ(one.sampled, 1U);
}

TEST(Attribute, ShapleyValuesAddToTheProbability) {
  const Dcrmta model(some_parameters(), "model", Arithmetic(Precision::f32));
  const Journeys journeys = some_journeys({3, 8, 15});
  const Credits credits = attribute(model, journeys, {});
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    const auto first = credits.values.begin() + static_cast<std::ptrdiff_t>(journeys.first(j));
    const auto length = static_cast<std::ptrdiff_t>(journeys.length(j));
    EXPECT_NEAR(std::accumulate(first, first + length, 0.0), credits.probability[j], 1e-6);
  }
}

TEST(Attribute, RefusesWhatTheModelDoesNotKnow) {
  Journeys journeys = some_journeys({2, 2});
  journeys.channel[3] = 4;
  try {
    attribute(Fake(together), journeys, {});
    FAIL();
  } catch (const tensor::FormatError& error) {
    EXPECT_THAT(error.what(), HasSubstr("some journeys: channel[3] is 4, expected 0..3"));
  }
}

TEST(Attribute, RefusesOptionsOutOfRange) {
  AttributeOptions options;
  options.exact_touches = 17;
  EXPECT_THROW(attribute(Fake(together), some_journeys({2}), options), std::invalid_argument);
  options.exact_touches = 8;
  options.samples = 5;
  EXPECT_THROW(attribute(Fake(together), some_journeys({2}), options), std::invalid_argument);
}

TEST(Methods, HaveNames) {
  for (const Method method : {Method::shapley, Method::shapley_nonempty, Method::published,
                              Method::leave_one_out, Method::last_touch})
    EXPECT_EQ(method_of(name_of(method)), method);
  EXPECT_EQ(method_of("first-touch"), std::nullopt);
}

}  // namespace
}  // namespace hasse::attribution
