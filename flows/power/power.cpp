// SPDX-License-Identifier: Apache-2.0
#include "flows/power/power.hpp"

#include <fmt/format.h>

#include "synth/energy/opensta_power.hpp"
#include "synth/energy/scaling.hpp"
#include "verif/gate/gate_model.hpp"
#include "verif/harness/gemm_driver.hpp"
#include "verif/harness/generated.hpp"

namespace hasse::power {
namespace {

using nlohmann::ordered_json;

constexpr double kPico = 1e12;

/// One measurement, step by step.
class Measurement {
 public:
  Measurement(const PowerOptions& options, const ProgressFn& progress)
      : options_(options), account_(options, progress) {}

  ordered_json run() {
    prepare_operands();
    account_.map();
    if (auto kept = account_.kept(inputs())) return std::move(*kept);
    account_.load();
    const SimulationCost cost = simulate();
    account(cost);
    account_.keep(result_);
    return std::move(result_);
  }

 private:
  void prepare_operands() {
    account_.tell("preparing the operands");
    engine_ = harness::generated_engine(options_.synth.dir);
    if (options_.operands) {
      workload_ = *options_.operands;
      return;
    }
    harness::WorkloadOptions source = options_.workload;
    source.seed = options_.seed;
    workload_ = harness::make_workload(engine_, source);
  }

  /// Everything of the workload that the answer depends on.
  std::string inputs() const {
    const harness::Operands& operands = workload_.operands;
    std::string text = fmt::format("{} {} {} ", options_.cross_check.value_or(-1),
                                   workload_.description, operands.weight_bits);
    const auto append = [&](const auto& values) {
      text.append(reinterpret_cast<const char*>(values.data()),
                  values.size() * sizeof(*values.data()));
    };
    append(operands.weights);
    append(operands.activations);
    if (operands.scales) append(operands.scales->scales), append(operands.scales->zeros);
    return text;
  }

  /// Multiplies on the netlist.
  SimulationCost simulate() {
    gate::GateModel gates(account_.netlist(), account_.library(),
                          static_cast<std::uint32_t>(options_.seed));
    gates.model().reset();
    gates.simulator().restart();
    harness::GemmDriver driver(gates.model(), engine_);
    harness::GemmOptions gemm;
    gemm.progress = [&](double share) { account_.tell("simulating the netlist", share); };
    const harness::GemmRun run = driver.run(workload_.operands, gemm);
    describe(run, harness::exact_results(engine_, workload_.operands));
    if (options_.cross_check) cross_check();
    return account_.cost(gates.simulator());
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
    const double clock_ns = account_.mapped().clock_ns;
    const synth::Activity uniform{
        std::vector<double>(account_.netlist().nets, *options_.cross_check), 1, clock_ns};
    const synth::NetlistEnergy energy =
        synth::evaluate_energy(account_.netlist(), account_.library(), uniform);
    synth::EnergyParts parts = energy.registers;
    parts += energy.combinational;
    const double per_second = 1 / (clock_ns * 1e-9);
    return {parts.internal * per_second, parts.switching * per_second, parts.leakage * per_second};
  }

  void cross_check() {
    account_.tell("comparing with sta");
    const synth::Result& mapped = account_.mapped();
    const synth::PowerReport sta =
        synth::opensta_power(mapped.netlist.parent_path(), account_.top(), mapped.clock_ns,
                             *options_.cross_check, account_.work());
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

  void account(const SimulationCost& cost) {
    const double logic = cost.logic.total();
    account_.add_corner(result_);
    result_["pj_per_mac"] = kPico * logic / macs_;
    result_["pj_per_transrow"] = transrows_ > 0 ? kPico * logic / transrows_ : 0;
    result_["pj_per_output"] = kPico * logic / outputs_;
    result_["memory_pj_per_mac"] = kPico * cost.memory.joules() / macs_;
    result_["watts"] = logic / cost.seconds();
    result_["memory_watts"] = cost.memory.joules() / cost.seconds();
    result_["memory_macros_um2"] = cost.memory.area_um2;
    account_.add_coverage(result_, cost.activity);
    add_parts(cost);
    add_scaled(logic);
    account_.add_remarks(result_);
  }

  static ordered_json parts_of(const synth::EnergyParts& parts, double macs) {
    return {{"internal_pj_per_mac", kPico * parts.internal / macs},
            {"switching_pj_per_mac", kPico * parts.switching / macs},
            {"leakage_pj_per_mac", kPico * parts.leakage / macs}};
  }

  void add_parts(const SimulationCost& cost) {
    ordered_json& split = result_["split"];
    split["registers"] = parts_of(cost.logic.registers, macs_);
    split["combinational"] = parts_of(cost.logic.combinational, macs_);
    split["clock"] = {{"pins_pj_per_mac", kPico * cost.logic.clock_pins / macs_},
                      {"buffers_pj_per_mac", kPico * cost.logic.clock_buffers / macs_},
                      {"buffers", cost.logic.buffers}};
    split["memory"] = {{"accesses_pj_per_mac", kPico * cost.memory.accesses / macs_},
                       {"leakage_pj_per_mac", kPico * cost.memory.leakage / macs_}};
    for (const auto& [module, parts] : cost.logic.by_module)
      result_["pj_per_mac_by_module"][module] = kPico * parts.total() / macs_;
    for (const auto& [cell, parts] : cost.logic.by_cell)
      result_["pj_per_mac_by_cell"][cell] = kPico * parts.total() / macs_;
    for (const auto& [unit, joules] : cost.by_unit) {
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

  void add_scaled(double logic) {
    const synth::Node node = account_.node();
    ordered_json& scaled = result_["scaled"];
    scaled["method"] = "Stillmaker and Baas 2017";
    for (const int nm : {45, 28}) {
      const synth::Node to{nm, synth::usual_volts(nm)};
      scaled[fmt::format("{}nm", nm)] = {
          {"volts", to.volts},
          {"pj_per_mac", kPico * logic / macs_ * synth::energy_factor(node, to)},
          {"area_logic_um2", account_.mapped().area_logic_um2 * synth::area_factor(node.nm, nm)}};
    }
  }

  const PowerOptions& options_;
  NetlistAccount account_;
  harness::Engine engine_;
  harness::Workload workload_;
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
