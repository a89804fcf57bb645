// SPDX-License-Identifier: Apache-2.0
// The scoreboard of a small graph, whatever a sub-tile asks for: its pickers never make a node
// twice, never build on what is not there yet, and end with everything that was asked for.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "generator/units/dynamic.hpp"
#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::formal {
namespace {

class Scoreboard : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// The longest plan of all sub-tiles there are.
  int most_steps() const {
    int most = 0;
    const unsigned nodes = 1U << d_;
    for (std::uint64_t set = 0; set < std::uint64_t{1} << nodes; ++set) {
      std::vector<bool> present(nodes);
      for (unsigned node = 0; node < nodes; ++node) present[node] = ((set >> node) & 1U) != 0;
      most = std::max(most, transitive::DynamicPlan(d_, present).steps());
    }
    return most;
  }

  // A reset, then one sub-tile. `made`: what each lane has made; `fresh`: in the step before.
  Question about_a_plan(const std::string& assertions) const {
    const int search = d_ - 2, steps = std::max(most_steps(), 2);
    return {{parts_.search, parts_.arbiter, board_},
            fmt::format(R"(
module proof (input clk_i, input [{1}:0] present_i);
  reg [5:0] t = 0;
  reg over = 0;
  reg [{1}:0] asked;
  reg [{3}:0] made = 0, fresh = 0;
  wire take_i = t == 1;
  wire go_i = t > 1 + {4} && !over;
  wire searching_o, root_o, last_o;
  wire [{0}:0] valid_o;
  wire [{2}:0] node_o, operand_o;
  scoreboard u_board (.rst_ni(t != 0), .pick_o(), .picker_lane_o(), .*);
  reg [{3}:0] now;
  integer i;
  always @* begin
    now = 0;
    for (i = 0; i < {5}; i = i + 1)
      if (go_i && valid_o[i]) now[i * {6} + node_o[i * {5} +: {5}]] = 1;
  end
  always @(posedge clk_i) begin
    t <= t + 1;
    if (take_i) asked <= present_i;
    made <= made | now;
    fresh <= now;
    over <= over || (go_i && last_o);
  end
  reg [{1}:0] all, twice;
  integer l;
  always @* begin
    all = 0;
    twice = 0;
    for (l = 0; l < {5}; l = l + 1) begin
      twice = twice | (all & now[l * {6} +: {6}]) | (now[l * {6} +: {6}] & made[l * {6} +: {6}]);
      all = all | now[l * {6} +: {6}] | made[l * {6} +: {6}];
    end
  end
{7}
endmodule
)",
                        d_ - 1, (1 << d_) - 1, d_ * d_ - 1, (d_ << d_) - 1, search, d_, 1 << d_,
                        assertions),
            search + steps + 3,
            From::start};
  }

  /// `claim` for every lane that makes a node; L stands for the lane, N for its node, P for its
  /// parent.
  std::string for_lanes(const std::string& claim) const {
    std::string all;
    for (int lane = 0; lane < d_; ++lane)
      all +=
          fmt::format(
              "  wire [{1}:0] n{0} = node_o[{2} +: {3}], p{0} = n{0} ^ operand_o[{2} +: {3}];\n"
              "  always @* if (go_i && valid_o[{0}]) begin\n",
              lane, d_ - 1, lane * d_, d_) +
          fmt::format(fmt::runtime(claim), fmt::arg("lane", lane), fmt::arg("base", lane << d_)) +
          "  end\n";
    return all;
  }

  units::Geometry g_ = unit::geometry(R"({"planner": "dynamic", "tile_bits": 4})");
  int d_ = g_.engine.dimension();
  units::ScoreboardParts parts_{units::prefix_search(g_), units::wavefront_arbiter(d_)};
  hdl::Module board_ = units::scoreboard(g_, parts_);
  std::string why_;
};

TEST_F(Scoreboard, MakesNoNodeTwice) {
  EXPECT_TRUE(holds(about_a_plan("  always @* assert (twice == 0);\n"), &why_)) << why_;
}

TEST_F(Scoreboard, BuildsOnNodesOfTheLaneThatCanBeRead) {
  EXPECT_TRUE(holds(about_a_plan(for_lanes("    assert ((p{lane} & ~n{lane}) == 0);\n"
                                           "    assert (p{lane} == 0 || (made[{base} + p{lane}] && "
                                           "!fresh[{base} + p{lane}]));\n")),
                    &why_))
      << why_;
}

TEST_F(Scoreboard, EndsWithEverythingAskedFor) {
  const int last = d_ - 2 + std::max(most_steps(), 2) + 2;
  EXPECT_TRUE(holds(
      about_a_plan(fmt::format("  always @* if (go_i && last_o) assert ((asked & ~all) == 0);\n"
                               "  always @* if (t == {}) assert (over);\n",
                               last)),
      &why_))
      << why_;
}

// It does make nodes from other nodes, and late ones.
TEST_F(Scoreboard, DoesNotEndEarlier) {
  const int last = d_ - 2 + std::max(most_steps(), 2) + 1;
  EXPECT_FALSE(holds(about_a_plan(fmt::format("  always @* if (t == {}) assert (over);\n", last))));
}

}  // namespace
}  // namespace hasse::formal
