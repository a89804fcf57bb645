// SPDX-License-Identifier: Apache-2.0
// The chain of claims: whatever the lanes want and whatever state they are in, a read slot reads a
// bank at one address only, and every lane that reads was promised its bank.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"
#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::formal {
namespace {

class Claims : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  // A lane whose claims of the last cycle are kept, and what is to be asserted about it.
  Question about_a_lane(const std::string& assertions) const {
    return {{lookup_, window_},
            fmt::format(R"(
module proof (
  input clk_i, code_valid_i, credit_i,
  input [{0}:0] code_i, input [{1}:0] tag_i, input [1:0] built_i, input [{2}:0] claims_i
);
  wire [{2}:0] claims_o;
  wire pick_valid_o;
  wire [{3}:0] pick_o;
  look_ahead u_lane (.rst_ni(1'b1), .alloc_o(), .alloc_tag_o(), .alloc_flags_o(), .*);
  reg [{2}:0] before;
  always @(posedge clk_i) before <= claims_i;
  wire [{4}:0] bank = pick_o[{4}:0];
  wire half = pick_o[{5}];
{6}
endmodule
)",
                        g_.design.tile_bits - 1, units::code_tag_bits(g_) - 1,
                        banks_ * g_.claim_bits - 1, g_.tag_bits + g_.bank_bits, g_.bank_bits - 1,
                        g_.bank_bits, assertions),
            2,
            From::any_state};
  }

  units::Geometry g_ = unit::geometry(GetParam());
  int banks_ = g_.derived.banks;
  hdl::Module lookup_ = units::node_lookup(g_);
  hdl::Module window_ = units::look_ahead(g_, lookup_);
  std::string why_;
};

TEST_P(Claims, OfEarlierLanesArePassedOnUntouched) {
  std::string assertions;
  for (int bank = 0; bank < banks_; ++bank)
    assertions += fmt::format(
        "  always @* if (before[{0}]) assert (claims_o[{0} +: {1}] == before[{0} +: {1}]);\n",
        bank * g_.claim_bits, g_.claim_bits);
  EXPECT_TRUE(holds(about_a_lane(assertions), &why_)) << why_;
}

TEST_P(Claims, CoverEveryReadOfALane) {
  std::string assertions;
  for (int bank = 0; bank < banks_; ++bank)
    assertions += fmt::format(
        "  always @* if (pick_valid_o && bank == {0})\n"
        "    assert (claims_o[{1}] && claims_o[{1} + 1] == half);\n",
        bank, bank * g_.claim_bits);
  EXPECT_TRUE(holds(about_a_lane(assertions), &why_)) << why_;
}

TEST_P(Claims, AreMadeForReadsOnly) {
  std::string assertions;
  for (int bank = 0; bank < banks_; ++bank)
    assertions += fmt::format(
        "  always @* if (claims_o[{1}] && !before[{1}])\n"
        "    assert (pick_valid_o && bank == {0});\n",
        bank, bank * g_.claim_bits);
  EXPECT_TRUE(holds(about_a_lane(assertions), &why_)) << why_;
}

// A lane does claim, so that the proofs above are not about nothing.
TEST_P(Claims, AreNotAllPassedOn) {
  EXPECT_FALSE(holds(about_a_lane("  always @* assert (claims_o == before);")));
}

INSTANTIATE_TEST_SUITE_P(
    Designs, Claims,
    testing::Values(
        R"({"tile_bits": 3, "banks_per_lane": 1, "lanes": 2, "look_ahead": 2, "rows": 16})",
        R"({"tile_bits": 3, "banks_per_lane": 2, "lanes": 2, "look_ahead": 4, "rows": 16})",
        R"({"tile_bits": 5, "banks_per_lane": 1, "lanes": 4, "look_ahead": 3, "rows": 32})"));

}  // namespace
}  // namespace hasse::formal
