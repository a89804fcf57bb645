// SPDX-License-Identifier: Apache-2.0
// A Benes network set by its router: every output gets what it wants.
#include "generator/units/benes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

// Waksman's bound for networks of powers of two, and what is known of others.
TEST(BenesShape, HasAsManySwitchesAsAreNeeded) {
  const std::vector<int> expected = {0, 1, 3, 5, 8, 11, 14, 17, 21};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(units::BenesShape{static_cast<int>(i) + 1}.switches(), expected[i]);
}

class Benes : public testing::TestWithParam<int> {
 protected:
  static constexpr int kRowBits = 16;

  /// `wanted[output]`: an input, or -1.
  void deliver(const std::vector<int>& wanted) {
    for (int port = 0; port < ports_; ++port) {
      const int input = wanted[static_cast<std::size_t>(port)];
      router_.set_field("want_i", port, ports_, input < 0 ? 0 : std::int64_t{1} << input);
      network_.set_field("data_i", port, kRowBits, 1000 + port);
    }
    router_.model().eval();
    network_.set("setting_i", router_.get("setting_o"));
    network_.model().eval();
    for (int port = 0; port < ports_; ++port) {
      const int input = wanted[static_cast<std::size_t>(port)];
      if (input < 0) continue;
      EXPECT_EQ(network_.field("data_o", port, kRowBits), 1000U + static_cast<unsigned>(input));
    }
  }

  int ports_ = GetParam();
  Bench router_{{units::benes_router(ports_)}};
  Bench network_{{units::benes_network(ports_, kRowBits)}};
  harness::Random random_{5};
  std::mt19937 shuffler_{5};
};

TEST_P(Benes, DeliversPermutations) {
  std::vector<int> wanted(static_cast<std::size_t>(ports_));
  std::iota(wanted.begin(), wanted.end(), 0);
  // All of them, up to 5040.
  do deliver(wanted);
  while (std::next_permutation(wanted.begin(), wanted.end()) && ports_ <= 7 && !HasFailure());
  for (int round = 0; round < 1000; ++round) {
    std::ranges::shuffle(wanted, shuffler_);
    deliver(wanted);
  }
}

TEST_P(Benes, DeliversToSomeOutputs) {
  for (int round = 0; round < 1000; ++round) {
    std::vector<int> wanted(static_cast<std::size_t>(ports_));
    std::iota(wanted.begin(), wanted.end(), 0);
    std::ranges::shuffle(wanted, shuffler_);
    for (int& input : wanted)
      if (below(random_, 3) == 0) input = -1;
    deliver(wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(Ports, Benes, testing::Values(3, 4, 7, 9));

}  // namespace
}  // namespace hasse::unit
