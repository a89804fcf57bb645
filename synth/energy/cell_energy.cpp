// SPDX-License-Identifier: Apache-2.0
#include "synth/energy/cell_energy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "synth/error.hpp"

namespace hasse::synth {
namespace {

std::optional<double> number(const LibertyGroup& group, const std::string& name) {
  const std::optional<std::string> text = group.value(name);
  if (!text) return std::nullopt;
  return std::strtod(text->c_str(), nullptr);
}

/// "1nW" or "100pW" in watts.
double watts(const std::string& text) {
  char* unit = nullptr;
  const double count = std::strtod(text.c_str(), &unit);
  const std::string prefixes = "fpnum";
  const double factors[] = {1e-15, 1e-12, 1e-9, 1e-6, 1e-3};
  const std::size_t at = prefixes.find(static_cast<char>(std::tolower(*unit)));
  return count * (at == std::string::npos || unit[1] == '\0' ? 1.0 : factors[at]);
}

std::optional<TimingTable> table(const LibertyGroup& group, const std::string& name,
                                 const LibertyGroup& library, const std::string& source) {
  const LibertyGroup* found = group.group(name);
  if (found == nullptr) return std::nullopt;
  return TimingTable(*found, library, source);
}

/// Reads one cell's groups.
class Reader {
 public:
  Reader(const Library& library, const LibertyCell& cell) : library_(library), cell_(cell) {}

  CellEnergy read(const PowerUnits& units) {
    energy_.pins.resize(cell_.pins.size());
    for (std::size_t i = 0; i < cell_.pins.size(); ++i)
      energy_.pins[i].load_pf = cell_.pins[i].capacitance * library_.capacitance_unit_pf();
    for (const LibertyGroup& group : library_.group_of(cell_).groups)
      for (std::size_t i = 0; group.name == "pin" && i < group.arguments.size(); ++i)
        read_pin(group, position(group.arguments[i]));
    energy_.leakage_w = leakage_units(library_.group_of(cell_)) * units.leakage_w;
    return std::move(energy_);
  }

 private:
  int position(const std::string& name) const {
    const auto found = std::ranges::find(cell_.pins, name, &LibertyPin::name);
    return found == cell_.pins.end() ? -1 : static_cast<int>(found - cell_.pins.begin());
  }

  std::optional<TimingTable> slews(const LibertyGroup& group, const std::string& name) const {
    return table(group, name, library_.tree(), library_.source());
  }

  void read_pin(const LibertyGroup& pin, int at) {
    if (at < 0) return;
    PinEnergy& energy = energy_.pins[static_cast<std::size_t>(at)];
    for (const LibertyGroup& group : pin.groups) {
      const int input = position(group.value("related_pin").value_or(""));
      if (group.name == "internal_power") {
        const EdgeTables tables = EdgeTables::read(group, library_.tree(), library_.source());
        if (cell_.pins[static_cast<std::size_t>(at)].is_output)
          energy.internal.push_back({input, tables});
        else
          energy.passive.push_back(tables);
      }
      if (group.name == "timing" && group.group("cell_rise") != nullptr)
        energy.transitions.push_back(
            {input, {slews(group, "rise_transition"), slews(group, "fall_transition")}});
    }
  }

  const Library& library_;
  const LibertyCell& cell_;
  CellEnergy energy_;
};

}  // namespace

EdgeTables EdgeTables::read(const LibertyGroup& group, const LibertyGroup& library,
                            const std::string& source) {
  return {table(group, "rise_power", library, source), table(group, "fall_power", library, source)};
}

double leakage_units(const LibertyGroup& cell) {
  if (const auto whole = number(cell, "cell_leakage_power")) return *whole;
  double sum = 0;
  int count = 0;
  for (const LibertyGroup& state : cell.groups)
    if (state.name == "leakage_power") {
      sum += number(state, "value").value_or(0);
      ++count;
    }
  return count == 0 ? 0 : sum / count;
}

double EdgeTables::mean(double slew, double load) const {
  const auto at = [&](const std::optional<TimingTable>& table) {
    return table ? table->at(slew, load) : 0.0;
  };
  return (at(rise) + at(fall)) / 2;
}

PowerUnits power_units(const Library& library) {
  return power_units(library.tree(), library.source());
}

PowerUnits power_units(const LibertyGroup& tree, const std::string& source) {
  PowerUnits units;
  const std::optional<double> volts = number(tree, "nom_voltage");
  if (!volts || !(*volts > 0))
    throw InputError(fmt::format("{}: nom_voltage: {}, expected a voltage above 0", source,
                                 tree.value("nom_voltage").value_or("missing")));
  units.volts = *volts;
  units.celsius = number(tree, "nom_temperature").value_or(25);
  units.joules = liberty_capacitance_pf(tree, source) * 1e-12;
  if (const auto unit = tree.value("leakage_power_unit")) units.leakage_w = watts(*unit);
  return units;
}

CellEnergy cell_energy(const Library& library, const LibertyCell& cell, const PowerUnits& units) {
  return Reader(library, cell).read(units);
}

std::vector<std::string> power_remarks(const Library& library) {
  const LibertyGroup& tree = library.tree();
  std::vector<std::string> remarks;
  if (std::ranges::none_of(tree.groups, [](const LibertyGroup& group) {
        return group.name == "power_lut_template";
      }))
    remarks.emplace_back("there are no tables of internal power, so cells only charge their nets");
  if (!tree.value("leakage_power_unit"))
    remarks.emplace_back("there is no leakage_power_unit, so 1 nW is assumed");
  if (!tree.value("nom_temperature"))
    remarks.emplace_back("there is no nom_temperature, so 25 C is assumed");
  return remarks;
}

}  // namespace hasse::synth
