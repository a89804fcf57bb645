// SPDX-License-Identifier: Apache-2.0
// The files and texts the flows ask for.
#include "flows/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/report/tests/synthetic.hpp"
#include "flows/report/tests/xml_check.hpp"

namespace hasse::report {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string written(const synthetic::Directory& where,
                    const std::vector<std::filesystem::path>& dirs) {
  write(dirs, where.path() / "out" / "report.html");
  return synthetic::slurp(where.path() / "out" / "report.html");
}

TEST(Report, IsOneSelfContainedWellFormedPage) {
  const synthetic::Directory where;
  const std::string html = written(where, {synthetic::write_design(where, "default")});
  EXPECT_EQ(xml_problem(html), "");
  EXPECT_THAT(html, HasSubstr("<!DOCTYPE html>"));
  EXPECT_THAT(html, HasSubstr("0 / 131,072"));
  for (const char* outside : {"http", "<script", "<link", "url(", "@import", "src="}) {
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  }
  EXPECT_FALSE(std::filesystem::exists(where.path() / "out" / "report.html.partial"));
}

TEST(Report, HasTheSameBytesOnEveryRun) {
  const synthetic::Directory where;
  const auto dir = synthetic::write_design(where, "default");
  EXPECT_EQ(written(where, {dir}), written(where, {dir}));
}

TEST(Report, PutsDesignsSideBySide) {
  const synthetic::Directory where;
  const auto first = synthetic::write_design(where, "narrow", 5);
  const auto second = synthetic::write_design(where, "wide", 8);
  const std::string html = written(where, {first, second});
  EXPECT_EQ(xml_problem(html), "");
  EXPECT_THAT(html, HasSubstr("Hasse report: 2 designs"));
  EXPECT_THAT(html, HasSubstr("href=\"#d1\""));
}

TEST(Report, EscapesWhateverTheResultsHold) {
  const synthetic::Directory where;
  const auto dir = synthetic::write_design(where, "default");
  const std::string evil = "<img src=x onerror=\"alert('&')\">";
  json manifest = synthetic::manifest(evil);
  manifest["design"][evil] = evil;
  manifest["modules"][0]["doc"] = evil;
  json verify = synthetic::verify();
  verify["workload"] = evil;
  verify["command"] = evil;
  verify["cycle_breakdown"][evil] = 3;
  json synth = synthetic::synth();
  synth["liberty"] = evil;
  synth["area_by_unit"][evil] = 3;
  synth["area_by_module"][0]["name"] = evil;
  where.put("default/manifest.json", manifest.dump());
  where.put("default/results/verify.json", verify.dump());
  where.put("default/results/synth.json", synth.dump());
  const std::string html = written(where, {dir});
  EXPECT_EQ(xml_problem(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<img")));
}

TEST(Report, MissingResultsNameTheCommandThatMakesThem) {
  const synthetic::Directory where;
  const std::string html = written(where, {where.path()});
  EXPECT_EQ(xml_problem(html), "");
  const std::string dir = where.path().string();
  EXPECT_THAT(html, HasSubstr("hasse verify " + dir));
  EXPECT_THAT(html, HasSubstr("hasse synth " + dir));
  EXPECT_THAT(html, HasSubstr("hasse generate DESIGN.json -o " + dir));
}

TEST(Report, WrongOutputsAreNotHidden) {
  const synthetic::Directory where;
  const auto dir = synthetic::write_design(where, "default");
  json verify = synthetic::verify();
  verify["mismatches"] = 7;
  verify["model"]["predicted_cycles"] = 136215;
  verify["first_mismatches"] = {
      {{"row", 3}, {"column", 1004}, {"expected", -70112}, {"actual", -70111}}};
  where.put("default/results/verify.json", verify.dump());
  const std::string html = written(where, {dir});
  EXPECT_EQ(xml_problem(html), "");
  for (const char* shown : {"Outputs NOT exact", "-70,112", "-70,111", "num bad\">136,215"}) {
    EXPECT_THAT(html, HasSubstr(shown));
  }
  EXPECT_THAT(summary_table({dir}), HasSubstr("7 / 131,072"));
}

TEST(Report, NamesTheFormatOfEveryAreaFigure) {
  const synthetic::Directory where;
  const auto first = synthetic::write_design(where, "a");
  const auto second = synthetic::write_design(where, "b");
  EXPECT_THAT(summary_table({first, second}), HasSubstr("Logic per W4A8 MAC/cycle"));
  json verify = synthetic::verify();
  verify["weight_bits"] = 8;
  where.put("b/results/verify.json", verify.dump());
  EXPECT_THAT(summary_table({first, second}), HasSubstr("(W8A8)"));
}

TEST(Report, SummaryTableIsAligned) {
  const synthetic::Directory where;
  const std::string table = summary_table({synthetic::write_design(where, "default")});
  EXPECT_THAT(table, HasSubstr("Wrong outputs"));
  EXPECT_THAT(table, HasSubstr("W4A8"));
  EXPECT_THAT(table, HasSubstr("1.037 ×"));
  EXPECT_THAT(table, Not(HasSubstr(" \n")));
  EXPECT_THROW(summary_table({}), ReportError);
}

TEST(Report, MergesWhatThereIs) {
  const synthetic::Directory where;
  const json all = merge(synthetic::write_design(where, "default"));
  EXPECT_EQ(all["verify"]["outputs"], 131072);
  EXPECT_EQ(all["generate"]["modules"], 18);
  EXPECT_EQ(all["synth"]["cells"], 182345);
  EXPECT_EQ(all["design"]["rows"], 256);
  EXPECT_EQ(merge(where.path()).size(), 1U);
}

TEST(Report, WritesPicturesThatStandAlone) {
  const synthetic::Directory where;
  const auto files = svg_files(synthetic::write_design(where, "default"), where.path() / "docs");
  ASSERT_EQ(files.size(), 2U);
  for (const auto& file : files) {
    const std::string svg = synthetic::slurp(file);
    EXPECT_EQ(xml_problem(svg), "") << file;
    EXPECT_THAT(svg, HasSubstr("<style>"));
  }
  EXPECT_TRUE(svg_files(where.path(), where.path() / "docs").empty());
}

}  // namespace
}  // namespace hasse::report
