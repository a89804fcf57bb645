// SPDX-License-Identifier: Apache-2.0
// Takes every design through all steps.
#include "flows/compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "flows/evaluate/evaluation.hpp"
#include "flows/power/power.hpp"
#include "flows/predict/prediction.hpp"
#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "synth/synth.hpp"
#include "verif/harness/generated.hpp"
#include "verif/harness/verify.hpp"

namespace hasse::compare {
namespace {

namespace fs = std::filesystem;

/// Takes one design through all steps.
class Runner {
 public:
  Runner(const CompareOptions& options, const Contender& contender, const ProgressFn& progress)
      : workload_(options.workload),
        contender_(contender),
        dir_(options.output / contender.name),
        progress_(progress) {}

  DesignResult run() {
    result_.contender = contender_;
    generate();
    verify();
    predict();
    synthesise();
    measure_power();
    return result_;
  }
  double clock_ns() const { return clock_ns_; }
  const std::string& liberty() const { return liberty_; }

 private:
  void tell(const std::string& what, double share = -1) const {
    if (progress_) progress_(fmt::format("{}: {}", contender_.name, what), share);
  }

  void generate() {
    tell("generate");
    const design::Design design = design::load(contender_.design);
    emit::write(emit::bundle(design, units::build(design)), dir_);
    result_.engine = design.engine;
    result_.format = fmt::format("{}W{}A{}", design.decodes_pairs() ? "OliVe " : "",
                                 contender_.weight_bits, design.activation_bits);
  }

  void verify() {
    harness::VerifyOptions options;
    options.dir = dir_;
    options.workload.weight_bits = contender_.weight_bits;
    const harness::VerifyResult verified = harness::verify(
        options, [&](const std::string& stage, double share) { tell(stage, share); });
    result_.mismatches = verified.mismatches;
    result_.outputs = verified.outputs;
  }

  void predict() {
    predict::Shapes shapes = workload_.shapes;
    for (predict::Layer& layer : shapes.layers) layer.shape.weight_bits = contender_.weight_bits;
    const predict::ModelResult predicted = predict::predict_layers(
        harness::generated_engine(dir_), shapes, {}, {},
        [&](const std::string& layer, double share) { tell("model " + layer, share); });
    result_.mac_per_cycle = predicted.total.macs / predicted.total.cycles;
    result_.utilisation = predicted.utilisation(predicted.total);
  }

  void synthesise() {
    synth::Options options;
    options.dir = dir_;
    options.clock_ns = workload_.clock_ns;
    if (!workload_.liberty.empty()) options.liberty = workload_.liberty;
    const synth::Result mapped =
        synth::run(options, [&](std::string_view stage) { tell(fmt::format("synth {}", stage)); });
    result_.area_logic_um2 = mapped.area_logic_um2;
    result_.area_memory_um2 = mapped.area_memory_um2;
    result_.fmax_mhz = mapped.fmax_mhz;
    clock_ns_ = mapped.clock_ns;
    liberty_ = mapped.liberty;
    synth_ = options;
  }

  /// A tile of rows for all lanes, a long sum, and two passes: the array as full as in the layers.
  transitive::Shape steady_shape() const {
    const harness::Engine engine = harness::generated_engine(dir_);
    const transitive::EngineConfig all = engine.streams();
    const int rows = all.takes_pairs() ? 2 * all.lanes : all.rows_per_tile(contender_.weight_bits);
    transitive::Shape shape;
    shape.n = std::min({rows, kMostRows, engine.max_n});
    shape.k = std::min(kInner, engine.max_k);
    shape.m = std::min(2 * all.columns, engine.max_m);
    return shape;
  }

  void measure_power() {
    power::PowerOptions options;
    options.synth = synth_;
    options.workload.weight_bits = contender_.weight_bits;
    options.workload.filled = steady_shape();
    const nlohmann::ordered_json measured = power::measure(
        options, [&](const std::string& what, double share) { tell("power: " + what, share); });
    result_.pj_per_mac = measured.at("pj_per_mac");
    result_.memory_pj_per_mac = measured.at("memory_pj_per_mac");
    result_.gate_mismatches = measured.at("mismatches");
  }

  static constexpr int kMostRows = 2048, kInner = 3072;

  const Workload& workload_;
  const Contender& contender_;
  fs::path dir_;
  const ProgressFn& progress_;
  DesignResult result_;
  double clock_ns_ = 0;
  std::string liberty_;
  synth::Options synth_;
};

/// Bits per byte of every method that a contender names, and of "float".
std::map<std::string, double> accuracies(const Workload& workload, const ProgressFn& progress) {
  evaluate::EvalOptions options;
  options.text = workload.text;
  options.methods = {"float"};
  for (const Contender& contender : workload.contenders) {
    const bool known = std::find(options.methods.begin(), options.methods.end(),
                                 contender.accuracy) != options.methods.end();
    if (!contender.accuracy.empty() && !known) options.methods.push_back(contender.accuracy);
  }
  std::map<std::string, double> bits;
  const evaluate::Evaluation evaluation =
      evaluate::evaluate(options, [&](const std::string& what, double share) {
        if (progress) progress("accuracy of " + what, share);
      });
  for (const evaluate::MethodResult& method : evaluation.methods)
    bits[method.name] = method.score.bits_per_byte;
  return bits;
}

}  // namespace

const DesignResult& Comparison::reference_result() const {
  return *std::find_if(designs.begin(), designs.end(), [&](const DesignResult& design) {
    return design.contender.name == reference;
  });
}

double Comparison::advantage(const DesignResult& design) const {
  return reference_result().mac_per_cycle_per_mm2() / design.mac_per_cycle_per_mm2();
}

double Comparison::energy_advantage(const DesignResult& design) const {
  return design.pj_per_mac / reference_result().pj_per_mac;
}

bool Comparison::meets_clock(const DesignResult& design) const {
  return design.fmax_mhz && *design.fmax_mhz * clock_ns >= 999.999;
}

Comparison compare(const CompareOptions& options, const ProgressFn& progress) {
  const Workload& workload = options.workload;
  Comparison comparison;
  comparison.name = workload.name;
  comparison.shapes = workload.shapes.name;
  comparison.reference = workload.reference;
  comparison.text = workload.text.filename().string();
  for (const Contender& contender : workload.contenders) {
    Runner runner(options, contender, progress);
    comparison.designs.push_back(runner.run());
    comparison.clock_ns = runner.clock_ns();
    comparison.liberty = runner.liberty();
  }
  if (workload.text.empty()) return comparison;
  const std::map<std::string, double> bits = accuracies(workload, progress);
  comparison.float_bits_per_byte = bits.at("float");
  for (DesignResult& design : comparison.designs)
    if (!design.contender.accuracy.empty())
      design.bits_per_byte = bits.at(design.contender.accuracy);
  return comparison;
}

}  // namespace hasse::compare
