// SPDX-License-Identifier: Apache-2.0
// Horner sums of mirrored nodes against the plain integer dot product.
#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "generator/units/units.hpp"
#include "golden/transitive/hasse_graph.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using Numbers = std::vector<std::int64_t>;

/// One weight row and the operands it meets, per column.
struct Row {
  Numbers weights;
  std::vector<Numbers> operands;

  std::int64_t dot(int column) const {
    std::int64_t sum = 0;
    for (std::size_t t = 0; t < weights.size(); ++t) sum += weights[t] * at(column)[t];
    return sum;
  }
  std::int64_t minus_sum(int column) const {
    std::int64_t sum = 0;
    for (const std::int64_t x : at(column)) sum -= x;
    return sum;
  }
  const Numbers& at(int column) const { return operands[static_cast<std::size_t>(column)]; }
  transitive::Code code(int plane) const {
    transitive::Code code = 0;
    for (std::size_t t = 0; t < weights.size(); ++t)
      code |= static_cast<transitive::Code>((weights[t] >> plane) & 1) << t;
    return code;
  }
};

class PartialSums : public testing::TestWithParam<const char*> {
 protected:
  struct Issue {
    Row row;
    int plane;
    bool first;
  };

  template <class Weight, class Operand>
  Row make_row(Weight weight, Operand operand) {
    Row row;
    for (int t = 0; t < g_.design.tile_bits; ++t) row.weights.push_back(weight());
    for (int c = 0; c < g_.design.columns; ++c) {
      row.operands.emplace_back();
      for (int t = 0; t < g_.design.tile_bits; ++t) row.operands.back().push_back(operand());
    }
    return row;
  }

  // Sends the planes of `row`, most significant first, with pauses.
  void send(const Row& row, int weight_bits) {
    for (int plane = weight_bits - 1; plane >= 0 && !HasFatalFailure(); --plane) {
      while (random_.chance(pause_)) cycle(std::nullopt);
      cycle(Issue{row, plane, plane == weight_bits - 1});
    }
  }

  void cycle(std::optional<Issue> issue) {
    issued_.push_front(std::move(issue));
    const auto& now = issued_.front();
    bench_.set("valid_i", now.has_value());
    bench_.set("first_i", now ? now->first : random_.chance(0.5));
    bench_.set("negate_i", now ? negates(*now) : random_.chance(0.5));
    for (int c = 0; c < g_.design.columns; ++c) drive_column(c);
    bench_.settle();
    bench_.edge();
    bench_.settle();
    for (int c = 0; c < g_.design.columns; ++c) expect_sum(c);
    if (issued_.size() > static_cast<std::size_t>(g_.design.columns_per_adder)) issued_.pop_back();
  }

  bool negates(const Issue& issue) const {
    return transitive::mirror(issue.row.code(issue.plane), g_.design.tile_bits).negate !=
           issue.first;
  }

  /// What was issued for the group of `column`, which runs behind group 0.
  const std::optional<Issue>* group_issue(int column) const {
    const std::size_t group = static_cast<std::size_t>(column / g_.beat_columns);
    return group < issued_.size() ? &issued_[group] : nullptr;
  }

  void drive_column(int column) {
    const auto* issue = group_issue(column);
    std::int64_t node = random_number(random_, g_.derived.node_bits);
    std::int64_t odd = below(random_, 2);
    if (issue != nullptr && *issue) {
      const Row& row = (*issue)->row;
      const auto code = transitive::mirror(row.code((*issue)->plane), g_.design.tile_bits).node;
      node = transitive::mirrored_value(code, row.at(column));
      odd = row.minus_sum(column) & 1;
    }
    bench_.set_field("node_i", column, g_.derived.node_bits, node);
    bench_.set_field("odd_i", column, 1, odd);
  }

  // When the last plane has been added, the sum lacks just the root value.
  void expect_sum(int column) {
    const auto* issue = group_issue(column);
    if (issue == nullptr || !*issue || (*issue)->plane != 0) return;
    const Row& row = (*issue)->row;
    ASSERT_EQ(
        bench_.number("sum_o", column, g_.derived.partial_bits) + half_of(row.minus_sum(column)),
        row.dot(column))
        << "column " << column;
    ++checked_;
  }

  void finish() {
    for (int i = 0; i < g_.design.columns_per_adder; ++i) cycle(std::nullopt);
  }

  void send_random_rows(int rows) {
    for (int i = 0; i < rows && !HasFatalFailure(); ++i) {
      const int bits = 2 + i % (g_.design.weight_bits - 1);
      pause_ = i % 2 == 0 ? 0 : 0.3;
      send(make_row([&] { return random_number(random_, bits); },
                    [&] { return random_number(random_, g_.design.activation_bits); }),
           bits);
    }
    finish();
    EXPECT_EQ(checked_, rows * g_.design.columns);
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::partial_sums(g_)}};
  harness::Random random_{31};
  std::deque<std::optional<Issue>> issued_;  ///< Latest first.
  double pause_ = 0;
  int checked_ = 0;
};

TEST_P(PartialSums, PlusRootIsTheDotProduct) {
  send_random_rows(400);
}

TEST_P(PartialSums, ExtremeOperandsDoNotOverflow) {
  const auto least = [](int bits) { return -(std::int64_t{1} << (bits - 1)); };
  const int a = g_.design.activation_bits;
  for (int bits = 2; bits <= g_.design.weight_bits; ++bits)
    for (const std::int64_t weight :
         {least(bits), -least(bits) - 1, std::int64_t{0}, std::int64_t{-1}})
      for (const std::int64_t operand : {least(a), -least(a) - 1, std::int64_t{0}})
        send(make_row([&] { return weight; }, [&] { return operand; }), bits);
  finish();
  EXPECT_GT(checked_, 0);
}

TEST_P(PartialSums, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  send_random_rows(60);
  expect_icarus_agrees(bench_, recording);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, PartialSums,
    testing::Values(
        R"({"tile_bits": 2, "columns": 2, "columns_per_adder": 1, "activation_bits": 4, "weight_bits": 2})",
        R"({"tile_bits": 8, "columns": 4})",
        R"({"tile_bits": 5, "columns": 6, "columns_per_adder": 2})",
        R"({"tile_bits": 10, "columns": 1, "columns_per_adder": 1, "activation_bits": 16, "accumulator_bits": 40})"));

}  // namespace
}  // namespace hasse::unit
