// SPDX-License-Identifier: Apache-2.0
// Writes a Liberty file for memories.
#include "synth/timing/memory_model.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>

namespace hasse::synth {
namespace {

constexpr std::string_view kClock = "clk_i";
constexpr double kLastLoadPf = 1.0;

/// The thresholds delays are measured at, as the cell library states them.
std::string thresholds(const Library& library) {
  std::string result;
  for (const LibertyAttribute& attribute : library.tree().attributes) {
    const bool copied = attribute.name.find("_threshold_pct_") != std::string::npos ||
                        attribute.name.starts_with("nom_") ||
                        attribute.name == "slew_derate_from_library" ||
                        attribute.name == "voltage_unit";
    if (copied && !attribute.values.empty()) {
      const std::string& value = attribute.values.front();
      const bool quoted = attribute.name == "voltage_unit";
      result += fmt::format("  {} : {}{}{};\n", attribute.name, quoted ? "\"" : "", value,
                            quoted ? "\"" : "");
    }
  }
  return result;
}

std::string setup_check(double setup_ns) {
  return fmt::format(
      "      timing () {{ related_pin : \"{0}\"; timing_type : setup_rising;\n"
      "        rise_constraint (scalar) {{ values (\"{1:.6f}\"); }}\n"
      "        fall_constraint (scalar) {{ values (\"{1:.6f}\"); }} }}\n",
      kClock, setup_ns);
}

std::string read_access(const LibrarySpeed& speed, double access_ns) {
  const double last = access_ns + speed.ns_per_pf / kMemoryStrength * kLastLoadPf;
  const double last_slew = speed.slew_ns + speed.ns_per_pf / kMemoryStrength * kLastLoadPf;
  const std::string delays =
      fmt::format("(by_load) {{ values (\"{:.6f}, {:.6f}\"); }}", access_ns, last);
  const std::string slews =
      fmt::format("(by_load) {{ values (\"{:.6f}, {:.6f}\"); }}", speed.slew_ns, last_slew);
  return fmt::format(
      "      timing () {{ related_pin : \"{0}\"; timing_type : rising_edge; timing_sense : "
      "non_unate;\n"
      "        cell_rise {1} cell_fall {1}\n        rise_transition {2} fall_transition {2} }}\n",
      kClock, delays, slews);
}

std::string port(const ElaboratedPort& item, double capacitance_pf, const std::string& timing) {
  const bool output = item.direction == PortDirection::output;
  const std::string type = item.width > 1 ? fmt::format("bus_type : bits_{}; ", item.width) : "";
  const std::string load = output ? "" : fmt::format("capacitance : {:.6f}; ", capacitance_pf);
  return fmt::format("    {} ({}) {{ {}direction : {}; {}{}\n{}    }}\n",
                     item.width > 1 ? "bus" : "pin", item.name, type, output ? "output" : "input",
                     load, item.name == kClock ? "clock : true;" : "", timing);
}

std::string bus_types(const std::vector<ElaboratedModule>& memories) {
  std::set<int> widths;
  for (const ElaboratedModule& memory : memories) {
    for (const ElaboratedPort& item : memory.ports) {
      widths.insert(item.width);
    }
  }
  std::string result;
  for (const int width : widths) {
    result += fmt::format(
        "  type (bits_{0}) {{ base_type : array; data_type : bit; bit_width : {0}; "
        "bit_from : {1}; bit_to : 0; }}\n",
        width, width - 1);
  }
  return result;
}

}  // namespace

double memory_bit_area(const Library& library) {
  return kBitPerFlipFlop * library.smallest_flip_flop().area.value();
}

std::string memory_liberty(const std::vector<ElaboratedModule>& memories, const Library& library,
                           const LibrarySpeed& speed, const MemoryTiming& timing) {
  const LibertyCell& flip_flop = library.smallest_flip_flop();
  const double pin_pf =
      flip_flop.pin(flip_flop.data_pin)->capacitance * library.capacitance_unit_pf();
  std::string text = fmt::format(
      "/* Stand-ins for memory macros, see docs/synthesis.md. */\nlibrary (memories) {{\n"
      "  delay_model : table_lookup;\n  time_unit : \"1ns\";\n  current_unit : \"1uA\";\n"
      "  pulling_resistance_unit : \"1kohm\";\n  leakage_power_unit : \"1nW\";\n"
      "  capacitive_load_unit (1, pf);\n{}"
      "  lu_table_template (by_load) {{ variable_1 : total_output_net_capacitance; "
      "index_1 (\"0.0, {:.1f}\"); }}\n{}",
      thresholds(library), kLastLoadPf, bus_types(memories));
  for (const ElaboratedModule& memory : memories) {
    text += fmt::format("  cell ({}) {{\n    area : 0; is_macro_cell : true;\n", memory.name);
    for (const ElaboratedPort& item : memory.ports) {
      const bool output = item.direction == PortDirection::output;
      text += port(item, pin_pf,
                   item.name == kClock ? ""
                   : output            ? read_access(speed, timing.access_ns)
                                       : setup_check(timing.setup_ns));
    }
    text += "  }\n";
  }
  return text + "}\n";
}

}  // namespace hasse::synth
