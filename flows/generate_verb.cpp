// SPDX-License-Identifier: Apache-2.0
// hasse generate: a design JSON in, a directory of RTL out.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "flows/verbs.hpp"
#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"

namespace hasse::flows {
namespace {

struct Options {
  std::filesystem::path design;
  std::filesystem::path output;
};

/// Keeps what does not change from run to run, so that equal designs give equal directories.
void store(const Options& options, const emit::Bundle& bundle) {
  store_result(options.output, "generate", {{"modules", bundle.modules}, {"lines", bundle.lines}});
}

Outcome generate(const Options& options, const Call& call) {
  call.progress.show("generate");
  const auto start = std::chrono::steady_clock::now();
  const design::Design design = design::load(options.design);
  const emit::Bundle bundle = emit::bundle(design, units::build(design));
  emit::write(bundle, options.output);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  store(options, bundle);

  Outcome outcome;
  outcome.document["generate"] = {
      {"modules", bundle.modules}, {"lines", bundle.lines}, {"milliseconds", time.count()}};
  outcome.table = format_table(fmt::format("{} in {}", design.name, options.output.string()),
                               {{"modules", grouped(bundle.modules)},
                                {"lines of Verilog", grouped(bundle.lines)},
                                {"milliseconds", fmt::format("{:.1f}", time.count())}});
  return outcome;
}

}  // namespace

Action declare_generate(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("DESIGN", options->design, "The design's JSON file")
      ->type_name("")
      ->required();
  command.add_option("-o,--output", options->output, "Directory to write; replaced when complete")
      ->type_name("DIR")
      ->required();
  command.footer(
      "Writes DIR/rtl/*.v, DIR/hasse.f, DIR/manifest.json, DIR/hasse.core and DIR/doc/*.md;\n"
      "with AXI ports also DIR/doc/registers.* and DIR/include/*_regs.h. A design with a member\n"
      "\"attention\" makes an attention engine, and DIR/doc/memory.md says what it reads.\n"
      "Fields of a design: docs/design-json.md. Examples:\n"
      "  hasse generate flows/designs/default.json -o out/default\n"
      "  hasse generate flows/designs/attention.json -o out/attention");
  return [options](const Call& call) { return generate(*options, call); };
}

}  // namespace hasse::flows
