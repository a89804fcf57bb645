// SPDX-License-Identifier: Apache-2.0
// page_lister: every kept page once, in ascending order, a page a cycle.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/attention_engine.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/split_array.hpp"

namespace hasse::unit {
namespace {

/// A row: which pages each column keeps, the first page lowest.
using Row = std::vector<std::uint32_t>;

class PageLister : public testing::TestWithParam<int> {
 protected:
  Row row() {
    Row masks(static_cast<std::size_t>(columns_));
    const double share = 0.25 * below(random_, 5);
    for (std::uint32_t& mask : masks)
      for (int lane = 0; lane < lanes_; ++lane) mask |= random_.chance(share) ? 1U << lane : 0U;
    return masks;
  }

  void offer(const Row& row, bool valid) {
    for (int c = 0; c < columns_; ++c)
      bench_.set_field("masks_i", c, lanes_, row[static_cast<std::size_t>(c)]);
    bench_.set("masks_valid_i", valid ? 1 : 0);
    bench_.settle();
  }

  /// Cycles in which no row is offered, whatever the masks are: none, or some.
  void pause(double stall) {
    while (random_.chance(stall)) {
      offer(row(), false);
      ASSERT_FALSE(bench_.is_set("page_valid_o"));
      bench_.edge();
    }
  }

  std::uint64_t owners(const Row& row, int lane) const {
    std::uint64_t own = 0;
    for (int c = 0; c < columns_; ++c)
      own |= ((row[static_cast<std::size_t>(c)] >> lane) & (active_ >> c) & 1U) << c;
    return own;
  }

  /// The row's pages, and that it is taken with its last one.
  void expect(const Row& row, double stall = 0) {
    if (HasFatalFailure()) return;
    std::vector<int> pages;
    for (int lane = 0; lane < lanes_; ++lane)
      if (owners(row, lane) != 0) pages.push_back(lane);
    if (pages.empty()) expect_cycle(row, -1, true, stall);
    for (const int page : pages) expect_cycle(row, page, page == pages.back(), stall);
  }

  /// A cycle in which `page` is listed, or -1 none.
  void expect_cycle(const Row& row, int page, bool taken, double stall) {
    pause(stall);
    offer(row, true);
    ASSERT_EQ(bench_.is_set("page_valid_o"), page >= 0);
    if (page >= 0) {
      ASSERT_EQ(bench_.get("lane_o"), static_cast<std::uint64_t>(page));
      ASSERT_EQ(bench_.get("own_o"), owners(row, page));
    }
    ASSERT_EQ(bench_.is_set("masks_ready_o"), taken);
    bench_.edge();
  }

  void activate(std::uint64_t columns) {
    active_ = columns;
    bench_.set("active_i", columns);
  }

  std::uint64_t everyone() const { return (std::uint64_t{1} << columns_) - 1; }

  int columns_ = GetParam();
  units::AttentionGeometry g_{geometry(split_array(GetParam())).design};
  int lanes_ = g_.selector().lanes;
  Bench bench_{{units::page_lister(g_)}};
  harness::Random random_{181};
  std::uint64_t active_ = 0;
};

TEST_P(PageLister, ListsRandomRows) {
  for (int i = 0; i < 1500 && !HasFatalFailure(); ++i) {
    activate(random_.next() & everyone());
    expect(row(), 0.2 * (i % 3));
  }
}

// Whoever keeps it: the columns take turns.
TEST_P(PageLister, ListsEveryMask) {
  activate(everyone());
  for (std::uint32_t mask = 0; mask < 1U << lanes_ && !HasFatalFailure(); ++mask) {
    Row one(static_cast<std::size_t>(columns_));
    one[mask % one.size()] = mask;
    expect(one);
  }
}

TEST_P(PageLister, ListsPagesOfActiveColumnsOnly) {
  const Row all(static_cast<std::size_t>(columns_), (1U << lanes_) - 1);
  for (std::uint64_t columns = 0; columns <= everyone() && !HasFatalFailure();
       columns += 1 + columns / 64) {
    activate(columns);
    expect(all);
    expect(row());
  }
}

// A row that nobody keeps any of takes a cycle, wherever it comes.
TEST_P(PageLister, PassesOverEmptyRows) {
  activate(everyone());
  const Row none(static_cast<std::size_t>(columns_), 0);
  for (int i = 0; i < 50; ++i) {
    expect(none);
    if (i % 2 == 0) expect(row());
  }
}

TEST_P(PageLister, ForgetsARowAtReset) {
  activate(everyone());
  const Row all(static_cast<std::size_t>(columns_), (1U << lanes_) - 1);
  for (int listed = 0; listed < lanes_; ++listed) {
    for (int page = 0; page < listed; ++page) expect_cycle(all, page, false, 0);
    bench_.set("masks_valid_i", 0);
    bench_.model().reset();
    activate(everyone());
    expect(all);
  }
}

TEST_P(PageLister, IcarusAgrees) {
  const harness::Recording recording(bench_.model());
  bench_.model().reset();
  for (int i = 0; i < 40; ++i) {
    activate(random_.next() & everyone());
    expect(row(), 0.2);
  }
  expect_icarus_agrees(bench_, recording);
}

INSTANTIATE_TEST_SUITE_P(Columns, PageLister, testing::Values(1, 4, 11),
                         [](const auto& point) { return fmt::format("c{}", point.param); });

}  // namespace
}  // namespace hasse::unit
