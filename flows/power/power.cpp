// SPDX-License-Identifier: Apache-2.0
#include "flows/power/power.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "golden/tensor/file.hpp"
#include "synth/energy/memory_macros.hpp"
#include "synth/energy/opensta_power.hpp"
#include "synth/manifest/manifest.hpp"
#include "verif/gate/gate_model.hpp"
#include "verif/harness/gemm_driver.hpp"
#include "verif/harness/generated.hpp"

namespace hasse::power {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Changes whenever another answer would be given for the same inputs.
constexpr const char* kVersion = "4";
constexpr double kPico = 1e12;

/// The node that a library is of, and whether that is a guess.
std::pair<int, bool> node_of(const PowerOptions& options, const synth::Library& library) {
  if (options.node_nm) return {*options.node_nm, false};
  if (library.name().find("osu018") != std::string::npos) return {180, false};
  return {130, library.name().find("sg13g2") == std::string::npos};
}

/// One measurement, step by step.
class Measurement {
 public:
  Measurement(const PowerOptions& options, const ProgressFn& progress)
      : options_(options), progress_(progress) {}

  ordered_json run() {
    prepare_operands();
    mapped_ = synth::run(options_.synth,
                         [&](std::string_view stage) { tell(fmt::format("synth {}", stage)); });
    const fs::path kept =
        options_.kept.empty() ? options_.synth.dir / "results" / "power.json" : options_.kept;
    digest_ = digest();
    if (fs::exists(kept)) {
      const auto earlier = ordered_json::parse(tensor::read_file(kept), nullptr, false);
      if (earlier.is_object() && earlier.value("digest", "") == digest_) return earlier;
    }
    simulate();
    account();
    fs::create_directories(kept.parent_path());
    tensor::write_file(kept, result_.dump(2) + "\n");
    return std::move(result_);
  }

 private:
  void tell(const std::string& what, double share = -1) const {
    if (progress_) progress_(what, share);
  }

  void prepare_operands() {
    tell("preparing the operands");
    engine_ = harness::generated_engine(options_.synth.dir);
    if (options_.operands) {
      workload_ = *options_.operands;
      return;
    }
    harness::WorkloadOptions source = options_.workload;
    source.seed = options_.seed;
    workload_ = harness::make_workload(engine_, source);
  }

  /// Of everything that the answer depends on.
  std::string digest() const {
    const harness::Operands& operands = workload_.operands;
    std::string text =
        fmt::format("{} {} {} {} {} {} {} {}", kVersion, options_.seed, mapped_.clock_ns,
                    options_.wires.pf_per_fanout, options_.node_nm.value_or(0),
                    options_.cross_check.value_or(-1), workload_.description, operands.weight_bits);
    const auto append = [&](const auto& values) {
      text.append(reinterpret_cast<const char*>(values.data()),
                  values.size() * sizeof(*values.data()));
    };
    append(operands.weights);
    append(operands.activations);
    if (operands.scales) append(operands.scales->scales), append(operands.scales->zeros);
    for (const fs::path& file : options_.memory_liberty) text += tensor::read_file(file);
    text += tensor::read_file(mapped_.netlist);
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

  /// Multiplies on the netlist.
  void simulate() {
    const fs::path work = mapped_.netlist.parent_path() / "power";
    fs::create_directories(work);
    const synth::Manifest manifest = synth::Manifest::load(options_.synth.dir);
    library_ = synth::Library::load(options_.synth.liberty, options_.synth.more_liberty);
    tell("reading the netlist");
    netlist_ = synth::read_netlist(mapped_.netlist, manifest.top, library_, work);
    gate::GateModel gates(netlist_, library_, static_cast<std::uint32_t>(options_.seed));
    gates.model().reset();
    gates.simulator().restart();
    harness::GemmDriver driver(gates.model(), engine_);
    harness::GemmOptions gemm;
    gemm.progress = [&](double share) { tell("simulating the netlist", share); };
    const harness::GemmRun run = driver.run(workload_.operands, gemm);
    describe(run, harness::exact_results(engine_, workload_.operands));
    const synth::GateSimulator& simulator = gates.simulator();
    activity_.toggles.assign(simulator.toggles().begin(), simulator.toggles().end());
    activity_.cycles = static_cast<double>(simulator.cycles());
    activity_.clock_ns = mapped_.clock_ns;
    accesses_ = simulator.accesses();
    if (options_.cross_check) cross_check(manifest.top, work);
  }

  void describe(const harness::GemmRun& run, const tensor::Matrix<std::int64_t>& exact) {
    const transitive::Shape shape = workload_.operands.shape();
    std::uint64_t mismatches = run.refused ? exact.size() : 0;
    for (std::size_t r = 0; !run.refused && r < exact.rows(); ++r)
      for (std::size_t c = 0; c < exact.cols(); ++c)
        mismatches += exact(r, c) == run.y(r, c) ? 0 : 1;
    macs_ = static_cast<double>(shape.n) * shape.k * shape.m;
    outputs_ = static_cast<double>(shape.n) * shape.m;
    transrows_ = static_cast<double>(run.counters.transrows);
    result_ = {{"workload", workload_.description},
               {"n", shape.n},
               {"k", shape.k},
               {"m", shape.m},
               {"weight_bits", shape.weight_bits},
               {"mismatches", mismatches},
               {"outputs", exact.size()},
               {"cycles", run.counters.cycles},
               {"seed", options_.seed}};
  }

  /// Watts of registers and gates at the uniform activity, without the clock's network.
  synth::EnergyParts uniform_watts() const {
    const synth::Activity uniform{std::vector<double>(netlist_.nets, *options_.cross_check), 1,
                                  mapped_.clock_ns};
    const synth::NetlistEnergy energy = synth::evaluate_energy(netlist_, library_, uniform);
    synth::EnergyParts parts = energy.registers;
    parts += energy.combinational;
    const double per_second = 1 / (mapped_.clock_ns * 1e-9);
    return {parts.internal * per_second, parts.switching * per_second, parts.leakage * per_second};
  }

  void cross_check(const std::string& top, const fs::path& work) {
    tell("comparing with sta");
    const synth::PowerReport sta = synth::opensta_power(
        mapped_.netlist.parent_path(), top, mapped_.clock_ns, *options_.cross_check, work);
    const synth::EnergyParts ours = uniform_watts();
    result_["cross_check"] = {{"activity", *options_.cross_check},
                              {"internal_w", ours.internal},
                              {"switching_w", ours.switching},
                              {"leakage_w", ours.leakage},
                              {"sta_internal_w", sta.internal},
                              {"sta_internal_per_event_w", sta.internal_per_event},
                              {"sta_switching_w", sta.switching},
                              {"sta_leakage_w", sta.leakage},
                              {"ratio", ours.total() / sta.total_per_event()},
                              {"ratio_as_reported", ours.total() / sta.total()}};
  }

  /// All macros: joules of accesses and leakage, and their area.
  struct Memories {
    double accesses = 0, leakage = 0, area_um2 = 0;
    double joules() const { return accesses + leakage; }
  };

  Memories memories(const synth::Node& node) const {
    const synth::MacroLibrary macros = synth::MacroLibrary::load(options_.memory_liberty);
    const double seconds = activity_.cycles * activity_.clock_ns * 1e-9;
    Memories all;
    for (std::size_t i = 0; i < netlist_.memories.size(); ++i) {
      const synth::NetlistMemory& memory = netlist_.memories[i];
      const synth::MacroCost cost = options_.memory_liberty.empty()
                                        ? synth::macro_cost(memory.width, memory.depth, node)
                                        : macros.cost(memory.width, memory.depth);
      all.accesses += cost.read_joules * static_cast<double>(accesses_[i].reads) +
                      cost.write_joules * static_cast<double>(accesses_[i].writes);
      all.leakage += cost.leakage_w * seconds;
      all.area_um2 += cost.area_um2;
    }
    return all;
  }

  void account() {
    tell("evaluating energy");
    const synth::NetlistEnergy energy =
        synth::evaluate_energy(netlist_, library_, activity_, options_.wires);
    const synth::PowerUnits units = synth::power_units(library_);
    const auto [nm, guessed] = node_of(options_, library_);
    const synth::Node node{nm, units.volts};
    const Memories memory = memories(node);
    const double logic = energy.total();
    const double seconds = activity_.cycles * activity_.clock_ns * 1e-9;
    result_["clock_ns"] = mapped_.clock_ns;
    result_["liberty"] = mapped_.liberty;
    result_["node_nm"] = nm;
    result_["volts"] = units.volts;
    result_["celsius"] = units.celsius;
    result_["pf_per_fanout"] = options_.wires.pf_per_fanout;
    result_["layout"] = "pre-layout";
    result_["pj_per_mac"] = kPico * logic / macs_;
    result_["pj_per_transrow"] = transrows_ > 0 ? kPico * logic / transrows_ : 0;
    result_["pj_per_output"] = kPico * logic / outputs_;
    result_["memory_pj_per_mac"] = kPico * memory.joules() / macs_;
    result_["watts"] = logic / seconds;
    result_["memory_watts"] = memory.joules() / seconds;
    result_["memory_macros_um2"] = memory.area_um2;
    add_coverage();
    add_parts(energy, memory);
    add_scaled(logic, node);
    add_remarks(guessed);
    result_["digest"] = digest_;
  }

  /// All nets are simulated; how many of them have moved says how much the workload exercises.
  void add_coverage() {
    const auto moved = std::ranges::count_if(activity_.toggles, [](double t) { return t > 0; });
    const double nets = static_cast<double>(netlist_.nets - 2);
    result_["nets"] = netlist_.nets - 2;
    result_["cells"] = netlist_.cells.size();
    result_["annotated_percent"] = 100.0;
    result_["toggled_percent"] = 100 * static_cast<double>(moved) / nets;
    double toggles = 0;
    for (const double count : activity_.toggles) toggles += count;
    result_["toggles_per_net_and_cycle"] = toggles / nets / activity_.cycles;
  }

  static ordered_json parts_of(const synth::EnergyParts& parts, double macs) {
    return {{"internal_pj_per_mac", kPico * parts.internal / macs},
            {"switching_pj_per_mac", kPico * parts.switching / macs},
            {"leakage_pj_per_mac", kPico * parts.leakage / macs}};
  }

  /// Joules of registers and gates, by area bucket.
  std::map<std::string, double> by_unit(const synth::NetlistEnergy& energy) const {
    std::map<std::string, double> units;
    for (const auto& [module, parts] : energy.by_module) {
      const auto known =
          std::ranges::find(mapped_.area_by_module, module, &synth::ModuleArea::name);
      units[known == mapped_.area_by_module.end() ? "control" : known->unit] += parts.total();
    }
    return units;
  }

  void add_parts(const synth::NetlistEnergy& energy, const Memories& memory) {
    ordered_json& split = result_["split"];
    split["registers"] = parts_of(energy.registers, macs_);
    split["combinational"] = parts_of(energy.combinational, macs_);
    split["clock"] = {{"pins_pj_per_mac", kPico * energy.clock_pins / macs_},
                      {"buffers_pj_per_mac", kPico * energy.clock_buffers / macs_},
                      {"buffers", energy.buffers}};
    split["memory"] = {{"accesses_pj_per_mac", kPico * memory.accesses / macs_},
                       {"leakage_pj_per_mac", kPico * memory.leakage / macs_}};
    for (const auto& [module, parts] : energy.by_module)
      result_["pj_per_mac_by_module"][module] = kPico * parts.total() / macs_;
    for (const auto& [cell, parts] : energy.by_cell)
      result_["pj_per_mac_by_cell"][cell] = kPico * parts.total() / macs_;
    for (const auto& [unit, joules] : by_unit(energy)) {
      result_["pj_per_mac_by_unit"][unit] = kPico * joules / macs_;
      if (unit == "decoders") result_["pj_per_decoded_pair"] = kPico * joules / pairs();
    }
  }

  /// Pairs that the borders of an array decode: one of a line in every beat.
  double pairs() const {
    const transitive::InputBeats beats = harness::input_beats(engine_, workload_.operands);
    return static_cast<double>(beats.weights) * engine_.config.lanes +
           static_cast<double>(beats.activations) * engine_.config.columns;
  }

  void add_scaled(double logic, const synth::Node& node) {
    ordered_json& scaled = result_["scaled"];
    scaled["method"] = "Stillmaker and Baas 2017";
    for (const int nm : {45, 28}) {
      const synth::Node to{nm, synth::usual_volts(nm)};
      scaled[fmt::format("{}nm", nm)] = {
          {"volts", to.volts},
          {"pj_per_mac", kPico * logic / macs_ * synth::energy_factor(node, to)},
          {"area_logic_um2", mapped_.area_logic_um2 * synth::area_factor(node.nm, nm)}};
    }
  }

  void add_remarks(bool guessed) {
    ordered_json& remarks = result_["remarks"];
    remarks = ordered_json::array(
        {"pre-layout: no wires but those asked for, no clock tree but an estimate",
         "simulated without delays, so glitches are left out"});
    if (guessed) remarks.push_back("the library's node is not known, 130 nm is assumed");
    if (!options_.memory_liberty.empty())
      remarks.push_back("memories are those of --memory-liberty, at its own node and voltage");
    for (const std::string& remark : synth::power_remarks(library_)) remarks.push_back(remark);
  }

  const PowerOptions& options_;
  const ProgressFn& progress_;
  synth::Result mapped_;
  harness::Engine engine_;
  harness::Workload workload_;
  std::string digest_;
  synth::Library library_;
  synth::Netlist netlist_;
  synth::Activity activity_;
  std::vector<synth::MemoryAccesses> accesses_;
  double macs_ = 0, outputs_ = 0, transrows_ = 0;
  ordered_json result_;
};

double number(const ordered_json& object, const char* key) {
  return object.at(key).get<double>();
}

std::string picojoules(double value, double whole) {
  return fmt::format("{:9.4f} pJ/MAC  {:5.1f} %", value, 100 * value / whole);
}

}  // namespace

ordered_json measure(const PowerOptions& options, const ProgressFn& progress) {
  return Measurement(options, progress).run();
}

std::vector<std::pair<std::string, std::string>> rows_of(const ordered_json& result) {
  const double whole = number(result, "pj_per_mac");
  const ordered_json& split = result.at("split");
  const auto part = [&](const char* name) {
    double sum = 0;
    for (const auto& [key, value] : split.at(name).items())
      if (key.ends_with("_pj_per_mac")) sum += value.get<double>();
    return sum;
  };
  std::vector<std::pair<std::string, std::string>> rows = {
      {"product", fmt::format("[{} x {}] x [{} x {}], {}-bit weights", result.at("n").dump(),
                              result.at("k").dump(), result.at("k").dump(), result.at("m").dump(),
                              result.at("weight_bits").dump())},
      {"outputs", fmt::format("{} of {} differ from the exact product",
                              result.at("mismatches").dump(), result.at("outputs").dump())},
      {"cycles",
       fmt::format("{}, {:.2f} ns each", result.at("cycles").dump(), number(result, "clock_ns"))},
      {"corner",
       fmt::format("{}, {:.2f} V, {:.0f} C, pre-layout", result.at("liberty").get<std::string>(),
                   number(result, "volts"), number(result, "celsius"))},
      {"nets", fmt::format("{}, {:.1f} % annotated, {:.1f} % toggled", result.at("nets").dump(),
                           number(result, "annotated_percent"), number(result, "toggled_percent"))},
      {"logic", picojoules(whole, whole)},
      {"  registers", picojoules(part("registers"), whole)},
      {"  gates", picojoules(part("combinational"), whole)},
      {"  clock (estimate)", picojoules(part("clock"), whole)}};
  for (const auto& [unit, joules] : result.at("pj_per_mac_by_unit").items())
    rows.emplace_back("  " + unit, picojoules(joules.get<double>(), whole));
  rows.emplace_back("memory, apart",
                    fmt::format("{:9.4f} pJ/MAC", number(result, "memory_pj_per_mac")));
  rows.emplace_back("per TransRow", fmt::format("{:9.2f} pJ", number(result, "pj_per_transrow")));
  rows.emplace_back("per output", fmt::format("{:9.2f} pJ", number(result, "pj_per_output")));
  if (result.contains("pj_per_decoded_pair"))
    rows.emplace_back("per decoded pair", fmt::format("{:9.2f} pJ in its decoder",
                                                      number(result, "pj_per_decoded_pair")));
  rows.emplace_back("power", fmt::format("{:9.4f} W", number(result, "watts")));
  for (const char* node : {"45nm", "28nm"})
    rows.emplace_back(
        fmt::format("scaled to {}", node),
        fmt::format("{:9.4f} pJ/MAC", number(result.at("scaled").at(node), "pj_per_mac")));
  if (result.contains("cross_check")) {
    const ordered_json& check = result.at("cross_check");
    rows.emplace_back(
        "sta's account",
        fmt::format("ours is {:.3f} of it, counted per event; {:.3f} of what it reports",
                    number(check, "ratio"), number(check, "ratio_as_reported")));
  }
  for (const auto& remark : result.at("remarks"))
    rows.emplace_back("remark", remark.get<std::string>());
  return rows;
}

}  // namespace hasse::power
