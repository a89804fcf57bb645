// SPDX-License-Identifier: Apache-2.0
// Speed of the cycle model, in TransRows a second.
#include <benchmark/benchmark.h>

#include "golden/transitive/cycle_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

/// A product of `state.range(0)` rows of 4-bit weights, 2048 inner elements and `state.range(1)`
/// columns on the default engine with planner `state.range(2)`.
void count_default_engine(benchmark::State& state) {
  const EngineConfig engine{.planner = static_cast<Planner>(state.range(2))};
  const Shape shape{static_cast<int>(state.range(0)), 2048, static_cast<int>(state.range(1)), 4};
  const WeightStream stream(engine, shape,
                            testing::random_weights(shape.n, shape.k, shape.weight_bits));
  std::uint64_t transrows = 0;
  for (auto _ : state) transrows += count_cycles(engine, shape, stream).transrows;
  state.counters["TransRows/s"] =
      benchmark::Counter(static_cast<double>(transrows), benchmark::Counter::kIsRate);
}

BENCHMARK(count_default_engine)
    ->ArgNames({"N", "M", "planner"})
    ->ArgsProduct({{64, 2048},
                   {32, 2048},
                   {static_cast<int>(Planner::lattice), static_cast<int>(Planner::orbit),
                    static_cast<int>(Planner::listed), static_cast<int>(Planner::dynamic)}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hasse::transitive
