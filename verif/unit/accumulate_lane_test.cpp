// SPDX-License-Identifier: Apache-2.0
// A whole accumulate lane against integer dot products.
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"
#include "golden/transitive/hasse_graph.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/row_reader.hpp"

namespace hasse::unit {
namespace {

using units::Accumulates;

class AccumulateLane : public testing::TestWithParam<const char*> {
 protected:
  /// A TransRow on its way: what every column sees of it.
  struct Arrival {
    Numbers nodes, odd;
  };

  Numbers random_row(int count, int bits) {
    Numbers row;
    for (int i = 0; i < count; ++i) row.push_back(random_number(random_, bits));
    return row;
  }

  void cycle(const Arrival& arrival, std::uint64_t flags) {
    const bool valid = !arrival.nodes.empty();
    arrivals_.push_front(arrival);
    bench_.set("valid_i", valid);
    bench_.set("flags_i",
               valid ? flags : static_cast<std::uint64_t>(below(random_, 1 << units::kFlagBits)));
    for (int c = 0; c < g_.design.columns; ++c) {
      const std::size_t group = static_cast<std::size_t>(c / g_.beat_columns),
                        column = static_cast<std::size_t>(c);
      const bool mine = group < arrivals_.size() && !arrivals_[group].nodes.empty();
      bench_.set_field(
          "node_i", c, g_.derived.node_bits,
          mine ? arrivals_[group].nodes[column] : random_number(random_, g_.derived.node_bits));
      bench_.set_field("odd_i", c, 1, mine ? arrivals_[group].odd[column] : below(random_, 2));
    }
    reader_.drive(random_.chance(0.4));
    bench_.settle();
    bench_.edge();
    bench_.settle();
    reader_.expect(finished_);
    if (arrivals_.size() > static_cast<std::size_t>(g_.design.columns_per_adder))
      arrivals_.pop_back();
  }

  // All planes of one weight row, spaced as the reorder buffer does.
  void send_row(const Numbers& weights, int bits, std::uint64_t common) {
    for (int plane = bits - 1; plane >= 0 && !HasFatalFailure(); --plane) {
      const bool first = plane == bits - 1, last = plane == 0;
      transitive::Code code = 0;
      for (std::size_t t = 0; t < weights.size(); ++t)
        code |= static_cast<transitive::Code>((weights[t] >> plane) & 1) << t;
      const auto mirrored = transitive::mirror(code, g_.design.tile_bits);
      while (last && (since_last_ < g_.design.columns_per_adder || bench_.is_set("full_o")) &&
             !HasFatalFailure())
        pause();
      cycle(arrival(mirrored.node), common | (first ? 1U << units::kFirst : 0U) |
                                        (last ? 1U << units::kLast : 0U) |
                                        (mirrored.negate != first ? 1U << units::kNegate : 0U));
      since_last_ = last ? 1 : since_last_ + 1;
    }
  }

  void pause() {
    cycle({}, 0);
    ++since_last_;
  }

  Arrival arrival(transitive::Code node) const {
    Arrival result;
    for (const Numbers& operands : operands_) {
      result.nodes.push_back(transitive::mirrored_value(node, operands));
      std::int64_t sum = 0;
      for (const std::int64_t x : operands) sum += x;
      result.odd.push_back(sum & 1);
    }
    return result;
  }

  // All rows of an N-tile over `tiles` sub-tiles along K.
  void n_tile(int tiles, int bits) {
    const int rows = 1 + below(random_, g_.engine.groups_per_tile(bits));
    std::vector<Numbers> totals(static_cast<std::size_t>(rows),
                                Numbers(static_cast<std::size_t>(g_.design.columns)));
    for (int tile = 0; tile < tiles; ++tile) {
      operands_.clear();
      for (int c = 0; c < g_.design.columns; ++c)
        operands_.push_back(random_row(g_.design.tile_bits, g_.design.activation_bits));
      for (int row = 0; row < rows && !HasFatalFailure(); ++row) {
        const Numbers weights = random_row(g_.design.tile_bits, bits);
        add(totals[static_cast<std::size_t>(row)], weights);
        if (tile == tiles - 1) finished_.push_back(totals[static_cast<std::size_t>(row)]);
        if (random_.chance(0.3)) pause();
        send_row(weights, bits,
                 (row == 0 ? 1U << units::kFirstRow : 0U) |
                     (tile == 0 ? 1U << units::kFirstK : 0U) |
                     (tile == tiles - 1 ? 1U << units::kLastK : 0U));
      }
    }
    expected_rows_ += rows;
  }

  // What the lane adds for a row: the dot product without the root value.
  void add(Numbers& total, const Numbers& weights) {
    for (std::size_t c = 0; c < total.size(); ++c) {
      std::int64_t dot = 0, minus_sum = 0;
      for (std::size_t t = 0; t < weights.size(); ++t) {
        dot += weights[t] * operands_[c][t];
        minus_sum -= operands_[c][t];
      }
      total[c] += dot - half_of(minus_sum);
    }
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module sums_ = units::partial_sums(g_);
  hdl::Module wide_ = units::wide_accumulator(g_, Accumulates::rows);
  Bench bench_{{sums_, wide_, units::accumulate_lane(g_, sums_, wide_)}};
  harness::Random random_{41};
  RowReader reader_{bench_, g_};
  std::vector<Numbers> operands_;  ///< Of the sub-tile, per column.
  std::deque<Arrival> arrivals_;   ///< Latest cycle first.
  std::deque<Numbers> finished_;
  int since_last_ = 100, expected_rows_ = 0;
};

TEST_P(AccumulateLane, AddsUpWeightRows) {
  for (int i = 0; i < 60 && !HasFatalFailure(); ++i)
    n_tile(1 + below(random_, 4), 2 + i % (g_.design.weight_bits - 1));
  for (int i = 0; i < 300 && !finished_.empty() && !HasFatalFailure(); ++i) pause();
  EXPECT_EQ(reader_.rows(), expected_rows_);
}

// Four columns per adder; one, with narrow accumulators that wrap; a single row, 64 bits.
constexpr const char* kFour = R"({"lanes": 2, "columns": 8, "rows": 32})";
constexpr const char* kOne =
    R"({"tile_bits": 4, "lanes": 2, "columns": 3, "columns_per_adder": 1, "rows": 24, "activation_bits": 4,
        "weight_bits": 4, "accumulator_bits": 16, "max_k": 500})";
constexpr const char* kSingle =
    R"({"lanes": 4, "columns": 2, "columns_per_adder": 2, "rows": 8, "weight_bits": 2, "activation_bits": 16,
        "accumulator_bits": 64})";

INSTANTIATE_TEST_SUITE_P(Designs, AccumulateLane, testing::Values(kFour, kOne, kSingle));

}  // namespace
}  // namespace hasse::unit
