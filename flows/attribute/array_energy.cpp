// SPDX-License-Identifier: Apache-2.0
#include "flows/attribute/array_energy.hpp"

#include <fmt/format.h>

#include "flows/power/power.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::attribute {
namespace {

/// Of a cycle, by what was measured of a product.
CycleEnergy per_cycle(const nlohmann::ordered_json& measured) {
  const auto figure = [&](const char* key) { return measured.at(key).get<double>(); };
  const double macs_per_cycle = figure("n") * figure("k") * figure("m") / figure("cycles");
  return {figure("pj_per_mac") * macs_per_cycle, figure("memory_pj_per_mac") * macs_per_cycle};
}

}  // namespace

ArrayEnergy measure_energy(const CycleCounter& counter, const ArrayCost& cost,
                           const synth::Options& netlist, const EnergyProgress& progress) {
  ArrayEnergy energy;
  for (const auto& [name, operands] : counter.samples()) {
    power::PowerOptions options;
    options.synth = netlist;
    options.operands = harness::Workload{operands, "attribution: " + name};
    options.kept = netlist.dir / "results" / "attribution" / (name + ".json");
    const nlohmann::ordered_json measured =
        power::measure(options, [&](const std::string& what, double share) {
          if (progress) progress(name + ": " + what, share);
        });
    if (measured.at("mismatches") != 0)
      throw harness::HarnessError(fmt::format(
          "{}: {} of {} results of the netlist are wrong for product {}", netlist.dir.string(),
          measured.at("mismatches").dump(), measured.at("outputs").dump(), name));
    const CycleEnergy cycle = per_cycle(measured);
    const double cycles = cost.by_name.at(name).cycles;
    energy.by_name[name] = cycle;
    energy.total.logic_pj += cycle.logic_pj * cycles;
    energy.total.memory_pj += cycle.memory_pj * cycles;
    energy.liberty = measured.at("liberty");
    energy.clock_ns = measured.at("clock_ns");
  }
  return energy;
}

}  // namespace hasse::attribute
