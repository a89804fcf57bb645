// SPDX-License-Identifier: Apache-2.0
// Reads a generated directory's manifest for the harness.
#include "verif/harness/generated.hpp"

#include <fmt/format.h>

#include "synth/manifest/manifest.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

// A part of a manifest, and its place in it.
struct Part {
  const nlohmann::json& object;
  const char* member;
  const std::filesystem::path& file;
};

// Integer `key` of `part`.
int number(const Part& part, const char* key) {
  const auto at = part.object.find(key);
  if (at != part.object.end() && at->is_number_integer()) return at->get<int>();
  throw HarnessError(
      fmt::format("{}: /{}/{} has to be an integer", part.file.string(), part.member, key));
}

// The stream that the units of `design` share.
transitive::Share share_of(const Part& design) {
  const std::string share = design.object.value("share", "activations");
  if (share == "activations") return transitive::Share::activations;
  if (share == "weights") return transitive::Share::weights;
  throw HarnessError(fmt::format("{}: /design/share is {}, but has to be activations or weights",
                                 design.file.string(), share));
}

transitive::Datapath datapath(const Part& design) {
  const nlohmann::json engine = design.object.value("engine", nlohmann::json("banked"));
  if (engine == "banked") return transitive::Datapath::banked;
  if (engine == "split") return transitive::Datapath::split;
  if (engine == "dot_product") return transitive::Datapath::dot_product;
  if (engine == "bit_serial") return transitive::Datapath::bit_serial;
  if (engine == "bitvert") return transitive::Datapath::bitvert;
  if (engine == "systolic") return transitive::Datapath::systolic;
  if (engine == "olive") return transitive::Datapath::olive;
  throw HarnessError(
      fmt::format("{}: /design/engine: {}: expected one of banked, split, dot_product, bit_serial, "
                  "bitvert, systolic, olive",
                  design.file.string(), engine.dump()));
}

// How the codes of an operand are read.
quant::OliveFormat pairs(const Part& design, const char* key) {
  try {
    return quant::olive_format(design.object.value(key, "none"));
  } catch (const quant::QuantError& error) {
    throw HarnessError(fmt::format("{}: /design/{}: {}", design.file.string(), key, error.what()));
  }
}

transitive::Planner planner(const Part& design) {
  const nlohmann::json planner = design.object.value("planner", nlohmann::json("lattice"));
  if (planner == "lattice") return transitive::Planner::lattice;
  if (planner == "orbit") return transitive::Planner::orbit;
  if (planner == "static") return transitive::Planner::listed;
  if (planner == "dynamic") return transitive::Planner::dynamic;
  if (planner == "compiled") return transitive::Planner::compiled;
  throw HarnessError(fmt::format(
      "{}: /design/planner: {}: expected one of lattice, orbit, static, dynamic, compiled",
      design.file.string(), planner.dump()));
}

transitive::OperandNetwork operand_network(const Part& design) {
  const nlohmann::json network = design.object.value("operand_network", nlohmann::json("select"));
  if (network == "select") return transitive::OperandNetwork::select;
  if (network == "benes") return transitive::OperandNetwork::benes;
  throw HarnessError(fmt::format("{}: /design/operand_network: {}: expected one of select, benes",
                                 design.file.string(), network.dump()));
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

Engine engine_of(const nlohmann::json& design, const nlohmann::json& derived,
                 const std::filesystem::path& file) {
  const Part part{design, "design", file};
  if (design.contains("attention"))
    throw HarnessError(fmt::format(
        "{}: /design/attention: makes an attention engine, which multiplies no matrices "
        "of one's own; expected a design without it",
        file.string()));
  const auto field = [&](const char* key) { return number(part, key); };
  Engine engine;
  engine.config = {.tile_bits = field("tile_bits"),
                   .lanes = field("lanes"),
                   .banks_per_lane = field("banks_per_lane"),
                   .look_ahead = field("look_ahead"),
                   .columns = field("columns"),
                   .columns_per_adder = field("columns_per_adder"),
                   .rows = field("rows"),
                   .scaling = design.value("scaling", "none") == "group",
                   .datapath = datapath(part),
                   .planner = planner(part),
                   .operand_network = operand_network(part)};
  if (engine.config.streams()) {
    engine.config.tables = field("tables");
    engine.config.planes = design.value("planes", 1);
    engine.config.turns = design.value("turns", 1);
    engine.config.operand_rows = design.value("operand_rows", 1);
    engine.config.tree_stages = design.value("tree_stages", 0);
  }
  engine.units = design.contains("units") ? field("units") : 1;
  engine.planner = design.value("planner", engine.planner);
  engine.share = share_of(part);
  engine.joined = engine.units > 1 && design.value("results", "merged") == "joined";
  engine.prefix_lanes = number({derived, "derived", file}, "prefix_lanes");
  engine.activation_bits = field("activation_bits");
  engine.takes_unsigned = design.value("activations", "signed") == "either";
  engine.takes_lowest = design.value("operands", "signed") != "symmetric";
  engine.weight_bits = field("weight_bits");
  engine.accumulator_bits = field("accumulator_bits");
  engine.max_n = field("max_n");
  engine.max_k = field("max_k");
  engine.max_m = field("max_m");
  if (engine.config.decodes_pairs()) {
    engine.weight_pairs = pairs(part, "weight_pairs");
    engine.activation_pairs = pairs(part, "activation_pairs");
  }
  return engine;
}

Engine generated_engine(const std::filesystem::path& dir) {
  const synth::Manifest manifest = synth::Manifest::load(dir);
  Engine engine =
      engine_of(manifest.design, manifest.derived, manifest.directory / "manifest.json");
  engine.registers = manifest.registers;
  engine.register_fields = manifest.register_fields;
  return engine;
}

}  // namespace hasse::harness
