// SPDX-License-Identifier: Apache-2.0
// One adder per column.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

TEST(PrefixLane, AddsOneOperandPerColumn) {
  const units::Geometry g = geometry(R"({"tile_bits": 5, "columns": 5, "columns_per_adder": 1})");
  Bench bench({units::prefix_lane(g)});
  harness::Random random(3);
  const int node_bits = g.derived.node_bits, bits = g.design.activation_bits;
  for (int i = 0; i < 2000; ++i) {
    const bool from_root = random.chance(0.5);
    bench.set("from_root_i", from_root);
    std::vector<std::int64_t> expected;
    for (int c = 0; c < g.design.columns; ++c) {
      // One bit less than a node has: real sums never overflow.
      const std::int64_t root = random_number(random, node_bits - 1),
                         parent = random_number(random, node_bits - 1);
      const std::int64_t operand = random_number(random, bits);
      bench.set_field("root_i", c, node_bits, root);
      bench.set_field("parent_i", c, node_bits, parent);
      bench.set_field("operand_i", c, bits, operand);
      expected.push_back((from_root ? root : parent) + operand);
    }
    bench.model().eval();
    for (int c = 0; c < g.design.columns; ++c)
      ASSERT_EQ(bench.number("node_o", c, node_bits), expected[static_cast<std::size_t>(c)])
          << "column " << c;
  }
}

}  // namespace
}  // namespace hasse::unit
