// SPDX-License-Identifier: Apache-2.0
// Runs a product on a generated engine and holds it against the exact one.
#include "verif/harness/verify.hpp"

#include <fmt/format.h>

#include "golden/tensor/gemm.hpp"
#include "golden/tensor/npy.hpp"
#include "golden/transitive/program_file.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/generated.hpp"
#include "verif/harness/model.hpp"

namespace hasse::harness {
namespace {

constexpr std::size_t kListedMismatches = 10;

using Matrix64 = tensor::Matrix<std::int64_t>;

void compare(const Matrix64& expected, const Matrix64& actual, VerifyResult& result) {
  result.outputs = expected.size();
  for (std::size_t row = 0; row < expected.rows(); ++row) {
    for (std::size_t column = 0; column < expected.cols(); ++column) {
      if (expected(row, column) == actual(row, column)) continue;
      if (++result.mismatches > kListedMismatches) continue;
      result.first_mismatches.push_back({row, column, expected(row, column), actual(row, column)});
    }
  }
}

double ratio(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

void measure(const Engine& engine, const GemmRun& run, const transitive::InputBeats& inputs,
             VerifyResult& result) {
  const transitive::EngineConfig& config = engine.config;
  const auto& shape = result.shape;
  const auto cycles = static_cast<double>(run.counters.cycles);
  result.counters = run.counters;
  result.subtiles = run.subtiles;
  result.planner = engine.planner;
  result.units = engine.units;
  const int beat_cycles = config.cycles_per_beat();
  result.accumulate_utilisation = ratio(static_cast<double>(run.counters.transrows) * beat_cycles,
                                        engine.units * config.lanes * cycles);
  result.prefix_utilisation = config.streams()
                                  ? 0
                                  : ratio(static_cast<double>(run.counters.nodes_built),
                                          engine.units * engine.prefix_lanes * cycles);
  result.cycles_per_subtile =
      transitive::steady_state_cycles(engine.streams(), result.shape, run.subtile_done);
  result.bound_cycles_per_subtile = transitive::bound_cycles(config, shape.weight_bits);
  const std::uint64_t busy = run.counters.transrows - run.counters.zero_transrows;
  result.bound_cycles = ratio(static_cast<double>(busy) * beat_cycles, engine.units * config.lanes);
  const transitive::MemoryConfig beat = engine.memory(0, 0);
  result.bytes = static_cast<double>(inputs.weights) * beat.weight_bytes +
                 static_cast<double>(inputs.activations) * beat.activation_bytes +
                 static_cast<double>(ResultWalk(engine, shape).count()) * beat.result_bytes;
  result.mac_per_cycle = ratio(static_cast<double>(shape.n) * shape.k * shape.m, cycles);
  result.simulated_hz = ratio(static_cast<double>(run.cycles), run.seconds);
}

void write_product(const std::filesystem::path& file, const Engine& engine, const Matrix64& y) {
  if (engine.accumulator_bits > 32) return tensor::write_npy(file, y);
  std::vector<std::int32_t> narrow(y.values().begin(), y.values().end());
  tensor::write_npy(file, tensor::Matrix<std::int32_t>(y.rows(), y.cols(), std::move(narrow)));
}

std::optional<transitive::MemoryConfig> memory_of(const VerifyOptions& options,
                                                  const Engine& engine) {
  if (!options.bandwidth) return std::nullopt;
  return engine.memory(*options.bandwidth, options.latency);
}

transitive::Program program_of(const VerifyOptions& options, const Engine& engine,
                               const Operands& operands) {
  const transitive::Shape shape = operands.shape();
  if (!options.program.empty())
    return transitive::read_program(options.program, engine.array(), shape);
  return transitive::compile(engine.array(), shape, operands.weights);
}

GemmRun simulate(const VerifyOptions& options, const Engine& engine, const Operands& operands,
                 const VerilatedLibrary& library, const ProgressFn& progress) {
  Model model(library.object, static_cast<std::uint32_t>(options.seed));
  if (!options.trace.empty()) model.start_trace(options.trace);
  model.reset();
  GemmDriver driver(model, engine);
  GemmOptions gemm;
  gemm.stall = options.stall;
  gemm.seed = options.seed;
  gemm.memory = memory_of(options, engine);
  if (progress) gemm.progress = [&](double share) { progress("simulating", share); };
  GemmRun run = driver.run(operands, gemm);
  if (run.refused)
    throw ProtocolError(engine.takes_programs() ? "the engine refused the program"
                                                : "the engine refused a shape its manifest allows");
  return run;
}

}  // namespace

VerifyResult verify(const VerifyOptions& options, const ProgressFn& progress) {
  const auto tell = [&](const char* stage) {
    if (progress) progress(stage, 0);
  };
  const Engine engine = generated_engine(options.dir);
  tell("preparing the operands");
  WorkloadOptions source = options.workload;
  source.seed = options.seed;
  Workload workload = make_workload(engine, source);
  if (engine.takes_programs()) {
    tell("compiling the weights");
    workload.operands.program = program_of(options, engine, workload.operands);
  } else if (!options.program.empty()) {
    throw HarnessError(
        fmt::format("a program is for planner compiled, not for {}", engine.planner));
  }
  const Operands& operands = workload.operands;

  VerifyResult result;
  result.workload = workload.description;
  result.shape = operands.shape();
  result.stall = options.stall;
  result.seed = options.seed;
  result.memory = memory_of(options, engine);
  tell("building the simulation");
  BuildOptions build = options.build;
  build.trace = !options.trace.empty();
  result.library = VerilatedLibrary::build(options.dir, "", build);

  tell("simulating");
  const GemmRun run = simulate(options, engine, operands, result.library, progress);
  tell("comparing");
  compare(exact_results(engine, operands), run.y, result);
  measure(engine, run, input_beats(engine, operands), result);
  result.insight = look_inside(engine, operands, result.memory);
  if (!options.output.empty()) write_product(options.output, engine, run.y);
  return result;
}

}  // namespace hasse::harness
