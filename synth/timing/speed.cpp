// SPDX-License-Identifier: Apache-2.0
// Reads the delay tables of the smallest inverter and flip-flop.
#include "synth/timing/speed.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "synth/liberty/table.hpp"

namespace hasse::synth {
namespace {

constexpr double kFanout = 4.0;
constexpr double kDefaultClockInFo4 = 100.0;

/// The timing groups of a cell with one of the given timing types ("" for an absent type).
std::vector<const LibertyGroup*> arcs(const Library& library, const LibertyCell& cell,
                                      const std::vector<std::string>& types) {
  std::vector<const LibertyGroup*> result;
  for (const LibertyGroup& pin : library.group_of(cell).groups) {
    for (const LibertyGroup& group : pin.groups) {
      const std::string type = group.value("timing_type").value_or("");
      if (pin.name == "pin" && group.name == "timing" &&
          std::find(types.begin(), types.end(), type) != types.end()) {
        result.push_back(&group);
      }
    }
  }
  return result;
}

/// Values of the named tables of all arcs, in the library's time unit.
std::vector<double> look_up(const Library& library, const std::vector<const LibertyGroup*>& groups,
                            const std::vector<std::string>& tables, double slew, double load) {
  std::vector<double> values;
  for (const LibertyGroup* group : groups) {
    for (const LibertyGroup& table : group->groups) {
      if (std::find(tables.begin(), tables.end(), table.name) != tables.end()) {
        values.push_back(TimingTable(table, library.tree(), library.source()).at(slew, load));
      }
    }
  }
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

double worst(const std::vector<double>& values) {
  return values.empty() ? 0.0 : *std::max_element(values.begin(), values.end());
}

/// Input capacitance of a cell with one input, in library units.
double input_capacitance(const LibertyCell& cell) {
  return cell.pin(cell.inputs().front())->capacitance;
}

}  // namespace

std::optional<LibrarySpeed> measure_speed(const Library& library) {
  const LibertyCell& inverter = library.smallest_inverter();
  const double load = kFanout * input_capacitance(inverter);
  const auto delays = arcs(library, inverter, {"", "combinational"});
  const std::vector<std::string> delay_tables{"cell_rise", "cell_fall"};
  const std::vector<std::string> slew_tables{"rise_transition", "fall_transition"};
  if (look_up(library, delays, delay_tables, 0.0, load).empty() ||
      look_up(library, delays, slew_tables, 0.0, load).empty()) {
    return std::nullopt;
  }
  double slew = 0.0;
  for (int i = 0; i < 8; ++i) {
    slew = mean(look_up(library, delays, slew_tables, slew, load));
  }
  const auto delay = [&](double at) {
    return mean(look_up(library, delays, delay_tables, slew, at));
  };
  const LibertyCell& flip_flop = library.smallest_flip_flop();
  const auto clocked = arcs(library, flip_flop, {"rising_edge", "falling_edge"});
  const auto checks = arcs(library, flip_flop, {"setup_rising", "setup_falling"});
  const double unit = library.time_unit_ns();
  LibrarySpeed speed;
  speed.fo4_ns = delay(load) * unit;
  speed.slew_ns = slew * unit;
  speed.ns_per_pf = (delay(2.0 * load) - delay(load)) / load * unit / library.capacitance_unit_pf();
  speed.clock_to_output_ns = worst(look_up(library, clocked, delay_tables, slew, load)) * unit;
  speed.setup_ns = std::max(
      0.0,
      worst(look_up(library, checks, {"rise_constraint", "fall_constraint"}, slew, slew)) * unit);
  return speed;
}

double default_clock_ns(const LibrarySpeed& speed) {
  const double wanted = kDefaultClockInFo4 * speed.fo4_ns;
  const double digit = std::pow(10.0, std::floor(std::log10(wanted)) - 1.0);
  return std::round(wanted / digit) * digit;
}

}  // namespace hasse::synth
