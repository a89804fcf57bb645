// SPDX-License-Identifier: Apache-2.0
// hasse attribute on synthetic journeys and an untrained model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"
#include "golden/attribution/synthetic.hpp"
#include "golden/attribution/training.hpp"

namespace hasse::flows {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder with 60 journeys and a model of the published sizes for them.
class AttributeTest : public testing::Test {
 protected:
  void SetUp() override {
    attribution::SyntheticOptions market;
    market.journeys = 60;
    journeys_ = attribution::synthesise(market).journeys;
    write(journeys_);
    put(folder_ / "m.safetensors",
        attribution::format_parameters(
            attribution::initial_parameters(attribution::sizes_for(journeys_), 1), {}));
  }
  void write(const attribution::Journeys& journeys) const {
    attribution::write_journeys(folder_ / "j.safetensors", journeys);
  }
  Ran attribute(const std::string& arguments = "") const {
    return hasse("attribute --journeys " + (folder_ / "j.safetensors").string() + " --model " +
                 (folder_ / "m.safetensors").string() + " -o " +
                 (folder_ / "credits.json").string() + " " + arguments);
  }
  void expect_refusal(const std::string& message, const std::string& arguments = "") const {
    const Ran ran = attribute(arguments + " --plots " + (folder_ / "plots").string());
    EXPECT_EQ(ran.exit_code, 2) << message;
    EXPECT_THAT(ran.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "credits.json"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "plots"));
  }

  Folder folder_;
  attribution::Journeys journeys_;
};

TEST_F(AttributeTest, WritesCreditsAccountsAndPictures) {
  const Ran ran = attribute("--plots " + (folder_ / "plots").string());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.err, IsEmpty());
  EXPECT_THAT(ran.out, AllOf(HasSubstr("DCRMTA, float"), HasSubstr("retargeting"), HasSubstr("ROI"),
                             HasSubstr("journeys a second")));
  const json document = json::parse(read(folder_ / "credits.json"));
  EXPECT_EQ(document["attribute"]["journeys"], 60);
  EXPECT_EQ(document["attribute"]["channels"].size(), 8U);
  EXPECT_EQ(document["journeys"].size(), 60U);
  double sum = 0;
  for (const double credit : document["journeys"][3]["credit"]) sum += credit;
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "plots/calibration.svg"));
  const std::string before = read(folder_ / "credits.json");
  attribute("--threads 1");
  EXPECT_EQ(read(folder_ / "credits.json"), before);
}

TEST_F(AttributeTest, CountsCyclesOfADesign) {
  const Ran ran =
      attribute("--precision w4a8 --array-journeys 8 --json - --design " + example("banked"));
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const json array = json::parse(ran.out)["attribute"]["array"];
  EXPECT_EQ(array["journeys"], 8);
  EXPECT_GT(array["cycles_per_journey"], array["cycles_per_touch"]);
  EXPECT_GT(array["utilisation"], 0.5);
  EXPECT_TRUE(array["by_name"].contains("lstm.1.recurrent"));
}

TEST_F(AttributeTest, RefusesBadJourneysByName) {
  attribution::Journeys bad = journeys_;
  bad.cost[5] = std::nanf("");
  write(bad);
  expect_refusal("cost[5] is nan, expected a finite number");
  bad = journeys_;
  bad.channel[7] = 200;
  write(bad);
  expect_refusal("channel[7] is 200, expected 0..7, what the model knows");
  bad = journeys_;
  bad.category(4, 2) = 99;
  write(bad);
  expect_refusal("category column 2, touch [4] is 99, expected 0..1");
  bad = journeys_;
  bad.offsets[3] = bad.offsets[2];
  write(bad);
  expect_refusal("journey 2 is empty");
  bad = journeys_;
  std::swap(bad.offsets[3], bad.offsets[4]);
  write(bad);
  expect_refusal("the offset before it");
}

TEST_F(AttributeTest, RefusesOptionsThatDoNotFit) {
  expect_refusal("--precision is float, expected w8a8 or w4a8", "--design " + example("default"));
  expect_refusal("expected a directory that hasse generate wrote",
                 "--precision w4a8 --energy --design " + example("default"));
  put(folder_ / "m.safetensors", read(folder_ / "j.safetensors"));
  expect_refusal("category: dtype is int16, expected float32");
}

}  // namespace
}  // namespace hasse::flows
