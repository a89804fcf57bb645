// SPDX-License-Identifier: Apache-2.0
// The plans of the orbit forest: what they build, and that a turning ring and two-step parents are
// enough to carry them out.
#include "golden/transitive/orbit_forest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

namespace hasse::transitive {
namespace {

class OrbitPlan : public ::testing::TestWithParam<int> {
 protected:
  std::vector<bool> random_presence(int codes) {
    std::vector<bool> present(static_cast<std::size_t>(forest_.lattice().nodes()));
    for (int i = 0; i < codes; ++i) present[random_() % present.size()] = true;
    return present;
  }

  // Few, some and many codes, nothing and everything.
  std::vector<std::vector<bool>> presences() {
    const int nodes = forest_.lattice().nodes();
    std::vector<std::vector<bool>> all = {random_presence(0),
                                          std::vector<bool>(static_cast<std::size_t>(nodes), true)};
    for (int i = 0; i < 30; ++i)
      for (const int codes : {1, 3, nodes / 4, nodes, 3 * nodes})
        all.push_back(random_presence(codes));
    return all;
  }

  int phase_of(const PlannedNode& node) const {
    const int slot = forest_.lattice().place(node.node).slot;
    return forest_.slots()[static_cast<std::size_t>(slot)].phase;
  }

  const int dimension_ = GetParam();
  const OrbitForest forest_{GetParam()};
  std::mt19937 random_{11};
};

TEST_P(OrbitPlan, BuildsWhatIsPresentAndItsAncestorsOnce) {
  for (const std::vector<bool>& present : presences()) {
    std::set<Code> closure;
    for (Code node = 0; node < present.size(); ++node)
      for (Code at = node; present[node] && closure.insert(at).second && at != 0;) {
        const Code parent = orbit_parent(at, dimension_);
        if (parent == 0) break;
        at = parent;
      }
    std::set<Code> built;
    for (const PlannedNode& node : forest_.plan(present).nodes)
      EXPECT_TRUE(built.insert(node.node).second) << "node " << node.node << " twice";
    EXPECT_EQ(built, closure);
  }
}

TEST_P(OrbitPlan, GivesALaneOneNodeAStepAndReadsParentsTwoStepsLater) {
  for (const std::vector<bool>& present : presences()) {
    std::map<Code, int> step_of;
    std::set<std::pair<int, int>> busy;
    const BuildPlan plan = forest_.plan(present);
    for (const PlannedNode& node : plan.nodes) {
      EXPECT_EQ(node.lane, forest_.lattice().place(node.node).lane);
      EXPECT_TRUE(busy.insert({node.step, node.lane}).second);
      EXPECT_LT(node.step, plan.steps);
      step_of[node.node] = node.step;
      const Code parent = node.node == 0 ? 0 : orbit_parent(node.node, dimension_);
      if (parent == 0) continue;
      EXPECT_GE(node.step, step_of.at(parent) + Lattice::kParentLatency);
    }
  }
}

// A lane that has a node to build idles only while its parent is being written.
TEST_P(OrbitPlan, NeverLosesAStepWithoutNeed) {
  for (const std::vector<bool>& present : presences()) {
    const BuildPlan plan = forest_.plan(present);
    std::map<int, std::map<int, int>> in_phase;  // phase, lane -> nodes
    for (const PlannedNode& node : plan.nodes) ++in_phase[phase_of(node)][node.lane];
    int least = 0;
    for (int phase = 0; phase < forest_.phases(); ++phase) {
      int longest = 1;
      for (const auto& [lane, nodes] : in_phase[phase]) longest = std::max(longest, nodes);
      least += longest;
    }
    EXPECT_GE(plan.steps, least);
    EXPECT_LE(plan.steps, least + forest_.phases());
  }
}

// Lane r adds the operand at place r of a ring that turns between the phases, as hardware would.
TEST_P(OrbitPlan, NeedsNoOperandButThatAtItsPlaceOfTheRing) {
  std::vector<std::int64_t> operands;
  for (int i = 0; i <= dimension_; ++i)
    operands.push_back(static_cast<std::int64_t>(random_() % 256) - 128);
  for (const std::vector<bool>& present : presences()) {
    std::vector<std::int64_t> ring(operands.begin(), operands.end() - 1);
    std::map<Code, std::int64_t> value;
    const std::int64_t root = mirrored_value(0, operands);
    int phase = 0;
    for (const PlannedNode& node : forest_.plan(present).nodes) {
      for (; phase < phase_of(node); ++phase)
        std::rotate(ring.begin(), ring.begin() + 1, ring.end());
      ASSERT_EQ(phase, phase_of(node)) << "the ring would have to turn back";
      const Code parent = node.node == 0 ? 0 : orbit_parent(node.node, dimension_);
      const std::int64_t base = parent == 0 ? root : value.at(parent);
      value[node.node] = base + (node.node == 0 ? 0 : ring[static_cast<std::size_t>(node.lane)]);
      EXPECT_EQ(value[node.node], mirrored_value(node.node, operands)) << "node " << node.node;
    }
  }
}

TEST_P(OrbitPlan, TakesNoLongerThanTheLattice) {
  const auto lattice = static_cast<int>(forest_.lattice().steps().size());
  for (const std::vector<bool>& present : presences())
    EXPECT_LE(forest_.plan(present).steps, lattice);
}

INSTANTIATE_TEST_SUITE_P(Dimensions, OrbitPlan, ::testing::Range(1, 10));

TEST(OrbitForest, RefusesMoreNodesThanALaneMayHave) {
  EXPECT_THROW(OrbitForest(10), std::invalid_argument);
}

}  // namespace
}  // namespace hasse::transitive
