// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/lattice.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

namespace hasse::transitive {
namespace {

class Schedule : public ::testing::TestWithParam<int> {
 protected:
  const Lattice lattice_{GetParam()};
  const int dimension_ = GetParam();
};

TEST_P(Schedule, OperandsNeverDecrease) {
  int operand = 0;
  for (const LatticeStep& step : lattice_.steps()) {
    EXPECT_GE(step.operand, operand);
    EXPECT_LE(step.operand, operand + 1) << "the ring turns by at most one place a step";
    operand = step.operand;
  }
}

TEST_P(Schedule, ParentsAreWrittenTwoStepsEarlierInTheSlotNamed) {
  std::map<Code, int> step_of;
  std::map<int, Code> kept;
  const auto& steps = lattice_.steps();
  for (int i = 0; i < static_cast<int>(steps.size()); ++i) {
    const LatticeStep& step = steps[static_cast<std::size_t>(i)];
    if (step.idle) continue;
    const Code parent = step.necklace == 0 ? 0 : orbit_parent(step.necklace, dimension_);
    EXPECT_EQ(step.parent_slot.has_value(), parent != 0);
    if (step.parent_slot) {
      EXPECT_EQ(kept.at(*step.parent_slot), parent);
      EXPECT_GE(i, step_of.at(parent) + Lattice::kParentLatency);
    }
    if (step.necklace != 0) {
      EXPECT_EQ(parent | (Code{1} << step.operand), step.necklace);
    }
    step_of[step.necklace] = i;
    kept[step.slot] = step.necklace;
  }
}

TEST_P(Schedule, KeepsEveryNodeExactlyOnce) {
  std::set<Code> seen;
  for (const LatticeStep& step : lattice_.steps())
    for (int lane = 0; lane < step.lanes; ++lane) {
      const Code node = rotate_left(step.necklace, lane, dimension_);
      EXPECT_TRUE(seen.insert(node).second);
      EXPECT_EQ(lattice_.place(node), (NodePlace{lane, step.slot}));
    }
  EXPECT_EQ(static_cast<int>(seen.size()), lattice_.nodes());
}

TEST_P(Schedule, NoTwoNodesShareAPlace) {
  std::set<std::pair<int, int>> places;
  for (Code node = 0; node < static_cast<Code>(lattice_.nodes()); ++node) {
    const NodePlace place = lattice_.place(node);
    EXPECT_TRUE(0 <= place.lane && place.lane < dimension_);
    EXPECT_TRUE(0 <= place.slot && place.slot < lattice_.slots());
    EXPECT_TRUE(places.emplace(place.lane, place.slot).second);
  }
}

/// Runs the schedule on real operands, lane by lane, and compares every node with its definition.
TEST_P(Schedule, BuildsTheNodeValues) {
  std::vector<std::int64_t> operands;
  for (int i = 0; i <= dimension_; ++i) operands.push_back(37 * i * i - 100 * i + 13);
  const std::int64_t root = mirrored_value(0, operands);
  std::map<std::pair<int, int>, std::int64_t> bank;
  for (const LatticeStep& step : lattice_.steps())
    for (int lane = 0; !step.idle && lane < dimension_; ++lane) {
      const std::int64_t parent = step.parent_slot ? bank.at({lane, *step.parent_slot}) : root;
      const auto operand = static_cast<std::size_t>((step.operand + lane) % dimension_);
      bank[{lane, step.slot}] = parent + (step.necklace == 0 ? 0 : operands[operand]);
    }
  for (Code node = 0; node < static_cast<Code>(lattice_.nodes()); ++node) {
    const NodePlace place = lattice_.place(node);
    EXPECT_EQ(bank.at({place.lane, place.slot}), mirrored_value(node, operands));
  }
}

TEST_P(Schedule, WaitsOnlyForNodesWhoseParentIsTheOneBefore) {
  int bubbles = 0;
  for (const LatticeStep& step : lattice_.steps()) bubbles += step.idle ? 1 : 0;
  EXPECT_LE(bubbles, 2) << "'11' follows '1', and all ones may follow all but one";
  EXPECT_EQ(static_cast<int>(lattice_.steps().size()), lattice_.slots() + bubbles);
}

INSTANTIATE_TEST_SUITE_P(Dimension, Schedule, ::testing::Range(1, kMaxDimension + 1));

TEST(Lattice, TakesAtMostTwentyTwoStepsAtTileBitsEight) {
  const Lattice lattice(7);
  EXPECT_EQ(lattice.slots(), 20);
  EXPECT_LE(lattice.steps().size(), 22U);
}

TEST(Lattice, RefusesImpossibleDimensions) {
  EXPECT_THROW(Lattice(0), std::invalid_argument);
  EXPECT_THROW(Lattice(kMaxDimension + 1), std::invalid_argument);
}

}  // namespace
}  // namespace hasse::transitive
