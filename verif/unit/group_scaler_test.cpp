// SPDX-License-Identifier: Apache-2.0
// The group scaler between a drain that pauses and a host that takes its time.
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/units.hpp"
#include "golden/quant/group_scales.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Numbers = std::vector<std::int64_t>;

class GroupScaler : public testing::TestWithParam<const char*> {
 protected:
  /// Sums of a column group and what accompanies them.
  struct Beat {
    Numbers sums, column_sums;
    std::uint64_t scale = 0;
    std::int64_t zero = 0;
    quant::Rescale rescale;
    bool first = false, final = false, last = false;
    int address = 0;
  };

  int wide() const { return g_.design.accumulator_bits; }
  std::int64_t wrapped(std::int64_t value) const {
    return harness::sign_extend(static_cast<std::uint64_t>(value), static_cast<unsigned>(wide()));
  }

  // All column groups of all rows of a tile, for every group.
  void prepare(int groups, int addresses, bool last_tile) {
    std::vector<Numbers> outer(static_cast<std::size_t>(addresses),
                               Numbers(static_cast<std::size_t>(g_.beat_columns)));
    for (int group = 0; group < groups; ++group)
      for (int address = 0; address < addresses; ++address) {
        Beat beat;
        beat.scale = static_cast<std::uint64_t>(below(random_, 256));
        beat.zero = random_number(random_, g_.zero_bits());
        beat.rescale = {static_cast<std::uint16_t>(random_.next() >> 20),
                        static_cast<std::uint8_t>(16 + below(random_, 20))};
        beat.first = group == 0;
        beat.final = group == groups - 1;
        beat.last = last_tile && beat.final && address == addresses - 1;
        beat.address = address;
        add_sums(beat, outer[static_cast<std::size_t>(address)]);
        beats_.push_back(beat);
      }
  }

  void add_sums(Beat& beat, Numbers& outer) {
    for (std::int64_t& sum : outer) {
      beat.sums.push_back(random_number(random_, std::min(wide(), 40)));
      beat.column_sums.push_back(random_number(random_, g_.column_sum_bits));
      const std::int64_t centred = beat.sums.back() + beat.zero * beat.column_sums.back();
      sum = wrapped(sum + static_cast<std::int64_t>(beat.scale) * centred);
    }
    if (!beat.final) return;
    Numbers result = outer;
    for (std::int64_t& value : result)
      if (requantise_) value = quant::requantise(value, beat.rescale);
    expected_.emplace_back(result, beat.last);
  }

  void offer(bool valid) {
    bench_.set("valid_i", valid);
    if (!valid) return;
    const Beat& beat = beats_.front();
    for (int i = 0; i < g_.beat_columns; ++i) {
      const auto at = static_cast<std::size_t>(i);
      bench_.set_field("sums_i", i, wide(), beat.sums[at]);
      bench_.set_field("column_sums_i", i, g_.column_sum_bits, beat.column_sums[at]);
    }
    bench_.set("first_group_i", beat.first);
    bench_.set("last_group_i", beat.final);
    bench_.set("last_i", beat.last);
    bench_.set("address_i", static_cast<std::uint64_t>(beat.address));
    bench_.set_field("row_scales_i", 0, 8, static_cast<std::int64_t>(beat.scale));
    auto scales = bench_.model().port("row_scales_i");
    scales.set_bits(8, static_cast<unsigned>(g_.zero_bits()),
                    static_cast<std::uint64_t>(beat.zero) & ((1U << g_.zero_bits()) - 1));
    scales.set_bits(static_cast<std::size_t>(8 + g_.zero_bits()), 16, beat.rescale.multiplier);
    scales.set_bits(static_cast<std::size_t>(24 + g_.zero_bits()), 6, beat.rescale.shift);
  }

  void cycle(double arrival, double ready) {
    const bool valid = !beats_.empty() && (offered_ || random_.chance(arrival));
    offer(valid);
    bench_.set("result_ready_i", random_.chance(ready));
    bench_.settle();
    check();
    const bool taken = valid && bench_.is_set("ready_o");
    bench_.edge();
    if (taken) beats_.pop_front();
    offered_ = valid && !taken;
  }

  void check() {
    const bool taken = bench_.is_set("result_valid_o") && bench_.is_set("result_ready_i");
    if (bench_.is_set("result_valid_o")) {
      ASSERT_FALSE(expected_.empty());
      for (int i = 0; i < g_.beat_columns; ++i)
        ASSERT_EQ(bench_.number("result_data_o", i, wide()),
                  expected_.front().first[static_cast<std::size_t>(i)]);
      ASSERT_EQ(bench_.is_set("result_last_o"), expected_.front().second);
    }
    ASSERT_EQ(bench_.is_set("finished_o"), taken && expected_.front().second);
    if (taken) expected_.pop_front();
  }

  void run(bool requantise, double arrival, double ready) {
    requantise_ = requantise;
    bench_.set("requantise_i", requantise);
    for (int tile = 0; tile < 8; ++tile)
      prepare(1 + below(random_, 5), 1 + below(random_, std::min(g_.outer_depth, 12)), tile == 7);
    for (int i = 0; i < 20000 && !expected_.empty() && !HasFatalFailure(); ++i)
      cycle(arrival, ready);
    ASSERT_TRUE(expected_.empty());
    ASSERT_TRUE(beats_.empty());
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module requantiser_ = units::requantiser(g_);
  Bench bench_{{requantiser_, units::group_scaler(g_, requantiser_)}};
  harness::Random random_{89};
  std::deque<Beat> beats_;
  std::deque<std::pair<Numbers, bool>> expected_;
  bool requantise_ = false, offered_ = false;
};

TEST_P(GroupScaler, ScalesAndAddsGroups) {
  for (const bool requantise : {false, true})
    for (const double arrival : {1.0, 0.3})
      for (const double ready : {1.0, 0.2})
        for (int i = 0; i < 4 && !HasFatalFailure(); ++i) run(requantise, arrival, ready);
}

TEST_P(GroupScaler, IsEmptyAfterReset) {
  prepare(1, 4, true);
  for (int i = 0; i < 6; ++i) cycle(1, 0.3);
  bench_.set("valid_i", 0);
  bench_.model().reset();
  bench_.settle();
  EXPECT_FALSE(bench_.is_set("result_valid_o"));
  beats_.clear();
  expected_.clear();
  offered_ = false;
  run(true, 1, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, GroupScaler,
    testing::Values(
        R"({"columns": 8, "columns_per_adder": 2, "weight_bits": 4, "scaling": "group"})",
        R"({"lanes": 1, "columns": 1, "columns_per_adder": 1, "rows": 8,
                        "scaling": "group"})"));

}  // namespace
}  // namespace hasse::unit
