// SPDX-License-Identifier: Apache-2.0
// Heat maps and terminal tables.
#include "flows/report/heat_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/report/svg.hpp"
#include "flows/report/tests/xml_check.hpp"
#include "flows/report/text.hpp"

namespace hasse::report {
namespace {

using ::testing::HasSubstr;

HeatMap small() {
  return {"Kept <mass>",
          "query head",
          "layer",
          {"0", "1"},
          {"first", "second"},
          {{{1, "1.00"}, {0.5, "0.50"}}, {{-3, "low"}, {7, "high"}}}};
}

TEST(HeatMap, IsWellFormedAndNamesEveryCell) {
  const std::string svg = standalone(draw_heat_map(small(), "h"));
  EXPECT_EQ(xml_problem(svg), "");
  EXPECT_THAT(svg, HasSubstr("Kept &lt;mass&gt;"));
  EXPECT_THAT(svg, HasSubstr("layer second, query head 1: high"));
}

TEST(HeatMap, ShadesAreCutToTheirRange) {
  const std::string svg = draw_heat_map(small(), "h").str();
  EXPECT_THAT(svg, HasSubstr("opacity=\"0.375\""));
  EXPECT_THAT(svg, HasSubstr("opacity=\"0.000\""));
  EXPECT_THAT(svg, HasSubstr("opacity=\"0.750\""));
}

TEST(RuledTable, PadsColumnsBelowARule) {
  EXPECT_EQ(ruled_table({{"a", "long", ""}, {"bcd", "1", ""}}),
            "a    long\n─────────\nbcd     1\n");
}

}  // namespace
}  // namespace hasse::report
