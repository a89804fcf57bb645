// SPDX-License-Identifier: Apache-2.0
// netlist_check DESIGN.json -o DIR LIBERTY...: maps a design to cell libraries, multiplies or
// decodes on every netlist and proves its modules equal to their Verilog. Started by
// flows/netlists.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "flows/power/attention_power.hpp"
#include "flows/power/power.hpp"
#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "verif/gate/equivalence.hpp"
#include "verif/harness/generated.hpp"

namespace hasse::proof {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 40;            ///< K of the products.
constexpr int kGroup = 8;             ///< Columns that share a scale.
constexpr std::size_t kTokens = 100;  ///< Of the sequence whose last one is decoded.

/// A piece of a layer of the embedded model that fills the last rows and columns partly; random
/// operands for engines that scale groups, which cannot be cut from one.
harness::WorkloadOptions workload(const harness::Engine& engine) {
  harness::WorkloadOptions options;
  const transitive::Shape shape{2 * engine.config.lanes + 1, kDepth, engine.config.columns + 1};
  (engine.config.scaling ? options.random : options.filled) = shape;
  if (engine.config.scaling) options.group = kGroup;
  return options;
}

/// Multiplies on the netlist, or decodes.
nlohmann::ordered_json simulate(const power::NetlistOptions& netlist, const fs::path& dir,
                                const design::Design& design) {
  if (design.attention) {
    power::AttentionPowerOptions options{netlist};
    options.decode.tokens = kTokens;
    return power::measure(options);
  }
  power::PowerOptions options{netlist};
  options.workload = workload(harness::generated_engine(dir));
  return power::measure(options);
}

/// Sums up what one library's netlist has shown in a cell of the table; whether it is right.
bool check(const fs::path& dir, const design::Design& design, const fs::path& liberty,
           std::string& cell) {
  power::NetlistOptions options;
  options.synth.dir = dir;
  options.synth.liberty = liberty;
  options.kept = dir / "results" / (liberty.stem().string() + ".json");
  const nlohmann::ordered_json simulated = simulate(options, dir, design);
  const auto wrong = simulated.at("mismatches").get<std::size_t>();
  const gate::Equivalence modules =
      gate::compare_modules(dir, synth::run(options.synth), dir / "proofs" / liberty.stem());
  const std::size_t later = modules.from_reset.size(), proved = modules.proven.size() + later;
  cell = fmt::format("{} of {} outputs exact, {} of {} modules proved, {} of them from reset",
                     simulated.at("outputs").get<std::size_t>() - wrong,
                     simulated.at("outputs").get<std::size_t>(), proved,
                     proved + modules.left.size() + modules.different.size(), later);
  if (!modules.left.empty()) cell += fmt::format(" (not {})", fmt::join(modules.left, ", "));
  if (!modules.different.empty())
    cell += fmt::format(", {} WRONG", fmt::join(modules.different, ", "));
  return wrong == 0 && modules.different.empty();
}

/// Prints the design's row of the table; whether all is right.
bool check(const fs::path& file, const fs::path& dir, const std::vector<fs::path>& libraries) {
  const design::Design design = design::load(file);
  emit::write(emit::bundle(design, units::build(design)), dir);
  bool right = true;
  std::string row = fmt::format("| {} |", design.name);
  for (const fs::path& liberty : libraries) {
    std::string cell;
    right = check(dir, design, liberty, cell) && right;
    row += fmt::format(" {} |", cell);
  }
  fmt::print("{}\n", row);
  return right;
}

}  // namespace
}  // namespace hasse::proof

int main(int argc, char** argv) {
  CLI::App app("Netlists of a design on several libraries; exits with 1 when one is not right");
  std::filesystem::path design, dir;
  std::vector<std::filesystem::path> libraries;
  app.add_option("DESIGN", design, "Design JSON")->required()->check(CLI::ExistingFile);
  app.add_option("-o,--output", dir, "Where the design is generated")->required();
  app.add_option("LIBERTY", libraries, "Cell libraries")->required()->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  try {
    return hasse::proof::check(design, dir, libraries) ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
