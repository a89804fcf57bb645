// SPDX-License-Identifier: Apache-2.0
// Speed of the compiler, in TransRows a second, and how good its programs are.
#include <benchmark/benchmark.h>

#include "golden/transitive/program.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

/// 4-bit weights on the default engine with sub-tiles of range(0) TransRows, 512 of them, range(1)
/// along K. With one along K, rows are finished in every sub-tile and stay in order.
void compile_engine(benchmark::State& state) {
  EngineConfig engine;
  engine.planner = Planner::compiled;
  engine.rows = static_cast<int>(state.range(0));
  const int along_k = static_cast<int>(state.range(1));
  const Shape shape{512 / along_k * engine.rows_per_tile(4), along_k * engine.tile_bits, 1, 4};
  const WeightStream stream(engine, shape,
                            testing::random_weights(shape.n, shape.k, shape.weight_bits));
  CompileCounts counts;
  for (auto _ : state) benchmark::DoNotOptimize(compile(engine, shape, stream, &counts));
  const auto per_tile = [&](std::uint64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(counts.tiles);
  };
  state.counters["TransRows/s"] =
      benchmark::Counter(static_cast<double>(counts.transrows), benchmark::Counter::kIsRate);
  state.counters["reads/beats"] =
      static_cast<double>(counts.reads) / static_cast<double>(counts.beats);
  state.counters["words/tile"] = per_tile(counts.words);
  state.counters["cycles/tile"] = per_tile(counts.pace);
  state.counters["nodes/tile"] = per_tile(counts.nodes);
  state.counters["helpers/tile"] = per_tile(counts.helpers);
  state.counters["steps/tile"] = per_tile(counts.steps);
  state.counters["most steps"] = static_cast<double>(counts.most_steps);
}

BENCHMARK(compile_engine)
    ->ArgNames({"rows", "tiles along K"})
    ->ArgsProduct({{256, 512, 1024}, {128, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hasse::transitive
