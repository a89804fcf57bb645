// SPDX-License-Identifier: Apache-2.0
// Slots of a streaming head's blocks and the largest of a page's scores, for every input and state.
#include "generator/units/attention.hpp"

#include <gtest/gtest.h>

#include "verif/formal/proof.hpp"

namespace hasse::formal {
namespace {

class Attention : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// From the beginning, and from any state in which the assertions held: for ever.
  static void expect_for_ever(Question question) {
    std::string why;
    for (const From from : {From::start, From::any_state}) {
      question.from = from;
      EXPECT_TRUE(holds(question, &why)) << why;
    }
  }

  /// One block of sink, three of ring; `assertion` once it is out of reset.
  static Question about_slots(const std::string& assertion, int cycles, From from) {
    return {{units::stream_addresser(1, 3)},
            R"(
module proof (input clk_i, clear_i, advance_i);
  wire [2:0] slot_o;
  reg started = 0, wrote = 0;
  reg [2:0] written = 0;
  stream_addresser u_addresser (.rst_ni(started), .list_i(1'b0), .list_ready_i(1'b0),
      .list_slot_o(), .list_last_o(), .list_valid_o(), .*);
  (* hierconn *) wire [2:0] \u_addresser.blocks_q ;
  (* hierconn *) wire [2:0] \u_addresser.turn_q ;
  wire [2:0] blocks = \u_addresser.blocks_q , turn = \u_addresser.turn_q ;
  always @(posedge clk_i) begin
    started <= 1;
    wrote <= started && advance_i && !clear_i;
    written <= slot_o;
  end
  always @* if (started) begin )" +
                assertion + R"( end
endmodule
)",
            cycles,
            from};
  }
};

// Slots exist, blocks follow each other through sink and ring, and a full ring's next block goes
// where its oldest lies.
TEST_F(Attention, BlocksFollowEachOtherRoundTheRing) {
  expect_for_ever(about_slots(R"(
    assert (blocks <= 4 && turn >= 1 && turn <= 3 && slot_o <= 3);
    assert (blocks == 4 || turn == (blocks == 0 ? 1 : blocks));
    assert (slot_o == (blocks == 0 ? 0 : turn));
    if (wrote) assert (blocks != 0 && slot_o == (written == 3 ? 1 : written + 1));
)",
                              2, From::any_state));
}

TEST_F(Attention, TheRingFills) {
  EXPECT_FALSE(holds(about_slots("assert (blocks < 4);", 8, From::start)));
}

// Pages of two scores: a checker keeps the larger of those that were taken.
TEST_F(Attention, PagesScoreTheirLargest) {
  expect_for_ever({{units::page_reducer(4, 2)},
                   R"(
module proof (input clk_i, logical_valid_i, logical_last_i, score_ready_i,
              input signed [3:0] logical_i);
  wire logical_ready_o, score_valid_o, score_last_o;
  wire signed [3:0] score_o;
  reg started = 0, one = 0, complete = 0, ended = 0;
  reg signed [3:0] best = 0;
  page_reducer u_reducer (.rst_ni(started), .*);
  (* hierconn *) wire \u_reducer.taken_q ;
  wire take = started && logical_valid_i && logical_ready_o;
  always @(posedge clk_i) begin
    started <= 1;
    if (logical_ready_o) complete <= take && (logical_last_i || one);
    if (take) begin
      one <= !logical_last_i && !one;
      ended <= logical_last_i;
      best <= one && best > logical_i ? best : logical_i;
    end
  end
  always @* begin
    if (!started) assert (!one && !complete);
    if (started) begin
      assert (\u_reducer.taken_q == one && score_valid_o == complete);
      assert (logical_ready_o == (!complete || score_ready_i));
      if (one || complete) assert (score_o == best);
      if (complete) assert (score_last_o == ended);
    end
  end
endmodule
)",
                   2,
                   From::any_state});
}

}  // namespace
}  // namespace hasse::formal
