// SPDX-License-Identifier: Apache-2.0
// The attention engine's own units: no word of a memory and no page of a list is lost, doubled or
// overtaken; scores and weights are rounded and clamped as they should be.
#include "generator/units/attention_engine.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/split_array.hpp"

namespace hasse::formal {
namespace {

class AttentionEngineUnits : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  void expect(Question question, From from) {
    question.from = from;
    EXPECT_TRUE(holds(question, &why_)) << why_;
  }

  /// From the beginning, and from any state in which the assertions held: for ever.
  void expect_for_ever(const Question& question) {
    expect(question, From::start);
    expect(question, From::any_state);
  }

  static units::AttentionGeometry geometry(int columns) {
    return units::AttentionGeometry(unit::geometry(unit::split_array(columns)).design);
  }

  std::string why_;
};

/// Four words, four laps. A checker counts along with the words that are taken; what is asked for
/// changes when words begin to leave, and only then.
Question about_words(const std::string& assertions, int cycles) {
  return {{units::memory_stream()},
          fmt::format(R"(
module proof (input clk_i, begin_i, ready_i, write_i, data_i,
              input [1:0] address_i, to_address_i, to_lap_i);
  wire valid_o, last_o, data_o;
  wire [1:0] address_o, lap_o;
  reg started = 0, begun = 0, going = 0;
  reg [1:0] last_address = 0, last_lap = 0, at = 0, lap = 0;
  reg [3:0] words = 0, known = 0;
  wire write_enable_i = write_i && started && !going && !begin_i;
  memory_stream #(.Width(1), .Depth(4), .LapBits(2)) u_stream (.rst_ni(started),
      .write_address_i(address_i), .write_data_i(data_i), .last_address_i(last_address),
      .last_lap_i(last_lap), .*);
  (* hierconn *) wire \u_stream.active_q ;
  (* hierconn *) wire [1:0] \u_stream.next_q ;
  (* hierconn *) wire [1:0] \u_stream.next_lap_q ;
  wire active = \u_stream.active_q ;
  wire [1:0] next = \u_stream.next_q , next_lap = \u_stream.next_lap_q ;
  wire lap_ends = at == last_address;
  wire ends = lap_ends && lap == last_lap;
  always @(posedge clk_i) begin
    started <= 1;
    begun <= started && begin_i;
    if (write_enable_i) begin
      words[address_i] <= data_i;
      known[address_i] <= 1;
    end
    if (started && begin_i) begin
      {{last_address, last_lap}} <= {{to_address_i, to_lap_i}};
      {{at, lap}} <= 0;
      going <= 1;
    end else if (valid_o && ready_i) begin
      at <= lap_ends ? 0 : at + 1;
      lap <= lap + lap_ends;
      going <= !ends;
    end
  end
  always @* begin
    if (!started) assert (!going && !begun);
    if (started) begin
{}
    end
  end
endmodule
)",
                      assertions),
          cycles};
}

// The words that are taken are, from the first on, those of every lap in order, as many laps as
// asked for; and one is always on offer but in the cycle after a beginning.
TEST_F(AttentionEngineUnits, WordsLeaveInOrderLapAfterLap) {
  expect_for_ever(about_words(R"(
      assert (valid_o == (going && !begun));
      if (going) assert (at <= last_address && lap <= last_lap);
      if (valid_o) assert (address_o == at && lap_o == lap && last_o == lap_ends);
      assert (active == (going && (begun || !ends)));
      if (begun) assert (going && at == 0 && lap == 0 && next == 0 && next_lap == 0);
      if (valid_o && active) begin
        assert (next == (lap_ends ? 0 : at + 2'd1));
        assert (next_lap == lap + 2'(lap_ends));
      end)",
                              2));
}

// The memory's contents are out of a checker's reach, so this one looks at the first cycles only.
TEST_F(AttentionEngineUnits, WordsAreThoseThatWereWritten) {
  expect(about_words("      if (valid_o && known[at]) assert (data_o == words[at]);", 12),
         From::start);
}

TEST_F(AttentionEngineUnits, ALapDoesEnd) {
  Question question = about_words("      assert (lap < 2);", 12);
  question.from = From::start;
  EXPECT_FALSE(holds(question));
}

/// Two columns, rows of 16 pages. A row stays as it is until it is taken.
Question about_pages(const units::AttentionGeometry& g, const std::string& assertions, int cycles) {
  return {{units::page_lister(g)},
          fmt::format(R"(
module proof (input clk_i, masks_valid_i, input [1:0] active_i, input [31:0] masks_i);
  wire masks_ready_o, page_valid_o;
  wire [3:0] lane_o;
  wire [1:0] own_o;
  reg started = 0, waits = 0;
  reg [1:0] active = 0;
  reg [31:0] masks = 0;
  reg [15:0] listed = 0;
  page_lister u_lister (.rst_ni(started), .*);
  (* hierconn *) wire [15:0] \u_lister.listed_q ;
  wire [15:0] first = masks_i[15:0] & {{16{{active_i[0]}}}};
  wire [15:0] second = masks_i[31:16] & {{16{{active_i[1]}}}};
  wire [15:0] left = (first | second) & ~listed;
  wire [15:0] page = 16'd1 << lane_o;
  always @(posedge clk_i) begin
    started <= 1;
    {{active, masks}} <= {{active_i, masks_i}};
    if (started && masks_valid_i) begin
      waits <= !masks_ready_o;
      listed <= masks_ready_o ? 0 : listed | page;
    end
  end
  always @* assume (!waits || {{active_i, masks_i}} == {{active, masks}});
  always @* begin
    if (!started) assert (!waits && listed == 0);
    if (started) begin
{}
    end
  end
endmodule
)",
                      assertions),
          cycles};
}

TEST_F(AttentionEngineUnits, EveryKeptPageIsListedOnceAndInOrder) {
  expect_for_ever(about_pages(geometry(2), R"(
      assert (\u_lister.listed_q == listed && (waits || listed == 0));
      assert (page_valid_o == (masks_valid_i && left != 0));
      if (page_valid_o) begin
        assert ((left & page) != 0 && (left & (page - 16'd1)) == 0);
        assert (own_o == {(second & page) != 0, (first & page) != 0});
        assert (masks_ready_o == ((left & ~page) == 0));
      end
      if (masks_valid_i && left == 0) assert (masks_ready_o);
      if (waits) assert ((listed & ~(first | second)) == 0 && left != 0);)",
                              2));
}

TEST_F(AttentionEngineUnits, ARowMayTakeSeveralCycles) {
  Question question = about_pages(geometry(2), "      assert (listed != 16'h0421);", 8);
  question.from = From::start;
  EXPECT_FALSE(holds(question));
}

/// A checker rounds and clamps the sum that the unit holds; `score_o` follows a cycle later.
Question about_scores(const units::AttentionGeometry& g, const std::string& assertion) {
  return {{units::key_scaler(g)},
          fmt::format(R"(
module proof (input clk_i, short_i, input [5:0] shift_i, input [47:0] sum_i,
              input [{0}:0] query_sum_i, input [15:0] low_i, range_i);
  wire signed [7:0] score_o;
  key_scaler u_scaler (.*);
  (* hierconn *) wire [{1}:0] \u_scaler.total_q ;
  wire signed [{1}:0] total = \u_scaler.total_q ;
  wire signed [{1}:0] floor = total >>> shift_i;
  wire signed [{1}:0] before = total >>> (shift_i - 6'd1);
  wire signed [{1}:0] rounded = floor + $signed({{1'b0, before[0]}});
  reg known = 0;
  reg signed [{1}:0] expected = 0;
  always @(posedge clk_i) begin
    known <= shift_i != 0;
    expected <= rounded > 127 ? 127 : rounded < -128 ? -128 : rounded;
  end
  always @* if (known) assert ({2});
endmodule
)",
                      g.query_sum_bits() - 1, g.query_sum_bits() + 26, assertion),
          2};
}

// For every sum and every shift.
TEST_F(AttentionEngineUnits, ScoresAreRoundedAndClamped) {
  expect(about_scores(geometry(1), "score_o == expected"), From::any_state);
  EXPECT_FALSE(holds(about_scores(geometry(1), "score_o != 127")));
  EXPECT_FALSE(holds(about_scores(geometry(1), "score_o != -3")));
}

TEST_F(AttentionEngineUnits, WeightsAreRoundedAndClamped) {
  expect({{units::value_scaler(geometry(1))},
          R"(
module proof (input clk_i, rst_ni, begin_i, short_i, valid_i, input [4:0] shift_i,
              input [15:0] probability_i, low_i, range_i, input [47:0] sum_i);
  wire [15:0] weight_o;
  wire weight_valid_o;
  wire [31:0] out_o;
  value_scaler u_scaler (.*);
  (* hierconn *) wire [31:0] \u_scaler.product_q ;
  wire [31:0] floor = \u_scaler.product_q >> shift_i;
  wire [31:0] before = \u_scaler.product_q >> (shift_i - 5'd1);
  wire [32:0] rounded = {1'b0, floor} + before[0];
  reg known = 0;
  reg [32:0] expected = 0;
  always @(posedge clk_i) begin
    known <= shift_i != 0;
    expected <= rounded > 65535 ? 65535 : rounded;
  end
  always @* if (known) assert (weight_o == expected);
endmodule
)",
          2},
         From::any_state);
}

}  // namespace
}  // namespace hasse::formal
