// SPDX-License-Identifier: Apache-2.0
// Journeys in files, good ones and bad ones.
#include "golden/attribution/journeys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/attribution/tests/small_model.hpp"

namespace hasse::attribution {
namespace {

using testing::HasSubstr;

Journeys read_again(const Journeys& journeys) {
  return parse_journeys(tensor::Safetensors::parse(
      tensor::format_safetensors(tensors_of(journeys), {{"channels", "a,b"}}), "j.safetensors"));
}

std::string refusal(const Journeys& journeys) {
  try {
    read_again(journeys);
  } catch (const tensor::FormatError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Journeys, AreReadAsWritten) {
  const Journeys journeys = some_journeys({3, 1, 5});
  const Journeys again = read_again(journeys);
  EXPECT_EQ(again.offsets, journeys.offsets);
  EXPECT_EQ(again.channel, journeys.channel);
  EXPECT_EQ(again.category, journeys.category);
  EXPECT_EQ(again.cost, journeys.cost);
  EXPECT_EQ(again.user, journeys.user);
  EXPECT_EQ(again.converted, journeys.converted);
  EXPECT_EQ(again.channel_name(1), "b");
  EXPECT_EQ(again.channel_name(2), "channel 2");
}

TEST(Journeys, WithoutTouchesAreRefused) {
  Journeys journeys = some_journeys({2, 2});
  journeys.offsets = {0, 2, 2};
  EXPECT_THAT(refusal(journeys), HasSubstr("offsets[2] is 2, expected more than 2: journey 1"));
  journeys.offsets = {0};
  journeys.user.clear();
  journeys.converted.clear();
  EXPECT_THAT(refusal(journeys), HasSubstr("j.safetensors: offsets is without journeys"));
}

TEST(Journeys, OffsetsHaveToRiseToTheNumberOfTouches) {
  Journeys journeys = some_journeys({2, 2, 2});
  journeys.offsets = {0, 4, 2, 6};
  EXPECT_THAT(refusal(journeys), HasSubstr("offsets[2] is 2, expected more than 4"));
  journeys.offsets = {1, 2, 4, 6};
  EXPECT_THAT(refusal(journeys), HasSubstr("offsets[0] is 1, expected 0"));
  journeys.offsets = {0, 2, 4, 7};
  EXPECT_THAT(refusal(journeys), HasSubstr("offsets[3] is 7, expected 6"));
}

TEST(Journeys, NumbersHaveToBeNumbers) {
  Journeys journeys = some_journeys({2, 2});
  journeys.cost[3] = std::nanf("");
  EXPECT_THAT(refusal(journeys), HasSubstr("cost[3] is nan, expected a finite number"));
  journeys.cost[3] = -1;
  EXPECT_THAT(refusal(journeys), HasSubstr("cost[3] is -1"));
  journeys = some_journeys({2, 2});
  journeys.time[1] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(refusal(journeys), HasSubstr("time[1] is inf"));
}

TEST(Journeys, TimeDoesNotGoBackWithinAJourney) {
  Journeys journeys = some_journeys({2, 2});  // From one journey to the next it does.
  EXPECT_EQ(refusal(journeys), "accepted");
  journeys.time[3] = -1;
  EXPECT_THAT(refusal(journeys), HasSubstr("time[3] is -1, expected at least 0"));
}

TEST(Journeys, SizesHaveToFit) {
  Journeys journeys = some_journeys({2, 2});
  journeys.user.pop_back();
  EXPECT_THAT(refusal(journeys), HasSubstr("user is 1 long, expected 2 values"));
  journeys = some_journeys({2, 2});
  journeys.converted[0] = 2;
  EXPECT_THAT(refusal(journeys), HasSubstr("converted[0] is 2, expected 0 or 1"));
}

TEST(Vocabulary, NamesWhatItDoesNotKnow) {
  const auto refused = [](Journeys journeys) {
    try {
      check(journeys, {4, {3, 3}, 5});
    } catch (const tensor::FormatError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  Journeys journeys = some_journeys({2, 2});
  EXPECT_EQ(refused(journeys), "accepted");
  journeys.category(2, 1) = 3;
  EXPECT_THAT(refused(journeys), HasSubstr("category column 1, touch [2] is 3, expected 0..2"));
  journeys = some_journeys({2, 2});
  journeys.user[1] = 5;
  EXPECT_THAT(refused(journeys), HasSubstr("user[1] is 5, expected 0..4"));
  journeys.category = {4, 3};
  EXPECT_THAT(refused(journeys), HasSubstr("category is 3 wide, expected the model's 2 columns"));
}

TEST(Select, TakesWholeJourneys) {
  const Journeys journeys = some_journeys({3, 1, 5});
  const Journeys two = select(journeys, {2, 0});
  EXPECT_EQ(two.offsets, (std::vector<std::int32_t>{0, 5, 8}));
  EXPECT_EQ(two.channel[5], journeys.channel[0]);
  EXPECT_EQ(two.user[0], journeys.user[2]);
  EXPECT_TRUE(std::ranges::equal(two.category.row(4), journeys.category.row(8)));
}

}  // namespace
}  // namespace hasse::attribution
