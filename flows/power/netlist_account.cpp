// SPDX-License-Identifier: Apache-2.0
#include "flows/power/netlist_account.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "golden/tensor/file.hpp"
#include "synth/energy/memory_macros.hpp"
#include "synth/manifest/manifest.hpp"

namespace hasse::power {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Changes whenever another answer would be given for the same inputs.
constexpr const char* kVersion = "5";

/// The node that a library is of, and whether that is a guess.
std::pair<int, bool> node_of(const NetlistOptions& options, const synth::Library& library) {
  if (options.node_nm) return {*options.node_nm, false};
  if (library.name().find("osu018") != std::string::npos) return {180, false};
  return {130, library.name().find("sg13g2") == std::string::npos};
}

}  // namespace

void NetlistAccount::map() {
  mapped_ = synth::run(options_.synth,
                       [&](std::string_view stage) { tell(fmt::format("synth {}", stage)); });
}

fs::path NetlistAccount::kept_file() const {
  return options_.kept.empty() ? options_.synth.dir / "results" / "power.json" : options_.kept;
}

std::optional<ordered_json> NetlistAccount::kept(const std::string& inputs) {
  std::string text =
      fmt::format("{} {} {} {} {} {}", kVersion, options_.seed, mapped_.clock_ns,
                  options_.wires.pf_per_fanout, options_.node_nm.value_or(0), inputs);
  for (const fs::path& file : options_.memory_liberty) text += tensor::read_file(file);
  text += tensor::read_file(mapped_.netlist);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  digest_ = fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  if (!fs::exists(kept_file())) return std::nullopt;
  const auto earlier = ordered_json::parse(tensor::read_file(kept_file()), nullptr, false);
  if (!earlier.is_object() || earlier.value("digest", "") != digest_) return std::nullopt;
  return earlier;
}

void NetlistAccount::load() {
  fs::create_directories(work());
  top_ = synth::Manifest::load(options_.synth.dir).top;
  library_ = synth::Library::load(options_.synth.liberty, options_.synth.more_liberty);
  tell("reading the netlist");
  netlist_ = synth::read_netlist(mapped_.netlist, top_, library_, work());
}

synth::Node NetlistAccount::node() const {
  return {node_of(options_, library_).first, synth::power_units(library_).volts};
}

MemoryCost NetlistAccount::memories(const synth::GateSimulator& simulator, double seconds) const {
  const synth::MacroLibrary macros = synth::MacroLibrary::load(options_.memory_liberty);
  const auto& accesses = simulator.accesses();
  MemoryCost all;
  for (std::size_t i = 0; i < netlist_.memories.size(); ++i) {
    const synth::NetlistMemory& memory = netlist_.memories[i];
    const synth::MacroCost cost = options_.memory_liberty.empty()
                                      ? synth::macro_cost(memory.width, memory.depth, node())
                                      : macros.cost(memory.width, memory.depth);
    all.accesses += cost.read_joules * static_cast<double>(accesses[i].reads) +
                    cost.write_joules * static_cast<double>(accesses[i].writes);
    all.leakage += cost.leakage_w * seconds;
    all.area_um2 += cost.area_um2;
  }
  return all;
}

std::map<std::string, double> NetlistAccount::by_unit(const synth::NetlistEnergy& energy) const {
  std::map<std::string, double> units;
  for (const auto& [module, parts] : energy.by_module) {
    const auto known = std::ranges::find(mapped_.area_by_module, module, &synth::ModuleArea::name);
    units[known == mapped_.area_by_module.end() ? "control" : known->unit] += parts.total();
  }
  return units;
}

SimulationCost NetlistAccount::cost(const synth::GateSimulator& simulator) const {
  tell("evaluating energy");
  SimulationCost cost;
  cost.activity.toggles.assign(simulator.toggles().begin(), simulator.toggles().end());
  cost.activity.cycles = static_cast<double>(simulator.cycles());
  cost.activity.clock_ns = mapped_.clock_ns;
  cost.logic = synth::evaluate_energy(netlist_, library_, cost.activity, options_.wires);
  cost.memory = memories(simulator, cost.seconds());
  cost.by_unit = by_unit(cost.logic);
  return cost;
}

void NetlistAccount::add_corner(ordered_json& result) const {
  const synth::PowerUnits units = synth::power_units(library_);
  result["clock_ns"] = mapped_.clock_ns;
  result["liberty"] = mapped_.liberty;
  result["node_nm"] = node().nm;
  result["volts"] = units.volts;
  result["celsius"] = units.celsius;
  result["pf_per_fanout"] = options_.wires.pf_per_fanout;
  result["layout"] = "pre-layout";
}

/// All nets are simulated; how many of them have moved says how much the workload exercises.
void NetlistAccount::add_coverage(ordered_json& result, const synth::Activity& activity) const {
  const auto moved = std::ranges::count_if(activity.toggles, [](double t) { return t > 0; });
  const double nets = static_cast<double>(netlist_.nets - 2);
  result["nets"] = netlist_.nets - 2;
  result["cells"] = netlist_.cells.size();
  result["annotated_percent"] = 100.0;
  result["toggled_percent"] = 100 * static_cast<double>(moved) / nets;
  double toggles = 0;
  for (const double count : activity.toggles) toggles += count;
  result["toggles_per_net_and_cycle"] = toggles / nets / activity.cycles;
}

void NetlistAccount::add_remarks(ordered_json& result, const std::vector<std::string>& more) const {
  ordered_json& remarks = result["remarks"];
  remarks = ordered_json::array(
      {"pre-layout: no wires but those asked for, no clock tree but an estimate",
       "simulated without delays, so glitches are left out"});
  if (node_of(options_, library_).second)
    remarks.push_back("the library's node is not known, 130 nm is assumed");
  if (!options_.memory_liberty.empty())
    remarks.push_back("memories are those of --memory-liberty, at its own node and voltage");
  for (const std::string& remark : synth::power_remarks(library_)) remarks.push_back(remark);
  for (const std::string& remark : more) remarks.push_back(remark);
}

void NetlistAccount::keep(ordered_json& result) const {
  result["digest"] = digest_;
  fs::create_directories(kept_file().parent_path());
  tensor::write_file(kept_file(), result.dump(2) + "\n");
}

}  // namespace hasse::power
