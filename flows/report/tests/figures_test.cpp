// SPDX-License-Identifier: Apache-2.0
// The charts: well-formed at every size, and complete.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/report/charts.hpp"
#include "flows/report/svg.hpp"
#include "flows/report/tests/synthetic.hpp"
#include "flows/report/tests/xml_check.hpp"

namespace hasse::report {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

class Lattices : public ::testing::TestWithParam<int> {};

TEST_P(Lattices, DrawEveryNodeOnce) {
  const Subtile subtile = read_subtile(Field("verify.json", synthetic::subtile(GetParam())));
  const std::string svg = standalone(draw_hasse_graph(subtile, "g"));
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_EQ(subtile.nodes.size(), std::size_t{1} << GetParam());
  EXPECT_EQ(occurrences(svg, "<title>code "), subtile.nodes.size());
  EXPECT_THAT(svg, HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

INSTANTIATE_TEST_SUITE_P(Dimensions, Lattices, ::testing::Range(1, 10));

TEST(HasseGraph, ShowsCodesThatWereNotBuilt) {
  const json sparse{{"tile_bits", 3},
                    {"dimension", 3},
                    {"nodes",
                     {{{"code", 0}, {"parent", -1}, {"lane", 0}, {"step", 0}, {"uses", 1}},
                      {{"code", 5}, {"parent", 0}, {"lane", 1}, {"step", 1}, {"uses", 2}}}}};
  const std::string svg = draw_hasse_graph(read_subtile(Field("v", sparse)), "g").str();
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_EQ(occurrences(svg, "not built</title>"), 6U);
  EXPECT_THAT(svg, HasSubstr("code 101\nparent 000\nlane 1\nstep 1\nread by 2 TransRows"));
}

TEST(HasseGraph, OfNothingIsStillADrawing) {
  const json empty{{"tile_bits", 4}, {"dimension", 4}, {"nodes", json::array()}};
  EXPECT_EQ(xml_problem(draw_hasse_graph(read_subtile(Field("v", empty)), "g").str()), "");
}

TEST(OccupationChart, MergesRuns) {
  const json window{{"first_cycle", 10},
                    {"cycles", 6},
                    {"prefix", {{1, 1, 0, 1, 0, 0}}},
                    {"accumulate", {{1, 1, 1, 1, 1, 1}, {0, 0, 0, 0, 0, 0}}},
                    {"subtile_boundaries", {13, 16}}};
  const Occupation read = read_occupation(Field("v", window));
  EXPECT_DOUBLE_EQ(utilisation(read.prefix[0]), 0.5);
  const std::string svg = draw_occupation(read, "o").str();
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_EQ(occurrences(svg, "<title>busy from cycle"), 3U);
  EXPECT_THAT(svg, HasSubstr("busy from cycle 13, 1 cycle<"));
}

TEST(CycleChart, DrawsZeroesAndNothing) {
  EXPECT_EQ(xml_problem(draw_cycle_breakdown({{"a", 3}, {"b", 0}}, "c").str()), "");
  EXPECT_EQ(xml_problem(draw_cycle_breakdown({}, "c").str()), "");
}

TEST(AreaChart, SaysKiloGatesOnlyWhenAGateIsKnown) {
  const AreaByUnit area = read_area_by_unit(Field("s", synthetic::synth()["area_by_unit"]));
  const std::string without = draw_area(area, 0, "a").str();
  EXPECT_EQ(xml_problem(without), "");
  EXPECT_THAT(without, Not(HasSubstr("kGE")));
  EXPECT_THAT(draw_area(area, 24, "a").str(), HasSubstr("kGE"));
  EXPECT_EQ(xml_problem(draw_area({}, 24, "a").str()), "");
}

}  // namespace
}  // namespace hasse::report
