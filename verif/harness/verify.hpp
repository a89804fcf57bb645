// SPDX-License-Identifier: Apache-2.0
// A generated engine against the golden product, from a directory to a table of numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "verif/harness/gemm_driver.hpp"
#include "verif/harness/insight.hpp"
#include "verif/harness/verilated_library.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::harness {

/// What is verified, and how.
struct VerifyOptions {
  /// A directory that holds manifest.json.
  std::filesystem::path dir;
  WorkloadOptions workload;
  /// The program of the weights, for planner compiled; empty: they are compiled.
  std::filesystem::path program;
  /// Probability (0..1) per cycle and stream of a stall.
  double stall = 0;
  /// Bytes a cycle of the memory behind the streams; none: the host never waits.
  std::optional<double> bandwidth;
  /// Cycles from a request of that memory to its answer.
  int latency = 0;
  /// Of random operands, stalls and the initial state of registers and memories.
  std::uint64_t seed = 1;
  /// FST file; empty: no trace.
  std::filesystem::path trace;
  /// .npy file for the hardware's product, int32 (accumulators up to 32 bits) or int64; empty:
  /// none.
  std::filesystem::path output;
  /// How the simulation is compiled; `trace` is set as needed.
  BuildOptions build;
};

/// One wrong output.
struct Mismatch {
  std::size_t row = 0;
  std::size_t column = 0;
  std::int64_t expected = 0;
  std::int64_t actual = 0;
};

/// What came out.
struct VerifyResult {
  std::string workload;
  transitive::Shape shape;
  std::uint64_t mismatches = 0;
  std::uint64_t outputs = 0;
  /// The first wrong outputs, row after row.
  std::vector<Mismatch> first_mismatches;
  GemmCounters counters;
  std::uint64_t subtiles = 0;
  /// Who decided which nodes were built.
  std::string planner;
  /// Engines that shared the product.
  int units = 1;
  /// Cycles that counters.transrows take / (accumulate lanes of all units * counters.cycles)
  double accumulate_utilisation = 0;
  /// counters.nodes_built / (prefix lanes of all units * counters.cycles)
  double prefix_utilisation = 0;
  /// See transitive::steady_state_cycles; 0 when the run was too short to have one.
  double cycles_per_subtile = 0;
  /// TransRows of a full sub-tile that are not expected to be zero, over the accumulate lanes.
  double bound_cycles_per_subtile = 0;
  /// The same for the whole product, counted: its TransRows that are not zero over the accumulate
  /// lanes of all units.
  double bound_cycles = 0;
  /// n * k * m / counters.cycles
  double mac_per_cycle = 0;
  /// The memory behind the streams, if there was one.
  std::optional<transitive::MemoryConfig> memory;
  /// Bytes that weights, activations and results moved.
  double bytes = 0;
  /// The cycle model's account of the same product, with the same memory, without stalls.
  Insight insight;
  /// Simulated clock cycles per second of wall time.
  double simulated_hz = 0;
  double stall = 0;
  std::uint64_t seed = 0;
  /// Building the simulation; times are 0 when it was cached.
  VerilatedLibrary library;
};

/// Told what is going on: a stage ("building the simulation", "simulating", ...) and its share
/// done, 0..1.
using ProgressFn = std::function<void(const std::string& stage, double share)>;

/// Builds the simulation of `options.dir`, multiplies on it and compares every output with the
/// exact product. Throws HarnessError and tensor::FormatError for bad input, synth::ToolError for
/// tools, ProtocolError when the hardware hangs or breaks a handshake. Wrong outputs are not an
/// exception but counted.
VerifyResult verify(const VerifyOptions& options, const ProgressFn& progress = {});

/// The JSON object under the key "verify".
nlohmann::ordered_json to_json(const VerifyResult& result);

}  // namespace hasse::harness
