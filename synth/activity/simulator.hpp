// SPDX-License-Identifier: Apache-2.0
// A mapped netlist, simulated a clock cycle at a time without delays, its toggles counted.
#pragma once

#include <cstdint>
#include <vector>

#include "synth/activity/behaviour.hpp"
#include "synth/activity/netlist.hpp"

namespace hasse::synth {

/// Cells in an order in which every combinational one follows those it depends on; flip-flops come
/// first. Throws InputError when gates form a loop.
std::vector<std::uint32_t> in_order(const Netlist& netlist,
                                    const std::vector<CellBehaviour>& behaviours);

/// Behaviours of all types of `netlist`, in their order.
std::vector<CellBehaviour> behaviours_of(const Netlist& netlist, const Library& library);

/// Accesses of one memory.
struct MemoryAccesses {
  std::uint64_t reads = 0, writes = 0;
};

/// Simulates with two values: what is undefined begins with bits drawn from a seed. All registers
/// have the clock clk_i. Between two clock edges every net settles once, so there are no glitches.
class GateSimulator {
 public:
  /// Both must outlive the simulator. Throws InputError when a register or memory is clocked by
  /// anything but clk_i.
  GateSimulator(const Netlist& netlist, const Library& library, std::uint32_t seed);

  void set(Net net, bool value) { values_[net] = value ? 1 : 0; }
  bool get(Net net) const { return values_[net] != 0; }

  /// Everything follows from the present inputs and registers.
  void settle();
  /// One rising edge: counts what has toggled since the last one, then registers and memories take
  /// their next values; nothing else changes before it is settled.
  void edge();
  /// Counts from 0 again.
  void restart();

  /// Edges since the last restart.
  std::uint64_t cycles() const { return cycles_; }
  /// Changes of every net between settled cycles.
  const std::vector<std::uint32_t>& toggles() const { return toggles_; }
  const std::vector<MemoryAccesses>& accesses() const { return accesses_; }

 private:
  /// One output of a gate.
  struct Gate {
    std::uint64_t table;
    std::uint32_t first_input;
    std::uint32_t inputs;
    Net output;
  };
  struct Register {
    Gate next;
    std::int32_t clear, preset;  ///< Positions among the gates of resets, or -1.
    std::uint32_t first_output, outputs;
    std::uint8_t value, upcoming;
  };
  struct Memory {
    std::vector<std::uint8_t> bits;  ///< Entry after entry.
    std::vector<std::uint8_t> read;  ///< What was read at the edge.
    bool reads = false;
  };

  Gate gate(const PinFunction& function, std::span<const Net> pins, Net output);
  bool evaluate(const Gate& gate) const {
    unsigned at = 0;
    const Net* input = inputs_.data() + gate.first_input;
    for (unsigned i = 0; i < gate.inputs; ++i) at |= static_cast<unsigned>(values_[input[i]]) << i;
    return (gate.table >> at & 1) != 0;
  }
  void add_register(const CellBehaviour& behaviour, std::span<const Net> pins, bool value);
  void add_memory(const NetlistMemory& memory, std::uint64_t& random);
  void check_clock(Net net, Net clock, const std::string& what) const;
  bool reset_registers();
  void show(const Register& one);
  void count_toggles();
  void edge(std::size_t memory);
  std::size_t address(const std::vector<Net>& bits) const;

  const Netlist& netlist_;
  std::vector<std::uint8_t> values_, counted_;
  std::vector<Net> inputs_;
  std::vector<Gate> gates_, resets_;
  std::vector<Register> registers_;
  std::vector<std::pair<Net, bool>> register_outputs_;  ///< And whether they are inverted.
  std::vector<std::uint32_t> resettable_;
  std::vector<Memory> memories_;
  std::vector<std::uint32_t> toggles_;
  std::vector<MemoryAccesses> accesses_;
  std::uint64_t cycles_ = 0;
};

}  // namespace hasse::synth
