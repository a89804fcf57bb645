// SPDX-License-Identifier: Apache-2.0
// The drain's side of a memory of finished rows.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "verif/unit/bench.hpp"

namespace hasse::unit {

using Numbers = std::vector<std::int64_t>;

/// Takes finished rows from the ports read_i, read_phase_i, pop_i and compares them.
class RowReader {
 public:
  RowReader(Bench& bench, const units::Geometry& g)
      : RowReader(bench, g, g.design.accumulator_bits) {}
  /// Rows of sums of `bits` bits.
  RowReader(Bench& bench, const units::Geometry& g, int bits) : bench_(bench), g_(g), bits_(bits) {}

  /// Sets the inputs for this cycle; call after outputs have settled and before they settle again.
  void drive(bool ready) {
    const bool can = bench_.is_set("available_o") && ready;
    bench_.set("read_i", can);
    bench_.set("read_phase_i", static_cast<std::uint64_t>(phase_));
    popping_ = can && phase_ == g_.design.columns_per_adder - 1;
    bench_.set("pop_i", popping_);
    reading_ = can;
  }

  /// After the edge: the group that was read.
  void expect(std::deque<Numbers>& rows) {
    if (!reading_) return;
    ASSERT_FALSE(rows.empty()) << "a row that nobody finished";
    for (int i = 0; i < g_.beat_columns; ++i)
      ASSERT_EQ(bench_.number("data_o", i, bits_),
                rows.front()[static_cast<std::size_t>(phase_ * g_.beat_columns + i)])
          << "group " << phase_ << ", column " << i;
    phase_ = popping_ ? 0 : phase_ + 1;
    if (!popping_) return;
    rows.pop_front();
    ++rows_;
  }

  bool popping() const { return popping_; }
  int rows() const { return rows_; }

 private:
  Bench& bench_;
  const units::Geometry& g_;
  int bits_;
  int phase_ = 0, rows_ = 0;
  bool reading_ = false, popping_ = false;
};

}  // namespace hasse::unit
