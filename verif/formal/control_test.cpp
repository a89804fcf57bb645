// SPDX-License-Identifier: Apache-2.0
// gemm_control and array_control count the cycles of a product, and those of them in which they
// wait for the host, however many there are.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/array.hpp"
#include "generator/units/units.hpp"
#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/control_designs.hpp"

namespace hasse::formal {
namespace {

class Control : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// From the first start on the counters of the last module and the carries on their way in them
  /// are worth plain ones, for ever. `stalls`: what the plain one adds.
  Question about_counters(const std::string& stalls) const {
    return {modules_,
            fmt::format(R"(
module proof (input clk_i, rst_ni, start_i, stall_i, finished_i);
  wire [47:0] cycles, stalls;
  {} u_control (.clk_i, .rst_ni, .start_i, .stall_i, .finished_i, .cycles_o(cycles),
                .stall_cycles_o(stalls));
  (* hierconn *) wire \u_control.accept ;
  (* hierconn *) wire \u_control.running_q ;
  (* hierconn *) wire [16:0] \u_control.cycles_0_q ;
  (* hierconn *) wire [16:0] \u_control.cycles_1_q ;
  (* hierconn *) wire [16:0] \u_control.stall_cycles_0_q ;
  (* hierconn *) wire [16:0] \u_control.stall_cycles_1_q ;
  wire running = \u_control.running_q ;
  wire [47:0] cycles_worth = cycles + ({{47'd0, \u_control.cycles_0_q [16]}} << 16)
                                    + ({{47'd0, \u_control.cycles_1_q [16]}} << 32);
  wire [47:0] stalls_worth = stalls + ({{47'd0, \u_control.stall_cycles_0_q [16]}} << 16)
                                    + ({{47'd0, \u_control.stall_cycles_1_q [16]}} << 32);
  reg begun = 0;
  reg [47:0] plain_cycles = 0, plain_stalls = 0;
  always @(posedge clk_i) begin
    begun <= begun || \u_control.accept ;
    plain_cycles <= \u_control.accept ? 0 : plain_cycles + running;
    plain_stalls <= \u_control.accept ? 0 : plain_stalls + ({});
  end
  always @* if (begun) assert (cycles_worth == plain_cycles && stalls_worth == plain_stalls);
endmodule
)",
                        modules_.back().name(), stalls),
            2, From::any_state};
  }

  void expect_counters_right() {
    std::string why;
    EXPECT_TRUE(holds(about_counters("running && stall_i"), &why)) << why;
  }

  units::Geometry g_ = unit::geometry(GetParam());
  std::vector<hdl::Module> modules_{};
};

class GemmControl : public Control {
 protected:
  GemmControl() { modules_ = {units::gemm_control(g_)}; }
};

TEST_P(GemmControl, CountsForEver) {
  expect_counters_right();
}

TEST_P(GemmControl, DoesNotCountAnythingElse) {
  EXPECT_FALSE(holds(about_counters("running && stall_i && plain_stalls != 7")));
}

INSTANTIATE_TEST_SUITE_P(Designs, GemmControl, testing::ValuesIn(unit::kControlDesigns));

class ArrayControl : public Control {
 protected:
  ArrayControl() {
    const hdl::Module splitter = units::work_splitter(g_);
    modules_ = {splitter, units::array_control(g_, splitter)};
  }
};

TEST_P(ArrayControl, CountsForEver) {
  expect_counters_right();
}

INSTANTIATE_TEST_SUITE_P(Designs, ArrayControl,
                         testing::Values(unit::kRowsDivided, unit::kColumnsDivided));

}  // namespace
}  // namespace hasse::formal
