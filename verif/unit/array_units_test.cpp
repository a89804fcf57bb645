// SPDX-License-Identifier: Apache-2.0
// The units that make several engines an array, each against its golden model.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "generator/units/array.hpp"
#include "golden/transitive/array_split.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/control_designs.hpp"

namespace hasse::unit {
namespace {

transitive::ArrayConfig config(const units::Geometry& g) {
  return {g.engine, g.design.units,
          units::shares_weights(g) ? transitive::Share::weights : transitive::Share::activations,
          g.design.max_n, g.design.max_m};
}

class ArrayUnits : public testing::TestWithParam<const char*> {
 protected:
  int units() const { return g_.design.units; }
  bool by_columns() const { return units::shares_weights(g_); }
  units::Geometry g_ = geometry(GetParam());
  harness::Random random_{61};
};

using WorkSplitter = ArrayUnits;

TEST_P(WorkSplitter, DividesAsGoldenDoes) {
  Bench bench({units::work_splitter(g_)});
  const int most = by_columns() ? g_.design.max_m : g_.design.max_n;
  const int steps = config(g_).start_cycles() - 3;
  std::vector<int> totals = {1, 2, most - 1, most};
  for (int total = 1; total <= std::min(most, 100); ++total) totals.push_back(total);
  for (int i = 0; i < 200; ++i) totals.push_back(1 + below(random_, most));
  for (const int total : totals) {
    bench.set("total_i", static_cast<std::uint64_t>(total));
    bench.set("start_i", 1);
    bench.model().tick();
    bench.set("start_i", 0);
    for (int i = 0; i < steps; ++i, bench.edge()) {
      bench.settle();
      ASSERT_FALSE(bench.is_set("done_o"));
    }
    bench.settle();
    ASSERT_TRUE(bench.is_set("done_o"));
    const transitive::Shape own = config(g_).unit_shape({total, 1, total, 2});
    ASSERT_EQ(bench.get("share_o"), static_cast<std::uint64_t>(by_columns() ? own.m : own.n))
        << total;
    const std::uint64_t share = bench.get("share_o");
    for (int i = 0; i < 3; ++i) {
      bench.edge();
      bench.settle();
      ASSERT_FALSE(bench.is_set("done_o"));
      ASSERT_EQ(bench.get("share_o"), share) << "stays until the next start";
    }
  }
}

using StreamFork = ArrayUnits;

TEST_P(StreamFork, GivesEveryBeatToEveryUnitOnce) {
  Bench bench({units::stream_fork(g_)});
  for (const double pace : {0.9, 0.5, 0.1}) {
    std::vector<int> received(static_cast<std::size_t>(units()));
    int sent = 0;
    bool offering = false;
    for (int cycle = 0; cycle < 3000; ++cycle) {
      offering = offering || random_.chance(pace);
      bench.set("valid_i", offering);
      for (int unit = 0; unit < units(); ++unit)
        bench.set_field("unit_ready_i", unit, 1, random_.chance(pace));
      bench.settle();
      bool all = true;
      for (int unit = 0; unit < units(); ++unit) {
        int& count = received[static_cast<std::size_t>(unit)];
        const bool valid = bench.field("unit_valid_o", unit, 1) != 0;
        ASSERT_EQ(valid, offering && count == sent) << "unit " << unit;
        count +=
            valid &&
            bench.model().port("unit_ready_i").get_bits(static_cast<std::size_t>(unit), 1) != 0;
        all = all && count == sent + 1;
      }
      ASSERT_EQ(offering && bench.is_set("ready_o"), all) << "the beat leaves with the last unit";
      if (all) {
        ++sent;
        offering = false;
      }
      bench.edge();
    }
    ASSERT_GT(sent, 10);
    bench.model().reset();  // The next pace starts with no beat half taken.
  }
}

class ResultMerge : public ArrayUnits {
 protected:
  struct Beat {
    std::uint64_t tag = 0;  ///< What the beat carries, and nothing else does.
    bool last = false;
  };

  // What every unit sends, and what has to come of it.
  void prepare(int n, int m) {
    const transitive::ArrayConfig array = config(g_);
    const transitive::Shape own = array.unit_shape({n, 1, m, 2});
    sent_.assign(static_cast<std::size_t>(units()), {});
    expected_.clear();
    std::uint64_t tag = 0;
    for (int pass = 0; pass < own.m; pass += g_.design.columns)
      for (int row = 0; row < own.n; ++row)
        for (int unit = 0; unit < units(); ++unit)
          for (int c = pass; c < std::min(own.m, pass + g_.design.columns); c += g_.beat_columns) {
            sent_[static_cast<std::size_t>(unit)].push_back(++tag);
            if (is_kept(n, m, pass, row, unit, c)) expected_.push_back({tag, false});
          }
    expected_.back().last = true;
  }

  bool is_kept(int n, int m, int pass, int row, int unit, int column) const {
    if (!by_columns()) return row * units() + unit < n;
    return pass * units() + unit * g_.design.columns + column - pass < m;
  }

  void run(int n, int m, double pace) {
    prepare(n, m);
    bench_.set("n_i", static_cast<std::uint64_t>(n));
    bench_.set("m_i", static_cast<std::uint64_t>(m));
    bench_.set("unit_valid_i", 0);
    bench_.set("begin_i", 1);
    bench_.model().tick();
    bench_.set("begin_i", 0);
    std::vector<bool> offering(sent_.size());
    const auto left = [&] {
      return std::any_of(sent_.begin(), sent_.end(), [](const auto& s) { return !s.empty(); });
    };
    for (int cycle = 0; left() && cycle < 200000 && !HasFatalFailure(); ++cycle)
      step(offering, pace);
    ASSERT_TRUE(expected_.empty()) << n << " x " << m << ": " << expected_.size() << " are missing";
    ASSERT_FALSE(left()) << n << " x " << m << ": units are stuck";
  }

  void step(std::vector<bool>& offering, double pace) {
    for (std::size_t unit = 0; unit < sent_.size(); ++unit) {
      offering[unit] = !sent_[unit].empty() && (offering[unit] || random_.chance(pace));
      bench_.set_field("unit_valid_i", static_cast<int>(unit), 1, offering[unit]);
      if (offering[unit]) set_beat(unit, sent_[unit].front());
    }
    bench_.set("ready_i", random_.chance(pace));
    bench_.settle();
    check();
    for (std::size_t unit = 0; unit < sent_.size(); ++unit)
      if (offering[unit] && bench_.field("unit_ready_o", static_cast<int>(unit), 1) != 0) {
        sent_[unit].pop_front();
        offering[unit] = false;
      }
    bench_.edge();
  }

  static constexpr int kPart = 32;

  /// Bits of the part of a beat that begins at `at`, and what a beat of `tag` has there.
  unsigned part(int at) const { return static_cast<unsigned>(std::min(kPart, g_.beat_bits - at)); }
  std::uint64_t data(std::uint64_t tag, int at) const {
    const std::uint64_t mixed =
        (tag * 64 + static_cast<std::uint64_t>(at / kPart)) * 0x9E3779B97F4A7C15ULL;
    return mixed >> 32 & ((std::uint64_t{1} << part(at)) - 1);
  }
  void set_beat(std::size_t unit, std::uint64_t tag) {
    for (int at = 0; at < g_.beat_bits; at += kPart)
      bench_.model()
          .port("unit_data_i")
          .set_bits(unit * static_cast<std::size_t>(g_.beat_bits) + static_cast<std::size_t>(at),
                    part(at), data(tag, at));
  }

  void check() {
    const bool valid = bench_.is_set("valid_o"), taken = valid && bench_.is_set("ready_i");
    if (valid) {
      ASSERT_FALSE(expected_.empty()) << "more beats than there are";
      for (int at = 0; at < g_.beat_bits; at += kPart)
        ASSERT_EQ(bench_.model().port("data_o").get_bits(static_cast<std::size_t>(at), part(at)),
                  data(expected_.front().tag, at));
      ASSERT_EQ(bench_.is_set("last_o"), expected_.front().last);
    }
    ASSERT_EQ(bench_.is_set("finished_o"), taken && expected_.front().last);
    if (taken) expected_.pop_front();
  }

  Bench bench_{{units::result_merge(g_)}};
  std::vector<std::deque<std::uint64_t>> sent_;
  std::deque<Beat> expected_;
};

TEST_P(ResultMerge, SendsEveryResultOnceInOrder) {
  const int most = 2 * units() * g_.design.columns + 1;
  for (int n = 1; n <= 2 * units() + 1 && !HasFatalFailure(); ++n)
    for (int m = 1; m <= most && !HasFatalFailure(); m += 1 + below(random_, 4)) run(n, m, 0.9);
  for (const double pace : {1.0, 0.5, 0.2}) run(3 * units() + 1, most, pace);
  run(std::min(19999, g_.design.max_n), 1, 1.0);
  run(1, std::min(19999, g_.design.max_m), 1.0);
}

using ResultJoin = ArrayUnits;

TEST_P(ResultJoin, GivesABeatWhenEveryUnitHasOne) {
  Bench bench({units::result_join(g_)});
  const std::uint64_t all = (std::uint64_t{1} << units()) - 1;
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t valid = random_.chance(0.4) ? all : random_.next() & all;
    const bool ready = random_.chance(0.5), last = random_.chance(0.5);
    bench.set("unit_valid_i", valid);
    bench.set("ready_i", ready);
    bench.set("unit_last_i", last);
    for (int unit = 0; unit < units(); ++unit)
      bench.set_field("unit_data_i", unit, g_.beat_bits, 1000 * i + unit);
    bench.model().eval();
    ASSERT_EQ(bench.is_set("valid_o"), valid == all);
    ASSERT_EQ(bench.is_set("last_o"), last);
    ASSERT_EQ(bench.is_set("finished_o"), valid == all && ready && last);
    ASSERT_EQ(bench.get("unit_ready_o"), valid == all && ready ? all : 0);
    for (int unit = 0; unit < units(); ++unit)
      ASSERT_EQ(bench.field("data_o", unit, g_.beat_bits), 1000 * i + unit);
  }
}

constexpr const char* kMany = R"({"units": 16, "columns": 2, "columns_per_adder": 1})";
constexpr const char* kNarrow =
    R"({"units": 5, "results": "joined", "columns": 2, "columns_per_adder": 2})";
constexpr const char* kPair =
    R"({"units": 2, "share": "weights", "columns": 8, "columns_per_adder": 2, "max_m": 40})";

INSTANTIATE_TEST_SUITE_P(Designs, WorkSplitter,
                         testing::Values(kRowsDivided, kColumnsDivided, kMany, kPair));
INSTANTIATE_TEST_SUITE_P(Designs, StreamFork, testing::Values(kRowsDivided, kMany));
INSTANTIATE_TEST_SUITE_P(Designs, ResultMerge,
                         testing::Values(kRowsDivided, kColumnsDivided, kPair));
INSTANTIATE_TEST_SUITE_P(Designs, ResultJoin, testing::Values(kNarrow));

class ArrayControl : public ArrayUnits {
 protected:
  void start(int n, int k, int m, int bits) {
    bench_.set("n_i", static_cast<std::uint64_t>(n));
    bench_.set("k_i", static_cast<std::uint64_t>(k));
    bench_.set("m_i", static_cast<std::uint64_t>(m));
    bench_.set("weight_bits_i", static_cast<std::uint64_t>(bits));
    bench_.set("start_i", 1);
    bench_.model().tick();
    bench_.set("start_i", 0);
  }

  // Cycles until `port` is set, -1 when it is not within `limit`.
  int wait_for(const char* port, int limit = 100) {
    for (int cycle = 1; cycle <= limit; ++cycle, bench_.edge()) {
      bench_.settle();
      if (bench_.is_set(port)) return cycle;
    }
    return -1;
  }

  hdl::Module splitter_ = units::work_splitter(g_);
  Bench bench_{{splitter_, units::array_control(g_, splitter_)}};
};

TEST_P(ArrayControl, StartsTheUnitsAndAddsTheirCountersUp) {
  for (int round = 0; round < 20; ++round) {
    start(g_.design.max_n, 3, 7, 2);
    ASSERT_EQ(wait_for("unit_start_o"), config(g_).start_cycles());
    const transitive::Shape own = config(g_).unit_shape({g_.design.max_n, 3, 7, 2});
    EXPECT_EQ(bench_.get("unit_n_o"), static_cast<std::uint64_t>(own.n));
    EXPECT_EQ(bench_.get("unit_m_o"), static_cast<std::uint64_t>(own.m));
    bench_.edge();
    const std::vector<const char*> names = {"transrows", "zero_transrows", "nodes_built"};
    std::vector<std::uint64_t> sums(names.size());
    for (int unit = 0; unit < units(); ++unit)
      for (std::size_t i = 0; i < names.size(); ++i) {
        const std::uint64_t value = random_.next() >> (16 + below(random_, 20));
        sums[i] += value;
        bench_.set_field(std::string("unit_") + names[i] + "_i", unit, 48,
                         static_cast<std::int64_t>(value));
      }
    for (int unit = units() - 1; unit >= 0; --unit) {
      EXPECT_EQ(wait_for("done_o", 20), -1) << "unit " << unit << " is not done";
      bench_.set("unit_done_i", std::uint64_t{1} << unit);
      bench_.model().tick();
      bench_.set("unit_done_i", 0);
    }
    ASSERT_GT(wait_for("done_o"), 0);
    EXPECT_FALSE(bench_.is_set("error_o"));
    for (std::size_t i = 0; i < names.size(); ++i)
      EXPECT_EQ(bench_.get(std::string(names[i]) + "_o"), sums[i] & ((1ULL << 48) - 1));
    bench_.edge();
    bench_.settle();
    EXPECT_FALSE(bench_.is_set("busy_o"));
    EXPECT_FALSE(bench_.is_set("done_o"));
  }
}

TEST_P(ArrayControl, CountsCyclesUpToTheLastResult) {
  start(1, 1, 1, 2);
  std::uint64_t stalls = 0;
  for (int cycle = 1; cycle <= 500; ++cycle) {
    const bool stall = random_.chance(0.3);
    stalls += stall ? 1 : 0;
    bench_.set("stall_i", stall);
    bench_.set("finished_i", cycle == 500);
    bench_.model().tick();
  }
  bench_.set("finished_i", 0);
  for (int i = 0; i < 10; ++i) bench_.model().tick();
  bench_.settle();
  EXPECT_EQ(bench_.get("cycles_o"), 500U);
  EXPECT_EQ(bench_.get("stall_cycles_o"), stalls);
}

TEST_P(ArrayControl, RefusesWhatWasNotGenerated) {
  const auto& d = g_.design;
  const int shapes[][4] = {
      {0, 1, 1, 2}, {1, 0, 1, 2}, {1, 1, 0, 2}, {1, 1, 1, 1}, {1, 1, 1, d.weight_bits + 1}};
  for (const auto& s : shapes) {
    start(s[0], s[1], s[2], s[3]);
    ASSERT_EQ(wait_for("done_o"), 2);
    EXPECT_TRUE(bench_.is_set("error_o"));
    bench_.edge();
    EXPECT_EQ(wait_for("unit_start_o", 30), -1);
    EXPECT_FALSE(bench_.is_set("busy_o"));
  }
  start(1, 1, 1, 2);
  EXPECT_GT(wait_for("unit_start_o", 30), 0);
}

INSTANTIATE_TEST_SUITE_P(Designs, ArrayControl, testing::Values(kRowsDivided, kColumnsDivided));

}  // namespace
}  // namespace hasse::unit
