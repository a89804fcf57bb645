// SPDX-License-Identifier: Apache-2.0
// What carries streams: no item is lost, doubled or overtaken, whatever both sides do. A checker
// keeps the items that should be inside; proofs by induction also tie registers to it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/hdl/primitives.hpp"
#include "generator/units/array.hpp"
#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::formal {
namespace {

class Streams : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  // From a reset on, and from every state in which the assertions held: for ever.
  void expect_for_ever(Question question) {
    question.cycles = 2;
    question.from = From::start;
    EXPECT_TRUE(holds(question, &why_)) << why_;
    question.from = From::any_state;
    EXPECT_TRUE(holds(question, &why_)) << why_;
  }

  std::string why_;
};

// A buffer of one-bit items: they may be anything, so a bit tells any two apart.
std::string buffer_checker(const std::string& instance, int depth, const std::string& assertions) {
  return fmt::format(R"(
module proof (input clk_i, data_i, valid_i, ready_i);
  wire ready_o, valid_o, data_o;
  reg started = 0;
  {0} (.rst_ni(started), .*);
  // The items that should be inside, oldest lowest.
  reg [{1}:0] items = 0;
  reg [2:0] count = 0;
  wire push = valid_i && ready_o && started;
  wire pop = valid_o && ready_i && started;
  wire [2:0] stay = count - pop;
  wire [{1}:0] kept = items >> pop;
  always @(posedge clk_i) begin
    started <= 1;
    count <= stay + push;
    items <= push ? (kept & ~({2}'d1 << stay)) | ({2}'(data_i) << stay) : kept;
  end
{3}
endmodule
)",
                     instance, depth, depth + 1, assertions);
}

TEST_F(Streams, SkidKeepsItemsInOrder) {
  expect_for_ever({{hdl::stream_fifo()}, buffer_checker("stream_skid #(.Width(1)) u_skid", 2, R"(
  (* hierconn *) wire \u_skid.spare_q ;
  always @* if (started) begin
    assert (count <= 2 && valid_o == (count != 0) && ready_o == (count != 2));
    if (count > 0) assert (data_o == items[0]);
    if (count > 1) assert (\u_skid.spare_q == items[1]);
  end)")});
}

TEST_F(Streams, FifoOfOneKeepsItsItem) {
  expect_for_ever(
      {{hdl::stream_fifo()}, buffer_checker("stream_fifo #(.Width(1), .Depth(1)) u_fifo", 1, R"(
  always @* if (started) begin
    assert (count <= 1 && valid_o == (count != 0) && ready_o == (count != 1));
    if (count > 0) assert (data_o == items[0]);
  end)")});
}

// The memory's contents are out of a checker's reach, so this one looks at the first cycles only:
// long enough for both addresses to go round twice.
TEST_F(Streams, FifoInMemoryKeepsItemsInOrder) {
  Question question{{hdl::stream_fifo()},
                    buffer_checker("stream_fifo #(.Width(1), .Depth(3)) u_fifo", 3, R"(
  reg waited = 0;
  always @(posedge clk_i) waited <= started && count != 0 && !valid_o;
  always @* if (started) begin
    assert (count <= 3 && ready_o == (count != 3));
    if (valid_o) assert (count != 0 && data_o == items[0]);
    if (waited) assert (valid_o);
  end)"),
                    11,
                    From::start};
  EXPECT_TRUE(holds(question, &why_)) << why_;
}

class Fork : public Streams, public testing::WithParamInterface<int> {
 protected:
  // A host keeps a beat until it is taken. `ahead`: beats that a unit has taken and the stream has
  // not left yet.
  Question about_units(const std::string& assertions) const {
    const units::Geometry g = unit::geometry(fmt::format(R"({{"units": {}}})", GetParam()));
    return {{units::stream_fork(g)},
            fmt::format(R"(
module proof (input clk_i, valid_i, input [{0}:0] unit_ready_i);
  reg started = 0, waits = 0;
  wire ready_o;
  wire [{0}:0] unit_valid_o;
  stream_fork u_fork (.rst_ni(started), .*);
  (* hierconn *) wire [{0}:0] \u_fork.taken_q ;
  reg [1:0] beats = 0;
  always @(posedge clk_i) begin
    started <= 1;
    waits <= started && valid_i && !ready_o;
    if (started && valid_i && ready_o) beats <= beats + 1;
  end
  always @* assume (!waits || valid_i);
  genvar u;
  generate for (u = 0; u <= {0}; u = u + 1) begin
    reg [1:0] taken = 0;
    wire [1:0] ahead = taken - beats;
    wire takes = started && unit_valid_o[u] && unit_ready_i[u];
    always @(posedge clk_i) taken <= taken + takes;
{1}
  end endgenerate
endmodule
)",
                        GetParam() - 1, assertions)};
  }
};

TEST_P(Fork, HandsEveryBeatToEveryUnitOnce) {
  expect_for_ever(about_units(R"(
    always @* if (started) begin
      assert (ahead == \u_fork.taken_q [u]);
      assert (waits || ahead == 0);
      assert (!unit_valid_o[u] || (valid_i && ahead == 0));
      assert (!(valid_i && ready_o) || takes || ahead == 1);
    end)"));
}

// Units do run ahead of the stream.
TEST_P(Fork, DoesNotWaitForTheSlowest) {
  Question question = about_units("    always @* assert (ahead == 0);");
  question.cycles = 4;
  question.from = From::start;
  EXPECT_FALSE(holds(question));
}

INSTANTIATE_TEST_SUITE_P(Units, Fork, testing::Values(2, 5));

}  // namespace
}  // namespace hasse::formal
