// SPDX-License-Identifier: Apache-2.0
// What a matching must be, for random requests of every size.
#include "golden/transitive/wavefront.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace hasse::transitive {
namespace {

TEST(Wavefront, GrantsRequestsUntilNoneCouldBeAdded) {
  std::mt19937 random(1);
  for (std::size_t size = 1; size <= kMaxMatched; ++size)
    for (int i = 0; i < 200; ++i) {
      std::vector<std::uint32_t> requests(size);
      for (std::uint32_t& row : requests)
        row = static_cast<std::uint32_t>(random() & random()) & ((1U << size) - 1);
      const Matching granted = match_wavefront(requests, random() % size);
      std::uint32_t taken = 0;
      for (std::size_t row = 0; row < size; ++row) {
        if (granted[row] < 0) continue;
        const std::uint32_t column = 1U << granted[row];
        EXPECT_NE(requests[row] & column, 0U) << "not asked for";
        EXPECT_EQ(taken & column, 0U) << "granted twice";
        taken |= column;
      }
      for (std::size_t row = 0; row < size; ++row)
        EXPECT_TRUE(granted[row] >= 0 || (requests[row] & ~taken) == 0) << "could be added";
    }
}

TEST(Wavefront, PrefersTheFirstDiagonal) {
  const std::vector<std::uint32_t> all(5, 0x1F);
  for (std::size_t start = 0; start < 5; ++start) {
    const Matching granted = match_wavefront(all, start);
    for (int row = 0; row < 5; ++row)
      EXPECT_EQ(granted[static_cast<std::size_t>(row)], (static_cast<int>(start) - row + 5) % 5);
  }
}

}  // namespace
}  // namespace hasse::transitive
