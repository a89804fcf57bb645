// SPDX-License-Identifier: Apache-2.0
// The reorder buffer against a ring of entries: nodes in any order in, in order and staggered out.
#include <gtest/gtest.h>

#include <deque>

#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

/// Cycles from the allocation of an entry to the earliest arrival of its node: window, pick, read.
constexpr int kLeastLatency = 3;

class ReorderBuffer : public testing::TestWithParam<const char*> {
 protected:
  struct Entry {
    std::uint64_t flags = 0;
    std::vector<std::int64_t> nodes, odd;  ///< Per column.
    int age = -1;                          ///< Cycles since allocation; -1: free.
    bool filled = false;

    bool has(units::TransRowFlag flag) const { return ((flags >> flag) & 1U) != 0; }
  };

  Entry& entry(int tag) { return entries_[static_cast<std::size_t>(tag)]; }
  int phases() const { return g_.design.columns_per_adder; }

  void allocate(bool feed) {
    const bool alloc = feed && entry(tail_).age < 0 && random_.chance(0.9);
    const std::uint64_t flags = static_cast<std::uint64_t>(below(random_, 1 << units::kFlagBits));
    bench_.set("alloc_i", alloc);
    bench_.set("alloc_tag_i", static_cast<std::uint64_t>(tail_));
    bench_.set("alloc_flags_i", flags);
    if (!alloc) return;
    allocated_ = true;
    new_flags_ = flags;
  }

  // A node arrives for any entry that has waited long enough.
  void fill() {
    std::vector<int> candidates;
    for (int tag = 0; tag < g_.reorder_depth; ++tag)
      if (entry(tag).age >= kLeastLatency && !entry(tag).filled) candidates.push_back(tag);
    for (int c = 0; c < g_.design.columns; ++c) {
      bench_.set_field("node_i", c, g_.derived.node_bits,
                       random_number(random_, g_.derived.node_bits));
      bench_.set_field("odd_i", c, 1, below(random_, 2));
    }
    filled_ = !candidates.empty() && random_.chance(arrival_)
                  ? candidates[static_cast<std::size_t>(
                        below(random_, static_cast<int>(candidates.size())))]
                  : -1;
    bench_.set("fill_i", filled_ >= 0);
    bench_.set("fill_tag_i", static_cast<std::uint64_t>(
                                 filled_ >= 0 ? filled_ : below(random_, g_.reorder_depth)));
    out_of_order_ += filled_ >= 0 && filled_ != candidates.front() ? 1 : 0;
  }

  bool retires() {
    const Entry& head = entry(head_);
    if (head.age < 0 || !head.filled) return false;
    if (!head.has(units::kLast)) return true;
    return gap_ == 0 && !(head.has(units::kLastK) && rows_full_);
  }

  void cycle(bool feed) {
    allocate(feed);
    fill();
    rows_full_ = feed && random_.chance(0.3);
    bench_.set("rows_full_i", rows_full_);
    bench_.settle();
    const bool retire = retires();
    ASSERT_EQ(bench_.is_set("credit_o"), retire);
    keep_filled();
    bench_.edge();
    advance(retire);
    bench_.settle();
    expect_outputs();
  }

  void keep_filled() {
    if (filled_ < 0) return;
    Entry& e = entry(filled_);
    e.nodes.clear();
    e.odd.clear();
    for (int c = 0; c < g_.design.columns; ++c) {
      e.nodes.push_back(bench_.number("node_i", c, g_.derived.node_bits));
      e.odd.push_back(static_cast<std::int64_t>(bench_.field("odd_i", c, 1)));
    }
  }

  void advance(bool retire) {
    gap_ = std::max(gap_ - 1, 0);
    retired_.push_front(Entry{});
    if (retire) {
      Entry& head = entry(head_);
      if (head.has(units::kLast)) gap_ = phases() - 1;
      retired_.front() = head;
      head = Entry{};
      head_ = (head_ + 1) % g_.reorder_depth;
      ++retired_count_;
    }
    if (retired_.size() > static_cast<std::size_t>(phases())) retired_.pop_back();
    if (filled_ >= 0) entry(filled_).filled = true;
    for (Entry& e : entries_)
      if (e.age >= 0) ++e.age;
    if (!allocated_) return;
    entry(tail_) = {new_flags_, {}, {}, 1, false};
    tail_ = (tail_ + 1) % g_.reorder_depth;
    allocated_ = false;
    ++allocated_count_;
  }

  // Group p shows what was retired p cycles before group 0's.
  void expect_outputs() {
    ASSERT_EQ(bench_.is_set("valid_o"), retired_.front().age >= 0);
    if (retired_.front().age >= 0) {
      ASSERT_EQ(bench_.get("flags_o"), retired_.front().flags);
    }
    for (std::size_t p = 0; p < retired_.size(); ++p) {
      if (retired_[p].age < 0) continue;
      for (int i = 0; i < g_.beat_columns; ++i) {
        const int c = static_cast<int>(p) * g_.beat_columns + i;
        ASSERT_EQ(bench_.number("node_o", c, g_.derived.node_bits),
                  retired_[p].nodes[static_cast<std::size_t>(c)])
            << "column " << c;
        ASSERT_EQ(bench_.number("odd_o", c, 1) & 1, retired_[p].odd[static_cast<std::size_t>(c)])
            << "column " << c;
      }
    }
  }

  void run(int cycles) {
    for (int i = 0; i < cycles && !HasFailure(); ++i) {
      arrival_ = i / 200 % 2 == 0 ? 0.9 : 0.2;  // Nodes come sooner than they retire, or later.
      cycle(true);
    }
    arrival_ = 0.9;
    for (int i = 0; i < 200 && !HasFailure(); ++i) cycle(false);
    EXPECT_EQ(retired_count_, allocated_count_);
    EXPECT_GT(out_of_order_, 0);
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::reorder_buffer(g_)}};
  harness::Random random_{29};
  std::vector<Entry> entries_{static_cast<std::size_t>(g_.reorder_depth)};
  std::deque<Entry> retired_;  ///< Latest first; age -1: nothing in that cycle.
  std::uint64_t new_flags_ = 0;
  bool allocated_ = false, rows_full_ = false;
  double arrival_ = 0.9;
  int head_ = 0, tail_ = 0, gap_ = 0, filled_ = -1;
  int retired_count_ = 0, allocated_count_ = 0, out_of_order_ = 0;
};

TEST_P(ReorderBuffer, RestoresTheOrder) {
  run(4000);
}

TEST_P(ReorderBuffer, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  run(400);
  expect_icarus_agrees(bench_, recording);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, ReorderBuffer,
    testing::Values(
        R"({"tile_bits": 4, "lanes": 2, "look_ahead": 3, "columns": 2, "columns_per_adder": 1})",
        R"({"tile_bits": 5, "lanes": 1, "look_ahead": 1, "columns": 6, "columns_per_adder": 2})",
        R"({"tile_bits": 8, "lanes": 8, "columns": 8, "columns_per_adder": 4})"));

}  // namespace
}  // namespace hasse::unit
