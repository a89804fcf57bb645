// SPDX-License-Identifier: Apache-2.0
// The banks of one prefix lane against plain arrays.
#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class PrefixBanks : public testing::TestWithParam<const char*> {
 protected:
  using Memory = std::vector<std::optional<std::uint64_t>>;

  std::optional<std::uint64_t>& entry(int bank, std::size_t half, int address) {
    return memory_[static_cast<std::size_t>(bank)][half][static_cast<std::size_t>(address)];
  }

  // What a half of a bank was read for last. It keeps that until it is read again: reads cost
  // energy.
  std::optional<std::uint64_t>& held(int bank, std::size_t half) {
    return held_[static_cast<std::size_t>(bank)][half];
  }

  // One cycle of random accesses; what they will show is kept for expect_data.
  void access() {
    const int banks = g_.design.banks_per_lane;
    const std::size_t building = static_cast<std::size_t>(random_.chance(0.5));
    const int parent_address = below(random_, g_.bank_depth);
    const int parent_bank = random_.chance(0.7) ? below(random_, banks) : -1;
    bench_.set("parent_half_i", building);
    bench_.set("parent_address_i", static_cast<std::uint64_t>(parent_address));
    bench_.set("parent_read_i", parent_bank < 0 ? 0 : std::uint64_t{1} << parent_bank);
    parent_.reset();
    read(parent_bank, building);
    if (parent_bank >= 0) {
      parent_ = entry(parent_bank, building, parent_address);
      held(parent_bank, building) = parent_;
    }
    write();
  }

  void read(int parent_bank, std::size_t building) {
    bench_.set("read_i", 0);
    for (int bank = 0; bank < g_.design.banks_per_lane; ++bank) {
      const std::size_t half = static_cast<std::size_t>(random_.chance(0.5));
      const int address = below(random_, g_.bank_depth);
      bench_.set_field("read_half_i", bank, 1, static_cast<std::int64_t>(half));
      bench_.set_field("read_address_i", bank, g_.bank_address_bits, address);
      shown_half_[static_cast<std::size_t>(bank)] = half;
      if (random_.chance(0.3) || (bank == parent_bank && half == building)) continue;
      bench_.set_field("read_i", bank, 1, 1);
      held(bank, half) = entry(bank, half, address);
    }
  }

  void write() {
    const std::size_t half = static_cast<std::size_t>(random_.chance(0.5));
    const int address = below(random_, g_.bank_depth);
    const std::uint64_t node = random_.next() >> (64 - g_.word_bits);
    const std::uint64_t banks = random_.next() & ((1U << g_.design.banks_per_lane) - 1);
    bench_.set("write_i", banks);
    bench_.set("write_half_i", half);
    bench_.set("write_address_i", static_cast<std::uint64_t>(address));
    bench_.set("node_i", node);
    for (int bank = 0; bank < g_.design.banks_per_lane; ++bank)
      if ((banks >> bank) & 1U) entry(bank, half, address) = node;
  }

  void expect_data() {
    if (parent_) {
      ASSERT_EQ(bench_.get("parent_o"), *parent_);
    }
    for (int bank = 0; bank < g_.design.banks_per_lane; ++bank) {
      const auto& shown = held(bank, shown_half_[static_cast<std::size_t>(bank)]);
      if (!shown) continue;
      ASSERT_EQ(bench_.field("data_o", bank, g_.word_bits), *shown) << "bank " << bank;
    }
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::prefix_banks(g_)}};
  harness::Random random_{5};
  std::vector<std::array<Memory, 2>> memory_{static_cast<std::size_t>(g_.design.banks_per_lane),
                                             {Memory(static_cast<std::size_t>(g_.bank_depth)),
                                              Memory(static_cast<std::size_t>(g_.bank_depth))}};
  std::optional<std::uint64_t> parent_;
  std::vector<std::array<std::optional<std::uint64_t>, 2>> held_{memory_.size()};
  std::vector<std::size_t> shown_half_ = std::vector<std::size_t>(memory_.size());
};

TEST_P(PrefixBanks, KeepBothHalvesApart) {
  for (int i = 0; i < 5000 && !HasFailure(); ++i) {
    access();
    bench_.settle();
    bench_.edge();
    bench_.settle();
    expect_data();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Banks, PrefixBanks,
    testing::Values(
        R"({"tile_bits": 5, "banks_per_lane": 1, "columns": 2, "columns_per_adder": 1})",
        R"({"tile_bits": 7, "banks_per_lane": 3, "columns": 2, "columns_per_adder": 1})"));

}  // namespace
}  // namespace hasse::unit
