// SPDX-License-Identifier: Apache-2.0
// Counters that carry from part to part a cycle later count as one that carries at once.
#include "generator/units/counter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/formal/proof.hpp"

namespace hasse::formal {
namespace {

using hdl::Expr;

/// A module with a carried counter of 3-bit amounts; carries that are still on their way are shown.
hdl::Module counter() {
  hdl::Module m("counter", "A counter by itself.");
  const Expr clk = m.input("clk_i", 1, "Clock."), clear = m.input("clear_i", 1, "Empty it."),
             amount = m.input("amount_i", 3, "Added.");
  m.assign(m.output("count_o", units::Geometry::kCounterBits, "The count."),
           units::carried_counter(m, clk, clear, "count", amount));
  return m;
}

class Counter : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// The parts and their carries are worth `expected`, a plain counter, for ever.
  static Question about_the_count(const std::string& expected) {
    return {{counter()},
            fmt::format(R"(
module proof (input clk_i, clear_i, input [2:0] amount_i);
  wire [47:0] count;
  counter u_counter (.clk_i, .clear_i, .amount_i, .count_o(count));
  reg [47:0] plain = 0;
  always @(posedge clk_i) plain <= clear_i ? 0 : plain + amount_i;
  (* hierconn *) wire [16:0] \u_counter.count_0_q ;
  (* hierconn *) wire [16:0] \u_counter.count_1_q ;
  wire [47:0] worth = count + ({{47'd0, \u_counter.count_0_q [16]}} << 16)
                            + ({{47'd0, \u_counter.count_1_q [16]}} << 32);
  reg begun = 0;
  always @(posedge clk_i) if (clear_i) begun <= 1;
  always @* if (begun) assert (worth == {});
endmodule
)",
                        expected),
            2,
            From::any_state};
  }
};

TEST_F(Counter, IsWorthWhatWasAdded) {
  std::string why;
  EXPECT_TRUE(holds(about_the_count("plain"), &why)) << why;
}

TEST_F(Counter, IsNotWorthAnythingElse) {
  EXPECT_FALSE(holds(about_the_count("plain + (amount_i == 5)")));
}

// With nothing more to add, the count itself is right three cycles later.
TEST_F(Counter, SettlesInThreeCycles) {
  std::string why;
  const Question question{{counter()},
                          R"(
module proof (input clk_i, clear_i, input [2:0] amount_i);
  wire [47:0] count;
  counter u_counter (.clk_i, .clear_i, .amount_i, .count_o(count));
  (* hierconn *) wire [16:0] \u_counter.count_0_q ;
  (* hierconn *) wire [16:0] \u_counter.count_1_q ;
  wire [47:0] worth = count + ({47'd0, \u_counter.count_0_q [16]} << 16)
                            + ({47'd0, \u_counter.count_1_q [16]} << 32);
  reg [1:0] quiet = 0;
  always @(posedge clk_i) quiet <= amount_i != 0 || clear_i ? 0 : quiet == 3 ? 3 : quiet + 1;
  always @* if (quiet == 3) assert (count == worth);
endmodule
)",
                          6,
                          From::any_state};
  EXPECT_TRUE(holds(question, &why)) << why;
}

}  // namespace
}  // namespace hasse::formal
