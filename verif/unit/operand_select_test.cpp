// SPDX-License-Identifier: Apache-2.0
// A lane gets the operand it selects, and zero when it selects none.
#include <gtest/gtest.h>

#include "generator/units/dynamic.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

TEST(OperandSelect, TakesTheOneThatIsSelectedOrNone) {
  const units::Geometry g =
      geometry(R"({"planner": "dynamic", "tile_bits": 6, "columns": 4, "activation_bits": 4})");
  Bench bench({units::operand_select(g)});
  const int operands = g.engine.dimension(), columns = g.design.columns;
  harness::Random random{3};
  for (int round = 0; round < 100; ++round) {
    std::vector<std::int64_t> values;
    for (int i = 0; i < operands * columns; ++i) {
      values.push_back(random_number(random, 4));
      bench.set_field("operand_i", i, 4, values.back());
    }
    for (int chosen = 0; chosen <= operands; ++chosen) {
      bench.set("select_i", chosen == operands ? 0 : std::uint64_t{1} << chosen);
      bench.model().eval();
      for (int column = 0; column < columns; ++column) {
        const auto index = static_cast<std::size_t>(chosen * columns + column);
        EXPECT_EQ(bench.number("operand_o", column, 4), chosen == operands ? 0 : values[index]);
      }
    }
  }
}

}  // namespace
}  // namespace hasse::unit
