// SPDX-License-Identifier: Apache-2.0
// The numbers every unit of the banked engine is built from, in one place.
#pragma once

#include "generator/design/design.hpp"
#include "golden/transitive/lattice.hpp"
#include "golden/transitive/program_layout.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::units {

/// Numbers that follow from a design. Bits are widths of binary fields, depths count entries.
struct Geometry {
  explicit Geometry(const design::Design& design);

  design::Design design;
  design::Derived derived;
  transitive::EngineConfig engine;
  transitive::Lattice lattice;
  transitive::ProgramLayout program;  ///< Of a `compiled` planner; others have no programs.

  int word_bits;     ///< One node for all columns: columns * node_bits.
  int beat_columns;  ///< Columns that one wide adder group adds at once, and of a result beat.
  int beat_bits;     ///< Result beat: beat_columns * accumulator_bits.
  int bank_depth;    ///< Nodes of one half of one bank.
  int bank_address_bits;
  int bank_bits;   ///< Number of a bank.
  int claim_bits;  ///< One bank in a read slot: taken, half, address.
  int reorder_depth;
  int tag_bits;                ///< Number of an entry of the reorder buffer.
  int row_bits;                ///< Row of a lane within a sub-tile.
  int tile_row_bits;           ///< Count of weight rows in a sub-tile.
  int phase_bits;              ///< Turn of a column on its wide adder.
  int outer_row_bits;          ///< Row of an N-tile.
  int outer_depth;             ///< Column groups of all rows of an N-tile.
  int column_sum_bits;         ///< Sum of one column of activations over the longest K.
  int n_bits, k_bits, m_bits;  ///< Shape fields.
  int beat_planes;             ///< Planes of a weight row in one beat of a streaming engine.
  int code_bits;               ///< Weight bits of one lane in one beat.
  int stationary_bits;         ///< All stationary words of a column of a streaming engine.
  int start_bits;              ///< What a row's sum starts with, if that depends on the operands.
  int group_total_bits;        ///< Sum of a bitvert group's operands, its range from 0 on.
  int correction_bits;         ///< What a K-tile adds to the column correction.
  int tile_sum_bits;           ///< Sum of a column's operands in a K-tile.
  int weight_bits_bits;        ///< Field that holds the weight bits of a product.

  /// Whether the planner looks at a sub-tile's codes before its nodes are built: sub-tiles are then
  /// numbered modulo four instead of by their half of the banks.
  bool plans_ahead() const { return engine.plans_ahead(); }
  /// Whether lanes, parents and places of nodes are chosen anew for every sub-tile.
  bool places_nodes() const { return engine.planner == transitive::Planner::dynamic; }
  /// Whether operands reach the prefix lanes by a network that gives each to one lane.
  bool permutes_operands() const {
    return places_nodes() && engine.operand_network == transitive::OperandNetwork::benes;
  }
  /// Whether steps and reads come with the weights.
  bool takes_programs() const { return engine.planner == transitive::Planner::compiled; }
  /// Whether every prefix lane has steps of its own, not the same as all others.
  bool steps_by_lane() const { return plans_ahead() || takes_programs(); }
  /// Whether every prefix lane may add any operand.
  bool selects_operands() const { return places_nodes() || takes_programs(); }
  /// Column groups that are read from the banks one after the other: without reorder buffers the
  /// banks' addresses are delayed so that groups can take turns on a wide adder.
  int bank_phases() const { return takes_programs() ? design.columns_per_adder : 1; }
  /// Bits of one node of the columns that a bank holds.
  int bank_word_bits() const { return word_bits / bank_phases(); }
  /// Bits of the number of a sub-tile that a TransRow carries; the lowest is the half of the banks.
  int number_bits() const { return plans_ahead() ? kNumberBits : 1; }
  /// Whether nodes are listed in a table that comes with every product.
  bool lists_nodes() const { return plans_ahead() && design.planner == "static"; }
  /// Bits of a word of that table.
  int table_word_bits() const { return engine.table_word_bits(); }
  /// Weight bits of the products that are accepted: from this to the design's.
  int least_weight_bits() const { return design.decodes_pairs() ? design.weight_bits : 2; }
  /// Sources that the drain reads rows from in turn.
  int row_sources() const { return design.takes_pairs() ? 1 : design.lanes; }
  /// Whether results are corrected per column.
  bool corrected() const { return !design.takes_pairs(); }
  /// Whether a product states the sign of its activations.
  bool takes_unsigned() const { return design.takes_unsigned(); }
  /// Whether the sums of a row in a streaming lane have to be told when its trees begin anew.
  bool opens() const {
    return design.turns > 1 && design.weight_bits > design.planes * design.turns;
  }
  /// Bits of the node of `code` in a table of a split engine: a sum of as many operands as it has
  /// ones.
  int node_bits(int code) const;
  /// Whether the operands of a table come in several beats.
  bool tables_wait() const {
    return design.engine == "split" && design.operand_rows < design.tile_bits;
  }
  /// Whether sums of groups of weights are scaled (the fields below matter only then).
  bool scaled() const { return design.scaling == "group"; }
  int zero_bits() const { return design.weight_bits; }
  /// What a row of a group is scaled by: {shift, multiplier, zero point, scale}.
  int row_scales_bits() const { return kRescaleBits + zero_bits() + kScaleBits; }

  static constexpr int kNumberBits = 2;       ///< Number of a sub-tile, modulo four.
  static constexpr int kScaleBits = 8;        ///< Scale of a group, unsigned.
  static constexpr int kMultiplierBits = 16;  ///< Of a requantised row, unsigned.
  static constexpr int kShiftBits = 6;        ///< Of a requantised row.
  static constexpr int kRescaleBits = kShiftBits + kMultiplierBits;
  static constexpr int kRequantiseCycles = 2;  ///< From a value to its requantised one.
  static constexpr int kRequantisedBits = 8;   ///< A requantised result, signed.

  /// Column corrections that may wait for the drain.
  static constexpr int kCorrectionRows = 4;
  /// Bits of every counter.
  static constexpr int kCounterBits = 48;
};

/// Bits that hold the values 0..`largest`.
int bits_for(long long largest);
/// Bits that address `entries` entries, at least 1.
int address_bits_for(int entries);

}  // namespace hasse::units
