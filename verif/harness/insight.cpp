// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/insight.hpp"

#include <algorithm>

#include "golden/transitive/subtile.hpp"

namespace hasse::harness {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kWindow = 180;  ///< Cycles of lane occupation that are kept.

Json subtile_json(const transitive::EngineConfig& config, const transitive::WeightStream& stream) {
  Json nodes = Json::array();
  const int tile = stream.tiles() / 2;
  for (const transitive::SubtileNode& node : transitive::subtile_nodes(config, stream, tile))
    nodes.push_back({{"code", node.node},
                     {"parent", node.parent ? static_cast<int>(*node.parent) : -1},
                     {"lane", node.lane},
                     {"step", node.step},
                     {"uses", node.uses},
                     {"uses_mirrored", node.uses_mirrored}});
  return {{"tile", tile},
          {"tile_bits", config.tile_bits},
          {"dimension", config.dimension()},
          {"nodes", nodes}};
}

Json occupation_json(const transitive::CycleCount& run) {
  const transitive::Occupation& lanes = run.occupation;
  const std::uint64_t count = lanes.accumulate.front().size();
  Json boundaries = Json::array();
  for (const std::uint64_t cycle : run.subtile_done)
    if (cycle >= lanes.first_cycle && cycle < lanes.first_cycle + count)
      boundaries.push_back(cycle);
  return {{"first_cycle", lanes.first_cycle},
          {"cycles", count},
          {"prefix", lanes.prefix},
          {"accumulate", lanes.accumulate},
          {"subtile_boundaries", boundaries}};
}

/// Lane-cycles as cycles, rounded so that the parts still add up.
Json breakdown_json(const transitive::CycleCount& run, int lanes) {
  const transitive::LaneCycles& spent = run.lanes;
  const std::uint64_t all = run.cycles * static_cast<std::uint64_t>(lanes);
  const std::uint64_t codes = all - spent.reading - spent.conflict - spent.reorder - spent.nodes;
  const std::pair<const char*, std::uint64_t> parts[] = {{"accumulating", spent.reading},
                                                         {"bank conflicts", spent.conflict},
                                                         {"reorder buffer full", spent.reorder},
                                                         {"waiting for nodes", spent.nodes},
                                                         {"no codes: start, end, edges", codes}};
  Json breakdown;
  std::uint64_t lane_cycles = 0;
  std::uint64_t told = 0;
  for (const auto& [name, amount] : parts) {
    lane_cycles += amount;
    const std::uint64_t until = lane_cycles / static_cast<std::uint64_t>(lanes);
    breakdown[name] = until - told;
    told = until;
  }
  return breakdown;
}

/// No graph and no lanes that differ: the cycles, and where they went.
Insight look_inside_stream(const transitive::ArrayConfig& config, const transitive::Shape& shape,
                           const std::optional<transitive::MemoryConfig>& memory) {
  transitive::ArrayCount count = transitive::count_array_cycles(config, shape, memory);
  transitive::StreamedCount run = count.streams.front();
  run.cycles = count.cycles;
  const std::uint64_t busy = run.beats * static_cast<std::uint64_t>(config.unit.cycles_per_beat());
  Json breakdown = {
      {"accumulating", busy},
      {"waiting for operands", run.waiting_for_operands},
      {"waiting for room or adders", run.waiting_for_room},
      {"no codes: start, end, edges", run.cycles - busy - run.waiting_for_operands -
                                          run.waiting_for_room - run.waiting_for_weights}};
  if (memory) breakdown["waiting for weights"] = run.waiting_for_weights;
  return {run.cycles, Json(), Json(), breakdown};
}

}  // namespace

Insight look_inside(const Engine& engine, const Operands& operands,
                    const std::optional<transitive::MemoryConfig>& memory) {
  const transitive::ArrayConfig config = engine.array();
  const transitive::Shape shape = operands.shape();
  if (config.unit.streams()) return look_inside_stream(config, shape, memory);
  const transitive::WeightStream stream = config.unit_stream(shape, operands.weights, 0);
  const transitive::Program* program = operands.program ? &*operands.program : nullptr;
  const auto count_cycles = [&](const transitive::Window& window) {
    return transitive::count_array_cycles(config, shape, operands.weights, window, memory, program);
  };
  const std::uint64_t cycles = count_cycles({}).cycles;
  const std::uint64_t count = std::min(kWindow, cycles);
  transitive::CycleCount run = count_cycles({(cycles - count) / 2, count}).units.front();
  run.cycles = cycles;
  // A program is not kept as a forest: its sub-tiles have no picture.
  return {cycles, engine.takes_programs() ? Json() : subtile_json(config.unit, stream),
          occupation_json(run), breakdown_json(run, config.unit.lanes)};
}

}  // namespace hasse::harness
