// SPDX-License-Identifier: Apache-2.0
// One test per rule that is checked while hardware is described.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/hdl/hdl.hpp"
#include "generator/hdl/tests/support.hpp"

namespace hasse::hdl::testing {
namespace {

/// Errors point at this file; ErrorsCarryTheLineOfTheCall checks the line.
const std::string here = "check_test.cpp:";

class Check : public ::testing::Test {
 protected:
  Module m{"unit", "A module to break."};
  Expr clk = m.input("clk_i", 1, "Clock.");
  Expr rst_n = m.input("rst_ni", 1, "Reset.");
  Expr a = m.input("a_i", 8, "Eight bits.");
  Expr b = m.input("b_i", 9, "Nine bits.");
  Expr s = m.input("s_i", 8, "Signed.", Signed::yes);
  Expr y = m.output("y_o", 8, "Result.");
  Expr x = m.logic("x", 8);
};

TEST_F(Check, ErrorsCarryTheLineOfTheCall) {
  const auto line = [](int number) { return fmt::format("check_test.cpp:{}: ", number); };
  expect_error([&] { a + b; }, {line(__LINE__)});
  expect_error([&] { m.assign(x, b); }, {line(__LINE__)});
  expect_error([&] { a.slice(4, 5); }, {line(__LINE__)});
  expect_error([&] { m.logic("x", 1); }, {line(__LINE__)});
}

TEST_F(Check, OperatorsNeedEqualWidths) {
  expect_error([&] { a + b; }, {"operator +", "'a_i' has 8 bits", "'b_i' has 9 bits", here});
  expect_error([&] { a& b; }, {"operator &", "8 bits", "9 bits"});
  expect_error([&] { a == b; }, {"operator ==", "8 bits", "9 bits", here});
  expect_error([&] { mux(clk, a, b); }, {"mux", "8 bits", "9 bits", here});
}

TEST_F(Check, OperatorsNeedEqualSigns) {
  expect_error([&] { a + s; }, {"operator +", "'a_i' is unsigned", "'s_i' is signed", here});
  expect_error([&] { a < s; }, {"operator <", "signed", here});
}

TEST_F(Check, LogicNeedsSingleBits) {
  expect_error([&] { a&& clk; }, {"operator &&", "'a_i' (8 bits)", here});
  expect_error([&] { !a; }, {"operator !", "'a_i' (8 bits)", here});
  expect_error([&] { mux(a, a, a); }, {"mux condition", "'a_i' (8 bits)", here});
}

TEST_F(Check, LiteralsFit) {
  expect_error([&] { lit(256, 8); }, {"256", "8 bits", here});
  expect_error([&] { lit(-129, 8); }, {"-129", "8 bits", here});
  expect_error([&] { a + 300; }, {"300", "8 bits", here});
  expect_error([&] { a + -1; }, {"-1", "unsigned 8 bits", here});
  expect_error([&] { s + 128; }, {"128", "signed 8 bits", here});
  EXPECT_NO_THROW(lit(-128, 8));
  EXPECT_NO_THROW(lit(255, 8));
}

TEST_F(Check, NothingMultiplies) {
  expect_error([&] { a* a; }, {"operator *", "a_i", here});
}

TEST_F(Check, ComparisonsHaveAnOpenOutcome) {
  expect_error([&] { a < 0; }, {"'a_i < 8'd0'", "constant", here});
  expect_error([&] { a >= 0; }, {"constant"});
  expect_error([&] { a > 255; }, {"constant"});
  EXPECT_NO_THROW(a > 0);
  EXPECT_NO_THROW(s < 0);
}

TEST_F(Check, SlicesExist) {
  expect_error([&] { a.bit(8); }, {"[8:8]", "'a_i'", "8 bits", here});
  expect_error([&] { a.slice(4, 5); }, {"[8:4]", "'a_i'", here});
  expect_error([&] { (a + a).slice(0, 2); }, {"'a_i + a_i'", "name it first", here});
  expect_error([&] { a.bit(b); }, {"needs a 3-bit index", "'b_i' has 9 bits", here});
  expect_error([&] { a.lane(b, 1); }, {"lane 'b_i'", "genvar", here});
}

TEST_F(Check, ConversionsGoOneWay) {
  expect_error([&] { zext(b, 8); }, {"zext", "'b_i' (9 bits)", "8 bits", here});
  expect_error([&] { sext(b, 8); }, {"sext", "'b_i' (9 bits)", here});
  expect_error([&] { sext(a + a, 12); }, {"name it first", here});
  expect_error([&] { trunc(a, 9); }, {"trunc", "'a_i' (8 bits)", "9 bits", here});
  expect_error([&] { a << 8; }, {"shift", "'a_i' (8 bits)", "8", here});
}

TEST_F(Check, AssignmentsNeedEqualWidths) {
  expect_error([&] { m.assign(x, b); }, {"assignment", "'x' has 8 bits", "'b_i' has 9 bits", here});
}

TEST_F(Check, TargetsAreSignals) {
  expect_error([&] { m.assign(a, x); }, {"input 'a_i' cannot be assigned", here});
  expect_error([&] { m.assign(x + x, a); }, {"'x + x' cannot be assigned", here});
}

TEST_F(Check, OneDriverPerBit) {
  m.assign(x.slice(0, 4), a.slice(0, 4));
  const std::string first = fmt::format("check_test.cpp:{}", __LINE__ - 1);
  EXPECT_NO_THROW(m.assign(x.slice(5, 3), a.slice(0, 3)));
  expect_error([&] { m.assign(x.slice(3, 2), a.slice(0, 2)); },
               {"bit 3 of 'x' (8 bits) has two drivers, the first at", first});
  expect_error([&] { m.always_comb([&](Block& c) { c.assign(x, a); }); }, {"two drivers", "'x'"});
}

TEST_F(Check, LoopIterationsAreSeparateDrivers) {
  expect_error(
      [&] { m.generate_for("i", 2, "gen_i", [&](Scope& g, const Expr&) { g.assign(x, a); }); },
      {"two drivers", "'x'"});
  expect_error(
      [&] {
        m.generate_for("j", 4, "gen_j", [&](Scope& g, const Expr& j) {
          g.assign(y.slice(0, 5).lane(j, 2), a.slice(0, 2));
        });
      },
      {"do not exist", "y_o"});
  EXPECT_NO_THROW(m.generate_for(
      "k", 4, "gen_k", [&](Scope& g, const Expr& k) { g.assign(y.lane(k, 2), a.slice(0, 2)); }));
}

TEST_F(Check, EverythingReadIsDriven) {
  m.assign(y, x);
  m.unused(cat({clk, rst_n, a, b, s}), "unused_inputs");
  expect_error([&] { m.to_string(); },
               {"bits [7:0] of 'x' (8 bits) are never driven", "check_test.cpp"});
}

TEST_F(Check, OutputsAreDriven) {
  m.assign(x, a);
  m.assign(y.slice(0, 3), x.slice(0, 3));
  m.unused(cat({clk, rst_n, b, s, x}), "unused_inputs");
  expect_error([&] { m.finish(); }, {"bits [7:3] of 'y_o' (8 bits) are never driven"});
}

TEST_F(Check, EverythingDeclaredIsRead) {
  m.assign(x, a);
  m.assign(y, x);
  m.unused(cat({clk, rst_n, s}), "unused_inputs");
  m.unused(b.slice(0, 8));
  expect_error([&] { m.finish(); }, {"bits [8:8] of 'b_i' (9 bits) are never read"});
  m.unused(b.bit(8));
  EXPECT_NO_THROW(m.finish());
}

TEST_F(Check, ParametersAreUsed) {
  m.assign(x, a);
  m.assign(y, x);
  m.unused(cat({clk, rst_n, b, s}), "unused_inputs");
  m.localparam("Spare", 3, "Not used.");  // A comment that names Spare does not count.
  m.comment("Spare is spare.");
  expect_error([&] { m.finish(); }, {"parameter 'Spare' of module 'unit' is never used"});
}

TEST_F(Check, WidthNamesAreParametersOfTheModule) {
  expect_error([&] { m.logic("z", Width(8, "Elsewhere")); },
               {"'Elsewhere' is no parameter of module 'unit'", here});
  m.localparam("Three", 3, "Three.");
  expect_error([&] { m.logic("z1", Width(8, "Three")); },
               {"'Three' is 8 here, but 3 in module 'unit'", here});
}

TEST_F(Check, NamesAreDistinct) {
  expect_error([&] { m.logic("x", 1); }, {"'x' clashes", "'unit'", here});
  m.localparam("Columns", 4, "Columns.");
  expect_error([&] { m.logic("columns", 1); }, {"'columns' clashes", here});
  m.generate_for("i", 2, "gen_i", [&](Scope& g, const Expr&) {
    expect_error([&] { g.logic("x", 1); }, {"'x' clashes"});
    g.logic("inner", 1);
  });
  expect_error([&] { m.logic("inner", 1); }, {"'inner' clashes"});
}

TEST_F(Check, NamesFollowTheStyle) {
  expect_error([&] { m.logic("Bad", 1); }, {"'Bad' must be lower_snake", here});
  expect_error([&] { m.logic("a-b", 1); }, {"'a-b' is no identifier", here});
  expect_error([&] { m.logic("_a", 1); }, {"'_a' is no identifier"});
  expect_error([&] { m.localparam("bad", 1, "Doc."); }, {"'bad' must be UpperCamel", here});
  expect_error([&] { m.generate_for("i", 2, "column", [](Scope&, const Expr&) {}); },
               {"gen_", here});
  expect_error([&] { m.instance("ram", ram_1r1w(), {}); }, {"'ram' must be u_lower_snake", here});
}

TEST_F(Check, KeywordsOfThreeLanguagesAreRefused) {
  for (const char* word : {"wire", "bit", "process", "signal", "logic"}) {
    expect_error([&] { m.logic(word, 1); }, {fmt::format("'{}' is a reserved word", word)});
  }
}

TEST_F(Check, ModulesAndPortsHaveDocs) {
  expect_error([&] { Module("empty", ""); }, {"module 'empty' needs a purpose line", here});
  expect_error([&] { m.input("c_i", 1, ""); }, {"port 'c_i' of 'unit' needs a doc line", here});
}

TEST_F(Check, CombinationalTargetsAreAssignedOnEveryPath) {
  expect_error(
      [&] { m.always_comb([&](Block& c) { c.when(clk, [&](Block& d) { d.assign(x, a); }); }); },
      {"'x' (8 bits) keeps its value", "default"});
  Module other("other", "Complete paths.");
  const Expr in = other.input("in_i", 2, "In.");
  const Expr out = other.output("out_o", 2, "Out.");
  EXPECT_NO_THROW(other.always_comb([&](Block& c) {
    c.when(in.bit(0), [&](Block& d) { d.assign(out, in); }).otherwise([&](Block& d) {
      d.assign(out, 0);
    });
  }));
}

TEST_F(Check, CaseLabelsAreDistinctAndFit) {
  const auto set = [&](Block& c) { c.assign(x, a); };
  m.always_comb([&](Block& c) {
    expect_error(
        [&] {
          c.select(a, {{1, set}, {1, set}}, set);
        },
        {"label 8'd1 of 'a_i' stands twice", here});
    expect_error([&] { c.select(a, {{256, set}}, set); }, {"256", "8 bits", here});
    expect_error([&] { c.select(a, {{a, set}}, set); }, {"label 'a_i' is no constant", here});
    c.assign(x, a);
  });
}

TEST_F(Check, ResetCoversWhatIsWritten) {
  expect_error(
      [&] {
        m.always_ff(
            clk, rst_n, [&](Block& r) { r.assign(x.slice(0, 4), 0); },
            [&](Block& w) { w.assign(x, a); });
      },
      {"'x' (8 bits) is written but not fully reset", here});
  const Expr z = m.logic("z", 8);
  expect_error(
      [&] {
        m.always_ff(
            clk, rst_n, [&](Block& r) { r.assign(z, 0); },
            [&](Block& w) { w.assign(z.bit(0), clk); });
      },
      {"'z' (8 bits) is reset but not written"});
}

TEST_F(Check, ConditionsAreSingleBits) {
  expect_error(
      [&] { m.always_ff(clk, [&](Block& c) { c.when(a, [&](Block& d) { d.assign(x, a); }); }); },
      {"condition 'a_i' has 8 bits"});
}

TEST_F(Check, LoopSignalsStayInTheirLoop) {
  Expr inner = x;
  Expr variable = x;
  m.generate_for("i", 2, "gen_i", [&](Scope& g, const Expr& i) {
    inner = g.logic("inner", 1);
    variable = i;
  });
  expect_error([&] { m.assign(x.bit(0), inner); },
               {"'inner' is not visible outside its generate loop", here});
  expect_error([&] { m.assign(x.bit(0), a.bit(variable)); },
               {"genvar 'i' is used outside its loop"});
  expect_error([&] { variable + a; }, {"genvar", "as_bits", here});
  expect_error([&] { as_bits(variable * 300, 8); }, {"0..300", "8 bits", here});
}

TEST_F(Check, SignalsBelongToOneModule) {
  Module other("other", "Another.");
  const Expr foreign = other.logic("foreign", 8);
  expect_error([&] { m.assign(x, foreign); }, {"'foreign' belongs to module 'other'", here});
}

TEST_F(Check, InstancesMatchTheirModule) {
  const PortMap good = {{"clk_i", clk},      {"write_enable_i", clk}, {"write_address_i", a.bit(0)},
                        {"write_data_i", a}, {"read_enable_i", clk},  {"read_address_i", a.bit(1)},
                        {"read_data_o", x}};
  const auto with = [&](const std::string& name, const Expr& value) {
    PortMap ports = good;
    for (auto& port : ports) port = port.first == name ? std::pair{name, value} : port;
    return ports;
  };
  PortMap extra = good;
  extra.emplace_back("enable_i", clk);
  expect_error([&] { m.instance("u_a", ram_1r1w(), extra); },
               {"'u_a' of 'ram_1r1w': no port 'enable_i'", here});
  PortMap fewer(good.begin(), good.end() - 1);
  expect_error([&] { m.instance("u_b", ram_1r1w(), fewer); },
               {"port 'read_data_o' (8 bits) is not connected"});
  expect_error([&] { m.instance("u_c", ram_1r1w(), with("write_data_i", b)); },
               {"port 'write_data_i' has 8 bits, 'b_i' has 9 bits"});
  expect_error([&] { m.instance("u_d", ram_1r1w(), with("read_data_o", a)); },
               {"input 'a_i' cannot be assigned"});
  expect_error(
      [&] {
        m.instance("u_e", ram_1r1w(), good, {{"Deep", 4}});
      },
      {"no parameter 'Deep'"});
  expect_error(
      [&] {
        m.instance("u_f", ram_1r1w(), good, {{"Depth", 64}});
      },
      {"port 'write_address_i' has 6 bits, 'a_i[0]' has 1 bits"});
  EXPECT_NO_THROW(m.instance("u_g", ram_1r1w(), good));
}

TEST_F(Check, HugeExpressionsMustBeNamed) {
  Expr sum = a;
  expect_error(
      [&] {
        for (int i = 0; i < 20; ++i) sum = sum + sum;
      },
      {"name its parts first"});
}

TEST_F(Check, ExternalModulesHaveNoText) {
  expect_error([] { ram_1r1w().to_string(); }, {"'ram_1r1w' is external"});
}

TEST_F(Check, UnusedNeedsAName) {
  expect_error([&] { m.unused(a + a); }, {"unused('a_i + a_i') needs a name", here});
  expect_error([&] { m.unused(a, "other"); }, {"'other'", "must start with 'unused'", here});
}

}  // namespace
}  // namespace hasse::hdl::testing
