// SPDX-License-Identifier: Apache-2.0
// Wrapping, tables and comments.
#include "generator/hdl/writer.hpp"

#include <gtest/gtest.h>

#include "generator/hdl/hdl.hpp"

namespace hasse::hdl::detail {
namespace {

TEST(Writer, BreaksLongStatementsAtTheOutermostOperator) {
  Module m("wide", "Wraps.");
  const Expr first = m.input("a_rather_long_name_for_the_first_operand_i", 8, "First.");
  const Expr second = m.input("a_rather_long_name_for_the_second_operand_i", 8, "Second.");
  const Expr sum = m.output("sum_o", 8, "Sum.");
  m.assign(sum, (first & second) | (first & ~second) | (~first & second));
  EXPECT_NE(m.to_string().find("  assign sum_o = (a_rather_long_name_for_the_first_operand_i &\n"),
            std::string::npos)
      << m.to_string();
}

TEST(Writer, CommentsWrapByWords) {
  Writer writer;
  writer.comment(std::string(60, 'a') + " " + std::string(60, 'b') + "\n\nend");
  EXPECT_EQ(writer.take(),
            "// " + std::string(60, 'a') + "\n// " + std::string(60, 'b') + "\n//\n// end\n");
}

TEST(Writer, TablesAlignAndNotesWrapInTheirColumn) {
  Writer writer;
  const std::string half(50, 'x');
  writer.table({{{"logic", "[7:0]", "a;"}, "Short."},
                {{"logic", "", "bb;"}, half + " " + half},
                {{"logic", "[11:0]", "c;"}, "Last."}});
  EXPECT_EQ(writer.take(), "logic [7:0]  a;   // Short.\nlogic        bb;  // " + half +
                               "\n                  // " + half + "\nlogic [11:0] c;   // Last.\n");
}

TEST(Writer, NotesStandAboveWhereTheyHaveNoRoom) {
  Writer writer;
  const std::string name(80, 'n');
  writer.table({{{"logic", name}, "Wide."}});
  EXPECT_EQ(writer.take(), "// Wide.\nlogic " + name + "\n");
}

TEST(Writer, EmptyColumnsTakeNoSpace) {
  Writer writer;
  writer.table({{{"logic", "", "a;"}, ""}, {{"logic", "", "b;"}, ""}});
  EXPECT_EQ(writer.take(), "logic a;\nlogic b;\n");
}

TEST(Writer, ALineIsNeverBrokenWhereNoBreakIsAllowed) {
  Writer writer;
  writer.statement({{std::string(70, 'a'), -1}, {std::string(70, 'b'), -1}, {";", -1}});
  EXPECT_EQ(writer.take(), std::string(70, 'a') + std::string(70, 'b') + ";\n");
}

}  // namespace
}  // namespace hasse::hdl::detail
