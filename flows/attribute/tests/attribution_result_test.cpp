// SPDX-License-Identifier: Apache-2.0
// What the verb writes.
#include "flows/attribute/attribution_result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "verif/harness/toolchain.hpp"

namespace hasse::attribute {
namespace {

using testing::HasSubstr;

attribution::Journeys two() {
  attribution::Journeys journeys;
  journeys.offsets = {0, 2, 3};
  journeys.channel = {0, 1, 1};
  journeys.category = {3, 0};
  journeys.time = {0, 1, 0};
  journeys.cost = {1, 2, 1};
  journeys.user = {0, 1};
  journeys.converted = {1, 0};
  journeys.channels = {"search", "R&D <mail>"};
  return journeys;
}

Result measured() {
  attribution::Credits credits;
  credits.credit = {0.25, 0.75, 1};
  credits.values = {0.1, 0.3, 0.2};
  credits.standard_error = {0, 0, 0.05};
  credits.probability = {0.8F, 0.2F};
  credits.effect = {0.5F, 0.5F};
  credits.sampled = 1;
  Result result = measure(two(), std::move(credits), 0.5);
  result.method = "shapley";
  result.precision = "float";
  return result;
}

TEST(Result, HasTheFiguresOfChannelsAndJourneys) {
  const auto json = credits_document(two(), measured());
  EXPECT_EQ(json["attribute"]["auc"], 1.0);
  EXPECT_EQ(json["attribute"]["journeys"], 2);
  EXPECT_EQ(json["attribute"]["touches"], 3);
  EXPECT_EQ(json["attribute"]["precision"], "float");
  EXPECT_EQ(json["attribute"]["channels"]["search"]["credit"], 0.25);
  EXPECT_EQ(json["attribute"]["channels"]["R&D <mail>"]["roi"], 0.25);
  EXPECT_EQ(json["attribute"]["channels"]["search"]["budget"], 1.0);
  EXPECT_EQ(json["attribute"]["largest_standard_error"], 0.05);
  EXPECT_EQ(json["journeys"][0]["credit"], (std::vector<double>{0.25, 0.75}));
  EXPECT_EQ(json["journeys"][1]["value"], (std::vector<double>{0.2}));
  EXPECT_FALSE(json["attribute"].contains("array"));
}

TEST(Result, IsDrawn) {
  const harness::Workspace folder(testing::TempDir());
  write_plots(measured(), folder.path() / "plots");
  const auto text = [&](const char* name) {
    std::ostringstream out;
    out << std::ifstream(folder.path() / "plots" / name).rdbuf();
    return out.str();
  };
  EXPECT_THAT(text("credits.svg"), HasSubstr("R&amp;D &lt;mail&gt;"));
  EXPECT_THAT(text("roi.svg"), HasSubstr("<svg"));
  EXPECT_THAT(text("calibration.svg"), HasSubstr("predicted 80.0 %, observed 100.0 %"));
}

}  // namespace
}  // namespace hasse::attribute
