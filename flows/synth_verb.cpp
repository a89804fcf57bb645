// SPDX-License-Identifier: Apache-2.0
// hasse synth: maps a generated directory to a cell library.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <memory>

#include "flows/liberty_option.hpp"
#include "flows/report/headline.hpp"
#include "flows/verbs.hpp"
#include "synth/synth.hpp"

namespace hasse::flows {
namespace {

std::string area_text(double area, double whole) {
  return fmt::format("{:>13} um2  {:5.1f} %", grouped(std::llround(area)), 100 * area / whole);
}

std::string clock_text(const synth::Result& result) {
  return fmt::format("{:.2f} ns ({})", result.clock_ns,
                     result.clock_is_default ? "100 FO4 delays" : "as asked for");
}

/// What logic costs per multiplication, once `hasse verify` has counted the cycles.
std::string density_text(const report::Documents& documents) {
  const report::Figures figures = report::figures(documents);
  const std::optional<double> density = figures.logic_per_mac();
  return density ? fmt::format("{} um2 per achieved {} MAC/cycle", grouped(std::llround(*density)),
                               figures.format())
                 : "not known before hasse verify";
}

Rows rows_of(const synth::Result& result, const std::filesystem::path& dir) {
  Rows rows = {
      {"library", fmt::format("{} ({})", result.liberty, result.liberty_file)},
      {"clock asked for", clock_text(result)},
      {"fmax", result.fmax_mhz ? fmt::format("{:.1f} MHz", *result.fmax_mhz) : "no timed path"},
      {"cells", grouped(result.cells)},
      {"area", area_text(result.area_um2, result.area_um2)},
      {"  logic", area_text(result.area_logic_um2, result.area_um2)},
      {"  memory", area_text(result.area_memory_um2, result.area_um2)},
  };
  const report::Documents documents = report::load(dir);
  if (documents.multiplies()) rows.emplace_back("logic density", density_text(documents));
  rows.emplace_back("logic by unit", "");
  for (const auto& [unit, area] : result.area_by_unit) {
    if (unit != "memory") {
      rows.emplace_back("  " + unit, area_text(area, result.area_um2));
    }
  }
  for (const std::string& remark : result.remarks) {
    rows.emplace_back("remark", remark);
  }
  return rows;
}

Outcome synthesise(const synth::Options& options, const Call& call) {
  const synth::Result result = synth::run(options, [&](std::string_view stage) {
    call.progress.show(fmt::format("synth: {}", stage));
  });
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["synth"];
  document = to_json(result);
  document["command"] = call.command;
  store_result(options.dir, "synth", document);
  outcome.table = format_table(fmt::format("{} on {}", options.dir.string(), result.liberty),
                               rows_of(result, options.dir));
  return outcome;
}

const std::map<std::string, synth::Adders> adders = {{"small", synth::Adders::small},
                                                     {"fast", synth::Adders::fast}};

void declare_options(CLI::App& command, synth::Options& options) {
  command.add_option("DIR", options.dir, "Directory that hasse generate wrote")
      ->type_name("")
      ->required();
  declare_liberty(command, options);
  command.add_option("--clock-ns", options.clock_ns, "Clock period to aim at; 100 FO4 by default")
      ->type_name("X")
      ->check(CLI::PositiveNumber);
  command.add_option("--adders", options.adders, "small (least area) or fast (least delay)")
      ->type_name("KIND")
      ->transform(CLI::CheckedTransformer(adders).description(""));
  command.add_option("--memory-um2-per-bit", options.memory_um2_per_bit, "Area of a memory bit")
      ->type_name("X")
      ->check(CLI::PositiveNumber);
}

}  // namespace

Action declare_synth(CLI::App& command) {
  auto options = std::make_shared<synth::Options>();
  declare_options(command, *options);
  command.footer(
      "Yosys maps, OpenSTA times. Netlist, scripts and logs are kept in DIR/synth. Examples:\n"
      "  hasse synth out/default\n"
      "  hasse synth out/default --liberty sg13g2_stdcell_typ_1p20V_25C.lib --clock-ns 5");
  return [options](const Call& call) { return synthesise(*options, call); };
}

}  // namespace hasse::flows
