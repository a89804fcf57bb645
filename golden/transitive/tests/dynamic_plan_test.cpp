// SPDX-License-Identifier: Apache-2.0
// Properties every dynamic plan must have, whatever the codes.
#include "golden/transitive/dynamic_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>

namespace hasse::transitive {
namespace {

std::vector<bool> random_presence(int dimension, int codes, std::mt19937& random) {
  std::vector<bool> present(std::size_t{1} << dimension);
  for (int i = 0; i < codes; ++i) present[random() % present.size()] = true;
  return present;
}

/// In a step every operand goes to one lane; the root has none.
void expect_permutations(const DynamicPlan& plan) {
  std::set<std::pair<int, int>> operands;
  for (const DynamicNode& node : plan.nodes())
    EXPECT_TRUE(node.node == 0 || operands.emplace(node.step, node.operand).second)
        << "operand " << node.operand << " twice in step " << node.step;
}

/// Everything planner-interface.md asks of a plan.
void expect_sound(const DynamicPlan& plan, const std::vector<bool>& present) {
  const int dimension = plan.dimension();
  std::map<Code, DynamicNode> built;
  std::set<std::pair<int, int>> steps, slots;
  for (const DynamicNode& node : plan.nodes()) {
    ASSERT_TRUE(built.emplace(node.node, node).second) << "twice: " << node.node;
    EXPECT_TRUE(steps.emplace(node.lane, node.step).second) << "a lane builds one node a step";
    const int slot = dynamic_slot(node.node, node.lane, dimension);
    EXPECT_TRUE(slot >= 0 && slot < 1 << (dimension - 1));
    EXPECT_TRUE(slots.emplace(node.lane, slot).second) << "two nodes in one place";
    EXPECT_EQ(plan.lane(node.node), node.lane);
    if (!node.parent) {
      EXPECT_LE(level(node.node), 1);
      continue;
    }
    EXPECT_EQ(*node.parent ^ node.node, Code{1} << node.operand);
    EXPECT_TRUE(is_prefix(*node.parent, node.node));
    ASSERT_TRUE(built.contains(*node.parent)) << "the child comes first";
    const DynamicNode& parent = built.at(*node.parent);
    EXPECT_EQ(parent.lane, node.lane);
    EXPECT_GE(node.step, parent.step + DynamicPlan::kParentLatency);
  }
  for (Code node = 0; node < present.size(); ++node)
    EXPECT_TRUE(!present[node] || built.contains(node)) << "missing: " << node;
}

/// A node that nobody asked for is there for a child.
void expect_frugal(const DynamicPlan& plan, const std::vector<bool>& present) {
  for (const DynamicNode& node : plan.nodes()) {
    if (present[node.node] || level(node.node) == 1) continue;
    const bool child =
        std::any_of(plan.nodes().begin(), plan.nodes().end(), [&](const auto& other) {
          return level(other.node) == level(node.node) + 1 && is_prefix(node.node, other.node);
        });
    EXPECT_TRUE(child) << "of no use: " << node.node;
  }
}

constexpr std::array kNetworks = {OperandNetwork::select, OperandNetwork::benes};

class Plan : public testing::TestWithParam<int> {
 protected:
  /// Plans for either way of bringing operands to the lanes.
  static void expect_sound_plans(const std::vector<bool>& present) {
    for (const OperandNetwork network : kNetworks) {
      const DynamicPlan plan(GetParam(), present, network);
      expect_sound(plan, present);
      expect_frugal(plan, present);
      if (network == OperandNetwork::benes) expect_permutations(plan);
    }
  }
};

TEST_P(Plan, IsSoundForRandomCodes) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  for (const int codes : {0, 1, 2, 5, 20, 64, 256, 1024})
    for (int i = 0; i < 10; ++i) expect_sound_plans(random_presence(GetParam(), codes, random));
}

// Codes that all share a bit want to be in one lane; its places must be enough.
TEST_P(Plan, IsSoundForCodesThatShareABit) {
  for (int bit = 0; bit < GetParam(); ++bit)
    for (const bool root : {false, true}) {
      std::vector<bool> present(std::size_t{1} << GetParam());
      for (Code node = 0; node < present.size(); ++node) present[node] = ((node >> bit) & 1U) != 0;
      present[0] = root;
      expect_sound_plans(present);
    }
}

TEST_P(Plan, IsSoundForEverySingleCode) {
  for (Code node = 0; node < Code{1} << GetParam(); ++node) {
    std::vector<bool> present(std::size_t{1} << GetParam());
    present[node] = true;
    const DynamicPlan plan(GetParam(), present);
    expect_sound(plan, present);
    const int chain = std::max(level(node) - 1, 0);
    EXPECT_EQ(static_cast<int>(plan.nodes().size()), GetParam() + chain + (node == 0 ? 1 : 0));
    EXPECT_EQ(plan.distances().far, std::max(chain - DynamicPlan::kDistanceCap, 0));
  }
}

TEST_P(Plan, BuildsNothingTwiceOrInVainWhenEveryNodeIsAskedFor) {
  const DynamicPlan plan(GetParam(), std::vector<bool>(std::size_t{1} << GetParam(), true));
  EXPECT_EQ(plan.nodes().size(), std::size_t{1} << GetParam());
  EXPECT_EQ(plan.distances().far, 0);
}

INSTANTIATE_TEST_SUITE_P(Dimensions, Plan, testing::Range(2, 10));

// Exhaustive where that is possible: all 2^(2^3) and the 2^(2^4) sets of codes.
TEST(DynamicPlan, IsSoundForEverySetOfCodesInSmallGraphs) {
  for (const int dimension : {2, 3, 4})
    for (unsigned set = 0; set < 1U << (1U << dimension); ++set) {
      std::vector<bool> present(std::size_t{1} << dimension);
      for (std::size_t node = 0; node < present.size(); ++node)
        present[node] = ((set >> node) & 1U) != 0;
      for (const OperandNetwork network : kNetworks) {
        const DynamicPlan plan(dimension, present, network);
        expect_sound(plan, present);
        if (network == OperandNetwork::benes) expect_permutations(plan);
      }
      if (HasFailure()) FAIL() << "dimension " << dimension << ", set " << set;
    }
}

// What the accumulate lanes need to stay busy: T = 8 and 256 TransRows.
TEST(DynamicPlan, FinishesASubTileWithinTheCyclesOfItsReads) {
  std::mt19937 random(5);
  double steps = 0;
  std::vector<int> load(7);
  for (int i = 0; i < 200; ++i) {
    const DynamicPlan plan(7, random_presence(7, 256, random));
    EXPECT_LE(plan.steps(), 32);
    steps += plan.steps();
    for (const DynamicNode& node : plan.nodes()) ++load[static_cast<std::size_t>(node.lane)];
  }
  EXPECT_LT(steps / 200, 22.0);
  // The busiest lane decides when building ends, and lanes with more nodes are read more often.
  const auto [least, most] = std::minmax_element(load.begin(), load.end());
  const int sum = std::accumulate(load.begin(), load.end(), 0);
  EXPECT_LT(*most * 7, 1.1 * sum) << "lanes share the work";
  EXPECT_GT(*least * 7, 0.9 * sum) << "lanes share the work";
}

TEST(DynamicPlan, RefusesAWrongNumberOfNodes) {
  EXPECT_THROW(DynamicPlan(3, std::vector<bool>(7)), std::invalid_argument);
  EXPECT_THROW(DynamicPlan(1, std::vector<bool>(2)), std::invalid_argument);
}

}  // namespace
}  // namespace hasse::transitive
