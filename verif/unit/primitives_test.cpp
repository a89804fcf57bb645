// SPDX-License-Identifier: Apache-2.0
// The hand-written modules of rtl/.
#include "generator/hdl/primitives.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "verif/unit/bench.hpp"
#include "verif/unit/fifo_model.hpp"

namespace hasse::unit {
namespace {

class Ram : public testing::TestWithParam<int> {};

TEST_P(Ram, ReadsOldValuesAndHoldsThem) {
  const int depth = GetParam();
  Bench bench({hdl::ram_1r1w()}, {{"Width", 70}, {"Depth", depth}});
  harness::Random random(61);
  std::vector<std::optional<std::vector<std::uint32_t>>> entries(static_cast<std::size_t>(depth));
  std::optional<std::vector<std::uint32_t>> shown;
  for (int i = 0; i < 2000; ++i) {
    const auto write = static_cast<std::size_t>(below(random, depth)),
               read = static_cast<std::size_t>(below(random, depth));
    const bool writes = random.chance(0.5), reads = random.chance(0.5);
    bench.set("write_enable_i", writes);
    bench.set("write_address_i", write);
    bench.set("read_enable_i", reads);
    bench.set("read_address_i", read);
    for (int bit = 0; bit < 70; bit += 35)
      bench.set_field("write_data_i", bit / 35, 35, static_cast<std::int64_t>(random.next()));
    const auto data = bench.model().words("write_data_i");
    bench.model().tick();
    if (reads) shown = entries[read];
    if (writes) entries[write] = data;
    bench.settle();
    if (!shown) continue;
    ASSERT_EQ(bench.model().words("read_data_o"), *shown);
  }
}

INSTANTIATE_TEST_SUITE_P(Depths, Ram, testing::Values(1, 2, 5, 64));

/// Producer and consumer of a stream of numbers, with random pauses.
class StreamTest : public testing::Test {
 protected:
  // One cycle against `fifo`; returns whether an item went in and whether one came out.
  std::pair<bool, bool> cycle(Bench& bench, FifoModel<std::uint64_t>& fifo, double offer,
                              double take) {
    const bool valid = random_.chance(offer), ready = random_.chance(take);
    bench.set("valid_i", valid);
    bench.set("ready_i", ready);
    const std::uint64_t item = random_.next() >> 31;
    bench.set("data_i", item);
    bench.settle();
    EXPECT_EQ(bench.is_set("valid_o"), fifo.valid());
    EXPECT_EQ(bench.is_set("ready_o"), fifo.ready());
    if (fifo.valid()) {
      EXPECT_EQ(bench.get("data_o"), fifo.front());
    }
    const bool push = valid && fifo.ready(), pop = ready && fifo.valid();
    fifo.tick(push ? &item : nullptr, pop);
    bench.edge();
    return {push, pop};
  }

  void exchange(Bench& bench, int depth) {
    FifoModel<std::uint64_t> fifo(depth);
    for (const auto& [offer, take] :
         {std::pair{0.5, 0.5}, {1.0, 0.3}, {0.3, 1.0}, {1.0, 1.0}, {0.9, 0.1}})
      for (int i = 0; i < 1000 && !HasFailure(); ++i) cycle(bench, fifo, offer, take);
    bench.set("valid_i", 0);
    bench.model().reset();
    FifoModel<std::uint64_t> empty(depth);
    for (int i = 0; i < 200 && !HasFailure(); ++i) cycle(bench, empty, 0.5, 0.5);
  }

  /// Items that come out in 1000 cycles when nobody pauses.
  int throughput(Bench& bench, int depth) {
    FifoModel<std::uint64_t> fifo(depth);
    int taken = 0;
    for (int i = 0; i < 1000; ++i) taken += cycle(bench, fifo, 1, 1).second ? 1 : 0;
    return taken;
  }

  harness::Random random_{67};
};

class StreamFifo : public StreamTest, public testing::WithParamInterface<int> {
 protected:
  Bench bench_{{hdl::stream_fifo()}, {{"Width", 33}, {"Depth", GetParam()}}};
};

TEST_P(StreamFifo, KeepsItemsInOrder) {
  exchange(bench_, GetParam());
}

TEST_P(StreamFifo, TakesAnItemPerCycle) {
  EXPECT_GE(throughput(bench_, GetParam()), GetParam() == 1 ? 499 : 998);
}

INSTANTIATE_TEST_SUITE_P(Depths, StreamFifo, testing::Values(1, 2, 3, 4, 5, 64));

class StreamSkid : public StreamTest {
 protected:
  Bench bench_{{hdl::stream_skid()}, {{"Width", 33}}};
};

TEST_F(StreamSkid, KeepsItemsInOrder) {
  exchange(bench_, 2);
}

TEST_F(StreamSkid, TakesAnItemPerCycle) {
  EXPECT_EQ(throughput(bench_, 2), 999);
}

TEST_F(StreamSkid, HasNoPathFromOneSideToTheOther) {
  FifoModel<std::uint64_t> fifo(2);
  for (int i = 0; i < 500; ++i) {
    bench_.settle();
    const std::uint64_t before = bench_.get("ready_o") << 1 | bench_.get("valid_o");
    const auto data = bench_.get("data_o");
    bench_.set("valid_i", random_.chance(0.5));
    bench_.set("ready_i", random_.chance(0.5));
    bench_.set("data_i", random_.next() >> 31);
    bench_.settle();
    EXPECT_EQ(bench_.get("ready_o") << 1 | bench_.get("valid_o"), before);
    EXPECT_EQ(bench_.get("data_o"), data);
    bench_.edge();
  }
}

}  // namespace
}  // namespace hasse::unit
