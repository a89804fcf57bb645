// SPDX-License-Identifier: Apache-2.0
// The static planner's table: comes in words, adds to what codes ask for, counts what it missed.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class StaticTable : public testing::TestWithParam<const char*> {
 protected:
  std::size_t nodes() const { return static_cast<std::size_t>(g_.lattice.nodes()); }

  std::vector<bool> random_nodes(double share) {
    std::vector<bool> chosen(nodes());
    for (std::size_t node = 0; node < nodes(); ++node) chosen[node] = random_.chance(share);
    return chosen;
  }

  void begin() {
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
  }

  // Sends the first `words` words of the table, with gaps.
  void send(const std::vector<bool>& table, int words) {
    const int bits = g_.table_word_bits();
    for (int word = 0; word < words;) {
      const bool valid = random_.chance(0.5);
      std::uint64_t data = random_.next() >> (64 - bits);
      if (valid) data = 0;
      for (int bit = 0; valid && bit < bits; ++bit)
        data |= std::uint64_t{table[static_cast<std::size_t>(word * bits + bit)]} << bit;
      bench_.set("table_valid_i", valid);
      bench_.set("table_data_i", data);
      bench_.settle();
      ASSERT_TRUE(bench_.is_set("table_ready_o"));
      ASSERT_FALSE(bench_.is_set("loaded_o"));
      bench_.edge();
      word += valid ? 1 : 0;
    }
    bench_.set("table_valid_i", 1);  // a word too many
    bench_.set("table_data_i", random_.next() >> (64 - bits));
  }

  void plan(const std::vector<bool>& table, bool take) {
    const std::vector<bool> present = random_nodes(0.3);
    std::uint64_t misses = 0;
    for (std::size_t node = 0; node < nodes(); ++node) {
      bench_.set_field("present_i", static_cast<int>(node), 1, present[node] ? 1 : 0);
      misses += take && present[node] && !table[node] ? 1 : 0;
    }
    bench_.set("take_i", take);
    bench_.settle();
    EXPECT_TRUE(bench_.is_set("loaded_o"));
    EXPECT_FALSE(bench_.is_set("table_ready_o"));
    for (std::size_t node = 0; node < nodes(); ++node)
      ASSERT_EQ(bench_.field("wanted_o", static_cast<int>(node), 1),
                present[node] || table[node] ? 1U : 0U);
    bench_.edge();
    bench_.settle();
    EXPECT_EQ(bench_.get("misses_o"), misses);
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::static_table(g_)}};
  harness::Random random_{61};
};

TEST_P(StaticTable, AddsWhatItListsAndCountsWhatItMissed) {
  for (const double share : {0.0, 0.5, 0.9, 1.0}) {
    const std::vector<bool> table = random_nodes(share);
    begin();
    send(table, g_.engine.table_words());
    for (int i = 0; i < 20 && !HasFailure(); ++i) plan(table, i % 3 != 0);
    bench_.set("table_valid_i", 0);
    bench_.set("take_i", 0);
  }
}

TEST_P(StaticTable, BeginsAnewAfterAReset) {
  begin();
  send(random_nodes(0.5), g_.engine.table_words() - 1);
  bench_.set("table_valid_i", 0);
  bench_.model().reset();
  const std::vector<bool> table = random_nodes(0.5);
  begin();
  send(table, g_.engine.table_words());
  for (int i = 0; i < 5; ++i) plan(table, true);
}

INSTANTIATE_TEST_SUITE_P(Designs, StaticTable,
                         testing::Values(R"({"planner": "static", "tile_bits": 2})",
                                         R"({"planner": "static", "tile_bits": 6})",
                                         R"({"planner": "static", "tile_bits": 10})"));

}  // namespace
}  // namespace hasse::unit
