// SPDX-License-Identifier: Apache-2.0
// The tables of docs/attribution.md: a synthetic truth recovered, real journeys, integer products.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <numeric>

#include "flows/attribute/array_energy.hpp"
#include "flows/attribute/attribution_result.hpp"
#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "golden/attribution/dcrmta.hpp"
#include "golden/attribution/economics.hpp"
#include "golden/attribution/metrics.hpp"
#include "golden/attribution/synthetic.hpp"
#include "golden/attribution/training.hpp"
#include "golden/tensor/file.hpp"
#include "verif/harness/generated.hpp"

namespace hasse::attribute {
namespace {

namespace fs = std::filesystem;
using namespace attribution;

constexpr std::size_t kArrayJourneys = 60;
constexpr double kTrained = 0.8;  ///< Share of the journeys that is trained on.

struct Options {
  fs::path out = "out/attribution", journeys, causalmta, weights;
  bool synthetic = true, energy = false;
  int epochs = 4, real_epochs = 3;
};

/// Journeys to be judged, with the truth about every touch if it is known.
struct HeldOut {
  Journeys journeys;
  std::vector<double> truth;
};

HeldOut held_out(const SyntheticJourneys& made, const std::vector<std::size_t>& which) {
  HeldOut result{select(made.journeys, which), {}};
  for (const std::size_t j : which)
    for (std::size_t t = made.journeys.first(j); t < made.journeys.first(j + 1); ++t)
      result.truth.push_back(made.credit[t]);
  return result;
}

std::vector<double> shares(const Journeys& journeys, const std::vector<double>& credit) {
  return credit_shares(channel_accounts(journeys, credit, 1));
}

/// Mean of |credit - truth| over the touches of converted journeys.
double touch_error(const Journeys& journeys, const std::vector<double>& credit,
                   const std::vector<double>& truth) {
  std::vector<double> a, b;
  for (std::size_t j = 0; j < journeys.size(); ++j)
    for (std::size_t t = journeys.first(j); t < journeys.first(j + 1); ++t)
      if (journeys.converted[j] != 0) {
        a.push_back(credit[t]);
        b.push_back(truth[t]);
      }
  return mean_error(a, b);
}

std::vector<double> credit_by(const Predictor& model, const Journeys& journeys, Method method) {
  AttributeOptions options;
  options.method = method;
  return attribution::attribute(model, journeys, options).credit;
}

void print_row(const std::string& name, const HeldOut& held, const std::vector<double>& credit) {
  const std::vector<double> truth = shares(held.journeys, held.truth);
  const std::vector<double> found = shares(held.journeys, credit);
  fmt::print("| {} | {:.3f} | {:.4f} | {:.4f} |\n", name, rank_correlation(found, truth),
             mean_error(found, truth), touch_error(held.journeys, credit, held.truth));
  std::fflush(stdout);
}

void judge(const std::string& name, const Predictor& model, const HeldOut& held) {
  for (const Method method :
       {Method::shapley, Method::shapley_nonempty, Method::published, Method::leave_one_out})
    print_row(fmt::format("{}, {}", name, name_of(method)), held,
              credit_by(model, held.journeys, method));
}

/// One market: its truth, two trained models, and what each makes of it.
void study_market(const Options& options, const std::string& name, SyntheticOptions market) {
  const SyntheticJourneys made = synthesise(market);
  const Split parts = split(made.journeys.size(), kTrained, 1);
  const Journeys train_on = select(made.journeys, parts.train);
  const HeldOut held = held_out(made, parts.held_out);
  write_journeys(options.out / (name + "_held_out.safetensors"), held.journeys);
  fmt::print("\n## {}\n\n", name);
  for (const bool causal : {true, false}) {
    TrainingOptions how = causal ? TrainingOptions() : TrainingOptions::without_causal_part();
    how.epochs = options.epochs;
    const Parameters trained = train(sizes_for(made.journeys), train_on, how);
    const std::string model_name = causal ? "DCRMTA" : "without its causal part";
    tensor::write_file(
        options.out / fmt::format("{}_{}.safetensors", name, causal ? "dcrmta" : "plain"),
        format_parameters(trained, {{"model", "DCRMTA"},
                                    {"trained_on", fmt::format("{} synthetic journeys, seed {}",
                                                               train_on.size(), market.seed)},
                                    {"seed", std::to_string(how.seed)}}));
    const Dcrmta model(trained, model_name, Arithmetic(Precision::f32));
    const std::vector<float> p = probabilities(model, held.journeys);
    fmt::print("{}: AUC {:.4f}, log loss {:.4f} on {} held-out journeys\n\n", model_name,
               auc(p, held.journeys.converted), log_loss(p, held.journeys.converted),
               held.journeys.size());
    fmt::print(
        "| credits | rank correlation | channel error | touch error |\n|---|---:|---:|---:|\n");
    judge(model_name, model, held);
    if (!causal) print_row("last touch", held, credit_by(model, held.journeys, Method::last_touch));
    fmt::print("\n");
  }
}

/// DCRMTA trained on a part of real journeys.
void study_real(const Options& options) {
  const Journeys journeys = load_journeys(options.journeys);
  const Split parts = split(journeys.size(), kTrained, 1);
  const Journeys held = select(journeys, parts.held_out);
  TrainingOptions how;
  how.epochs = options.real_epochs;
  const Parameters trained = train(sizes_for(journeys), select(journeys, parts.train), how);
  tensor::write_file(options.out / "real_dcrmta.safetensors",
                     format_parameters(trained, {{"model", "DCRMTA"}}));
  const Dcrmta model(trained, "trained", Arithmetic(Precision::f32));
  const std::vector<float> p = probabilities(model, held);
  fmt::print("\n## DCRMTA trained on {} journeys\n\nheld-out AUC {:.4f}, log loss {:.4f}\n",
             parts.train.size(), auc(p, held.converted), log_loss(p, held.converted));
}

void study_released(const Options& options) {
  const Journeys journeys = load_journeys(options.journeys);
  fmt::print(
      "\n## CausalMTA's released weights\n\n| precision | AUC | log loss |\n|---|---:|---:|\n");
  for (const Precision precision : {Precision::f32, Precision::w8a8, Precision::w4a8}) {
    const auto model = load_predictor(options.causalmta, Arithmetic(precision));
    check(journeys, model->vocabulary());
    const std::vector<float> p = probabilities(*model, journeys);
    fmt::print("| {} | {:.4f} | {:.4f} |\n", name_of(precision), auc(p, journeys.converted),
               log_loss(p, journeys.converted));
    std::fflush(stdout);
  }
}

/// The array that products run on, generated.
fs::path generated_array(const Options& options) {
  const fs::path dir = options.out / "array";
  const design::Design design =
      design::parse(R"({"engine": "banked", "planner": "orbit", "rows": 512})", "array");
  emit::write(emit::bundle(design, units::build(design)), dir);
  return dir;
}

/// Prints what the first journeys of `journeys` take on the array.
void print_cost(const Options& options, const fs::path& array, const Journeys& journeys,
                Precision precision) {
  std::vector<std::size_t> which(std::min(kArrayJourneys, journeys.size()));
  std::iota(which.begin(), which.end(), std::size_t{0});
  const Journeys first = select(journeys, which);
  CycleCounter counter(harness::generated_engine(array));
  const auto model = load_predictor(options.weights, Arithmetic(precision, counter.product()));
  AttributeOptions how;
  how.threads = 1;
  attribution::attribute(*model, first, how);
  const ArrayCost cost = counter.cost(first.size(), first.touches());
  fmt::print(" {:.0f} | {:.0f} | {:.3f} |", cost.cycles_per_journey(), cost.cycles_per_touch(),
             cost.utilisation());
  if (options.energy) {
    synth::Options netlist;
    netlist.dir = array;
    const ArrayEnergy energy = measure_energy(counter, cost, netlist);
    const auto per = [](double picojoules, std::size_t count) {
      return picojoules / 1000 / static_cast<double>(count);
    };
    fmt::print(" {:.0f} | {:.0f} | {:.0f} |", per(energy.total.logic_pj, cost.journeys),
               per(energy.total.logic_pj, cost.touches),
               per(energy.total.memory_pj, cost.journeys));
  }
  fmt::print("\n");
  std::fflush(stdout);
}

/// What integers change on the held-out journeys of the confounded market, and what they take.
void study_precisions(const Options& options) {
  const SyntheticJourneys made = synthesise({});
  const HeldOut held = held_out(made, split(made.journeys.size(), kTrained, 1).held_out);
  Credits exact;
  const fs::path array = generated_array(options);
  fmt::print("\n## Integer products\n\n");
  fmt::print(
      "| precision | AUC | log loss | channel | touch | cycles a journey | a touch | busy |{}\n",
      options.energy ? " nJ a journey | a touch | memories, nJ a journey |" : "");
  fmt::print("|---|---:|---:|---:|---:|---:|---:|---:|{}\n",
             options.energy ? "---:|---:|---:|" : "");
  for (const Precision precision : {Precision::f32, Precision::w8a8, Precision::w4a8}) {
    const auto model = load_predictor(options.weights, Arithmetic(precision));
    const Credits credits = attribution::attribute(*model, held.journeys, {});
    if (precision == Precision::f32) exact = credits;
    fmt::print(
        "| {} | {:.4f} | {:.4f} | {:.4f} | {:.4f} |", name_of(precision),
        auc(credits.probability, held.journeys.converted),
        log_loss(credits.probability, held.journeys.converted),
        mean_error(shares(held.journeys, credits.credit), shares(held.journeys, exact.credit)),
        touch_error(held.journeys, credits.credit, exact.credit));
    if (precision == Precision::f32) {
      fmt::print(" | | |{}\n", options.energy ? " | | |" : "");
      continue;
    }
    print_cost(options, array, made.journeys, precision);
  }
}

void declare(CLI::App& app, Options& options) {
  app.add_option("-o,--out", options.out, "Folder for weights and held-out journeys")
      ->capture_default_str();
  app.add_flag("!--no-synthetic", options.synthetic, "Leave the synthetic markets out");
  app.add_option("--epochs", options.epochs, "On synthetic journeys")->capture_default_str();
  app.add_option("--weights", options.weights, "Of the confounded market, to be run in integers")
      ->check(CLI::ExistingFile);
  app.add_flag("--energy", options.energy, "Of these integers, on the array's mapped netlist");
  CLI::Option* journeys =
      app.add_option("--journeys", options.journeys, "Real journeys, to train on a part of them")
          ->check(CLI::ExistingFile);
  app.add_option("--real-epochs", options.real_epochs, "On these")->capture_default_str();
  app.add_option("--causalmta", options.causalmta, "CausalMTA's weights for these")
      ->check(CLI::ExistingFile)
      ->needs(journeys);
}

void run(const Options& options) {
  fs::create_directories(options.out);
  if (options.synthetic) {
    study_market(options, "confounded", {});
    SyntheticOptions calm;
    calm.confounding = 0;
    calm.affinity = 0;
    study_market(options, "unconfounded", calm);
  }
  if (!options.weights.empty()) study_precisions(options);
  if (!options.causalmta.empty()) study_released(options);
  if (!options.journeys.empty()) study_real(options);
}

}  // namespace
}  // namespace hasse::attribute

int main(int argc, char** argv) {
  // The tape takes and returns large matrices all the time; keep them from the kernel.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  CLI::App app("Tables of docs/attribution.md; see there.");
  hasse::attribute::Options options;
  hasse::attribute::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    hasse::attribute::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
