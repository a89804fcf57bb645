// SPDX-License-Identifier: Apache-2.0
// The memory by itself, and what it does to the cycles of engines; that these equal the RTL's is
// shown by simulations.
#include "golden/transitive/host_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/transitive/array_model.hpp"
#include "golden/transitive/streamed_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

constexpr HostCycle kNothing = {false, false, false};

MemoryConfig memory(double bandwidth, int latency) {
  MemoryConfig config;
  config.bandwidth = bandwidth;
  config.latency = latency;
  config.weight_bytes = 4;
  config.activation_bytes = 16;
  config.result_bytes = 8;
  return config;
}

/// Cycles from the start until every beat has moved, for a device that takes what it is offered
/// and gives a result in every cycle until `results` have gone.
std::uint64_t drain(HostMemory memory, InputBeats beats, std::uint64_t results) {
  std::uint64_t cycles = 0;
  for (; beats.weights + beats.activations + results > 0; ++cycles) {
    const HostCycle host = memory.offers();
    const HostCycle moved = {host.weight, host.activation, host.result && results > 0};
    beats.weights -= moved.weight ? 1 : 0;
    beats.activations -= moved.activation ? 1 : 0;
    results -= moved.result ? 1 : 0;
    memory.tick(moved);
  }
  return cycles;
}

TEST(HostMemory, AnswersAfterItsLatency) {
  for (const int latency : {0, 1, 7, 100}) {
    HostMemory slow(memory(1000, latency), {10, 10});
    for (int cycle = 0; cycle <= latency; ++cycle) {
      EXPECT_FALSE(slow.offers().weight) << latency << " at " << cycle;
      EXPECT_FALSE(slow.offers().activation);
      EXPECT_TRUE(slow.offers().result);
      slow.tick(kNothing);
    }
    EXPECT_TRUE(slow.offers().weight) << latency;
    EXPECT_TRUE(slow.offers().activation) << latency;
  }
}

TEST(HostMemory, MovesNoMoreBytesThanItsBandwidth) {
  const InputBeats beats = {500, 100};
  const std::uint64_t results = 300;
  const double bytes = 500 * 4 + 100 * 16 + 300 * 8;
  for (const double bandwidth : {0.5, 3.0, 7.3, 16.0}) {
    const auto cycles =
        static_cast<double>(drain(HostMemory(memory(bandwidth, 20), beats), beats, results));
    // Results that wait for their way out do not keep the device from going on.
    const double waiting = 64 * 8;
    EXPECT_GE(cycles, (bytes - waiting) / bandwidth - 1) << bandwidth;
    // A stream moves a beat a cycle at the most.
    EXPECT_LE(cycles, std::max(bytes / bandwidth, 500.0) + 20 + 300) << bandwidth;
    if (bandwidth <= 4) {
      EXPECT_LE(cycles, bytes / bandwidth + 20 + 2) << bandwidth;
    }
  }
}

TEST(HostMemory, ReadsAheadAsFarAsItMay) {
  HostMemory ahead(memory(1000, 0), {100, 3});
  ahead.tick(kNothing);
  int weights = 0, activations = 0;
  // With the port closed from now on nothing is left but what has been read.
  for (; ahead.offers().weight && weights < 64; ++weights) {
    const HostCycle moved = {true, ahead.offers().activation, false};
    activations += moved.activation ? 1 : 0;
    ahead.tick(moved);
  }
  EXPECT_EQ(weights, 64);
  EXPECT_EQ(activations, 3) << "no more than the product has";
}

TEST(HostMemory, IsThrottledByItsLatencyWhenTooFewBeatsAreUnderWay) {
  const InputBeats beats = {6400, 0};
  const std::uint64_t cycles = drain(HostMemory(memory(1000, 639), beats), beats, 0);
  EXPECT_NEAR(static_cast<double>(cycles), 6400 / 64 * 641, 700);
}

TEST(InputBeats, AreThoseOfTheStreams) {
  for (const EngineConfig& config :
       {EngineConfig{}, EngineConfig{.tile_bits = 5, .lanes = 3, .columns = 6, .rows = 50}})
    for (const Shape& shape : {Shape{1, 1, 1, 2}, Shape{130, 41, 70, 5}, Shape{64, 80, 33, 4}}) {
      const WeightStream stream(config, shape,
                                testing::random_weights(shape.n, shape.k, shape.weight_bits));
      const auto passes =
          static_cast<std::uint64_t>((shape.m + config.columns - 1) / config.columns);
      const InputBeats beats = input_beats({config}, shape);
      EXPECT_EQ(beats.weights, passes * stream.beats().size());
      const int rows = config.rows_per_tile(shape.weight_bits);
      EXPECT_EQ(beats.activations,
                passes * static_cast<std::uint64_t>((shape.n + rows - 1) / rows * shape.k));
    }
}

std::uint64_t cycles(const ArrayConfig& config, const Shape& shape,
                     const std::optional<MemoryConfig>& memory) {
  if (config.unit.streams()) return count_streamed_cycles(config.unit, shape, memory).cycles;
  const auto weights = testing::random_weights(shape.n, shape.k, shape.weight_bits);
  return count_array_cycles(config, shape, weights, {}, memory).cycles;
}

TEST(HostMemory, WithoutLimitsChangesNothing) {
  const EngineConfig split{.lanes = 4, .columns = 8, .rows = 128, .datapath = Datapath::split};
  for (const ArrayConfig& config :
       {ArrayConfig{EngineConfig{}}, ArrayConfig{EngineConfig{.rows = 64}, 2, Share::weights},
        ArrayConfig{EngineConfig{.rows = 64}, 3, Share::activations}, ArrayConfig{split}}) {
    const Shape shape{150, 100, 70, 4};
    EXPECT_EQ(cycles(config, shape, memory(1e6, 0)), cycles(config, shape, {}));
  }
}

TEST(HostMemory, LimitsProductsThatNeedMoreThanItGives) {
  const Shape shape{256, 256, 64, 4};
  const EngineConfig split{.lanes = 4, .columns = 8, .rows = 128, .datapath = Datapath::split};
  for (const ArrayConfig& config : {ArrayConfig{EngineConfig{}}, ArrayConfig{split}}) {
    const MemoryConfig narrow = memory(2, 50);
    const InputBeats beats = input_beats(config, shape);
    const double bytes = static_cast<double>(beats.weights) * narrow.weight_bytes +
                         static_cast<double>(beats.activations) * narrow.activation_bytes;
    const auto bound = static_cast<double>(cycles(config, shape, narrow));
    EXPECT_GE(bound, bytes / narrow.bandwidth);
    EXPECT_GT(bound, 1.5 * static_cast<double>(cycles(config, shape, {})));
    EXPECT_LE(cycles(config, shape, memory(4, 50)), cycles(config, shape, narrow));
  }
}

}  // namespace
}  // namespace hasse::transitive
