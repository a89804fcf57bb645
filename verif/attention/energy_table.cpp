// SPDX-License-Identifier: Apache-2.0
// Decode steps of the byte-level model on the mapped netlist of an attention engine: outputs equal
// to the bit-true model's, and what a step, a token and a chosen page cost. Prints a table of
// docs/attention.md:
//
//   hasse generate verif/attention/bytelm.json -o out/bytelm
//   hasse synth out/bytelm
//   build/release/verif/attention/attention_energy_table out/bytelm
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "generator/design/design.hpp"
#include "golden/attention/units/engine_operands.hpp"
#include "golden/tensor/file.hpp"
#include "synth/energy/energy.hpp"
#include "synth/synth.hpp"
#include "verif/attention/attention_driver.hpp"
#include "verif/attention/layer_operands.hpp"
#include "verif/gate/gate_model.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

using attention::units::EngineQueries;
using attention::units::EngineTask;
using attention::units::PageSource;

constexpr std::size_t kLayer = 2;
constexpr int kKvBits = 8;
constexpr std::size_t kPlaces = 8;
constexpr std::uint32_t kMass = 55706;  ///< 0.85

synth::Result mapped(const std::filesystem::path& dir) {
  synth::Options options;
  options.dir = dir;
  return synth::run(options);
}

/// The design that `dir` was generated from. Its heads have to be the byte-level model's.
design::Design design_of(const std::filesystem::path& dir) {
  const std::filesystem::path file = dir / "manifest.json";
  const auto manifest = nlohmann::json::parse(tensor::read_file(file));
  const design::Design design = design::parse(manifest.at("design").dump(), file.string());
  const LayerOperands layer = layer_operands(kLayer);
  if (!design.attention || design.attention->dim != static_cast<int>(layer.dim) ||
      design.columns < static_cast<int>(layer.group()))
    throw HarnessError(
        fmt::format("{}: /design: expected an attention engine with dim {} and {} "
                    "columns or more",
                    file.string(), layer.dim, layer.group()));
  return design;
}

synth::Netlist read_netlist(const std::filesystem::path& netlist, const synth::Library& library) {
  const std::filesystem::path work = netlist.parent_path() / "power";
  std::filesystem::create_directories(work);
  return synth::read_netlist(netlist, "attention_engine", library, work);
}

struct Step {
  AttentionRun run;
  double joules = 0;
};

/// The last token of layer 2's KV head 0 over 512 tokens, on the netlist.
class NetlistSteps {
 public:
  explicit NetlistSteps(const std::filesystem::path& dir)
      : g_(design_of(dir)),
        mapped_(mapped(dir)),
        library_(synth::Library::load(synth::kDefaultLiberty, {})),
        netlist_(read_netlist(mapped_.netlist, library_)),
        layer_(layer_operands(kLayer)),
        queries_(attention::units::engine_queries(layer_.queries(0, tokens() - 1, 1))),
        memory_(attention::units::engine_memory(
            {layer_.k, 0, layer_.dim}, {layer_.v, 0, layer_.dim}, tokens(), kKvBits, shape_of(g_))),
        store_(g_, memory_.memory, kKvBits, 1) {}

  std::size_t tokens() const { return layer_.k.rows(); }
  std::size_t columns() const { return layer_.group(); }

  EngineTask dense() const {
    EngineTask task;
    task.kv_bits = kKvBits;
    task.tokens = tokens();
    task.visible.assign(columns(), (tokens() - 1) % static_cast<std::size_t>(g_.page) + 1);
    set_scales(task, memory_, queries_);
    return task;
  }

  /// Throws HarnessError when an output is not the model's.
  Step run(const EngineTask& task) const {
    gate::GateModel gates(netlist_, library_);
    gates.model().reset();
    gates.simulator().restart();
    AttentionDriver driver(gates.model(), g_);
    const std::size_t pages = memory_.memory.bounds.pages();
    Step step{driver.run(task, queries_.queries, pages, store_)};
    attention::units::AttentionEngine golden(shape_of(g_));
    if (step.run.out != golden.run(task, queries_.queries, memory_.memory).out)
      throw HarnessError("an output of the netlist is not the model's");
    const synth::GateSimulator& simulator = gates.simulator();
    const synth::Activity activity{{simulator.toggles().begin(), simulator.toggles().end()},
                                   static_cast<double>(simulator.cycles()),
                                   mapped_.clock_ns};
    step.joules = synth::evaluate_energy(netlist_, library_, activity).total();
    return step;
  }

 private:
  units::AttentionGeometry g_;
  synth::Result mapped_;
  synth::Library library_;
  synth::Netlist netlist_;
  LayerOperands layer_;
  EngineQueries queries_;
  attention::units::EngineMemory memory_;
  KvStore store_;
};

void print(const char* name, const Step& step) {
  const auto tokens = static_cast<double>(16 * step.run.listed.size());
  fmt::print("| {} | {} | {} | {} | {:.3f} | {:.0f} |\n", name, step.run.cycles,
             step.run.listed.size(), step.run.value_pages.size(), 1e6 * step.joules,
             1e12 * step.joules / tokens);
  std::fflush(stdout);
}

void print_table(const std::filesystem::path& dir) {
  const NetlistSteps steps(dir);
  fmt::print(
      "| step | cycles | pages of keys | of values | uJ | pJ a token of the list |\n"
      "|---|---:|---:|---:|---:|---:|\n");
  EngineTask task = steps.dense();
  print("dense", steps.run(task));
  EngineTask quest = task;
  quest.source = PageSource::scores;
  quest.places = kPlaces;
  const Step chosen = steps.run(quest);
  print("Quest", chosen);
  task.local = chosen.run.listed.size();
  const Step last = steps.run(task);
  print("as many last pages", last);
  quest.mass = kMass;
  print("Quest, top-p 0.85", steps.run(quest));
  fmt::print("choosing a page: {:.0f} pJ, Quest less as many last pages\n",
             1e12 * (chosen.joules - last.joules) / static_cast<double>(chosen.run.listed.size()));
}

}  // namespace
}  // namespace hasse::harness

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw hasse::harness::HarnessError("expected a generated directory");
    hasse::harness::print_table(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "attention_energy_table: {}\n", error.what());
    return 1;
  }
}
