// SPDX-License-Identifier: Apache-2.0
// Constant arithmetic that keeps names.
#include "generator/hdl/width.hpp"

#include <gtest/gtest.h>

namespace hasse::hdl {
namespace {

TEST(Width, NumbersFold) {
  EXPECT_EQ((Width(3) * 4 + 2).str(), "14");
  EXPECT_EQ((Width(3) - 1).value(), 2);
}

TEST(Width, NamesStay) {
  const Width columns(32, "Columns");
  const Width bits(11, "NodeBits");
  EXPECT_EQ((columns * bits).str(), "Columns*NodeBits");
  EXPECT_EQ((columns * bits).value(), 352);
  EXPECT_EQ((bits + 1).str(), "NodeBits+1");
  EXPECT_EQ((bits + 1 - 1).str(), "NodeBits");
  EXPECT_EQ((bits - 1).str(), "NodeBits-1");
  EXPECT_EQ((columns * (bits + 1)).str(), "Columns*(NodeBits+1)");
  EXPECT_EQ((columns + bits - 1).str(), "Columns+NodeBits-1");
  EXPECT_EQ((bits - bits).str(), "0");
  EXPECT_EQ((1 * bits).str(), "NodeBits");
  EXPECT_EQ((columns - (bits - 3)).str(), "Columns-NodeBits+3");
}

TEST(Width, EqualityIsOfValues) {
  EXPECT_EQ(Width(8), Width(8, "Bits"));
}

TEST(Width, AddressBitsIsAtLeastOne) {
  EXPECT_EQ(address_bits(1).value(), 1);
  EXPECT_EQ(address_bits(2).value(), 1);
  EXPECT_EQ(address_bits(3).value(), 2);
  EXPECT_EQ(address_bits(256).value(), 8);
  EXPECT_EQ(address_bits(257).value(), 9);
  EXPECT_EQ(address_bits(Width(64, "Depth")).str(), "$clog2(Depth)");
}

TEST(Width, EvaluatesWithOverridesThroughDefinitions) {
  const Width width(8, "Width");
  const Width padded = (width + 3).named("Padded");
  const ParamMap overrides{{"Width", 20}};
  EXPECT_EQ((padded * 2).evaluate(overrides), 46);
  EXPECT_EQ((padded * 2).evaluate({}), 22);
  EXPECT_EQ(address_bits(width).evaluate(overrides), 5);
}

}  // namespace
}  // namespace hasse::hdl
