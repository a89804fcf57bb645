// SPDX-License-Identifier: Apache-2.0
// A lane of every streaming engine against the plain integer dot product.
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/units.hpp"
#include "verif/unit/stationary_model.hpp"

namespace hasse::unit {
namespace {

using Numbers = std::vector<std::int64_t>;

class StreamLane : public testing::TestWithParam<const char*> {
 protected:
  /// A beat on its way through the lane.
  struct Beat {
    bool valid = false, first = false, opens = false, last = false;
    Numbers sums;  ///< Of the row, per column; set in its last beat.
  };

  bool dot() const { return g_.design.engine == "dot_product"; }
  void set_if(const char* port, bool value) {
    if (bench_.model().has_port(port)) bench_.set(port, value);
  }

  void stand(bool extremes) {
    operands_.clear();
    const std::int64_t most = (std::int64_t{1} << (g_.design.activation_bits - 1)) - 1;
    for (int c = 0; c < g_.design.columns; ++c) {
      operands_.emplace_back();
      for (int i = 0; i < g_.engine.depth(); ++i)
        operands_.back().push_back(extremes ? (c % 2 == 0 ? lowest_operand(g_) : most)
                                            : random_operand(g_, random_));
      const StationaryModel model(g_, operands_.back());
      int at = c * g_.stationary_bits;
      for (std::size_t i = 0; i < model.words.size(); ++i)
        for (int b = 0; b < model.widths[i]; ++b, ++at)
          bench_.set_field("words_i", at, 1, (model.words[i] >> b) & 1);
      for (std::size_t t = 0; t < model.totals.size(); ++t)
        bench_.set_field("totals_i", c * g_.design.tables + static_cast<int>(t),
                         g_.group_total_bits, model.totals[t]);
      if (g_.start_bits > 0) bench_.set_field("start_i", c, g_.start_bits, model.start);
      corrections_.resize(static_cast<std::size_t>(g_.design.columns));
      corrections_[static_cast<std::size_t>(c)] = model.correction;
    }
  }

  // The code of `beat` enters; what is known of the one before comes a cycle later.
  void cycle(const Beat& beat) {
    beats_.push_front(beat);
    set_if("valid_i", beats_[1].valid);
    set_if("first_i", beats_[1].valid ? beats_[1].first : random_.chance(0.5));
    set_if("opens_i", beats_[1].valid ? beats_[1].opens : random_.chance(0.5));
    set_if("take_i", at(2).valid && at(2).last);
    bench_.settle();
    for (int p = 0; p < g_.design.columns_per_adder; ++p) expect_group(p);
    bench_.edge();
    beats_.pop_back();
  }

  // The beat whose code entered `ago` cycles before, later by the registers in the trees.
  const Beat& at(int ago) const {
    return beats_[static_cast<std::size_t>(ago + g_.design.tree_stages)];
  }

  void expect_group(int phase) {
    const Beat& beat = at(phase + 2);
    if (!beat.valid || !beat.last) return;
    for (int i = 0; i < g_.beat_columns; ++i) {
      const auto column = static_cast<std::size_t>(phase * g_.beat_columns + i);
      ASSERT_EQ(bench_.number("sum_o", i, g_.derived.partial_bits), beat.sums[column])
          << "column " << column;
      ++checked_;
    }
  }

  void send(const Numbers& weights, int bits) {
    Beat beat{true, true, true, true, {}};
    for (std::size_t c = 0; c < operands_.size(); ++c) {
      std::int64_t sum = -corrections_[c];
      for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * operands_[c][i];
      beat.sums.push_back(sum);
    }
    const int beats = g_.engine.beats_per_row(bits);
    for (int left = beats - 1; left >= 0 && !HasFatalFailure(); --left) {
      while (random_.chance(0.2)) cycle({});
      beat.first = left == beats - 1;
      beat.opens = left % g_.design.turns == g_.design.turns - 1;
      beat.last = left == 0;
      while (beat.last && gap() < g_.design.columns_per_adder) cycle({});
      set_code(weights, left);
      cycle(beat);
    }
  }

  // Whole weights, or the planes of the beat before the `left` last ones.
  void set_code(const Numbers& weights, int left) {
    const int depth = g_.engine.depth();
    for (int i = 0; i < depth; ++i) {
      const std::int64_t weight = weights[static_cast<std::size_t>(i)];
      if (dot()) bench_.set_field("code_i", i, g_.design.weight_bits, weight);
      for (int p = 0; !dot() && p < g_.design.planes; ++p)
        bench_.set_field("code_i", p * depth + i, 1, (weight >> g_.engine.plane_of(p, left)) & 1);
    }
  }

  /// Cycles since the last row was complete.
  int gap() const {
    for (std::size_t i = 0; i < beats_.size(); ++i)
      if (beats_[i].valid && beats_[i].last) return static_cast<int>(i) + 1;
    return static_cast<int>(beats_.size()) + 1;
  }

  void drain() {
    for (int i = 0; i < 8; ++i) cycle({});
  }

  units::Geometry g_ = geometry(GetParam());
  hdl::Module column_ = units::stream_column(g_);
  Bench bench_{{column_, units::stream_lane(g_, column_)}};
  harness::Random random_{101};
  std::vector<Numbers> operands_;  ///< Per column.
  Numbers corrections_;
  std::deque<Beat> beats_ = std::deque<Beat>(7);  ///< Latest first.
  int checked_ = 0;
};

TEST_P(StreamLane, SumsRowsUpToTheCorrection) {
  int rows = 0;
  for (int tile = 0; tile < 20 && !HasFatalFailure(); ++tile, drain()) {
    stand(tile % 5 == 4);
    for (int row = 0; row < 12 && !HasFatalFailure(); ++row, ++rows) {
      const int bits = dot() ? g_.design.weight_bits : 2 + row % (g_.design.weight_bits - 1);
      const std::int64_t least = -(std::int64_t{1} << (bits - 1));
      Numbers weights;
      for (int i = 0; i < g_.engine.depth(); ++i)
        weights.push_back(row == 0 ? least : row == 1 ? -least - 1 : random_number(random_, bits));
      send(weights, bits);
    }
  }
  EXPECT_EQ(checked_, rows * g_.design.columns);
}

INSTANTIATE_TEST_SUITE_P(Designs, StreamLane, testing::ValuesIn(kStreamedDesigns));

}  // namespace
}  // namespace hasse::unit
