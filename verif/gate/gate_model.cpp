// SPDX-License-Identifier: Apache-2.0
#include "verif/gate/gate_model.hpp"

#include <vector>

namespace hasse::gate {

/// Ports as the model's interface wants them: storage of their own, copied from and to the nets.
struct GateModel::Implementation {
  Implementation(const synth::Netlist& mapped, const synth::Library& library, std::uint32_t seed)
      : netlist(mapped), simulator(mapped, library, seed) {
    for (const synth::NetlistPort& port : netlist.ports)
      storage.emplace_back((port.bits.size() + 63) / 64);
    for (std::size_t i = 0; i < netlist.ports.size(); ++i) {
      const synth::NetlistPort& port = netlist.ports[i];
      ports.push_back({port.name.c_str(), storage[i].data(),
                       static_cast<std::uint32_t>(port.bits.size()), port.is_input ? 1U : 0U});
      if (port.name == "clk_i") clock = storage[i].data();
    }
  }

  /// Registers change at the rising edge, everything else when the clock is low.
  void eval() {
    const bool high = clock != nullptr && *clock != 0;
    if (high && !was_high) simulator.edge();
    was_high = high;
    if (high) return;
    for_each_bit([&](std::uint64_t& word, unsigned at, synth::Net net, bool is_input) {
      if (is_input) simulator.set(net, (word >> at & 1) != 0);
    });
    simulator.settle();
    for_each_bit([&](std::uint64_t& word, unsigned at, synth::Net net, bool is_input) {
      const std::uint64_t bit = std::uint64_t{1} << at;
      if (!is_input) word = simulator.get(net) ? word | bit : word & ~bit;
    });
  }

  template <class Visit>
  void for_each_bit(Visit visit) {
    for (std::size_t i = 0; i < netlist.ports.size(); ++i)
      for (std::size_t bit = 0; bit < netlist.ports[i].bits.size(); ++bit)
        visit(storage[i][bit / 64], static_cast<unsigned>(bit % 64), netlist.ports[i].bits[bit],
              netlist.ports[i].is_input);
  }

  const synth::Netlist& netlist;
  synth::GateSimulator simulator;
  std::vector<std::vector<std::uint64_t>> storage;
  std::vector<hasse_port> ports;
  const std::uint64_t* clock = nullptr;
  bool was_high = false;
};

namespace {

/// The functions of the interface; the handle is an Implementation, which the GateModel owns.
template <class Implementation>
const hasse_model_api& api() {
  static const hasse_model_api functions = {
      [](std::uint32_t) -> void* { return nullptr; },
      [](void*) {},
      [](void* handle, const hasse_port** ports) {
        auto& self = *static_cast<Implementation*>(handle);
        *ports = self.ports.data();
        return self.ports.size();
      },
      [](void* handle) { static_cast<Implementation*>(handle)->eval(); },
      [](void*, const char*) { return 0; },
      [](void*, std::uint64_t) {},
      [](void*) {},
      [](void*, const char*) { return 0; }};
  return functions;
}

}  // namespace

GateModel::GateModel(const synth::Netlist& netlist, const synth::Library& library,
                     std::uint32_t seed)
    : implementation_(std::make_unique<Implementation>(netlist, library, seed)),
      model_(std::make_unique<harness::Model>(api<Implementation>(), implementation_.get())) {}

GateModel::~GateModel() = default;

synth::GateSimulator& GateModel::simulator() {
  return implementation_->simulator;
}

}  // namespace hasse::gate
