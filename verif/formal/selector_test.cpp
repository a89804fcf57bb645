// SPDX-License-Identifier: Apache-2.0
// A selector of up to four 4-bit scores, two a row, for all scores, targets and forced places.
#include "generator/units/selector.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/formal/proof.hpp"

namespace hasse::formal {
namespace {

constexpr units::SelectorGeometry kSmall{2, 4, 4, 4};

/// What a list takes at most, from reset on, when its scores come without a pause.
constexpr int kCycles = 14;

class Selector : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// `assertion` about a list that is complete: of the scores `score(i)`, i < count, `forced[i]`
  /// had to be kept and `kept[i]` are, `kept_count` of them. `also`: more of the checker.
  static Question about_the_list(const std::string& assertion, const std::string& also = "") {
    Question question{units::selector(kSmall), "", kCycles, From::start};
    question.checker = fmt::format(
        R"(
module proof (input clk_i, input [3:0] score_i, input forced_i, last_i, valid_i);
  (* anyconst *) reg by_mass;
  (* anyconst *) reg [{top}:0] target;
  reg rst_ni = 0, begun = 0;
  always @(posedge clk_i) rst_ni <= 1;
  always @(posedge clk_i) if (rst_ni) begun <= 1;
  wire ready, mask_valid, mask_last;
  wire [1:0] mask;
  selector u_selector (.clk_i, .rst_ni, .begin_i(rst_ni && !begun), .by_mass_i(by_mass),
      .target_i(target), .score_i, .forced_i, .score_last_i(last_i), .score_valid_i(valid_i),
      .score_ready_o(ready), .mask_o(mask), .mask_valid_o(mask_valid), .mask_last_o(mask_last));
  reg [2:0] count = 0;
  reg [15:0] scores = 0;
  reg [3:0] forced = 0, kept = 0;
  reg row = 0, complete = 0;
  always @* assume (!(ready && count == 3) || last_i);
  always @(posedge clk_i) if (ready && valid_i) begin
    scores[count * 4 +: 4] <= score_i;
    forced[count] <= forced_i;
    count <= count + 1;
  end
  always @(posedge clk_i) if (mask_valid) begin
    kept[row * 2 +: 2] <= mask;
    row <= 1;
    complete <= mask_last;
  end
  integer i, j;
  reg [2:0] kept_count;
  reg ordered, only_scores, keeps_forced, first_of_equals;
  always @* begin
    kept_count = 0; ordered = 1; first_of_equals = 1;
    only_scores = (kept >> count) == 0;
    keeps_forced = (forced & ~kept) == 0;
    for (i = 0; i < 4; i = i + 1) begin
      kept_count = kept_count + kept[i];
      for (j = 0; j < 4; j = j + 1)
        if (i < count && j < count && kept[i] && !forced[i] && !kept[j]) begin
          if (scores[j * 4 +: 4] > scores[i * 4 +: 4]) ordered = 0;
          if (scores[j * 4 +: 4] == scores[i * 4 +: 4] && j < i) first_of_equals = 0;
        end
    end
    if (complete) begin
      {assertion}
    end
  end
  {also}
endmodule
)",
        fmt::arg("top", kSmall.sum_bits() - 1), fmt::arg("assertion", assertion),
        fmt::arg("also", also));
    return question;
  }

  std::string why_;
};

TEST_F(Selector, KeepsTheHighestScoresTheFirstOfEqualsAndAllThatAreForced) {
  EXPECT_TRUE(holds(about_the_list("assert (only_scores && keeps_forced && ordered &&"
                                   " first_of_equals);"),
                    &why_))
      << why_;
}

TEST_F(Selector, EndsEveryList) {
  EXPECT_TRUE(holds(about_the_list("", fmt::format("reg [4:0] now = 0;\n"
                                                   "  always @(posedge clk_i) now <= now + 1;\n"
                                                   "  always @* assume (valid_i);\n"
                                                   "  always @* if (now == {}) assert (complete);",
                                                   kCycles - 1)),
                    &why_))
      << why_;
}

// Not every list is the same.
TEST_F(Selector, ListsSomething) {
  EXPECT_FALSE(holds(about_the_list("assert (kept_count != 3);")));
}

}  // namespace
}  // namespace hasse::formal
