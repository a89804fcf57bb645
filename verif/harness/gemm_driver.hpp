// SPDX-License-Identifier: Apache-2.0
// Multiplies matrices on a simulated transitive_gemm.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "golden/tensor/matrix.hpp"
#include "golden/transitive/host_memory.hpp"
#include "verif/harness/control.hpp"
#include "verif/harness/engine.hpp"
#include "verif/harness/model.hpp"

namespace hasse::harness {

/// How a product is streamed.
struct GemmOptions {
  /// Probability (0..1) per cycle and stream that the host withholds valid or ready.
  double stall = 0;
  /// Of the stalls.
  std::uint64_t seed = 1;
  /// The memory behind weights, activations and results; scales always come at once.
  std::optional<transitive::MemoryConfig> memory{};
  /// Cycles without a beat on any stream after which the run is given up.
  std::uint64_t patience = 20000;
  /// Cycles after which the run is given up in any case; 0: never.
  std::uint64_t cycle_limit = 0;
  /// Told the share of result and weight beats done (0..1), now and then.
  std::function<void(double)> progress;
};

/// A finished product.
struct GemmRun {
  /// Whether the engine refused the shape or its program (error_o); then nothing else but `cycles`
  /// is filled in.
  bool refused = false;
  tensor::Matrix<std::int64_t> y;  ///< N x M
  GemmCounters counters;
  /// Clock cycle of every subtile_done_o pulse of the first unit, counted from the start pulse.
  std::vector<std::uint64_t> subtile_done;
  /// Sub-tiles done by all units.
  std::uint64_t subtiles = 0;
  /// Clock cycles from the start pulse to done_o.
  std::uint64_t cycles = 0;
  /// Wall time of the simulation in seconds.
  double seconds = 0;
};

/// Drives the ports of one `transitive_gemm`, `transitive_array` or `transitive_axi`; see docs of
/// the generated top for their meaning. The rules of AXI ports are checked in every cycle.
class GemmDriver {
 public:
  /// `model` must outlive the driver and be out of reset, or be reset with `Model::reset` before
  /// use.
  GemmDriver(Model& model, const Engine& engine);

  /// Multiplies. Throws HarnessError for operands the engine cannot take (see `check`) and
  /// ProtocolError when the engine breaks a handshake, stops making progress (the message says
  /// where every stream stands) or ends with missing or superfluous results.
  GemmRun run(const Operands& operands, const GemmOptions& options = {});

  /// Starts a product and abandons it after `cycles` clock cycles, e.g. to reset in its middle.
  /// Streams are left idle.
  void run_partly(const Operands& operands, std::uint64_t cycles, const GemmOptions& options = {});

  /// Offers a shape without checking it and returns whether the engine refused it within `patience`
  /// cycles.
  bool refuses(const transitive::Shape& shape, std::uint64_t patience = 100);

 private:
  Model& model_;
  Engine engine_;
  std::unique_ptr<EngineControl> control_;
};

}  // namespace hasse::harness
