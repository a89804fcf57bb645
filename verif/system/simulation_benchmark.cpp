// SPDX-License-Identifier: Apache-2.0
// Simulated cycles a second of the default design, built in several ways.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>

#include "verif/harness/verify.hpp"
#include "verif/system/rig.hpp"

namespace hasse::system {
namespace {

struct Variant {
  const char* label;
  const char* optimisation;
  std::vector<std::string> verilator_flags;
};

const std::array<Variant, 5>& variants() {
  static const std::array<Variant, 5> all = {{{"-O0", "-O0", {}},
                                              {"-O1", "-O1", {}},
                                              {"-O2", "-O2", {}},
                                              {"-O3", "-O3", {}},
                                              {"-O1, two threads", "-O1", {"--threads", "2"}}}};
  return all;
}

/// Runs `hasse verify`'s default workload; `build_s` is what Verilator and the compiler took from
/// an empty cache, `kHz` the fastest of the repetitions.
void simulate(benchmark::State& state) {
  const Variant& variant = variants().at(static_cast<std::size_t>(state.range(0)));
  const Emitted emitted(kBanked);
  harness::VerifyOptions options;
  options.dir = emitted.dir();
  options.build.cache = emitted.dir() / "cache";
  options.build.optimisation = variant.optimisation;
  options.build.verilator_flags = variant.verilator_flags;
  double hz = 0;
  double build = 0;
  for (auto _ : state) {
    const harness::VerifyResult result = harness::verify(options);
    hz = std::max(hz, result.simulated_hz);
    build += result.library.verilate_seconds + result.library.compile_seconds;
  }
  state.SetLabel(variant.label);
  state.counters["kHz"] = hz / 1e3;
  state.counters["build_s"] = build;
}

BENCHMARK(simulate)->DenseRange(0, 4)->Iterations(5)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace hasse::system
