// SPDX-License-Identifier: Apache-2.0
// The wide accumulators, of lanes and of corrections, against plain sums.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/row_reader.hpp"

namespace hasse::unit {
namespace {

using units::Accumulates;

struct Case {
  Accumulates what;
  const char* design;
};

class WideAccumulator : public testing::TestWithParam<Case> {
 protected:
  bool corrections() const { return GetParam().what != Accumulates::rows; }
  int phases() const { return g_.design.columns_per_adder; }
  int rows() const { return corrections() ? 1 : g_.derived.max_groups; }
  int capacity() const {
    return corrections() ? units::Geometry::kCorrectionRows : g_.derived.max_groups;
  }
  int sum_bits() const {
    if (GetParam().what == Accumulates::column_sums) return g_.derived.node_bits + 1;
    return corrections() ? g_.derived.node_bits : g_.derived.partial_bits;
  }
  int bits() const {
    return GetParam().what == Accumulates::column_sums ? g_.column_sum_bits
                                                       : g_.design.accumulator_bits;
  }

  // One cycle; `row` is added to when not negative.
  void cycle(int row, bool first_k, bool last_k, bool ready) {
    added_.push_front({});
    bench_.set("valid_i", row >= 0);
    bench_.set("first_k_i", first_k);
    bench_.set("last_k_i", last_k);
    if (bench_.model().has_port("row_i"))
      bench_.set("row_i", static_cast<std::uint64_t>(std::max(row, 0)));
    if (row >= 0) add(static_cast<std::size_t>(row), first_k, last_k);
    drive_sums();
    reader_.drive(ready);
    bench_.settle();
    bench_.edge();
    bench_.settle();
    reader_.expect(finished_);
    reserved_ -= reader_.popping() ? 1 : 0;
    ASSERT_EQ(bench_.is_set("full_o"), reserved_ == capacity());
    if (added_.size() > static_cast<std::size_t>(phases())) added_.pop_back();
  }

  void add(std::size_t row, bool first_k, bool last_k) {
    Numbers& addend = added_.front();
    Numbers& total = totals_[row];
    if (first_k) total.assign(static_cast<std::size_t>(g_.design.columns), 0);
    for (std::int64_t& sum : total) {
      addend.push_back(random_number(random_, sum_bits()));
      sum = harness::sign_extend(static_cast<std::uint64_t>(sum + addend.back()),
                                 static_cast<unsigned>(bits()));
    }
    if (!last_k) return;
    finished_.push_back(total);
    ++reserved_;
    ++finished_rows_;
  }

  // Group p's sums stand p+1 cycles after its row was announced, and never else.
  void drive_sums() {
    for (int c = 0; c < g_.design.columns; ++c) {
      const std::size_t group = static_cast<std::size_t>(c / g_.beat_columns);
      const bool mine = group + 1 < added_.size() && !added_[group + 1].empty();
      bench_.set_field("sum_i", c, sum_bits(),
                       mine ? added_[group + 1][static_cast<std::size_t>(c)]
                            : random_number(random_, sum_bits()));
    }
  }

  // Passes over all rows, `tiles` of them along K; the last one finishes.
  void accumulate(int tiles, int used_rows, double ready) {
    for (int tile = 0; tile < tiles && !HasFatalFailure(); ++tile)
      for (int row = 0; row < used_rows && !HasFatalFailure(); ++row) {
        const bool last = tile == tiles - 1;
        while (last && reserved_ == capacity() && !HasFatalFailure())
          cycle(-1, random_.chance(0.5), random_.chance(0.5), true);
        cycle(row, tile == 0, last, random_.chance(ready));
        const int pause = std::max(phases(), 2) - 1 + (random_.chance(0.3) ? below(random_, 4) : 0);
        for (int i = 0; i < pause; ++i)
          cycle(-1, random_.chance(0.5), random_.chance(0.5), random_.chance(ready));
      }
  }

  void run(int products) {
    for (int i = 0; i < products && !HasFatalFailure(); ++i)
      accumulate(1 + below(random_, 4), 1 + below(random_, rows()), i % 3 == 0 ? 0.05 : 0.6);
    for (int i = 0; i < 200 && !finished_.empty() && !HasFatalFailure(); ++i)
      cycle(-1, false, false, true);
    EXPECT_EQ(reader_.rows(), finished_rows_);
  }

  units::Geometry g_ = geometry(GetParam().design);
  Bench bench_{{units::wide_accumulator(g_, GetParam().what)}};
  harness::Random random_{37};
  RowReader reader_{bench_, g_, bits()};
  std::vector<Numbers> totals_{static_cast<std::size_t>(rows())};
  std::deque<Numbers> added_;     ///< What was added, latest cycle first; empty: nothing.
  std::deque<Numbers> finished_;  ///< Rows not yet read.
  int reserved_ = 0, finished_rows_ = 0;
};

TEST_P(WideAccumulator, SumsAlongKAndKeepsFinishedRowsInOrder) {
  run(120);
}

TEST_P(WideAccumulator, IsEmptyAfterReset) {
  accumulate(1, std::min(rows(), capacity()), 0);
  bench_.set("read_i", 0);
  bench_.set("pop_i", 0);
  bench_.set("valid_i", 0);
  bench_.model().reset();
  bench_.settle();
  EXPECT_FALSE(bench_.is_set("available_o"));
  EXPECT_FALSE(bench_.is_set("full_o"));
  finished_.clear();
  reserved_ = finished_rows_ = 0;
  run(10);
}

TEST_P(WideAccumulator, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  run(15);
  expect_icarus_agrees(bench_, recording);
}

// Four columns per adder; one, with narrow accumulators that wrap; a single row, 64 bits.
constexpr const char* kFour = R"({"lanes": 2, "columns": 8, "rows": 32})";
constexpr const char* kOne =
    R"({"tile_bits": 4, "lanes": 2, "columns": 3, "columns_per_adder": 1, "rows": 24, "activation_bits": 4,
        "weight_bits": 4, "accumulator_bits": 16, "max_k": 500})";
constexpr const char* kSingle =
    R"({"lanes": 4, "columns": 2, "columns_per_adder": 2, "rows": 8, "weight_bits": 2, "activation_bits": 16,
        "accumulator_bits": 64})";

INSTANTIATE_TEST_SUITE_P(
    Designs, WideAccumulator,
    testing::Values(Case{Accumulates::rows, kFour}, Case{Accumulates::rows, kOne},
                    Case{Accumulates::rows, kSingle}, Case{Accumulates::corrections, kFour},
                    Case{Accumulates::corrections, kOne}, Case{Accumulates::corrections, kSingle},
                    Case{Accumulates::column_sums, kFour}));

}  // namespace
}  // namespace hasse::unit
