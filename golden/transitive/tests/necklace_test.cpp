// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/necklace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>

namespace hasse::transitive {
namespace {

TEST(Rotation, TurnsWithinItsBits) {
  EXPECT_EQ(rotate_left(0b0011, 1, 4), 0b0110U);
  EXPECT_EQ(rotate_left(0b1001, 1, 4), 0b0011U);
  EXPECT_EQ(rotate_left(0b101, 3, 3), 0b101U);
  EXPECT_EQ(rotate_left(1, 5, 1), 1U);
}

class Necklaces : public ::testing::TestWithParam<int> {
 protected:
  const int dimension_ = GetParam();
  const Code codes_ = Code{1} << dimension_;
};

TEST_P(Necklaces, OrbitIsTheSmallestRotationTurnedBySmallestAmount) {
  for (Code code = 0; code < codes_; ++code) {
    const Orbit place = orbit(code, dimension_);
    EXPECT_EQ(rotate_left(place.necklace, place.rotation, dimension_), code);
    for (int turn = 0; turn < dimension_; ++turn) {
      EXPECT_LE(place.necklace, rotate_left(code, turn, dimension_));
      if (turn < place.rotation) {
        EXPECT_NE(rotate_left(place.necklace, turn, dimension_), code);
      }
    }
    EXPECT_LT(place.rotation, period(code, dimension_));
  }
}

TEST_P(Necklaces, PeriodCountsDistinctRotationsAndDividesTheDimension) {
  for (Code code = 0; code < codes_; ++code) {
    std::set<Code> rotations;
    for (int turn = 0; turn < dimension_; ++turn)
      rotations.insert(rotate_left(code, turn, dimension_));
    EXPECT_EQ(period(code, dimension_), static_cast<int>(rotations.size()));
    EXPECT_EQ(dimension_ % period(code, dimension_), 0);
  }
}

/// Number of necklaces by Burnside's lemma: sum over turns of 2^gcd(turn, d), over d.
int burnside(int dimension) {
  int fixed = 0;
  for (int turn = 1; turn <= dimension; ++turn) fixed += 1 << std::gcd(turn, dimension);
  return fixed / dimension;
}

TEST_P(Necklaces, AreAsManyAsBurnsideCountsAndCoverAllCodes) {
  const std::vector<Code> all = necklaces(dimension_);
  EXPECT_EQ(static_cast<int>(all.size()), burnside(dimension_));
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  int covered = 0;
  for (const Code necklace : all) covered += period(necklace, dimension_);
  EXPECT_EQ(covered, 1 << dimension_);
}

TEST_P(Necklaces, ParentIsSmallerInTheSameLaneAndOneOperandAway) {
  for (Code code = 1; code < codes_; ++code) {
    const Code parent = orbit_parent(code, dimension_);
    const Code added = Code{1} << orbit_operand(code, dimension_);
    EXPECT_TRUE(is_prefix(parent, code));
    EXPECT_EQ(parent | added, code);
    EXPECT_NE(parent, code);
    EXPECT_LT(orbit(parent, dimension_).necklace, orbit(code, dimension_).necklace);
    if (parent != 0) {
      EXPECT_EQ(orbit(parent, dimension_).rotation, orbit(code, dimension_).rotation);
    }
  }
}

TEST_P(Necklaces, ParentOfANecklaceIsANecklace) {
  for (const Code necklace : necklaces(dimension_)) {
    if (necklace == 0) continue;
    const Code parent = orbit_parent(necklace, dimension_);
    EXPECT_EQ(orbit(parent, dimension_), (Orbit{parent, 0}));
    EXPECT_EQ(orbit_operand(necklace, dimension_), static_cast<int>(std::bit_width(necklace)) - 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Dimension, Necklaces, ::testing::Range(1, kMaxDimension + 1));

TEST(NecklaceCounts, OfSevenAndEightBits) {
  EXPECT_EQ(necklaces(7).size(), 20U);
  EXPECT_EQ(necklaces(8).size(), 36U);
}

}  // namespace
}  // namespace hasse::transitive
