// SPDX-License-Identifier: Apache-2.0
// Speed of the exact integer product on one core, in multiply-accumulates a second.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <limits>
#include <random>

#include "golden/tensor/gemm.hpp"

namespace hasse::tensor {
namespace {

template <class T>
Matrix<T> random_matrix(std::size_t rows, std::size_t cols, std::mt19937& random) {
  std::uniform_int_distribution<int> value(std::numeric_limits<T>::min(),
                                           std::numeric_limits<T>::max());
  Matrix<T> result(rows, cols);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = static_cast<T>(value(random));
  return result;
}

/// Square product of side `state.range(0)` over the whole range of the operand types.
template <class Left, class Right, class Result>
void square_gemm(benchmark::State& state) {
  const auto side = static_cast<std::size_t>(state.range(0));
  std::mt19937 random(1);
  const auto w = random_matrix<Left>(side, side, random);
  const auto x = random_matrix<Right>(side, side, random);
  for (auto _ : state) benchmark::DoNotOptimize(gemm<Result>(w, x));
  const double macs = static_cast<double>(side) * static_cast<double>(side * side);
  state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(square_gemm<std::int8_t, std::int8_t, std::int32_t>)
    ->Arg(256)
    ->Arg(1024)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(square_gemm<std::int8_t, std::int16_t, std::int64_t>)
    ->Arg(1024)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(square_gemm<std::int16_t, std::int16_t, std::int64_t>)
    ->Arg(1024)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hasse::tensor
