// SPDX-License-Identifier: Apache-2.0
// The table from a node to its bank, entry for entry.
#include <gtest/gtest.h>

#include <set>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class NodeLookup : public testing::TestWithParam<const char*> {};

TEST_P(NodeLookup, KnowsThePlaceOfEveryNode) {
  const units::Geometry g = geometry(GetParam());
  Bench bench({units::node_lookup(g)});
  std::set<std::pair<std::uint64_t, std::uint64_t>> places;
  for (int node = 0; node < g.lattice.nodes(); ++node) {
    const transitive::NodePlace place = g.lattice.place(static_cast<transitive::Code>(node));
    const int banks = g.design.banks_per_lane;
    bench.set("node_i", static_cast<std::uint64_t>(node));
    bench.model().eval();
    EXPECT_EQ(bench.get("bank_o"),
              static_cast<std::uint64_t>(place.lane * banks + place.slot % banks));
    EXPECT_EQ(bench.get("address_o"), static_cast<std::uint64_t>(place.slot / banks));
    EXPECT_TRUE(places.emplace(bench.get("bank_o"), bench.get("address_o")).second)
        << "place of another node";
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, NodeLookup,
                         testing::Values(R"({"tile_bits": 2, "banks_per_lane": 1})",
                                         R"({"tile_bits": 5, "banks_per_lane": 3})",
                                         R"({"tile_bits": 8, "banks_per_lane": 2})",
                                         R"({"tile_bits": 10, "banks_per_lane": 4})"));

}  // namespace
}  // namespace hasse::unit
