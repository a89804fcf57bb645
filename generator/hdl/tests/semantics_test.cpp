// SPDX-License-Identifier: Apache-2.0
// What emitted expressions compute in a simulator is what the same expressions mean in C++.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <sstream>

#include "generator/hdl/hdl.hpp"
#include "generator/hdl/tests/support.hpp"

namespace hasse::hdl::testing {
namespace {

struct Values {
  int a, b;  // Unsigned, 8 bits.
  int s, t;  // Signed, 8 bits.
};

struct Case {
  Expr expr;
  std::function<int(const Values&)> meaning;
};

/// Two's complement of the low eight bits.
int wrap(int value) {
  return ((value & 0xff) ^ 0x80) - 0x80;
}

std::vector<Case> make_cases(const Expr& a, const Expr& b, const Expr& s, const Expr& t) {
  using V = const Values&;
  const Expr less = s < t;
  return {
      {a + b - 3, [](V v) { return v.a + v.b - 3; }},
      {a - (b - a), [](V v) { return v.a - (v.b - v.a); }},
      {s + t, [](V v) { return v.s + v.t; }},
      {-s, [](V v) { return -v.s; }},
      {s >> 3, [](V v) { return v.s >> 3; }},
      {a >> 3, [](V v) { return v.a >> 3; }},
      {(s >> 2) + as_signed(a), [](V v) { return (v.s >> 2) + v.a; }},
      {as_unsigned(s >> 2) ^ b, [](V v) { return (v.s >> 2) ^ v.b; }},
      {as_signed(a) >> 1, [](V v) { return wrap(v.a) >> 1; }},
      {mux(less, as_signed(a) >> 1, as_signed(b)),
       [](V v) { return v.s < v.t ? wrap(v.a) >> 1 : v.b; }},
      {zext(less, 8), [](V v) { return v.s < v.t; }},
      {zext(as_signed(a) >= t, 8), [](V v) { return wrap(v.a) >= v.t; }},
      {zext(as_unsigned(s) > b, 8), [](V v) { return (v.s & 0xff) > v.b; }},
      {zext(as_unsigned(s) <= as_unsigned(t), 8), [](V v) { return (v.s & 0xff) <= (v.t & 0xff); }},
      {zext(sext(s, 10) < sext(t, 10) + lit(-5, 10), 8), [](V v) { return v.s < v.t - 5; }},
      {zext(trunc(s + t, 4) == trunc(a, 4), 8),
       [](V v) { return ((v.s + v.t) & 15) == (v.a & 15); }},
      {zext(((a < b) && !(s == t)) || reduce_and(a), 8),
       [](V v) { return (v.a < v.b && v.s != v.t) || v.a == 255; }},
      {zext(reduce_xor(a & ~b), 8),
       [](V v) { return __builtin_parity(static_cast<unsigned>(v.a & ~v.b)); }},
      {(a & b) | (a ^ lit(15, 8)), [](V v) { return (v.a & v.b) | (v.a ^ 15); }},
      {cat({a.slice(0, 4), b.slice(4, 4)}), [](V v) { return (v.a << 4) | (v.b >> 4); }},
      {(a << 2) + (b >> 1), [](V v) { return (v.a << 2) + (v.b >> 1); }},
      {zext(a.bit(b.slice(0, 3)), 8), [](V v) { return (v.a >> (v.b & 7)) & 1; }},
      {mux(a == b, s, mux(s < 0, t, s + 1)),
       [](V v) { return v.a == v.b ? v.s
                        : v.s < 0  ? v.t
                                   : v.s + 1; }},
      {repeat(4, cat({a.bit(0), a.bit(7)})),
       [](V v) { return 0x55 * (((v.a & 1) << 1) | (v.a >> 7)); }},
  };
}

struct Design {
  Module module{"expressions", "One output per expression."};
  std::vector<Case> cases;

  Design() {
    const Expr a = module.input("a_i", 8, "Unsigned.");
    const Expr b = module.input("b_i", 8, "Unsigned.");
    const Expr s = module.input("s_i", 8, "Signed.", Signed::yes);
    const Expr t = module.input("t_i", 8, "Signed.", Signed::yes);
    cases = make_cases(a, b, s, t);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Expr out = module.output(fmt::format("y{}_o", i), 8, "Value.");
      module.assign(out, cases[i].expr);
    }
  }

  std::string bench(const std::vector<Values>& vectors) const {
    std::string text = "module bench;\n  logic [7:0] a_i, b_i, s_i, t_i";
    std::string shown, format, ports;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      text += fmt::format(", y{}_o", i);
      shown += fmt::format(", y{}_o", i);
      format += "%0d ";
      ports += fmt::format(", .y{0}_o(y{0}_o)", i);
    }
    text += fmt::format(
        ";\n  expressions dut (.a_i(a_i), .b_i(b_i), .s_i(s_i), .t_i(t_i){});\n  initial begin\n",
        ports);
    for (const Values& v : vectors) {
      text += fmt::format("    a_i = {}; b_i = {}; s_i = {}; t_i = {}; #1 $display(\"{}\"{});\n",
                          v.a, v.b, v.s, v.t, format, shown);
    }
    return text + "  end\nendmodule\n";
  }
};

std::vector<Values> make_vectors() {
  std::vector<Values> vectors{
      {0, 0, 0, 0}, {255, 255, -1, -1}, {128, 127, -128, 127}, {1, 255, 127, -128}};
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const auto byte = [&] { return static_cast<int>(random() & 0xffU); };
    vectors.push_back({byte(), byte(), wrap(byte()), wrap(byte())});
  }
  return vectors;
}

TEST(Semantics, SimulatedExpressionsEqualTheirMeaning) {
  if (!has_tool("iverilog")) GTEST_SKIP() << "iverilog is not installed";
  const Design design;
  const std::vector<Values> vectors = make_vectors();
  const std::filesystem::path directory = scratch_directory();
  write_file(directory / "dut.v", design.module.to_string());
  write_file(directory / "bench.v", design.bench(vectors));
  const ToolResult result = run_tool(fmt::format(
      "cd {} && iverilog -g2012 -o bench dut.v bench.v && vvp -n bench", directory.string()));
  ASSERT_EQ(result.status, 0) << result.output;
  std::istringstream output(result.output);
  for (const Values& v : vectors) {
    for (const Case& c : design.cases) {
      int simulated = -1;
      ASSERT_TRUE(output >> simulated) << result.output.substr(0, 1000);
      EXPECT_EQ(simulated, c.meaning(v) & 0xff)
          << c.expr.str() << " at a=" << v.a << " b=" << v.b << " s=" << v.s << " t=" << v.t;
    }
  }
}

TEST(Semantics, VerilatorLintsEveryExpression) {
  if (!has_tool("verilator")) GTEST_SKIP() << "verilator is not installed";
  const std::filesystem::path file = scratch_directory() / "expressions.v";
  write_file(file, Design().module.to_string());
  const ToolResult result = run_tool("verilator --lint-only -Wall " + file.string());
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(result.status, 0);
}

}  // namespace
}  // namespace hasse::hdl::testing
