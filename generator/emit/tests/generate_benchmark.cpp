// SPDX-License-Identifier: Apache-2.0
// How long `hasse generate` takes for the default design: at most 50 ms.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"

namespace hasse::emit {
namespace {

void build_in_memory(benchmark::State& state) {
  for (auto _ : state) {
    const design::Design design = design::parse("{}", "default");
    benchmark::DoNotOptimize(bundle(design, units::build(design)));
  }
}
BENCHMARK(build_in_memory)->Unit(benchmark::kMillisecond);

void build_and_write(benchmark::State& state) {
  namespace fs = std::filesystem;
  const fs::path root = fs::temp_directory_path() / ("hasse_benchmark" + std::to_string(getpid()));
  for (auto _ : state) {
    const design::Design design = design::parse("{}", "default");
    write(bundle(design, units::build(design)), root);
  }
  fs::remove_all(root);
}
BENCHMARK(build_and_write)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hasse::emit
