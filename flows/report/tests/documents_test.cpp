// SPDX-License-Identifier: Apache-2.0
// Reading results: what is missing, what is malformed, and how that is said.
#include "flows/report/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/report/charts.hpp"
#include "flows/report/headline.hpp"
#include "flows/report/report.hpp"
#include "flows/report/tests/synthetic.hpp"

namespace hasse::report {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// The message of the ReportError that rendering this verify.json ends in; "" when there is none.
std::string problem_with(const json& verify) {
  const synthetic::Directory where;
  const std::filesystem::path dir = synthetic::write_design(where, "d");
  where.put("d/results/verify.json", verify.dump());
  try {
    write({dir}, where.path() / "report.html");
  } catch (const ReportError& error) {
    EXPECT_FALSE(std::filesystem::exists(where.path() / "report.html"));
    return error.what();
  }
  return "";
}

/// The same with the value at `pointer` replaced.
std::string problem_at(const char* pointer, const json& value) {
  json verify = synthetic::verify();
  verify[json::json_pointer(pointer)] = value;
  return problem_with(verify);
}

TEST(Documents, ReadResultsBareAndUnderTheirVerb) {
  const synthetic::Directory where;
  const Documents read = load(synthetic::write_design(where, "d"));
  EXPECT_EQ(read.name(), "d");
  EXPECT_EQ(read.verify->at("outputs").count(), 131072);
  EXPECT_EQ(read.synth->at("cells").count(), 182345);
}

TEST(Documents, EverythingMayBeMissingButTheDirectory) {
  const synthetic::Directory where;
  const Documents read = load(where.path());
  EXPECT_FALSE(read.manifest || read.generate || read.verify || read.synth);
  EXPECT_EQ(read.name(), where.path().filename().string());
  EXPECT_THROW(load(where.path() / "absent"), ReportError);
}

TEST(Documents, MalformedValuesNameFileAndPointer) {
  EXPECT_EQ(problem_with(synthetic::verify()), "");
  EXPECT_THAT(problem_at("/cycles", "many"),
              AllOf(HasSubstr("results/verify.json"), HasSubstr("/cycles"), HasSubstr("\"many\"")));
  EXPECT_THAT(problem_at("/outputs", -1), HasSubstr("/outputs: found -1"));
  EXPECT_THAT(problem_at("/k", nullptr), HasSubstr("/k: missing"));
  EXPECT_THAT(problem_at("/cycle_breakdown/stalls", 0.5), HasSubstr("/cycle_breakdown/stalls"));
  EXPECT_THAT(problem_at("/cycles_per_subtile", json::array()), HasSubstr("found an array"));
}

TEST(Documents, MalformedSubtileIsNamed) {
  EXPECT_THAT(problem_at("/subtile/nodes/3/code", 128),
              HasSubstr("/subtile/nodes/3/code: found 128"));
  EXPECT_THAT(problem_at("/subtile/nodes/3/code", 2), HasSubstr("each code once"));
  EXPECT_THAT(problem_at("/subtile/nodes/3/parent", 3), HasSubstr("/subtile/nodes/3/parent"));
  EXPECT_THAT(problem_at("/subtile/dimension", 9), HasSubstr("/subtile/dimension"));
  EXPECT_THAT(problem_at("/subtile/nodes/3/uses_mirrored", 4096), HasSubstr("uses_mirrored"));
}

TEST(Documents, MalformedOccupationIsNamed) {
  EXPECT_THAT(problem_at("/occupation/prefix/2", json{1, 0}), HasSubstr("/occupation/prefix/2"));
  EXPECT_THAT(problem_at("/occupation/accumulate/0/5", 2), HasSubstr("/occupation/accumulate/0/5"));
  EXPECT_THAT(problem_at("/occupation/subtile_boundaries/0", 1),
              HasSubstr("/occupation/subtile_boundaries/0: found 1"));
}

TEST(Documents, TextThatIsNotJsonNamesTheFile) {
  const synthetic::Directory where;
  where.put("manifest.json", "{\"name\": ");
  try {
    load(where.path());
    FAIL() << "no error";
  } catch (const ReportError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("manifest.json: not JSON")));
  }
}

TEST(Headline, DerivesWhatTheResultsDoNotState) {
  const synthetic::Directory where;
  const Figures f = figures(load(synthetic::write_design(where, "d")));
  EXPECT_DOUBLE_EQ(*f.subtile_bound, 256 * (1 - 1.0 / 256) / 8);
  EXPECT_NEAR(*f.subtile_ratio(), 33.04 / 31.875, 1e-12);
  EXPECT_NEAR(*f.mac_per_cycle, 512.0 * 512 * 256 / 136214, 1e-9);
  EXPECT_NEAR(*f.logic_per_mac(), 6589120.25 / *f.mac_per_cycle, 1e-6);
  EXPECT_EQ(f.format(), "W4A8");
}

TEST(Headline, CountsSubtilesWhenTheResultDoesNot) {
  const synthetic::Directory where;
  const std::filesystem::path dir = synthetic::write_design(where, "d");
  json verify = synthetic::verify();
  verify.erase("subtiles");
  where.put("d/results/verify.json", verify.dump());
  // 64 weight rows a tile (256 / (8·4) groups of 8 lanes), 8 K bits, 32 columns.
  EXPECT_DOUBLE_EQ(*figures(load(dir)).subtile_cycles_average, 136214.0 / (8 * 64 * 8));
}

TEST(Headline, TakesZeroForNotMeasured) {
  const synthetic::Directory where;
  const std::filesystem::path dir = synthetic::write_design(where, "d");
  json verify = synthetic::verify();
  verify["cycles_per_subtile"] = 0.0;
  where.put("d/results/verify.json", verify.dump());
  EXPECT_FALSE(figures(load(dir)).subtile_cycles);
  EXPECT_FALSE(figures(load(dir)).subtile_ratio());
}

TEST(Charts, BreakdownPutsUsefulWorkFirst) {
  const Field field("x.json", {{"a_wait", 5}, {"accumulating", 2}, {"b", 9}});
  const std::vector<Share> shares = read_cycle_breakdown(field);
  EXPECT_EQ(shares[0].name, "accumulating");
  EXPECT_EQ(shares[1].name, "b");
  EXPECT_DOUBLE_EQ(total(shares), 16);
}

TEST(Charts, AreaKeepsMemoryApart) {
  const Field field("x.json", {{"planner", 5}, {"memory", 20}, {"crossbar", 7.5}});
  const AreaByUnit area = read_area_by_unit(field);
  EXPECT_EQ(area.logic.front().name, "crossbar");
  EXPECT_DOUBLE_EQ(total(area.logic), 12.5);
  EXPECT_DOUBLE_EQ(total(area.memory), 20);
}

}  // namespace
}  // namespace hasse::report
