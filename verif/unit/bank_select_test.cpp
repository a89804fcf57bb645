// SPDX-License-Identifier: Apache-2.0
// A port of the result crossbar, for every bank.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class BankSelect : public testing::TestWithParam<const char*> {};

TEST_P(BankSelect, TakesTheNodeOfItsBank) {
  const units::Geometry g = geometry(GetParam());
  Bench bench({units::bank_select(g)});
  harness::Random random(23);
  const int bits = g.derived.node_bits, columns = g.design.columns;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::int64_t> values;
    for (int i = 0; i < g.derived.banks * columns; ++i) {
      values.push_back(random_number(random, bits));
      bench.set_field("data_i", i, bits, values.back());
    }
    for (int bank = 0; bank < g.derived.banks; ++bank) {
      bench.set("bank_i", static_cast<std::uint64_t>(bank));
      bench.model().eval();
      for (int c = 0; c < columns; ++c)
        ASSERT_EQ(bench.number("node_o", c, bits),
                  values[static_cast<std::size_t>(bank * columns + c)])
            << "bank " << bank;
    }
    for (int bank = g.derived.banks; bank < 1 << g.bank_bits; ++bank) {
      bench.set("bank_i", static_cast<std::uint64_t>(bank));
      bench.model().eval();
      for (int c = 0; c < columns; ++c)
        ASSERT_EQ(bench.number("node_o", c, bits), 0) << "there is no bank " << bank;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Designs, BankSelect,
    testing::Values(
        R"({"tile_bits": 2, "banks_per_lane": 1, "columns": 2, "columns_per_adder": 1})",
        R"({"tile_bits": 6, "banks_per_lane": 3, "columns": 3, "columns_per_adder": 1})"));

}  // namespace
}  // namespace hasse::unit
