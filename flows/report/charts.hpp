// SPDX-License-Identifier: Apache-2.0
// The pictures of the report: what each one reads, and how it is drawn.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flows/report/documents.hpp"
#include "flows/report/markup.hpp"

namespace hasse::report {

/// One node of the lattice that was built in a sub-tile.
struct LatticeNode {
  std::uint32_t code = 0;          ///< Over `Subtile::dimension` bits.
  std::int64_t parent = -1;        ///< Code of the node it was made from, -1 for a root.
  int lane = 0;                    ///< Prefix lane that built it.
  std::int64_t step = 0;           ///< Building step within the sub-tile.
  std::int64_t uses = 0;           ///< TransRows that read it, mirrored reads included.
  std::int64_t uses_mirrored = 0;  ///< Of these, reads of the complement.
};

/// The Hasse graph of one real sub-tile with the forest that built it ("subtile" of verify.json).
struct Subtile {
  int tile_bits = 0;
  int dimension = 0;  ///< Below `tile_bits` when a code and its complement share a node.
  int lanes = 0;      ///< Largest lane number plus one.
  std::vector<LatticeNode> nodes;  ///< In the order of their codes; every parent is among them.

  bool mirrored() const { return dimension < tile_bits; }
};

/// Reads "subtile"; throws ReportError on a code out of range, met twice, or a parent that leads to
/// no root.
Subtile read_subtile(const Field& field);
/// Levels by popcount, lanes by colour, reads by size; forest edges strong, the other edges of the
/// lattice faint.
Element draw_hasse_graph(const Subtile& subtile, std::string_view id);

/// Busy (1) and idle (0) cycles of one lane.
using Activity = std::vector<bool>;

/// Lane occupation over a window of cycles ("occupation" of verify.json).
struct Occupation {
  std::int64_t first_cycle = 0;
  std::int64_t cycles = 0;
  std::vector<Activity> prefix;          ///< [lane][cycle]
  std::vector<Activity> accumulate;      ///< [lane][cycle]
  std::vector<std::int64_t> boundaries;  ///< Absolute cycles at which a sub-tile was fully read.
};

/// Reads "occupation"; throws ReportError when a row's length is not `cycles` or a boundary lies
/// outside.
Occupation read_occupation(const Field& field);
/// Share of busy cycles, 0..1.
double utilisation(const Activity& lane);
/// One row a lane, busy cycles filled, sub-tile boundaries ruled, utilisation on the right.
Element draw_occupation(const Occupation& occupation, std::string_view id);

/// A named number: cycles spent, or area in um2.
struct Share {
  std::string name;
  double value = 0.0;
};

/// Sum of the values.
double total(const std::vector<Share>& shares);

/// Reads "cycle_breakdown": useful work ("accumulating") first, then largest first.
std::vector<Share> read_cycle_breakdown(const Field& field);
/// One stacked bar, left to right in the given order, classes c0, c1, ...
Element draw_cycle_breakdown(const std::vector<Share>& shares, std::string_view id);

/// Cell area in um2 by unit, logic and memory apart, each largest first.
struct AreaByUnit {
  std::vector<Share> logic;
  std::vector<Share> memory;
};

/// Reads "area_by_unit"; the bucket "memory" and buckets ending in "_memory" are memory.
AreaByUnit read_area_by_unit(const Field& field);
/// A horizontal bar a unit with um2, share and, when `nand2_um2` is above 0, kGE; a logic/memory
/// strip on top.
Element draw_area(const AreaByUnit& area, double nand2_um2, std::string_view id);

/// "prefix_lanes" -> "prefix lanes".
std::string spoken(std::string_view identifier);

}  // namespace hasse::report
