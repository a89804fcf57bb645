// SPDX-License-Identifier: Apache-2.0
// Reads a generated directory's manifest for the harness.
#include "verif/harness/generated.hpp"

#include <fmt/format.h>

#include "synth/manifest/manifest.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

// Integer `key` of `object`, the member `member` of the manifest.
int number(const synth::Manifest& manifest, const char* member, const nlohmann::json& object,
           const char* key) {
  const auto at = object.find(key);
  if (at != object.end() && at->is_number_integer()) return at->get<int>();
  throw HarnessError(fmt::format("{}: /{}/{} has to be an integer",
                                 (manifest.directory / "manifest.json").string(), member, key));
}

// The stream that the units of `manifest`'s design share.
transitive::Share share_of(const synth::Manifest& manifest) {
  const std::string share = manifest.design.value("share", "activations");
  if (share == "activations") return transitive::Share::activations;
  if (share == "weights") return transitive::Share::weights;
  throw HarnessError(fmt::format("{}: /design/share is {}, but has to be activations or weights",
                                 (manifest.directory / "manifest.json").string(), share));
}

}  // namespace

RtlSource generated_source(const std::filesystem::path& dir, std::string_view top) {
  const synth::Manifest manifest = synth::Manifest::load(dir);
  if (top.empty()) top = manifest.top;
  if (manifest.find_module(top) != nullptr) return {dir, manifest.files, std::string(top), {}};
  std::string known;
  for (const auto& module : manifest.modules) known += (known.empty() ? "" : ", ") + module.name;
  throw HarnessError(fmt::format("{}: no module {}; there are {}", dir.string(), top, known));
}

namespace {

transitive::Datapath datapath(const synth::Manifest& manifest) {
  const nlohmann::json engine = manifest.design.value("engine", nlohmann::json("banked"));
  if (engine == "banked") return transitive::Datapath::banked;
  if (engine == "split") return transitive::Datapath::split;
  if (engine == "dot_product") return transitive::Datapath::dot_product;
  if (engine == "bit_serial") return transitive::Datapath::bit_serial;
  throw HarnessError(
      fmt::format("{}: /design/engine: {}: expected one of banked, split, dot_product, bit_serial",
                  (manifest.directory / "manifest.json").string(), engine.dump()));
}

}  // namespace

Engine generated_engine(const std::filesystem::path& dir) {
  const synth::Manifest manifest = synth::Manifest::load(dir);
  const auto design = [&](const char* key) {
    return number(manifest, "design", manifest.design, key);
  };
  Engine engine;
  engine.config = {.tile_bits = design("tile_bits"),
                   .lanes = design("lanes"),
                   .banks_per_lane = design("banks_per_lane"),
                   .look_ahead = design("look_ahead"),
                   .columns = design("columns"),
                   .columns_per_adder = design("columns_per_adder"),
                   .rows = design("rows"),
                   .scaling = manifest.design.value("scaling", "none") == "group",
                   .datapath = datapath(manifest)};
  if (engine.config.streams()) engine.config.tables = design("tables");
  engine.units = manifest.design.contains("units") ? design("units") : 1;
  engine.planner = manifest.design.value("planner", engine.planner);
  engine.share = share_of(manifest);
  engine.prefix_lanes = number(manifest, "derived", manifest.derived, "prefix_lanes");
  engine.activation_bits = design("activation_bits");
  engine.weight_bits = design("weight_bits");
  engine.accumulator_bits = design("accumulator_bits");
  engine.max_n = design("max_n");
  engine.max_k = design("max_k");
  engine.max_m = design("max_m");
  engine.registers = manifest.registers;
  return engine;
}

}  // namespace hasse::harness
