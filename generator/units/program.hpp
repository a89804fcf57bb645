// SPDX-License-Identifier: Apache-2.0
// The units that take compiled programs, check them and carry them out.
#pragma once

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// What the reader is given of a program word: {entries, last read, last_k, first_k}.
inline constexpr int kReadFirstK = 0, kReadLastK = 1, kReadLast = 2, kReadEntries = 3;
inline int program_read_bits(const Geometry& g) {
  return kReadEntries + g.design.lanes * g.program.entry_bits;
}

/// What the planner is given of a program word: {last step, a step of every prefix lane}.
inline int program_step_bits(const Geometry& g) {
  return g.program.prefix_lanes * g.program.step_bits + 1;
}

/// Takes the words of a program and refuses what is wrong about them.
hdl::Module program_checker(const Geometry& g, const hdl::Module& walker);

/// Loads operands and makes the steps of checked sub-tiles.
hdl::Module compiled_planner(const Geometry& g, const hdl::Module& walker);

/// Makes the reads of checked and built sub-tiles, and sends their nodes to the lanes.
hdl::Module program_reader(const Geometry& g);

}  // namespace hasse::units
