// SPDX-License-Identifier: Apache-2.0
// hasse attribute: credits for the touches of customer journeys.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <memory>

#include "flows/attribute/attribution_result.hpp"
#include "flows/design_engine.hpp"
#include "flows/liberty_option.hpp"
#include "flows/report/numbers.hpp"
#include "flows/verbs.hpp"
#include "golden/attribution/synthetic.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;
using attribution::Method;
using attribution::Precision;

const std::map<std::string, Precision> kPrecisions = {
    {"float", Precision::f32}, {"w8a8", Precision::w8a8}, {"w4a8", Precision::w4a8}};
const std::map<std::string, Method> kMethods = {{"shapley", Method::shapley},
                                                {"shapley-nonempty", Method::shapley_nonempty},
                                                {"published", Method::published},
                                                {"leave-one-out", Method::leave_one_out},
                                                {"last-touch", Method::last_touch}};

struct Options {
  fs::path journeys, model, output, plots, design;
  bool energy = false;
  synth::Options netlist;  ///< For the energy; its directory is the design.
  Precision precision = Precision::f32;
  attribution::AttributeOptions how;
  double budget = 0.5;
  std::size_t array_journeys = 64;
};

std::string figure(double value) {
  return report::significant(value, 4);
}

/// "credit 123.4, cost 0.5, ROI 246.8, budget 0.2".
std::string account_text(const attribution::ChannelAccount& account) {
  return fmt::format("credit {:>7}  cost {:>7}  ROI {:>7}  budget {:>7}", figure(account.credit),
                     figure(account.cost), account.roi ? figure(*account.roi) : "-",
                     figure(account.budget));
}

std::string method_text(const attribute::Result& result) {
  const std::size_t sampled = result.credits.sampled;
  if (sampled == 0) return result.method;
  return fmt::format("{}; {} journeys sampled, standard error up to {:.4f}", result.method,
                     grouped(static_cast<long long>(sampled)), result.largest_error);
}

/// A number of picojoules, in nanojoules.
std::string nanojoules(double picojoules, std::size_t count) {
  return figure(picojoules / 1000 / static_cast<double>(count)) + " nJ";
}

void add_energy_rows(Rows& rows, const attribute::ArrayEnergy& energy,
                     const attribute::ArrayCost& array) {
  const auto row = [&](const std::string& name, double picojoules) {
    rows.emplace_back(
        name, fmt::format("{} a journey, {} a touch", nanojoules(picojoules, array.journeys),
                          nanojoules(picojoules, array.touches)));
  };
  row("energy", energy.total.logic_pj);
  row("  memories, apart", energy.total.memory_pj);
  rows.emplace_back("  at",
                    fmt::format("{}, {:.2f} ns, pre-layout", energy.liberty, energy.clock_ns));
}

void add_array_rows(Rows& rows, const attribute::ArrayCost& array) {
  rows.emplace_back("on the array",
                    fmt::format("{} cycles a journey, {} a touch, {} busy (sample of {})",
                                grouped(std::llround(array.cycles_per_journey())),
                                grouped(std::llround(array.cycles_per_touch())),
                                report::percent(array.utilisation()), array.journeys));
  for (const auto& [name, cost] : array.by_name)
    rows.emplace_back("  " + name, fmt::format("{:>6} of the cycles, {:>7} busy",
                                               report::percent(cost.cycles / array.total.cycles),
                                               report::percent(array.utilisation(cost))));
}

Rows rows_of(const attribute::Result& result) {
  const auto count = [](std::size_t value) { return grouped(static_cast<long long>(value)); };
  Rows rows = {
      {"model", fmt::format("{}, {}", result.model, result.precision)},
      {"journeys", fmt::format("{}, {} touches", count(result.journeys), count(result.touches))},
      {"AUC, log loss", fmt::format("{:.4f}, {:.4f}", result.auc, result.log_loss)},
      {"method", method_text(result)}};
  for (const auto& channel : result.channels)
    rows.emplace_back(channel.name, account_text(channel));
  rows.emplace_back(
      "replay", fmt::format("{} of the cost: {} conversions, CPA {}, CVR {}",
                            report::percent(result.budget_share), figure(result.replay.conversions),
                            result.replay.cpa ? figure(*result.replay.cpa) : "-",
                            report::percent(result.replay.cvr)));
  if (result.array) add_array_rows(rows, *result.array);
  if (result.energy) add_energy_rows(rows, *result.energy, *result.array);
  rows.emplace_back(
      "took", fmt::format("{:.1f} s, {} journeys a second", result.seconds,
                          count(static_cast<std::size_t>(static_cast<double>(result.journeys) /
                                                         result.seconds))));
  return rows;
}

/// Attributes a sample of the journeys once more, on one thread, counts cycles, and measures energy
/// if it is asked for.
void add_array_cost(attribute::Result& result, const Options& options,
                    const attribution::Journeys& journeys, const Call& call) {
  const double share = std::min(
      1.0, static_cast<double>(options.array_journeys) / static_cast<double>(journeys.size()));
  const attribution::Journeys sample = attribution::select(
      journeys, attribution::split(journeys.size(), share, options.how.seed).train);
  attribute::CycleCounter counter(engine_of(options.design));
  const auto model = attribution::load_predictor(
      options.model, attribution::Arithmetic(options.precision, counter.product()));
  attribution::AttributeOptions how = options.how;
  how.threads = 1;
  attribution::attribute(*model, sample, how, [&](double done) {
    call.progress.show("attribute: counting cycles", done);
  });
  result.array = counter.cost(sample.size(), sample.touches());
  if (!options.energy) return;
  synth::Options netlist = options.netlist;
  netlist.dir = options.design;
  result.energy = attribute::measure_energy(counter, *result.array, netlist,
                                            [&](const std::string& what, double done) {
                                              call.progress.show("attribute: " + what, done);
                                            });
}

Outcome run_attribute(const Options& options, const Call& call) {
  if (!options.design.empty() && options.precision == Precision::f32)
    throw harness::HarnessError(
        "--precision is float, expected w8a8 or w4a8 for the arrays of --design");
  if (options.energy && !fs::is_directory(options.design))
    throw harness::HarnessError(
        fmt::format("--design: {} is a file; expected a directory that hasse generate wrote, whose "
                    "netlist --energy simulates",
                    options.design.string()));
  call.progress.show("attribute: reading");
  const attribution::Journeys journeys = attribution::load_journeys(options.journeys);
  const auto model =
      attribution::load_predictor(options.model, attribution::Arithmetic(options.precision));
  const auto begin = std::chrono::steady_clock::now();
  attribution::Credits credits = attribution::attribute(
      *model, journeys, options.how,
      [&](double share) { call.progress.show("attribute: " + model->name(), share); });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  attribute::Result result = attribute::measure(journeys, std::move(credits), options.budget);
  result.model = model->name();
  result.precision = name_of(options.precision);
  result.method = name_of(options.how.method);
  result.seconds = took.count();
  if (!options.design.empty()) add_array_cost(result, options, journeys, call);
  write_json(options.output, credits_document(journeys, result));
  if (!options.plots.empty()) write_plots(result, options.plots);
  Outcome outcome;
  outcome.document["attribute"] = to_json(result);
  outcome.document["attribute"]["journeys_per_second"] =
      static_cast<double>(result.journeys) / result.seconds;
  outcome.document["attribute"]["command"] = call.command;
  outcome.table = format_table(options.journeys.filename().string(), rows_of(result));
  return outcome;
}

void declare_files(CLI::App& command, Options& options) {
  command.add_option("--journeys", options.journeys, "Journeys, as docs/attribution.md has them")
      ->type_name("J.safetensors")
      ->required();
  command.add_option("--model", options.model, "A trained DCRMTA or CausalMTA")
      ->type_name("M.safetensors")
      ->required();
  command.add_option("-o,--output", options.output, "Write accounts and every touch's credit")
      ->type_name("credits.json")
      ->required();
  command.add_option("--plots", options.plots, "Write pictures of credits, ROI and calibration")
      ->type_name("DIR");
}

void declare_how(CLI::App& command, Options& options) {
  command.add_option("--method", options.how.method, "How touches are credited")
      ->type_name("shapley|shapley-nonempty|published|leave-one-out|last-touch")
      ->transform(CLI::CheckedTransformer(kMethods).description(""))
      ->default_str("shapley");
  command.add_option("--precision", options.precision, "What products are computed in")
      ->type_name("float|w8a8|w4a8")
      ->transform(CLI::CheckedTransformer(kPrecisions).description(""))
      ->default_str("float");
  command
      .add_option("--exact-touches", options.how.exact_touches,
                  "Shapley values of longer journeys are sampled")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command
      .add_option("--samples", options.how.samples,
                  "Orders of touches drawn for a sampled journey, half of them reversed")
      ->check(CLI::Range(4, 100000))
      ->check([](const std::string& text) {
        return (text.back() - '0') % 2 == 0 ? std::string() : "an even number is needed";
      })
      ->capture_default_str();
  command.add_option("--seed", options.how.seed, "Of samples")->capture_default_str();
  command.add_option("--threads", options.how.threads, "Threads; results do not depend on them")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command.add_option("--budget", options.budget, "Divided among channels, as a part of all costs")
      ->type_name("SHARE")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI::Option* design =
      command
          .add_option("--design", options.design,
                      "Count the cycles of this design (JSON, or a generated directory)")
          ->type_name("DESIGN")
          ->check(CLI::ExistingPath.description(""));
  command
      .add_option("--array-journeys", options.array_journeys, "Journeys whose cycles are counted")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str()
      ->needs(design);
  CLI::Option* energy =
      command
          .add_flag("--energy", options.energy,
                    "Also map the design, a generated directory, and measure energy on its netlist")
          ->needs(design);
  declare_liberty(command, options.netlist);
  command.get_option("--liberty")->needs(energy);
  command.add_option("--clock-ns", options.netlist.clock_ns, "Its clock; 100 FO4 by default")
      ->type_name("X")
      ->check(CLI::PositiveNumber)
      ->needs(energy);
}

}  // namespace

Action declare_attribute(CLI::App& command) {
  auto options = std::make_shared<Options>();
  declare_files(command, *options);
  declare_how(command, *options);
  command.footer(
      "Nothing is written unless journeys and model fit together. Examples:\n"
      "  hasse attribute --journeys J.safetensors --model M.safetensors -o credits.json\n"
      "  hasse attribute --journeys J.safetensors --model M.safetensors --precision w8a8 \\\n"
      "    --design flows/designs/default.json --plots plots -o credits.json");
  return [options](const Call& call) { return run_attribute(*options, call); };
}

}  // namespace hasse::flows
