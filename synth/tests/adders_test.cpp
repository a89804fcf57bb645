// SPDX-License-Identifier: Apache-2.0
// Mapped sums compute what the RTL says, in both adder modes, and high fan-out is buffered.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/files.hpp"
#include "synth/process/process.hpp"
#include "synth/synth.hpp"
#include "synth/tests/fixture.hpp"
#include "synth/timing/opensta.hpp"
#include "synth/yosys/buffering.hpp"

namespace hasse::synth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSums = R"(module sums (
  input  logic [7:0] a_i,
  input  logic [5:0] b_i,
  input  logic       minus_i,
  input  logic       carry_i,
  output logic [8:0] either_o,
  output logic [8:0] carried_o,
  output logic [9:0] three_o,
  output logic [8:0] constant_o,
  output logic [7:0] reversed_o,
  output logic       below_o,
  output logic [5:0] product_o
);
  wire [8:0] a = {a_i[7], a_i};
  wire [8:0] b = {{3{b_i[5]}}, b_i};
  assign either_o   = minus_i ? a - b : a + b;
  assign carried_o  = {1'b0, a_i} + {3'd0, b_i} + {8'd0, carry_i};
  assign three_o    = {2'd0, a_i} + {4'd0, b_i} + {2'd0, ~a_i};
  assign constant_o = {1'b0, a_i} + 9'd37;
  assign reversed_o = 8'd100 - {2'd0, b_i};
  assign below_o    = $signed(a_i) < $signed(b_i);
  assign product_o  = a_i[2:0] * b_i[2:0];
endmodule
)";

constexpr const char* kProof = R"(read_verilog -sv rtl/sums.v
prep -top sums
rename sums gold
design -stash gold
read_verilog {0}/netlist.v
read_liberty -ignore_miss_func {0}/library.lib
hierarchy -check -top sums
flatten
rename sums gate
design -stash gate
design -copy-from gold gold
design -copy-from gate gate
miter -equiv -flatten gold gate miter
sat -verify -prove trigger 0 miter
)";

class AddersTest : public ::testing::TestWithParam<Adders> {};

TEST_P(AddersTest, NetlistIsProvedEqualToTheRtl) {
  if (!fs::exists(kDefaultLiberty)) {
    GTEST_SKIP() << kDefaultLiberty << " is not installed";
  }
  const testing::TemporaryDirectory folder;
  testing::write_single_module(folder.path(), "sums", kSums, {});
  Options options;
  options.dir = folder.path();
  options.adders = GetParam();
  const Result result = run(options);
  const bool has_adders = read_file(result.netlist).find("FAX1 ") != std::string::npos;
  EXPECT_EQ(has_adders, GetParam() == Adders::small);
  write_file(
      folder.path() / "proof.ys",
      fmt::format(kProof, fs::relative(result.netlist.parent_path(), folder.path()).string()));
  EXPECT_NO_THROW(
      run_checked({{"yosys", "-q", "-s", "proof.ys"}, folder.path(), folder.path() / "proof.log"}));
}

INSTANTIATE_TEST_SUITE_P(Modes, AddersTest, ::testing::Values(Adders::small, Adders::fast));

TEST(Names, AreThoseOfTheRtl) {
  EXPECT_EQ(rtl_name("u_lane/sum_q[3]_reg/D"), "u_lane.sum_q[3]");
  EXPECT_EQ(rtl_name("gen_lane\\[0\\].u_lane/x_q_reg/Q"), "gen_lane[0].u_lane.x_q");
  EXPECT_EQ(rtl_name("u_ram/read_data_o[0]"), "u_ram.read_data_o[0]");
  EXPECT_EQ(rtl_name("start_i"), "start_i");
}

json inverter(int from, int to) {
  return {{"type", "INVX1"},
          {"port_directions", {{"A", "input"}, {"Y", "output"}}},
          {"connections", {{"A", json::array({from})}, {"Y", json::array({to})}}}};
}

TEST(Buffering, LimitsTheLoadOfEveryNet) {
  if (!fs::exists(kDefaultLiberty)) {
    GTEST_SKIP() << kDefaultLiberty << " is not installed";
  }
  const Library library = Library::load(kDefaultLiberty);
  const LoadModel model(library, measure_speed(library).value());
  ASSERT_TRUE(model.buffer().has_value());
  constexpr int kSinks = 500;
  json module{{"ports",
               {{"a_i", {{"direction", "input"}, {"bits", json::array({2})}}},
                {"clk_i", {{"direction", "input"}, {"bits", json::array({3})}}}}},
              {"cells", json::object()},
              {"netnames", json::object()}};
  for (int i = 0; i < kSinks; ++i) {
    module["cells"][fmt::format("data_{}", i)] = inverter(2, 10 + 2 * i);
    module["cells"][fmt::format("clock_{}", i)] = inverter(3, 11 + 2 * i);
  }
  const PortLoads loads = buffer_module(module, model, {});
  EXPECT_LE(loads.at("a_i").front(), model.weakest_limit());
  EXPECT_NEAR(loads.at("clk_i").front(), kSinks * model.pin_load("INVX1", "A"), 1e-9)
      << "the clock is left to clock-tree synthesis";
  std::map<int, double> load;
  for (const auto& [name, cell] : module.at("cells").items()) {
    const std::string input = cell.at("type") == "INVX1" ? "A" : model.buffer()->input;
    load[cell.at("connections").at(input).at(0).get<int>()] +=
        model.pin_load(cell.at("type"), input);
  }
  for (const auto& [bit, amount] : load) {
    EXPECT_TRUE(bit == 3 || amount <= 1.05 * model.buffer()->limit) << bit << ": " << amount;
  }
}

}  // namespace
}  // namespace hasse::synth
