// SPDX-License-Identifier: Apache-2.0
#include "generator/units/geometry.hpp"

#include <algorithm>
#include <bit>

#include "generator/design/engine_config.hpp"

namespace hasse::units {

int bits_for(long long largest) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned long long>(largest))));
}

int address_bits_for(int entries) {
  return bits_for(std::max(entries - 1, 1));
}

Geometry::Geometry(const design::Design& d)
    : design(d),
      derived(derive(d)),
      engine(design::engine_config(d)),
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
  beat_planes = design::beat_planes(d);
  code_bits = engine.depth() * beat_planes;
  stationary_bits = engine.stationary_words() * derived.node_bits;
  if (engine.datapath == transitive::Datapath::split) {
    stationary_bits = 0;
    for (int code = 1; code < 1 << d.tile_bits; ++code)
      stationary_bits += d.tables * node_bits(code);
  }
  if (d.folds()) stationary_bits += engine.depth();
  if (d.recoding == "radix4") stationary_bits += engine.depth() * d.digit_product_bits();
  const bool serial = d.engine == "bit_serial" || d.engine == "bitvert";
  start_bits = serial ? derived.partial_bits : 0;
  group_total_bits = derived.node_bits + design::ceil_log2(d.tile_bits);
  tile_sum_bits = d.streams() ? bits_for(static_cast<long long>(engine.depth()) << d.operand_bits())
                              : derived.node_bits + 1;
  correction_bits = d.streams() ? derived.partial_bits : derived.node_bits;
  weight_bits_bits = 4;
}

int Geometry::node_bits(int code) const {
  const int operands = std::popcount(static_cast<unsigned>(code));
  return design.folds() ? bits_for(operands * design.largest_magnitude())
                        : design.operand_bits() + design::ceil_log2(operands);
}

}  // namespace hasse::units
