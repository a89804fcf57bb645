// SPDX-License-Identifier: Apache-2.0
// The drain between lanes full of finished rows and a host that takes its time.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Numbers = std::vector<std::int64_t>;

struct Shape {
  int n, m, tile_rows;
};

class Drain : public testing::TestWithParam<const char*> {
 protected:
  struct Beat {
    Numbers values;  ///< Those within M.
    bool last = false;
  };

  int lanes() const { return g_.design.lanes; }
  int wide() const { return g_.design.accumulator_bits; }

  Numbers random_sums() {
    Numbers sums;
    for (int c = 0; c < g_.design.columns; ++c) sums.push_back(random_number(random_, wide()));
    return sums;
  }

  // Rows and corrections of a whole product, and the beats they become.
  void prepare(const Shape& shape) {
    for (int m = 0; m < shape.m; m += g_.design.columns)
      for (int n = 0; n < shape.n; n += shape.tile_rows) {
        corrections_.push_back(random_sums());
        const int rows = std::min(shape.tile_rows, shape.n - n);
        for (int row = 0; row < rows; ++row) {
          rows_[static_cast<std::size_t>(row % lanes())].push_back(random_sums());
          expect_row(rows_[static_cast<std::size_t>(row % lanes())].back(), corrections_.back(),
                     shape.m - m);
        }
      }
    expected_.back().last = true;
  }

  void expect_row(const Numbers& row, const Numbers& correction, int columns_left) {
    const int columns = std::min(g_.design.columns, columns_left);
    for (int c = 0; c < columns; c += g_.beat_columns) {
      expected_.emplace_back();
      for (int i = c; i < std::min(columns, c + g_.beat_columns); ++i)
        expected_.back().values.push_back(harness::sign_extend(
            static_cast<std::uint64_t>(row[static_cast<std::size_t>(i)]) +
                static_cast<std::uint64_t>(correction[static_cast<std::size_t>(i)]),
            static_cast<unsigned>(wide())));
    }
  }

  void begin(const Shape& shape) {
    bench_.set("n_i", static_cast<std::uint64_t>(shape.n));
    bench_.set("m_i", static_cast<std::uint64_t>(shape.m));
    bench_.set("tile_rows_i", static_cast<std::uint64_t>(shape.tile_rows));
    bench_.set("begin_i", 1);
    bench_.model().tick();
    bench_.set("begin_i", 0);
  }

  // Rows become available now and then; once available they stay so until popped.
  void cycle() {
    for (int lane = 0; lane < lanes(); ++lane) {
      int& shown = shown_[static_cast<std::size_t>(lane)];
      if (shown < static_cast<int>(rows_[static_cast<std::size_t>(lane)].size()) &&
          random_.chance(arrival_))
        ++shown;
      bench_.set_field("row_available_i", lane, 1, shown > 0);
    }
    if (corrections_shown_ < static_cast<int>(corrections_.size()) && random_.chance(0.2))
      ++corrections_shown_;
    bench_.set("correction_available_i", corrections_shown_ > 0);
    bench_.set("result_ready_i", random_.chance(ready_));
    bench_.settle();
    check_beat();
    note_reads();
    bench_.edge();
    answer_reads();
  }

  void check_beat() {
    const bool valid = bench_.is_set("result_valid_o"),
               taken = valid && bench_.is_set("result_ready_i");
    if (valid) {
      ASSERT_FALSE(expected_.empty()) << "more beats than there are";
      const Beat& want = expected_.front();
      for (std::size_t i = 0; i < want.values.size(); ++i)
        ASSERT_EQ(bench_.number("result_data_o", static_cast<int>(i), wide()), want.values[i])
            << "value " << i << " of the beat";
      ASSERT_EQ(bench_.is_set("result_last_o"), want.last);
    }
    ASSERT_EQ(bench_.is_set("finished_o"), taken && expected_.front().last);
    if (taken) expected_.pop_front();
  }

  void note_reads() {
    phase_ = static_cast<int>(bench_.get("phase_o"));
    reads_ = bench_.get("row_read_o");
    pops_ = bench_.get("row_pop_o");
    correction_read_ = bench_.is_set("correction_read_o");
    correction_pop_ = bench_.is_set("correction_pop_o");
    for (int lane = 0; lane < lanes(); ++lane)
      ASSERT_TRUE((((reads_ | pops_) >> lane) & 1U) == 0 ||
                  shown_[static_cast<std::size_t>(lane)] > 0)
          << "lane " << lane << " has no row";
    ASSERT_TRUE((!correction_read_ && !correction_pop_) || corrections_shown_ > 0);
  }

  // What was read stands at the ports until the next read.
  void answer_reads() {
    for (int lane = 0; lane < lanes(); ++lane) {
      auto& rows = rows_[static_cast<std::size_t>(lane)];
      if ((reads_ >> lane) & 1U) show("row_data_i", lane, rows.front());
      if (((pops_ >> lane) & 1U) == 0) continue;
      rows.pop_front();
      --shown_[static_cast<std::size_t>(lane)];
    }
    if (correction_read_) show("correction_data_i", 0, corrections_.front());
    if (!correction_pop_) return;
    corrections_.pop_front();
    --corrections_shown_;
  }

  void show(const char* port, int lane, const Numbers& row) {
    for (int i = 0; i < g_.beat_columns; ++i)
      bench_.set_field(port, lane * g_.beat_columns + i, wide(),
                       row[static_cast<std::size_t>(phase_ * g_.beat_columns + i)]);
  }

  void run(const Shape& shape) {
    prepare(shape);
    begin(shape);
    const std::size_t limit = 200 + 60 * expected_.size();
    for (std::size_t i = 0; i < limit && !expected_.empty() && !HasFatalFailure(); ++i) cycle();
    ASSERT_TRUE(expected_.empty()) << expected_.size() << " beats are missing";
    for (int i = 0; i < 20 && !HasFatalFailure(); ++i) cycle();
    for (const auto& rows : rows_) ASSERT_TRUE(rows.empty()) << "rows are left over";
    ASSERT_TRUE(corrections_.empty()) << "corrections are left over";
  }

  Shape random_shape() {
    return {1 + below(random_, 40), 1 + below(random_, 3 * g_.design.columns),
            1 + below(random_, g_.engine.rows_per_tile(2))};
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module walker_ = units::tile_walker(g_, units::Walk::results);
  Bench bench_{{walker_, units::drain(g_, walker_)}};
  harness::Random random_{59};
  std::vector<std::deque<Numbers>> rows_{static_cast<std::size_t>(lanes())};
  std::vector<int> shown_ = std::vector<int>(rows_.size());
  std::deque<Numbers> corrections_;
  std::deque<Beat> expected_;
  int corrections_shown_ = 0, phase_ = 0;
  std::uint64_t reads_ = 0, pops_ = 0;
  bool correction_read_ = false, correction_pop_ = false;
  double arrival_ = 0.5, ready_ = 0.5;
};

TEST_P(Drain, SendsCorrectedRowsInOrder) {
  run({1, 1, 1});
  for (const double ready : {1.0, 0.5, 0.1})
    for (int i = 0; i < 12 && !HasFatalFailure(); ++i) {
      ready_ = ready;
      arrival_ = std::array{1.0, 0.2, 0.05}[static_cast<std::size_t>(i % 3)];
      run(random_shape());
    }
}

TEST_P(Drain, SendsABeatPerCycleWhenNothingWaits) {
  const int rows = std::min(g_.design.max_n, g_.engine.rows_per_tile(2));
  const Shape shape{rows, g_.design.columns, rows};
  prepare(shape);
  const std::size_t beats = expected_.size();
  for (int lane = 0; lane < lanes(); ++lane)
    shown_[static_cast<std::size_t>(lane)] =
        static_cast<int>(rows_[static_cast<std::size_t>(lane)].size());
  corrections_shown_ = 1;
  ready_ = 1;
  begin(shape);
  for (std::size_t i = 0; i < beats + 4; ++i) cycle();
  EXPECT_TRUE(expected_.empty());
}

TEST_P(Drain, BeginsAnewAfterReset) {
  prepare({20, 3 * g_.design.columns, 4});
  begin({20, 3 * g_.design.columns, 4});
  for (int i = 0; i < 15; ++i) cycle();
  bench_.model().reset();
  for (auto& rows : rows_) rows.clear();
  std::fill(shown_.begin(), shown_.end(), 0);
  corrections_.clear();
  expected_.clear();
  corrections_shown_ = 0;
  run(random_shape());
}

INSTANTIATE_TEST_SUITE_P(
    Designs, Drain,
    testing::Values(
        R"({"lanes": 3, "columns": 8, "columns_per_adder": 4, "rows": 36})",
        R"({"lanes": 1, "columns": 3, "columns_per_adder": 1, "rows": 8, "weight_bits": 2, "accumulator_bits": 64})",
        R"({"lanes": 16, "columns": 2, "columns_per_adder": 2, "rows": 128, "max_n": 40, "max_m": 6})"));

}  // namespace
}  // namespace hasse::unit
