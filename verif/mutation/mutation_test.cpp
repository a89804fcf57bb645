// SPDX-License-Identifier: Apache-2.0
// A sample of planted faults, and that tests notice them.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "golden/tensor/file.hpp"
#include "verif/harness/toolchain.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/mutant.hpp"

namespace hasse::unit {
namespace {

constexpr int kFaults = 12;

/// A suite of the unit tests, by one of its designs.
struct Suite {
  const char* filter;
  /// Faults that no output ever shows, or that only showed in states the tests do not reach.
  int unseen;
};

class Mutation : public testing::TestWithParam<Suite> {
 protected:
  /// Whether the suite passes with fault `number` awake; 0 is none.
  static bool passes(int number) {
    const std::string command =
        "HASSE_MUTANTS=" + std::to_string(kFaults) + " HASSE_MUTANT=" + std::to_string(number) +
        " timeout 60 " HASSE_UNIT_TEST " --gtest_fail_fast --gtest_filter='" + GetParam().filter +
        "' > /dev/null 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
};

TEST_P(Mutation, IsNoticed) {
  ASSERT_TRUE(passes(0)) << "the suite fails without a fault";
  int survived = 0;
  for (int number = 1; number <= kFaults; ++number) survived += passes(number) ? 1 : 0;
  EXPECT_LE(survived, GetParam().unseen);
}

INSTANTIATE_TEST_SUITE_P(Suites, Mutation,
                         testing::Values(Suite{"*/StreamLane.*/0", 3}, Suite{"*/Drain.*/0", 1},
                                         Suite{"*/SystolicPe.*/0", 0}, Suite{"*/BankSelect.*/1", 0},
                                         Suite{"*/OlivePe.*/0", 1}),
                         [](const auto& suite) {
                           const std::string filter = suite.param.filter;
                           return filter.substr(2, filter.find('.') - 2);
                         });

TEST(Mutants, AreDormantUnlessTheyAreWoken) {
  const harness::RtlSource source = [] {
    return harness::RtlSource{HASSE_SOURCE_DIR "/rtl", {"stream_skid.v"}, "stream_skid", {}};
  }();
  const harness::RtlSource mutated = with_mutants(source, {5, 0, 1});
  const std::string verilog = tensor::read_file(mutated.root / mutated.files.front());
  EXPECT_NE(verilog.find(kMutantPort), std::string::npos);
  EXPECT_EQ(with_mutants(source, {5, 3, 1}).root, mutated.root);
  EXPECT_NE(with_mutants(source, {5, 0, 2}).root, mutated.root);
}

// Counts 0, 1, 2, 0, and says so from the second cycle on.
constexpr const char* kCounter = R"(
module counter (clk_i, rst_ni, step_i, count_valid_o, count_o, hasse_mutant);
  input clk_i;
  input rst_ni;
  input step_i;
  output count_valid_o;
  output [1:0] count_o;
  input [15:0] hasse_mutant;
  reg count_valid_o;
  reg [1:0] count_q;
  wire from_three = hasse_mutant == 1;
  wire [1:0] last = hasse_mutant == 2 ? 2'd3 : 2'd2;
  wire early = hasse_mutant == 3 && !count_valid_o;
  wire late = hasse_mutant == 4 && count_valid_o;
  assign count_o = count_q ^ {early, late};
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      count_valid_o <= 0;
      count_q <= 0;
    end else begin
      count_valid_o <= 1;
      if (step_i) count_q <= count_q == last ? 0 : count_q == 3 ? {2{from_three}} : count_q + 1;
    end
endmodule
)";

// The proof knows which states are reached, and that only valid numbers count.
TEST(Equivalence, IsThatOfAllReachedStatesAndValidOutputs) {
  const harness::Workspace scratch(testing::TempDir());
  const std::string file = scratch.path() / "counter.v";
  tensor::write_file(file, kCounter);
  const auto is_equivalent = [&](int fault) {
    const std::string command = HASSE_SOURCE_DIR "/flows/equivalent " + file + " counter " +
                                std::to_string(fault) + " > /dev/null";
    return std::system(command.c_str()) == 0;
  };
  EXPECT_TRUE(is_equivalent(0));
  EXPECT_TRUE(is_equivalent(1)) << "three is never reached";
  EXPECT_FALSE(is_equivalent(2));
  EXPECT_TRUE(is_equivalent(3)) << "nobody looks before the number is valid";
  EXPECT_FALSE(is_equivalent(4));
}

}  // namespace
}  // namespace hasse::unit
