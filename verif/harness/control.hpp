// SPDX-License-Identifier: Apache-2.0
// How a host starts a product and learns of its end: by wires, or by registers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "verif/harness/engine.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::harness {

/// The engine's counters.
struct GemmCounters {
  std::uint64_t cycles = 0;
  std::uint64_t transrows = 0;
  std::uint64_t zero_transrows = 0;
  std::uint64_t nodes_built = 0;
  std::uint64_t stall_cycles = 0;
  std::uint64_t si_misses = 0;  ///< Nodes a static planner's table did not list; 0 without one.
  bool operator==(const GemmCounters&) const = default;
};

/// Ports of a stream of an engine with plain or with AXI ports.
StreamPorts stream_ports(const Engine& engine, const std::string& stream);

/// The host's hand on the engine.
class EngineControl {
 public:
  virtual ~EngineControl() = default;
  /// Pauses on the control's own channels; none for wires.
  virtual void set_stall(double stall, std::uint64_t seed) = 0;
  /// Clocks the model until the product has begun: the cycle to come is the first after start.
  virtual void start(const transitive::Shape& shape) = 0;
  /// What takes part in every cycle of a product.
  virtual std::span<Agent* const> agents() = 0;
  /// Whether the product has ended, and if so, whether it was refused. After the agents' sample().
  virtual std::optional<bool> ended() = 0;
  /// The counters, when the product has ended. May clock the model.
  virtual GemmCounters counters() = 0;
  /// Forgets the product, offers nothing.
  virtual void abandon() = 0;
};

/// The control of `engine`, which `model` simulates; the model must outlive it.
std::unique_ptr<EngineControl> make_control(Model& model, const Engine& engine);

}  // namespace hasse::harness
