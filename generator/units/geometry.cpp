// SPDX-License-Identifier: Apache-2.0
#include "generator/units/geometry.hpp"

#include <algorithm>
#include <bit>

namespace hasse::units {
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

transitive::EngineConfig engine_config(const design::Design& d) {
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
          .operand_rows = d.operand_rows,
          .tree_stages = d.tree_stages};
}

}  // namespace

int bits_for(long long largest) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned long long>(largest))));
}

int address_bits_for(int entries) {
  return bits_for(std::max(entries - 1, 1));
}

Geometry::Geometry(const design::Design& d)
    : design(d),
      derived(derive(d)),
      engine(engine_config(d)),
      lattice(engine.dimension()),
      program(engine) {
  word_bits = d.columns * derived.node_bits;
  beat_columns = d.columns / d.columns_per_adder;
  beat_bits = beat_columns * d.accumulator_bits;
  const int slots = places_nodes() ? lattice.nodes() / 2 : lattice.slots();
  bank_depth =
      takes_programs() ? program.bank_depth : (slots + d.banks_per_lane - 1) / d.banks_per_lane;
  bank_address_bits = address_bits_for(bank_depth);
  bank_bits = address_bits_for(derived.banks);
  claim_bits = 2 + bank_address_bits;
  reorder_depth = engine.reorder_depth();
  tag_bits = address_bits_for(reorder_depth);
  row_bits = address_bits_for(derived.max_groups);
  // More than one group of lanes, or "is this the last group" would be a constant.
  tile_row_bits = bits_for(std::max(engine.rows_per_tile(2), d.lanes + 1));
  phase_bits = address_bits_for(d.columns_per_adder);
  outer_row_bits = address_bits_for(engine.rows_per_tile(2));
  outer_depth = engine.rows_per_tile(2) * d.columns_per_adder;
  const long long largest_column_sum = static_cast<long long>(d.max_k) << (d.operand_bits() - 1);
  column_sum_bits = std::min(bits_for(largest_column_sum) + 1, d.accumulator_bits);
  n_bits = bits_for(d.max_n);
  k_bits = bits_for(d.max_k);
  m_bits = bits_for(d.max_m);
  beat_planes = d.engine == "dot_product" || d.takes_pairs() ? d.weight_bits : d.planes;
  code_bits = engine.depth() * beat_planes;
  const bool serial = d.engine == "bit_serial" || d.engine == "bitvert";
  start_bits = d.engine == "split" ? bits_for(d.tables) : serial ? derived.partial_bits : 0;
  group_total_bits = derived.node_bits + design::ceil_log2(d.tile_bits);
  tile_sum_bits = d.streams() ? bits_for(static_cast<long long>(engine.depth()) << d.operand_bits())
                              : derived.node_bits + 1;
  correction_bits = d.streams() ? derived.partial_bits : derived.node_bits;
  weight_bits_bits = 4;
}

}  // namespace hasse::units
