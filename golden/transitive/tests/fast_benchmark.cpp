// SPDX-License-Identifier: Apache-2.0
// Speed of the fast model and of its parts, in TransRows a second.
#include <benchmark/benchmark.h>

#include "golden/transitive/fast_model.hpp"
#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

/// One N-tile of 4-bit weights over 4096 inner elements, over and over.
class NTile {
 public:
  NTile(std::int64_t rows, std::int64_t planner)
      : config_{.rows = static_cast<int>(rows), .planner = static_cast<Planner>(planner)},
        slicer_(config_, 4, 4096) {
    slice();
  }
  void slice() { slicer_.slice(weights_, 0, config_.rows_per_tile(4)); }
  const EngineConfig& config() const { return config_; }
  template <class Visit>
  void each_tile(Visit visit) const {
    for (int tile = 0; tile < slicer_.tiles(); ++tile) visit(slicer_.tile(tile));
  }
  void report(benchmark::State& state) const {
    const auto transrows = static_cast<double>(config_.transrows_per_tile(4)) * slicer_.tiles();
    state.counters["TransRows/s"] = benchmark::Counter(
        transrows * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  }

 private:
  EngineConfig config_;
  tensor::Matrix<std::int8_t> weights_ = testing::random_weights(256, 4096, 4);
  NodeSlicer slicer_;
};

void slicing(benchmark::State& state) {
  NTile tile(state.range(0), 0);
  for (auto _ : state) tile.slice();
  tile.report(state);
}

void planning(benchmark::State& state) {
  const NTile tile(state.range(0), state.range(1));
  SubtilePlanner planner(tile.config());
  for (auto _ : state)
    tile.each_tile(
        [&](const SubtileReads& reads) { benchmark::DoNotOptimize(planner.plan(reads)); });
  tile.report(state);
}

/// Slicing, planning and reading: everything between weights and cycles.
void whole_model(benchmark::State& state) {
  NTile tile(state.range(0), state.range(1));
  FastModel model(tile.config());
  for (auto _ : state) {
    tile.slice();
    tile.each_tile([&](const SubtileReads& reads) { model.push(reads); });
  }
  tile.report(state);
}

// Lattice, orbit, dynamic; a listed forest is planned by orbit.
const std::vector<std::vector<std::int64_t>> kPoints = {
    {256, 1024},
    {static_cast<std::int64_t>(Planner::lattice), static_cast<std::int64_t>(Planner::orbit),
     static_cast<std::int64_t>(Planner::dynamic)}};

BENCHMARK(slicing)->Arg(256);
BENCHMARK(planning)->ArgsProduct(kPoints)->ArgNames({"R", "planner"});
BENCHMARK(whole_model)->ArgsProduct(kPoints)->ArgNames({"R", "planner"});

}  // namespace
}  // namespace hasse::transitive
