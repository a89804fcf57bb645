// SPDX-License-Identifier: Apache-2.0
// Benes networks of small sizes, for every permutation and all data: the router makes the network
// deliver what is wanted, and no settings whatever lose or duplicate an input.
#include "generator/units/benes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/formal/proof.hpp"

namespace hasse::formal {
namespace {

class Benes : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  // Outputs want any inputs, each of them once at the most; one bit per input is enough to tell
  // inputs apart, since it may be any.
  Question about_delivery(const std::string& assertion) const {
    return {{units::benes_router(ports_), units::benes_network(ports_, 1)},
            fmt::format(R"(
module proof (input [{0}:0] want_i, input [{1}:0] data_i);
  wire [{2}:0] setting;
  wire [{1}:0] data_o;
  benes_router u_router (.setting_o(setting), .*);
  benes_network u_network (.setting_i(setting), .*);
  integer i, j;
  reg [{0}:0] wanted;
  reg wanted_once, delivered;
  always @* begin
    wanted_once = 1;
    delivered = 1;
    for (i = 0; i < {3}; i = i + 1) begin
      wanted = 0;
      for (j = 0; j < {3}; j = j + 1) begin
        wanted[j] = want_i[j * {3} + i];
        if (want_i[i * {3} + j] && data_o[i] != data_i[j]) delivered = 0;
      end
      if ((wanted & (wanted - 1)) != 0) wanted_once = 0;
      wanted = want_i[i * {3} +: {3}];
      if ((wanted & (wanted - 1)) != 0) wanted_once = 0;
    end
    assume (wanted_once);
    {4}
  end
endmodule
)",
                        ports_ * ports_ - 1, ports_ - 1, units::BenesShape{ports_}.switches() - 1,
                        ports_, assertion)};
  }

  int ports_ = GetParam();
  std::string why_;
};

TEST_P(Benes, DeliversWhateverIsWanted) {
  EXPECT_TRUE(holds(about_delivery("assert (delivered);"), &why_)) << why_;
}

// The last input does reach the first output, so that the proof above is not about nothing.
TEST_P(Benes, ChangesPlaces) {
  EXPECT_FALSE(holds(
      about_delivery(fmt::format("assert (!want_i[{}] || data_o[0] == data_i[0]);", ports_ - 1))));
}

// As many ones leave as enter, whatever they are and however switches are set: every output is an
// input of its own.
TEST_P(Benes, LosesAndDuplicatesNothing) {
  const Question question{{units::benes_network(ports_, 1)},
                          fmt::format(R"(
module proof (input [{0}:0] setting_i, input [{1}:0] data_i);
  wire [{1}:0] data_o;
  benes_network u_network (.*);
  integer i;
  reg [4:0] entered, left;
  always @* begin
    entered = 0;
    left = 0;
    for (i = 0; i <= {1}; i = i + 1) begin
      entered = entered + data_i[i];
      left = left + data_o[i];
    end
    assert (entered == left);
  end
endmodule
)",
                                      units::BenesShape{ports_}.switches() - 1, ports_ - 1)};
  EXPECT_TRUE(holds(question, &why_)) << why_;
}

INSTANTIATE_TEST_SUITE_P(Ports, Benes, testing::Values(3, 4, 7, 8));

}  // namespace
}  // namespace hasse::formal
