// SPDX-License-Identifier: Apache-2.0
#include "generator/design/engine_config.hpp"

namespace hasse::design {
namespace {

transitive::Datapath datapath(const std::string& engine) {
  if (engine == "split") return transitive::Datapath::split;
  if (engine == "dot_product") return transitive::Datapath::dot_product;
  if (engine == "olive") return transitive::Datapath::olive;
  if (engine == "systolic") return transitive::Datapath::systolic;
  if (engine == "bitvert") return transitive::Datapath::bitvert;
  return engine == "bit_serial" ? transitive::Datapath::bit_serial : transitive::Datapath::banked;
}

transitive::Planner planner(const std::string& name) {
  if (name == "dynamic") return transitive::Planner::dynamic;
  if (name == "orbit") return transitive::Planner::orbit;
  if (name == "compiled") return transitive::Planner::compiled;
  return name == "static" ? transitive::Planner::listed : transitive::Planner::lattice;
}

}  // namespace

transitive::EngineConfig engine_config(const Design& d) {
  return {.tile_bits = d.tile_bits,
          .lanes = d.lanes,
          .banks_per_lane = d.banks_per_lane,
          .look_ahead = d.look_ahead,
          .columns = d.columns,
          .columns_per_adder = d.columns_per_adder,
          .rows = d.rows,
          .datapath = datapath(d.engine),
          .planner = planner(d.planner),
          .operand_network = d.operand_network == "benes" ? transitive::OperandNetwork::benes
                                                          : transitive::OperandNetwork::select,
          .tables = d.tables,
          .planes = d.planes,
          .turns = d.turns,
          .operand_rows = d.operand_rows,
          .tree_stages = d.tree_stages};
}

int beat_planes(const Design& design) {
  return design.engine == "dot_product" || design.takes_pairs() ? design.weight_bits
                                                                : design.planes;
}

int weight_beat_bits(const Design& design) {
  return design.lanes * engine_config(design).depth() * beat_planes(design);
}

}  // namespace hasse::design
