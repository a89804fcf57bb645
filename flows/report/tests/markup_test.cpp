// SPDX-License-Identifier: Apache-2.0
// Escaping, numbers and scales.
#include "flows/report/markup.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "flows/report/numbers.hpp"
#include "flows/report/svg.hpp"
#include "flows/report/tests/xml_check.hpp"

namespace hasse::report {
namespace {

TEST(Markup, EscapesTextAndAttributes) {
  Element element("p");
  element.set("title", "a \"b\" <c>").text("1 < 2 & 'x' > y").add(Element("meta"));
  EXPECT_EQ(element.str(),
            "<p title=\"a &quot;b&quot; &lt;c&gt;\">1 &lt; 2 &amp; &#39;x&#39; &gt; y<meta/></p>");
  EXPECT_EQ(escape(std::string("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Markup, RemembersAttributes) {
  Element element("p");
  element.set("width", 2.5);
  EXPECT_EQ(element.attribute("width"), "2.5");
  EXPECT_EQ(element.attribute("height"), "");
}

TEST(Markup, RefusesAStyleSheetThatCouldEndItself) {
  EXPECT_THROW(Element("style").stylesheet("</style>"), std::logic_error);
}

TEST(Markup, CheckerFindsWhatItShould) {
  EXPECT_EQ(xml_problem("<a><b c=\"1\"/>t</a>\n"), "");
  for (const char* bad : {"<a>", "<a></b>", "<a b=c/>", "<a b=\"1\" b=\"2\"/>", "<a>&x;</a>",
                          "<a/><b/>", "<a><b id=\"1\"/><c id=\"1\"/></a>", "text"}) {
    EXPECT_NE(xml_problem(bad), "") << bad;
  }
}

TEST(Markup, CoordinatesAreShort) {
  EXPECT_EQ(coordinate(1.0), "1");
  EXPECT_EQ(coordinate(2.504), "2.5");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(coordinate(100), "100");
}

TEST(Numbers, HaveSeparatorsAndSensibleDigits) {
  EXPECT_EQ(whole(0), "0");
  EXPECT_EQ(whole(999), "999");
  EXPECT_EQ(whole(1000), "1,000");
  EXPECT_EQ(whole(-1234567), "-1,234,567");
  EXPECT_EQ(whole(-100), "-100");
  EXPECT_EQ(significant(13421.7), "13,422");
  EXPECT_EQ(significant(33.46), "33.5");
  EXPECT_EQ(significant(0.01234), "0.0123");
  EXPECT_EQ(significant(0), "0");
  EXPECT_EQ(significant(std::numeric_limits<double>::quiet_NaN()), "–");
  EXPECT_EQ(percent(0.12345), "12.3 %");
  EXPECT_EQ(plural(1, "node"), "1 node");
  EXPECT_EQ(plural(1200, "node"), "1,200 nodes");
  EXPECT_EQ(binary(5, 4), "0101");
}

TEST(Svg, ScaleAndTicks) {
  const Scale scale(100, 200, 0, 50);
  EXPECT_DOUBLE_EQ(scale(150), 25);
  EXPECT_EQ(scale.ticks(5), (std::vector<double>{100, 120, 140, 160, 180, 200}));
  EXPECT_TRUE(Scale(3, 3, 0, 1).ticks(4).empty());
  EXPECT_DOUBLE_EQ(Scale(3, 3, 7, 9)(3), 7);
}

TEST(Svg, LanesWearDifferentColours) {
  for (const int lanes : {1, 7, 8, 16}) {
    for (int lane = 1; lane < lanes; ++lane) {
      EXPECT_NE(lane_class(lane, lanes), lane_class(lane - 1, lanes));
    }
  }
}

}  // namespace
}  // namespace hasse::report
