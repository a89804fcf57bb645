// SPDX-License-Identifier: Apache-2.0
// The arbiter against the golden matching.
#include <gtest/gtest.h>

#include "generator/units/dynamic.hpp"
#include "golden/transitive/wavefront.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class WavefrontArbiter : public testing::TestWithParam<int> {};

TEST_P(WavefrontArbiter, GrantsWhatTheGoldenMatchingGrants) {
  const int size = GetParam();
  Bench bench({units::wavefront_arbiter(size)});
  harness::Random random{17};
  for (int round = 0; round < 500; ++round) {
    std::vector<std::uint32_t> requests;
    for (int row = 0; row < size; ++row) {
      const auto all = static_cast<std::uint32_t>(random.next());
      const std::uint32_t some =
          round % 2 == 0 ? all : all & static_cast<std::uint32_t>(random.next());
      requests.push_back(some & ((1U << size) - 1));
      bench.set_field("request_i", row, size, requests.back());
    }
    bench.model().eval();
    const transitive::Matching granted = transitive::match_wavefront(requests, 0);
    for (int row = 0; row < size; ++row) {
      const int column = granted[static_cast<std::size_t>(row)];
      EXPECT_EQ(bench.field("grant_o", row, size), column < 0 ? 0U : 1U << column);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, WavefrontArbiter, testing::Values(3, 7));

}  // namespace
}  // namespace hasse::unit
