// SPDX-License-Identifier: Apache-2.0
// The text of expressions.
#include "generator/hdl/expr.hpp"

#include <gtest/gtest.h>

#include "generator/hdl/hdl.hpp"

namespace hasse::hdl {
namespace {

class ExprText : public ::testing::Test {
 protected:
  Module m{"expressions", "Text of expressions."};
  Width bits = m.localparam("NodeBits", 11, "Bits.");
  Width columns = m.localparam("Columns", 4, "Columns.");
  Expr a = m.logic("a", 8), b = m.logic("b", 8), c = m.logic("c", 8);
  Expr p = m.logic("p", 1), q = m.logic("q", 1);
  Expr s = m.logic("s", 8, "", Signed::yes), t = m.logic("t", 8, "", Signed::yes);
  Expr lanes = m.logic("lanes", columns* bits);
  Expr node = m.logic("node", bits);
};

TEST_F(ExprText, Literals) {
  EXPECT_EQ(lit(5, 8).str(), "8'd5");
  EXPECT_EQ(lit(1, 1).str(), "1'b1");
  EXPECT_EQ(lit(-3, 8).str(), "-8'sd3");
  EXPECT_EQ(lit(-128, 8).str(), "8'sh80");
  EXPECT_EQ(lit_bin(5, 4).str(), "4'b0101");
  EXPECT_EQ(zeros(8).str(), "'0");
  EXPECT_EQ(ones(8).str(), "'1");
  EXPECT_EQ((a & ones(8)).str(), "a & {8{1'b1}}");
  EXPECT_EQ((a + zeros(8)).str(), "a + 8'd0");
  EXPECT_EQ((a == Operand(columns - 1)).str(), "a == 8'(Columns-1)");
  EXPECT_EQ((node + 3).str(), "node + NodeBits'(3)");
  EXPECT_EQ((m.logic("wide", bits + 1) + 3).str(), "wide + 12'd3");
  const Width depth = m.parameter("Depth", 16, "May be overridden.");
  EXPECT_EQ((m.logic("address", address_bits(depth)) + 3).str(), "address + ($clog2(Depth))'(3)");
}

TEST_F(ExprText, NumbersTakeWidthAndSignOfTheOtherSide) {
  EXPECT_EQ((a + 1).str(), "a + 8'd1");
  EXPECT_EQ((s + 1).str(), "s + 8'sd1");
  EXPECT_EQ((s - -1).str(), "s - (-8'sd1)");
  EXPECT_EQ((s < lit(5, 8)).str(), "s < 8'sd5");
  EXPECT_EQ(mux(p, a, 0).str(), "p ? a : 8'd0");
}

TEST_F(ExprText, ParenthesesWhereOperatorsMeet) {
  EXPECT_EQ((a + b - c).str(), "a + b - c");
  EXPECT_EQ((a - (b - c)).str(), "a - (b - c)");
  EXPECT_EQ(((a & b) | c).str(), "(a & b) | c");
  EXPECT_EQ((a & (b & c)).str(), "a & b & c");
  EXPECT_EQ((a + b == c).str(), "a + b == c");
  EXPECT_EQ(((a == b) && !p).str(), "(a == b) && !p");
  EXPECT_EQ((!(p && q)).str(), "!(p && q)");
  EXPECT_EQ((~(a ^ b)).str(), "~(a ^ b)");
  EXPECT_EQ(((a << 2) + b).str(), "(a << 2) + b");
  EXPECT_EQ(((a + b) >> 1).str(), "(a + b) >> 1");
  EXPECT_EQ((mux(p, a, b) + c).str(), "(p ? a : b) + c");
  EXPECT_EQ(mux(p && q, a, mux(q, b, c)).str(), "(p && q) ? a : q ? b : c");
  EXPECT_EQ((p && reduce_or(a)).str(), "p && (|a)");
  EXPECT_EQ((!reduce_and(a)).str(), "!(&a)");
  EXPECT_EQ(reduce_xor(a & b).str(), "^(a & b)");
}

TEST_F(ExprText, SelectionsFold) {
  EXPECT_EQ(a.bit(3).str(), "a[3]");
  EXPECT_EQ(p.bit(0).str(), "p");
  EXPECT_EQ(a.slice(2, 4).str(), "a[5:2]");
  EXPECT_EQ(a.slice(2, 4).bit(1).str(), "a[3]");
  EXPECT_EQ(a.slice(0, 8).str(), "a");
  EXPECT_EQ(a.lane(1, 4).str(), "a[7:4]");
  EXPECT_EQ(lanes.lane(1, bits).str(), "lanes[NodeBits +: NodeBits]");
  EXPECT_EQ(node.msb().str(), "node[NodeBits-1]");
  EXPECT_EQ(a.bit(b.slice(0, 3)).str(), "a[b[2:0]]");
  EXPECT_EQ(a.slice_at(b.slice(0, 3), 2).str(), "a[b[2:0] +: 2]");
}

TEST_F(ExprText, LanesOfLoops) {
  m.generate_for("column", columns, "gen_column", [&](Scope&, const Expr& column) {
    EXPECT_EQ(lanes.lane(column, bits).str(), "lanes[column*NodeBits +: NodeBits]");
    EXPECT_EQ(lanes.lane(column, bits).bit(2).str(), "lanes[column*NodeBits+2]");
    EXPECT_EQ(lanes.lane(column, bits).slice(1, 4).str(), "lanes[column*NodeBits+1 +: 4]");
    EXPECT_EQ(lanes.lane(3 - column, bits).str(), "lanes[(3-column)*NodeBits +: NodeBits]");
    EXPECT_EQ(a.bit(column).str(), "a[column]");
    EXPECT_EQ(a.bit(column * 2 + 1).str(), "a[column*2+1]");
    EXPECT_EQ(as_bits(column, 2).str(), "2'(column)");
    EXPECT_EQ((a == as_bits(column + 1, 8)).str(), "a == 8'(column+1)");
  });
}

TEST_F(ExprText, Conversions) {
  EXPECT_EQ(zext(a, 12).str(), "{4'd0, a}");
  EXPECT_EQ(zext(a, 8).str(), "a");
  EXPECT_EQ(zext(a, bits).str(), "{3'd0, a}");
  EXPECT_EQ(sext(a, 12).str(), "{{4{a[7]}}, a}");
  EXPECT_EQ(sext(a.slice(0, 4), bits).str(), "{{(NodeBits-4){a[3]}}, a[3:0]}");
  EXPECT_EQ(sext(a, 9).str(), "{a[7], a}");
  EXPECT_EQ(sext(p, 3).str(), "{{2{p}}, p}");
  EXPECT_EQ(trunc(a, 3).str(), "a[2:0]");
  EXPECT_EQ(trunc(a + b, 3).str(), "3'(a + b)");
  EXPECT_EQ(cat({a, b.bit(0), lit(2, 3)}).str(), "{a, b[0], 3'd2}");
  EXPECT_EQ(cat({mux(p, a, b), c}).str(), "{(p ? a : b), c}");
  EXPECT_EQ(repeat(3, p).str(), "{3{p}}");
  EXPECT_EQ(cat({a, b, c}).width().value(), 24);
}

TEST_F(ExprText, SignsAreCastOnlyWhereTheyMatter) {
  EXPECT_EQ((s < t).str(), "s < t");
  EXPECT_EQ((as_signed(a) < t).str(), "$signed(a) < t");
  EXPECT_EQ((as_unsigned(s) < a).str(), "$unsigned(s) < a");
  EXPECT_EQ((s + as_signed(a)).str(), "s + a");
  EXPECT_EQ((as_signed(a) >> 2).str(), "$signed(a) >>> 2");
  EXPECT_EQ((s >> 2).str(), "s >>> 2");
  EXPECT_EQ(((s >> 2) + t).str(), "(s >>> 2) + t");
  EXPECT_EQ(((s >> 2) + as_signed(a)).str(), "$signed(s >>> 2) + a");
  EXPECT_EQ((sext(s, 10) < sext(t, 10)).str(), "$signed({{2{s[7]}}, s}) < $signed({{2{t[7]}}, t})");
}

TEST_F(ExprText, WidthsAndSigns) {
  EXPECT_EQ((s + t).is_signed(), true);
  EXPECT_EQ(s.slice(0, 4).is_signed(), false);
  EXPECT_EQ(sext(s, 10).is_signed(), true);
  EXPECT_EQ((s < t).is_signed(), false);
  EXPECT_EQ((a << 3).width().value(), 8);
}

}  // namespace
}  // namespace hasse::hdl
