// SPDX-License-Identifier: Apache-2.0
#include "flows/power/attention_power.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "verif/attention/verify_attention.hpp"
#include "verif/gate/gate_model.hpp"

namespace hasse::power {
namespace {

using attention::units::PageSource;
using harness::DecodeResult;
using harness::DecodeSeries;
using nlohmann::ordered_json;

constexpr double kPico = 1e12, kMicro = 1e6;

/// Whether the first step's pages are chosen by scores, and nothing is pruned after that.
bool chooses(const DecodeSeries& series) {
  const attention::units::EngineTask& task = series.steps.front().task;
  return task.source == PageSource::scores && !task.mass;
}

/// `series` with the last pages in place of the chosen ones, as many as `results` read.
DecodeSeries by_place(DecodeSeries series, const std::vector<DecodeResult>& results) {
  series.setting.name += "'s number of last pages";
  series.setting.policy.select = attention::Select::all;
  for (std::size_t i = 0; i < results.size(); ++i) {
    series.steps[i].task.source = PageSource::window;
    series.steps[i].task.local = results[i].run.listed.size();
  }
  return series;
}

/// What identifies the operands and tasks of `sequence`.
std::string inputs_of(const harness::DecodeSequence& sequence) {
  std::string text = sequence.description;
  for (const DecodeSeries& series : sequence.series) {
    text += fmt::format("|{} {}", series.setting.name, series.setting.kv_bits);
    for (const harness::DecodeStep& step : series.steps) {
      const attention::units::EngineTask& task = step.task;
      text += fmt::format(";{} {} {} {} {} {} {} {} {} {}", static_cast<int>(task.source),
                          task.places, task.force_last, task.mass.value_or(0), task.unite,
                          task.page_shift, task.key_shift, task.step, task.value_shift,
                          fmt::join(step.queries.queries.values(), ","));
      for (const auto& page : step.memory.memory.pages)
        for (const auto* words : {&page.keys, &page.values})
          for (const auto& word : *words)
            text += fmt::format("{} {} {}", word.low, word.range, fmt::join(word.codes, ","));
    }
  }
  return text;
}

/// One measurement, series by series.
class AttentionMeasurement {
 public:
  AttentionMeasurement(const AttentionPowerOptions& options, const ProgressFn& progress)
      : options_(options), account_(options, progress) {}

  ordered_json run() {
    account_.tell("preparing the operands");
    geometry_.emplace(harness::generated_attention(options_.synth.dir));
    const harness::DecodeSequence sequence = harness::make_sequence(*geometry_, options_.decode);
    account_.map();
    if (auto kept = account_.kept(inputs_of(sequence))) return std::move(*kept);
    account_.load();
    result_ = {{"workload", sequence.description},
               {"tokens", sequence.tokens},
               {"mismatches", 0},
               {"outputs", 0},
               {"cycles", 0},
               {"seed", options_.seed}};
    account_.add_corner(result_);
    for (const DecodeSeries& series : sequence.series) measure(series);
    account_.add_coverage(result_, activity_);
    account_.add_remarks(result_, sequence.remarks);
    account_.keep(result_);
    return std::move(result_);
  }

 private:
  void measure(const DecodeSeries& series) {
    const auto [results, joules] = simulate(series);
    if (!chooses(series)) return;
    const double placed = simulate(by_place(series, results)).joules;
    double chosen = 0;
    for (const DecodeResult& step : results) chosen += static_cast<double>(step.run.listed.size());
    ordered_json& entry = result_["series"][result_["series"].size() - 2];
    entry["pj_per_selected_page"] = kPico * (joules - placed) / chosen;
    if (!result_.contains("pj_per_selected_page"))
      result_["pj_per_selected_page"] = entry["pj_per_selected_page"];
  }

  struct Simulated {
    std::vector<DecodeResult> steps;
    double joules;  ///< Of logic.
  };

  Simulated simulate(const DecodeSeries& series) {
    gate::GateModel gates(account_.netlist(), account_.library(),
                          static_cast<std::uint32_t>(options_.seed));
    gates.model().reset();
    gates.simulator().restart();
    const std::string what = "simulating the netlist, " + series.setting.name;
    account_.tell(what, 0);
    const auto count = static_cast<double>(series.steps.size());
    std::vector<DecodeResult> steps = harness::run_series(
        gates.model(), *geometry_, series, {}, options_.seed,
        [&](std::size_t done) { account_.tell(what, static_cast<double>(done) / count); });
    const SimulationCost cost = account_.cost(gates.simulator());
    describe(series, steps, cost);
    return {std::move(steps), cost.logic.total()};
  }

  void describe(const DecodeSeries& series, const std::vector<DecodeResult>& steps,
                const SimulationCost& cost) {
    const auto count = static_cast<double>(steps.size());
    const double joules = cost.logic.total();
    double tokens = 0;
    ordered_json one = {{"name", series.setting.name}, {"kv_bits", series.setting.kv_bits}};
    for (const DecodeResult& step : steps) {
      one["steps"].push_back(to_json(step, *geometry_, series.setting.kv_bits));
      tokens += step.listed_tokens(geometry_->page);
      add("mismatches", step.mismatches);
      add("outputs", step.outputs);
      add("cycles", step.run.cycles);
    }
    one["uj_per_step"] = kMicro * joules / count;
    one["pj_per_attended_token"] = kPico * joules / tokens;
    one["memory_uj_per_step"] = kMicro * cost.memory.joules() / count;
    one["watts"] = joules / cost.seconds();
    one["split"] = {
        {"registers_uj_per_step", kMicro * cost.logic.registers.total() / count},
        {"combinational_uj_per_step", kMicro * cost.logic.combinational.total() / count},
        {"clock_uj_per_step", kMicro * (cost.logic.clock_pins + cost.logic.clock_buffers) / count}};
    for (const auto& [unit, spent] : cost.by_unit)
      one["uj_per_step_by_unit"][unit] = kMicro * spent / count;
    result_["series"].push_back(std::move(one));
    gather(cost.activity);
  }

  void add(const char* key, std::uint64_t more) {
    result_[key] = result_[key].get<std::uint64_t>() + more;
  }

  void gather(const synth::Activity& activity) {
    activity_.toggles.resize(activity.toggles.size());
    std::ranges::transform(activity_.toggles, activity.toggles, activity_.toggles.begin(),
                           std::plus{});
    activity_.cycles += activity.cycles;
  }

  const AttentionPowerOptions& options_;
  NetlistAccount account_;
  std::optional<units::AttentionGeometry> geometry_{};
  synth::Activity activity_{};  ///< Of all series.
  ordered_json result_{};
};

double number(const ordered_json& object, const char* key) {
  return object.at(key).get<double>();
}

/// "1710 cycles, 32 pages of keys, ...", of the last step, and the energy of the mean one.
std::string text_of(const ordered_json& series) {
  const ordered_json& last = series.at("steps").back();
  return fmt::format(
      "{:8.3f} uJ a step  {:8.0f} pJ a token of the list  ({} cycles, {} + {} pages)",
      number(series, "uj_per_step"), number(series, "pj_per_attended_token"),
      last.at("cycles").dump(), last.at("pages").dump(), last.at("value_pages").dump());
}

}  // namespace

ordered_json measure(const AttentionPowerOptions& options, const ProgressFn& progress) {
  return AttentionMeasurement(options, progress).run();
}

std::vector<std::pair<std::string, std::string>> attention_rows_of(const ordered_json& result) {
  std::vector<std::pair<std::string, std::string>> rows = {
      {"outputs", fmt::format("{} of {} differ from the bit-true model's, pages and bytes included",
                              result.at("mismatches").dump(), result.at("outputs").dump())},
      {"corner", fmt::format("{}, {:.2f} V, {:.0f} C, {:.2f} ns, pre-layout",
                             result.at("liberty").get<std::string>(), number(result, "volts"),
                             number(result, "celsius"), number(result, "clock_ns"))},
      {"nets",
       fmt::format("{}, {:.1f} % annotated, {:.1f} % toggled", result.at("nets").dump(),
                   number(result, "annotated_percent"), number(result, "toggled_percent"))}};
  for (const ordered_json& series : result.at("series")) {
    rows.emplace_back(series.at("name").get<std::string>(), text_of(series));
    for (const auto& [part, uj] : series.at("split").items())
      rows.emplace_back("  " + part.substr(0, part.find('_')),
                        fmt::format("{:8.3f} uJ", uj.get<double>()));
    rows.emplace_back("  memory, apart",
                      fmt::format("{:8.3f} uJ", number(series, "memory_uj_per_step")));
  }
  if (result.contains("pj_per_selected_page"))
    rows.emplace_back("choosing a page",
                      fmt::format("{:8.0f} pJ", number(result, "pj_per_selected_page")));
  for (const auto& remark : result.at("remarks"))
    rows.emplace_back("remark", remark.get<std::string>());
  return rows;
}

}  // namespace hasse::power
