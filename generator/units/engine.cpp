// SPDX-License-Identifier: Apache-2.0
// Which units a design consists of.
#include "generator/units/engine.hpp"

#include <optional>
#include <stdexcept>

#include "generator/hdl/primitives.hpp"
#include "generator/units/array.hpp"
#include "generator/units/attention_engine.hpp"
#include "generator/units/axi.hpp"
#include "generator/units/banked_top.hpp"
#include "generator/units/benes.hpp"
#include "generator/units/dynamic.hpp"
#include "generator/units/olive.hpp"
#include "generator/units/program.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Module;

namespace {

/// The dynamic planner; what it consists of is added to `modules`.
Module dynamic_planner_of(const Geometry& g, const Module& walker, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const ScoreboardParts parts = {keep(prefix_search(g)),
                                 keep(wavefront_arbiter(g.engine.dimension()))};
  std::optional<Module> router;
  if (g.permutes_operands()) router = keep(benes_router(g.engine.dimension()));
  return dynamic_planner(g, walker, {keep(scoreboard(g, parts)), keep(place_table(g)), router});
}

/// The planner; what it consists of is added to `modules`.
Module planner_of(const Geometry& g, const Module& walker, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  switch (g.engine.planner) {
    case transitive::Planner::lattice:
      return lattice_planner(g, walker);
    case transitive::Planner::orbit:
    case transitive::Planner::listed:
      return orbit_planner(g, walker, keep(orbit_lane(g)));
    case transitive::Planner::dynamic:
      return dynamic_planner_of(g, walker, modules);
    case transitive::Planner::compiled:
      return compiled_planner(g, walker);
  }
  throw std::logic_error("unknown planner");
}

/// What brings codes to the lanes, and their nodes.
BankedUnits::Codes codes_of(const Geometry& g, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module dispatch = keep(weight_dispatch(g, keep(tile_walker(g, Walk::weights))));
  const Module tracker = keep(tile_tracker(g));
  const Module lookup = keep(g.places_nodes() ? place_lookup(g) : node_lookup(g));
  const Module scheduler = keep(read_scheduler(g, keep(look_ahead(g, lookup))));
  return {dispatch, tracker, scheduler, keep(reorder_buffer(g))};
}

/// The same for programs.
BankedUnits::Program program_of(const Geometry& g, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module checker = keep(program_checker(g, keep(tile_walker(g, Walk::programs))));
  return {checker, keep(program_reader(g))};
}

}  // namespace

std::vector<Module> build(const design::Design& design) {
  if (design.attention) return attention_engine(AttentionGeometry(design));
  if (design.takes_pairs()) return build_olive(design);
  if (design.streams()) return build_streamed(design);
  const Geometry g(design);
  std::vector<Module> modules = {hdl::ram_1r1w(), hdl::stream_fifo()};
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module control = keep(gemm_control(g));
  std::optional<BankedUnits::Codes> codes;
  std::optional<BankedUnits::Program> program;
  if (g.takes_programs())
    program = program_of(g, modules);
  else
    codes = codes_of(g, modules);
  const Module walker = keep(tile_walker(g, Walk::activations));
  std::optional<Module> presence;
  if (g.plans_ahead()) presence = keep(code_presence(g));
  std::optional<Module> table;
  if (g.lists_nodes()) table = keep(static_table(g));
  const Module planner = keep(planner_of(g, walker, modules));
  std::optional<Module> operands;
  if (g.permutes_operands())
    operands =
        keep(benes_network(g.engine.dimension(), g.design.columns * g.design.activation_bits));
  else if (g.selects_operands())
    operands = keep(operand_select(g));
  const Module ring = keep(operand_ring(g));
  const Module lane = keep(prefix_lane(g));
  const Module banks = keep(prefix_banks(g));
  const Module select = keep(bank_select(g));
  const Module sums = keep(partial_sums(g));
  const Module wide = keep(wide_accumulator(g, Accumulates::rows));
  const Module accumulate = keep(accumulate_lane(g, sums, wide));
  const ResultUnits results = result_units(g, modules);
  const BankedUnits units{presence, operands, table, codes,  program,    control, ring,
                          planner,  lane,     banks, select, accumulate, results};
  modules.push_back(BankedTop(g, units).build());
  if (design.units > 1) add_array(g, modules);
  if (design.bus == "axi") add_axi(g, modules);
  return modules;
}

}  // namespace hasse::units
