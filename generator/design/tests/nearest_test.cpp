// SPDX-License-Identifier: Apache-2.0
// Suggestions for misspelt field names.
#include "generator/design/nearest.hpp"

#include <gtest/gtest.h>

namespace hasse::design {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("lanes", "lanes"), 0u);
  EXPECT_EQ(edit_distance("lane", "lanes"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, FindsTheMisspeltName) {
  const std::vector<std::string> names = {"lanes", "columns", "columns_per_adder"};
  EXPECT_EQ(nearest("lane", names), "lanes");
  EXPECT_EQ(nearest("colums", names), "columns");
  EXPECT_EQ(nearest("columns_per_ader", names), "columns_per_adder");
}

TEST(Nearest, StaysSilentWhenNothingIsClose) {
  EXPECT_EQ(nearest("voltage", {"lanes", "columns"}), "");
  EXPECT_EQ(nearest("", {"lanes"}), "");
}

}  // namespace
}  // namespace hasse::design
