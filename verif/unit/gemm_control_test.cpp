// SPDX-License-Identifier: Apache-2.0
// Start, refusal, end and the counters of a product.
#include <gtest/gtest.h>

#include <map>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/control_designs.hpp"

namespace hasse::unit {
namespace {

/// Cycles within which start_i must be answered, and finished_i.
constexpr int kPatience = 10;

struct Shape {
  int n, k, m, bits;
};

class GemmControl : public testing::TestWithParam<const char*> {
 protected:
  void offer(const Shape& shape) {
    bench_.set("n_i", static_cast<std::uint64_t>(shape.n));
    bench_.set("k_i", static_cast<std::uint64_t>(shape.k));
    bench_.set("m_i", static_cast<std::uint64_t>(shape.m));
    bench_.set("weight_bits_i", static_cast<std::uint64_t>(shape.bits));
  }

  void pulse(const char* port) {
    bench_.set(port, 1);
    tick();
    bench_.set(port, 0);
  }

  // One cycle; keeps what the counters should say.
  void tick() {
    bench_.settle();
    if (running_) {
      ++golden_["cycles_o"];
      golden_["stall_cycles_o"] += bench_.get("stall_i");
    }
    golden_["transrows_o"] += bench_.get("transrows_i");
    golden_["zero_transrows_o"] += bench_.get("zero_transrows_i");
    golden_["nodes_built_o"] += bench_.get("tile_built_i") << g_.engine.dimension();
    begun_ += bench_.is_set("begin_o") ? 1 : 0;
    done_ += bench_.is_set("done_o") ? 1 : 0;
    errors_ += bench_.is_set("done_o") && bench_.is_set("error_o") ? 1 : 0;
    bench_.edge();
  }

  void start(const Shape& shape) {
    begun_ = done_ = errors_ = 0;
    offer(shape);
    running_ = false;
    pulse("start_i");
    running_ = true;
    golden_.clear();
  }

  void expect_refused(const Shape& shape) {
    start(shape);
    for (int i = 0; i < kPatience; ++i) tick();
    EXPECT_EQ(done_, 1) << describe(shape);
    EXPECT_EQ(errors_, 1) << describe(shape);
    EXPECT_EQ(begun_, 0) << describe(shape);
    EXPECT_FALSE(bench_.is_set("busy_o")) << describe(shape);
  }

  void expect_begun(const Shape& shape) {
    start(shape);
    for (int i = 0; i < kPatience; ++i) tick();
    EXPECT_EQ(begun_, 1) << describe(shape);
    EXPECT_EQ(done_, 0) << describe(shape);
    EXPECT_TRUE(bench_.is_set("busy_o")) << describe(shape);
    expect_shape(shape);
  }

  void expect_shape(const Shape& shape) {
    EXPECT_EQ(bench_.get("n_o"), static_cast<std::uint64_t>(shape.n));
    EXPECT_EQ(bench_.get("k_o"), static_cast<std::uint64_t>(shape.k));
    EXPECT_EQ(bench_.get("m_o"), static_cast<std::uint64_t>(shape.m));
    EXPECT_EQ(bench_.get("weight_bits_o"), static_cast<std::uint64_t>(shape.bits));
    EXPECT_EQ(bench_.get("tile_rows_o"),
              static_cast<std::uint64_t>(g_.engine.rows_per_tile(shape.bits)));
  }

  static std::string describe(const Shape& s) {
    return std::to_string(s.n) + " x " + std::to_string(s.k) + " x " + std::to_string(s.m) + ", " +
           std::to_string(s.bits) + " bits";
  }

  // The last result is taken; whatever is counted has come to an end.
  void finish() {
    for (const char* port : {"transrows_i", "zero_transrows_i", "tile_built_i", "stall_i"})
      bench_.set(port, 0);
    pulse("finished_i");
    running_ = false;
    for (int i = 0; i < kPatience && done_ == 0; ++i) tick();
    EXPECT_EQ(done_, 1);
    EXPECT_EQ(errors_, 0);
    tick();
    EXPECT_EQ(done_, 1) << "done_o is one cycle long";
    EXPECT_FALSE(bench_.is_set("busy_o"));
  }

  void expect_counters() {
    for (const char* port :
         {"cycles_o", "transrows_o", "zero_transrows_o", "nodes_built_o", "stall_cycles_o"})
      EXPECT_EQ(bench_.get(port), golden_[port]) << port;
  }

  void count_random(int cycles) {
    for (int i = 0; i < cycles; ++i) {
      bench_.set("transrows_i", static_cast<std::uint64_t>(below(random_, g_.design.lanes + 1)));
      bench_.set("zero_transrows_i",
                 static_cast<std::uint64_t>(below(random_, g_.design.lanes + 1)));
      bench_.set("tile_built_i", random_.chance(0.2));
      bench_.set("stall_i", random_.chance(0.3));
      tick();
    }
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::gemm_control(g_)}};
  harness::Random random_{53};
  std::map<std::string, std::uint64_t> golden_;
  bool running_ = false;  ///< After start, up to the last result.
  int begun_ = 0, done_ = 0, errors_ = 0;
};

TEST_P(GemmControl, RefusesWhatWasNotGenerated) {
  const auto& d = g_.design;
  const Shape good{d.max_n, d.max_k, d.max_m, d.weight_bits};
  const auto wide = [](int limit) { return 1 << units::bits_for(limit); };
  for (const int n : {0, d.max_n + 1, wide(d.max_n) - 1})
    if (n != good.n && n < wide(d.max_n)) expect_refused({n, good.k, good.m, good.bits});
  for (const int k : {0, d.max_k + 1, wide(d.max_k) - 1})
    if (k != good.k && k < wide(d.max_k)) expect_refused({good.n, k, good.m, good.bits});
  for (const int m : {0, d.max_m + 1, wide(d.max_m) - 1})
    if (m != good.m && m < wide(d.max_m)) expect_refused({good.n, good.k, m, good.bits});
  for (int bits = 0; bits < 16; ++bits)
    if (bits < 2 || bits > d.weight_bits) expect_refused({1, 1, 1, bits});
  expect_begun(good);
  finish();
}

TEST_P(GemmControl, TakesEveryNumberOfWeightBits) {
  for (int bits = 2; bits <= g_.design.weight_bits; ++bits) {
    expect_begun({1, 1, 1, bits});
    finish();
  }
}

TEST_P(GemmControl, IgnoresStartWhileBusy) {
  const Shape shape{1, 1, 1, 2};
  expect_begun(shape);
  offer({0, 0, 0, 0});
  pulse("start_i");
  for (int i = 0; i < kPatience; ++i) tick();
  EXPECT_EQ(begun_, 1);
  EXPECT_EQ(done_, 0);
  expect_shape(shape);
  finish();
  expect_counters();
}

TEST_P(GemmControl, CountsWhatHappens) {
  for (const int cycles : {1, 100, 30000, 3}) {
    expect_begun({1, 1, 1, 2});
    count_random(cycles);
    finish();
    expect_counters();
    for (int i = 0; i < 20; ++i) bench_.model().tick();
    expect_counters();
  }
}

TEST_P(GemmControl, IsIdleAfterReset) {
  expect_begun({1, 1, 1, 2});
  bench_.model().reset();
  bench_.settle();
  EXPECT_FALSE(bench_.is_set("busy_o"));
  EXPECT_FALSE(bench_.is_set("done_o"));
  expect_begun({1, 1, 1, 2});
}

// A unit of an array takes the rows of its N-tiles with the product, as far as they fit.
TEST(GemmControlOfAUnit, TakesTheRowsOfItsTiles) {
  const units::Geometry g = geometry(R"({"units": 2, "lanes": 2, "rows": 48, "weight_bits": 4})");
  Bench bench{{units::gemm_control(g)}};
  for (const char* port : {"n_i", "k_i", "m_i"}) bench.set(port, 1);
  for (int bits = 2; bits <= 4; ++bits)
    for (int rows = 0; rows <= g.engine.rows_per_tile(2); ++rows) {
      bench.set("weight_bits_i", static_cast<std::uint64_t>(bits));
      bench.set("tile_rows_i", static_cast<std::uint64_t>(rows));
      bench.model().reset();
      bench.set("start_i", 1);
      bench.model().tick();
      bench.set("start_i", 0);
      bench.set("tile_rows_i", 1);
      for (int i = 0; i < 3; ++i) bench.model().tick();
      bench.settle();
      transitive::Shape shape;
      shape.weight_bits = bits;
      shape.tile_rows = rows;
      EXPECT_EQ(bench.get("tile_rows_o"), static_cast<std::uint64_t>(g.engine.tile_rows(shape)));
    }
}

// 2^32 nodes take 2^23 cycles when 512 are built in each: the one way for a carry to climb so far.
TEST_P(GemmControl, CountersCarry) {
  expect_begun({1, 1, 1, 2});
  const auto most = static_cast<std::uint64_t>(g_.design.lanes);
  for (const char* port : {"transrows_i", "zero_transrows_i"}) bench_.set(port, most);
  for (const char* port : {"tile_built_i", "stall_i"}) bench_.set(port, 1);
  constexpr std::uint64_t kCycles = (1U << 23) + 100;
  for (std::uint64_t i = 0; i < kCycles; ++i) bench_.model().tick();
  for (const char* port : {"cycles_o", "stall_cycles_o"}) golden_[port] += kCycles;
  for (const char* port : {"transrows_o", "zero_transrows_o"}) golden_[port] += kCycles * most;
  golden_["nodes_built_o"] += kCycles << g_.engine.dimension();
  finish();
  expect_counters();
}

INSTANTIATE_TEST_SUITE_P(Designs, GemmControl, testing::ValuesIn(kControlDesigns));

}  // namespace
}  // namespace hasse::unit
