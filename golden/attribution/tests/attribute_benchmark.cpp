// SPDX-License-Identifier: Apache-2.0
// Journeys a second of exact Shapley values, DCRMTA of the published sizes.
#include <benchmark/benchmark.h>

#include "golden/attribution/attribute.hpp"
#include "golden/attribution/dcrmta.hpp"
#include "golden/attribution/tests/small_model.hpp"

namespace hasse::attribution {
namespace {

void attribute_journeys(benchmark::State& state, Precision precision) {
  const Dcrmta model(some_parameters(64, 256), "model", Arithmetic(precision));
  const std::vector<std::size_t> lengths(128, static_cast<std::size_t>(state.range(0)));
  const Journeys journeys = some_journeys(lengths);
  for (auto _ : state) benchmark::DoNotOptimize(attribute(model, journeys, {}));
  state.SetItemsProcessed(state.iterations() * 128);
}

BENCHMARK_CAPTURE(attribute_journeys, float, Precision::f32)
    ->Arg(4)
    ->Arg(8)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(attribute_journeys, w8a8, Precision::w8a8)
    ->Arg(4)
    ->Arg(8)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace hasse::attribution
