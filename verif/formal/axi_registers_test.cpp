// SPDX-License-Identifier: Apache-2.0
// The AXI4-Lite slave keeps the protocol's rules, whatever the master does: an answer per request,
// none before its request is complete, and kept until it is taken.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/axi.hpp"
#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::formal {
namespace {

class AxiRegisters : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  // The module's inputs, as ports, or its outputs, as wires. The reset is the checker's own.
  std::string signals(hdl::Direction direction, const char* end) const {
    std::string all;
    for (const hdl::Port& port : module_.ports()) {
      if (port.direction != direction || port.name == "rst_ni") continue;
      const bool input = direction == hdl::Direction::input;
      all += fmt::format("{}{} [{}:0] {}{}", input && !all.empty() ? end : "",
                         input ? "input" : "wire", port.width.value() - 1, port.name,
                         input ? "" : end);
    }
    return all;
  }

  // Requests taken and answers given since the reset, modulo 4.
  Question about_requests(const std::string& assertions, From from) const {
    return {{module_},
            fmt::format(R"(
module proof ({0});
{1}
  reg started = 0;
  axi_registers u_registers (.rst_ni(started), .*);
  reg [1:0] addresses = 0, data = 0, answers = 0, reads = 0, read_answers = 0;
  reg b_waits = 0, r_waits = 0;
  reg [1:0] bresp, rresp;
  reg [31:0] rdata;
  always @(posedge clk_i) begin
    started <= 1;
    b_waits <= started && bvalid_o && !bready_i;
    r_waits <= started && rvalid_o && !rready_i;
    bresp <= bresp_o;
    rresp <= rresp_o;
    rdata <= rdata_o;
    if (started) begin
      addresses <= addresses + (awvalid_i && awready_o);
      data <= data + (wvalid_i && wready_o);
      answers <= answers + (bvalid_o && bready_i);
      reads <= reads + (arvalid_i && arready_o);
      read_answers <= read_answers + (rvalid_o && rready_i);
    end
  end
  wire [1:0] open_addresses = addresses - answers, open_data = data - answers;
  wire [1:0] open_reads = reads - read_answers;
  always @* if (started) begin
{2}
  end
endmodule
)",
                        signals(hdl::Direction::input, ", "),
                        signals(hdl::Direction::output, ";\n"), assertions),
            2,
            from};
  }

  void expect_for_ever(const std::string& assertions) {
    for (const From from : {From::start, From::any_state})
      EXPECT_TRUE(holds(about_requests(assertions, from), &why_)) << why_;
  }

  hdl::Module module_ = units::axi_registers(unit::geometry(R"({"bus": "axi"})"));
  std::string why_;
};

TEST_F(AxiRegisters, KeepAnswersUntilTheyAreTaken) {
  expect_for_ever(R"(
    if (b_waits) assert (bvalid_o && bresp_o == bresp);
    if (r_waits) assert (rvalid_o && rresp_o == rresp && rdata_o == rdata);)");
}

// Addresses and data come in any order, a write more than are answered at the most.
TEST_F(AxiRegisters, AnswerEveryRequestOnce) {
  expect_for_ever(R"(
    assert (open_addresses == 2'(!awready_o) + 2'(bvalid_o));
    assert (open_data == 2'(!wready_o) + 2'(bvalid_o));
    if (bvalid_o) assert (open_addresses != 0 && open_data != 0);
    assert (open_reads == 2'(rvalid_o));)");
}

TEST_F(AxiRegisters, DoNotAnswerAtOnce) {
  Question question = about_requests("    assert (open_addresses == 0);", From::start);
  question.cycles = 4;
  EXPECT_FALSE(holds(question));
}

}  // namespace
}  // namespace hasse::formal
