// SPDX-License-Identifier: Apache-2.0
#include "synth/activity/simulator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

/// A step of the generator xorshift64*.
bool next_bit(std::uint64_t& state) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (state * 0x2545F4914F6CDD1DULL >> 63) != 0;
}

}  // namespace

std::vector<CellBehaviour> behaviours_of(const Netlist& netlist, const Library& library) {
  std::vector<CellBehaviour> behaviours;
  for (const LibertyCell* cell : netlist.types) behaviours.push_back(behaviour_of(library, *cell));
  return behaviours;
}

std::vector<std::uint32_t> in_order(const Netlist& netlist,
                                    const std::vector<CellBehaviour>& behaviours) {
  const auto cells = static_cast<std::uint32_t>(netlist.cells.size());
  std::vector<std::uint32_t> order, waiting(cells), driver(netlist.nets, kNoNet);
  const auto gate = [&](std::uint32_t c) { return !behaviours[netlist.cells[c].type].stores; };
  const auto outputs = [&](std::uint32_t c, const auto& visit) {
    for (const OutputBehaviour& output : behaviours[netlist.cells[c].type].outputs) {
      const Net net = netlist.pins_of(netlist.cells[c])[static_cast<std::size_t>(output.pin)];
      if (net != kNoNet) visit(net);
    }
  };
  for (std::uint32_t c = 0; c < cells; ++c) {
    if (gate(c)) outputs(c, [&](Net net) { driver[net] = c; });
    if (!gate(c)) order.push_back(c);
  }
  // Who waits for the gate that drives a net: lists of readers, one net after the other.
  std::vector<std::uint32_t> first(netlist.nets + 1), readers;
  const auto inputs = [&](std::uint32_t c, const auto& visit) {
    const NetlistCell& cell = netlist.cells[c];
    const std::span<const Net> pins = netlist.pins_of(cell);
    for (std::size_t p = 0; p < pins.size(); ++p)
      if (!netlist.type_of(cell).pins[p].is_output && pins[p] != kNoNet &&
          driver[pins[p]] != kNoNet)
        visit(pins[p]);
  };
  for (std::uint32_t c = 0; c < cells; ++c)
    if (gate(c)) inputs(c, [&](Net net) { ++first[net + 1]; });
  for (std::size_t net = 0; net < netlist.nets; ++net) first[net + 1] += first[net];
  readers.resize(first.back());
  std::vector<std::uint32_t> fill(first.begin(), first.end() - 1);
  for (std::uint32_t c = 0; c < cells; ++c)
    if (gate(c))
      inputs(c, [&](Net net) {
        readers[fill[net]++] = c;
        ++waiting[c];
      });
  const std::size_t registers = order.size();
  for (std::uint32_t c = 0; c < cells; ++c)
    if (gate(c) && waiting[c] == 0) order.push_back(c);
  for (std::size_t at = registers; at < order.size(); ++at)
    outputs(order[at], [&](Net net) {
      for (std::uint32_t i = first[net]; i < first[net + 1]; ++i)
        if (--waiting[readers[i]] == 0) order.push_back(readers[i]);
    });
  if (order.size() != cells)
    throw InputError(fmt::format("{} gates of the netlist form loops", cells - order.size()));
  return order;
}

GateSimulator::GateSimulator(const Netlist& netlist, const Library& library, std::uint32_t seed)
    : netlist_(netlist),
      values_(netlist.nets),
      counted_(netlist.nets),
      toggles_(netlist.nets),
      accesses_(netlist.memories.size()) {
  values_[kConstantOne] = counted_[kConstantOne] = 1;
  const NetlistPort* clock = netlist.port("clk_i");
  if (clock == nullptr) throw InputError("the netlist has no clock clk_i");
  const std::vector<CellBehaviour> behaviours = behaviours_of(netlist, library);
  std::uint64_t random = 0x9E3779B97F4A7C15ULL ^ seed;
  for (const std::uint32_t c : in_order(netlist, behaviours)) {
    const NetlistCell& cell = netlist.cells[c];
    const CellBehaviour& behaviour = behaviours[cell.type];
    const std::span<const Net> pins = netlist.pins_of(cell);
    if (behaviour.stores) {
      check_clock(pins[static_cast<std::size_t>(behaviour.clock_pin)], clock->bits.front(),
                  netlist.type_of(cell).name);
      add_register(behaviour, pins, next_bit(random));
      continue;
    }
    for (const OutputBehaviour& output : behaviour.outputs)
      if (const Net net = pins[static_cast<std::size_t>(output.pin)]; net != kNoNet)
        gates_.push_back(gate(output.function, pins, net));
  }
  for (const NetlistMemory& memory : netlist.memories) {
    check_clock(memory.clock, clock->bits.front(), "ram_1r1w");
    add_memory(memory, random);
  }
}

void GateSimulator::check_clock(Net net, Net clock, const std::string& what) const {
  if (net != clock)
    throw InputError(fmt::format("the clock of a {} of the netlist is not clk_i", what));
}

GateSimulator::Gate GateSimulator::gate(const PinFunction& function, std::span<const Net> pins,
                                        Net output) {
  const Gate gate{function.table, static_cast<std::uint32_t>(inputs_.size()),
                  static_cast<std::uint32_t>(function.pins.size()), output};
  for (const int pin : function.pins) {
    const Net net = pins[static_cast<std::size_t>(pin)];
    inputs_.push_back(net == kNoNet ? kConstantZero : net);
  }
  return gate;
}

void GateSimulator::add_register(const CellBehaviour& behaviour, std::span<const Net> pins,
                                 bool value) {
  const auto reset = [&](const std::optional<PinFunction>& function) {
    if (!function) return -1;
    resets_.push_back(gate(*function, pins, kNoNet));
    return static_cast<std::int32_t>(resets_.size() - 1);
  };
  Register one{gate(behaviour.next, pins, kNoNet),
               reset(behaviour.clear),
               reset(behaviour.preset),
               static_cast<std::uint32_t>(register_outputs_.size()),
               0,
               static_cast<std::uint8_t>(value),
               0};
  for (const OutputBehaviour& output : behaviour.outputs)
    if (const Net net = pins[static_cast<std::size_t>(output.pin)]; net != kNoNet) {
      register_outputs_.emplace_back(net, output.inverted);
      ++one.outputs;
    }
  if (one.clear >= 0 || one.preset >= 0)
    resettable_.push_back(static_cast<std::uint32_t>(registers_.size()));
  registers_.push_back(one);
  show(registers_.back());
}

void GateSimulator::add_memory(const NetlistMemory& memory, std::uint64_t& random) {
  Memory one;
  const auto width = static_cast<std::size_t>(memory.width);
  one.bits.resize(width * static_cast<std::size_t>(memory.depth));
  for (std::uint8_t& bit : one.bits) bit = next_bit(random) ? 1 : 0;
  one.read.resize(width);
  for (std::size_t i = 0; i < width; ++i) set(memory.read_data[i], next_bit(random));
  memories_.push_back(std::move(one));
}

void GateSimulator::show(const Register& one) {
  for (std::uint32_t i = one.first_output; i < one.first_output + one.outputs; ++i)
    values_[register_outputs_[i].first] =
        static_cast<std::uint8_t>(one.value ^ (register_outputs_[i].second ? 1 : 0));
}

/// Whether a reset changed anything.
bool GateSimulator::reset_registers() {
  bool changed = false;
  for (const std::uint32_t index : resettable_) {
    Register& one = registers_[index];
    const auto active = [&](std::int32_t reset) {
      return reset >= 0 && evaluate(resets_[static_cast<std::size_t>(reset)]);
    };
    const std::uint8_t value = active(one.clear) ? 0 : active(one.preset) ? 1 : one.value;
    changed = changed || value != one.value;
    one.value = value;
    show(one);
  }
  return changed;
}

void GateSimulator::settle() {
  reset_registers();
  do {
    for (const Gate& gate : gates_)
      values_[gate.output] = static_cast<std::uint8_t>(evaluate(gate));
  } while (reset_registers());
}

void GateSimulator::count_toggles() {
  for (std::size_t net = 0; net < values_.size(); ++net)
    toggles_[net] += static_cast<std::uint32_t>(values_[net] ^ counted_[net]);
  counted_ = values_;
}

void GateSimulator::restart() {
  std::fill(toggles_.begin(), toggles_.end(), 0U);
  std::fill(accesses_.begin(), accesses_.end(), MemoryAccesses{});
  counted_ = values_;
  cycles_ = 0;
}

std::size_t GateSimulator::address(const std::vector<Net>& bits) const {
  std::size_t address = 0;
  for (std::size_t i = 0; i < bits.size(); ++i)
    address |= static_cast<std::size_t>(values_[bits[i]]) << i;
  return address;
}

void GateSimulator::edge(std::size_t index) {
  const NetlistMemory& memory = netlist_.memories[index];
  Memory& one = memories_[index];
  const auto width = static_cast<std::size_t>(memory.width);
  const auto depth = static_cast<std::size_t>(memory.depth);
  one.reads = get(memory.read_enable);
  const std::size_t from = address(memory.read_address), to = address(memory.write_address);
  if (one.reads && from < depth)
    std::copy_n(one.bits.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                one.read.begin());
  accesses_[index].reads += one.reads ? 1 : 0;
  if (!get(memory.write_enable) || to >= depth) return;
  ++accesses_[index].writes;
  for (std::size_t i = 0; i < width; ++i) one.bits[to * width + i] = values_[memory.write_data[i]];
}

void GateSimulator::edge() {
  count_toggles();
  ++cycles_;
  for (Register& one : registers_) one.upcoming = static_cast<std::uint8_t>(evaluate(one.next));
  for (std::size_t i = 0; i < memories_.size(); ++i) edge(i);
  for (Register& one : registers_) {
    one.value = one.upcoming;
    show(one);
  }
  for (std::size_t i = 0; i < memories_.size(); ++i)
    for (std::size_t bit = 0; memories_[i].reads && bit < memories_[i].read.size(); ++bit)
      set(netlist_.memories[i].read_data[bit], memories_[i].read[bit] != 0);
}

}  // namespace hasse::synth
