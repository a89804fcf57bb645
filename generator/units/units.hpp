// SPDX-License-Identifier: Apache-2.0
// The hardware units of the banked engine, one function each: geometry in, module out.
#pragma once

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// Which stream a tile walker paces; each keeps only the counters its stream needs.
enum class Walk { weights, programs, activations, results };

/// Walks the tiles of a product in the common order: M-tiles, in them N-tiles, in them K-tiles.
hdl::Module tile_walker(const Geometry& g, Walk walk);
/// Starts, checks, ends and counts a product.
hdl::Module gemm_control(const Geometry& g);

/// Takes the weight stream apart into one code per lane, with what a lane must know about it.
hdl::Module weight_dispatch(const Geometry& g, const hdl::Module& walker);
/// Knows when the last read of a sub-tile is over, so that its banks can be written again.
hdl::Module tile_tracker(const Geometry& g);

/// Holds the operands of a K-tile in a ring and sums them per column.
hdl::Module operand_ring(const Geometry& g);
/// Loads operands and steps through the fixed schedule that builds every node.
hdl::Module lattice_planner(const Geometry& g, const hdl::Module& walker);
/// Which nodes the codes of a sub-tile ask for, a sub-tile before they are built.
hdl::Module code_presence(const Geometry& g);
/// The nodes that calibration found, built in every sub-tile, and what they miss.
hdl::Module static_table(const Geometry& g);
/// Picks the nodes that one prefix lane builds, step by step.
hdl::Module orbit_lane(const Geometry& g);
/// Loads operands and builds the nodes that codes ask for, phase by phase.
hdl::Module orbit_planner(const Geometry& g, const hdl::Module& walker, const hdl::Module& lane);
/// One adder per column: a node from its parent.
hdl::Module prefix_lane(const Geometry& g);
/// The nodes one prefix lane owns, in banks, double buffered.
hdl::Module prefix_banks(const Geometry& g);

/// Table from node to bank and address.
hdl::Module node_lookup(const Geometry& g);
/// One lane's window of TransRows: claims a bank for one of them every cycle.
hdl::Module look_ahead(const Geometry& g, const hdl::Module& lookup);
/// All lanes' windows, the chain of claims through them, and the alignment of their picks.
hdl::Module read_scheduler(const Geometry& g, const hdl::Module& look_ahead);
/// One lane's port of the result crossbar.
hdl::Module bank_select(const Geometry& g);

/// Puts one lane's node values back into the order of its TransRows.
hdl::Module reorder_buffer(const Geometry& g);
/// Horner sums of the planes of one weight row, one per column.
hdl::Module partial_sums(const Geometry& g);
/// What a wide accumulator adds up: the rows of a lane, one row of column corrections, the negated
/// column sums of the activations, or the rows of all lanes in lock step.
enum class Accumulates { rows, corrections, column_sums, streamed_rows };
/// Wide adders shared by columns in turn, their memory, and the finished rows.
hdl::Module wide_accumulator(const Geometry& g, Accumulates what);
/// One accumulate lane: partial sums and wide accumulator of the weight rows it owns.
hdl::Module accumulate_lane(const Geometry& g, const hdl::Module& sums, const hdl::Module& wide);

/// What the group scaler has to know about a row is taken from its streams, row by row.
hdl::Module scale_feed(const Geometry& g);
/// One result a cycle: multiplied, shifted, rounded and clamped to eight bits.
hdl::Module requantiser(const Geometry& g);
/// Multiplies sums of groups by their scales, and adds them up along K.
hdl::Module group_scaler(const Geometry& g, const hdl::Module& requantiser);

/// Sends finished rows out in order, corrected per column.
hdl::Module drain(const Geometry& g, const hdl::Module& walker);

/// Streaming engines: paces the weight stream against the stationary operands.
hdl::Module weight_sequencer(const Geometry& g, const hdl::Module& walker);
/// Streaming engines: loads the next K-tile's operands while the current one is in use.
hdl::Module operand_loader(const Geometry& g, const hdl::Module& walker);
/// Streaming engines: the stationary words of a column, double buffered, and its constants.
hdl::Module stationary_column(const Geometry& g);
/// Streaming engines: one weight row and one column, from what a beat asks for to the row's sum.
hdl::Module stream_column(const Geometry& g);
/// Streaming engines: one weight row at a time, from a beat of weight bits to the sums of all
/// columns.
hdl::Module stream_lane(const Geometry& g, const hdl::Module& column);

}  // namespace hasse::units
