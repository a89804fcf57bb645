// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/energy.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "synth/activity/simulator.hpp"
#include "synth/timing/speed.hpp"
#include "synth/yosys/load_model.hpp"

namespace hasse::synth {
namespace {

/// Evaluates one netlist, cell after cell in topological order.
class Evaluation {
 public:
  Evaluation(const Netlist& netlist, const Library& library, const Activity& activity,
             const WireModel& wires)
      : netlist_(netlist),
        library_(library),
        activity_(activity),
        units_(power_units(library)),
        behaviours_(behaviours_of(netlist, library)),
        load_pf_(netlist.nets),
        slew_(netlist.nets) {
    for (const LibertyCell* cell : netlist.types)
      cells_.push_back(cell_energy(library, *cell, units_));
    for (const NetlistCell& cell : netlist.cells)
      for (std::size_t p = 0; p < netlist.pins_of(cell).size(); ++p) {
        const Net net = netlist.pins_of(cell)[p];
        if (net != kNoNet && !netlist.type_of(cell).pins[p].is_output)
          load_pf_[net] += cells_[cell.type].pins[p].load_pf + wires.pf_per_fanout;
      }
    if (const NetlistPort* clock = netlist.port("clk_i")) clock_ = clock->bits.front();
    by_module_.resize(netlist.modules.size());
    by_type_.resize(netlist.types.size());
  }

  NetlistEnergy run() {
    for (const std::uint32_t c : in_order(netlist_, behaviours_)) account(netlist_.cells[c]);
    for (std::size_t m = 0; m < by_module_.size(); ++m)
      result_.by_module[netlist_.modules[m]] += by_module_[m];
    for (std::size_t t = 0; t < by_type_.size(); ++t)
      result_.by_cell[netlist_.types[t]->name] += by_type_[t];
    clock_network();
    return std::move(result_);
  }

 private:
  double toggles(Net net) const {
    if (net == clock_) return 2 * activity_.cycles;
    return net == kNoNet ? 0.0 : activity_.toggles[net];
  }
  /// Of the load on a net, in joules, for one change.
  double charging(double pf) const { return 0.5 * pf * 1e-12 * units_.volts * units_.volts; }

  void account(const NetlistCell& cell) {
    const CellBehaviour& behaviour = behaviours_[cell.type];
    const CellEnergy& energy = cells_[cell.type];
    const std::span<const Net> pins = netlist_.pins_of(cell);
    EnergyParts parts;
    for (const OutputBehaviour& output : behaviour.outputs)
      add_output(energy.pins[static_cast<std::size_t>(output.pin)], pins,
                 pins[static_cast<std::size_t>(output.pin)], parts);
    for (std::size_t p = 0; p < pins.size(); ++p)
      if (!energy.pins[p].passive.empty())
        parts.internal += toggles(pins[p]) * passive(energy.pins[p], pins[p]) * units_.joules;
    parts.leakage = energy.leakage_w * activity_.cycles * activity_.clock_ns * 1e-9;
    (behaviour.stores ? result_.registers : result_.combinational) += parts;
    by_module_[cell.module] += parts;
    by_type_[cell.type] += parts;
  }

  double slew_of(Net net) const { return net == kNoNet || net == clock_ ? 0.0 : slew_[net]; }

  void add_output(const PinEnergy& pin, std::span<const Net> pins, Net net, EnergyParts& parts) {
    if (net == kNoNet) return;
    const double load = load_pf_[net] / library_.capacitance_unit_pf();
    double sum = 0, weights = 0, plain = 0, slew = 0;
    for (const OutputArc& arc : pin.internal) {
      const Net input = arc.input < 0 ? kNoNet : pins[static_cast<std::size_t>(arc.input)];
      const double joules = arc.tables.mean(slew_of(input), load), weight = toggles(input);
      sum += weight * joules;
      weights += weight;
      plain += joules / static_cast<double>(pin.internal.size());
    }
    for (const OutputArc& arc : pin.transitions) {
      const Net input = arc.input < 0 ? kNoNet : pins[static_cast<std::size_t>(arc.input)];
      slew = std::max(slew, arc.tables.mean(slew_of(input), load));
    }
    slew_[net] = static_cast<float>(slew);
    parts.internal += toggles(net) * (weights > 0 ? sum / weights : plain) * units_.joules;
    parts.switching += toggles(net) * charging(load_pf_[net]);
  }

  double passive(const PinEnergy& pin, Net net) const {
    double sum = 0;
    for (const EdgeTables& tables : pin.passive) sum += tables.mean(slew_of(net), 0);
    return sum / static_cast<double>(pin.passive.size());
  }

  /// Levels of the library's best buffer, each driving as much as it should, until one is enough.
  void clock_network() {
    if (clock_ == kNoNet) return;
    const double changes = 2 * activity_.cycles;
    result_.clock_pins = changes * charging(load_pf_[clock_]);
    const std::optional<LibrarySpeed> speed = measure_speed(library_);
    if (!speed) return;
    const LoadModel loads(library_, *speed);
    if (!loads.buffer()) return;
    const BufferCell& buffer = *loads.buffer();
    const LibertyCell& cell = *library_.find(buffer.cell);
    const CellEnergy energy = cell_energy(library_, cell, units_);
    const auto output = std::ranges::find(cell.pins, buffer.output, &LibertyPin::name);
    const PinEnergy& pin = energy.pins[static_cast<std::size_t>(output - cell.pins.begin())];
    const double internal = pin.internal.empty()
                                ? 0
                                : pin.internal.front().tables.mean(
                                      speed->slew_ns / library_.time_unit_ns(), buffer.limit) *
                                      units_.joules;
    const double input_pf = buffer.input_load * library_.capacitance_unit_pf();
    double sinks = load_pf_[clock_] / library_.capacitance_unit_pf(), count = 0;
    do {
      count = std::ceil(sinks / buffer.limit);
      sinks = count * buffer.input_load;
      result_.buffers += count;
    } while (count > 1);
    result_.clock_buffers =
        result_.buffers * (changes * (internal + charging(input_pf)) +
                           energy.leakage_w * activity_.cycles * activity_.clock_ns * 1e-9);
  }

  const Netlist& netlist_;
  const Library& library_;
  const Activity& activity_;
  PowerUnits units_;
  std::vector<CellBehaviour> behaviours_;
  std::vector<CellEnergy> cells_;
  std::vector<double> load_pf_;
  std::vector<float> slew_;  ///< In the library's unit of time.
  std::vector<EnergyParts> by_module_, by_type_;
  Net clock_ = kNoNet;
  NetlistEnergy result_;
};

}  // namespace

EnergyParts& EnergyParts::operator+=(const EnergyParts& other) {
  internal += other.internal;
  switching += other.switching;
  leakage += other.leakage;
  return *this;
}

NetlistEnergy evaluate_energy(const Netlist& netlist, const Library& library,
                              const Activity& activity, const WireModel& wires) {
  return Evaluation(netlist, library, activity, wires).run();
}

}  // namespace hasse::synth
