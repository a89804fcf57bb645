// SPDX-License-Identifier: Apache-2.0
// The wavefront arbiter, for all requests: what is granted was asked for, no row or column is
// granted twice, and nothing could be granted in addition.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/dynamic.hpp"
#include "verif/formal/proof.hpp"

namespace hasse::formal {
namespace {

class Arbiter : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  Question about_grants(const std::string& assertion) const {
    return {{units::wavefront_arbiter(GetParam())},
            fmt::format(R"(
module proof (input [{0}:0] request_i);
  wire [{0}:0] grant_o;
  wavefront_arbiter u_arbiter (.*);
  // Rows and columns with a grant, and with more than one.
  reg [{1}:0] rows, columns, rows_twice, columns_twice;
  reg could_be_added;
  integer r, c;
  always @* begin
    rows = 0; columns = 0; rows_twice = 0; columns_twice = 0; could_be_added = 0;
    for (r = 0; r <= {1}; r = r + 1)
      for (c = 0; c <= {1}; c = c + 1)
        if (grant_o[r * {2} + c]) begin
          rows_twice[r] = rows_twice[r] | rows[r];
          columns_twice[c] = columns_twice[c] | columns[c];
          rows[r] = 1;
          columns[c] = 1;
        end
    for (r = 0; r <= {1}; r = r + 1)
      for (c = 0; c <= {1}; c = c + 1)
        if (request_i[r * {2} + c] && !rows[r] && !columns[c]) could_be_added = 1;
    {3}
  end
endmodule
)",
                        GetParam() * GetParam() - 1, GetParam() - 1, GetParam(), assertion)};
  }

  std::string why_;
};

TEST_P(Arbiter, GrantsRequestsOnly) {
  EXPECT_TRUE(holds(about_grants("assert ((grant_o & ~request_i) == 0);"), &why_)) << why_;
}

TEST_P(Arbiter, GrantsNoRowOrColumnTwice) {
  EXPECT_TRUE(holds(about_grants("assert (rows_twice == 0 && columns_twice == 0);"), &why_))
      << why_;
}

TEST_P(Arbiter, LeavesNothingThatCouldBeGranted) {
  EXPECT_TRUE(holds(about_grants("assert (!could_be_added);"), &why_)) << why_;
}

// A request on the first diagonal is never refused. Where requests are turned by one place from
// step to step, as the scoreboard turns those for operands, each of them is on it once in as many
// steps as there are rows: no request that stays is refused for longer.
TEST_P(Arbiter, NeverRefusesItsFirstDiagonal) {
  EXPECT_TRUE(
      holds(about_grants(fmt::format("for (r = 0; r < {0}; r = r + 1)\n"
                                     "      assert (!request_i[r * {0} + ({0} - r) % {0}] ||"
                                     " grant_o[r * {0} + ({0} - r) % {0}]);",
                                     GetParam())),
            &why_))
      << why_;
}

// It cannot grant everything, so that the proofs above are not about nothing.
TEST_P(Arbiter, RefusesSomeRequests) {
  EXPECT_FALSE(holds(about_grants("assert (grant_o == request_i);")));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Arbiter, testing::Values(3, 7));

}  // namespace
}  // namespace hasse::formal
