// SPDX-License-Identifier: Apache-2.0
// Ports that only some designs have, in one list: engine, array, AXI ports and registers follow it.
#pragma once

#include <string>
#include <vector>

#include "generator/units/geometry.hpp"

namespace hasse::units {

/// A port of an engine without its direction, or the data of a stream.
struct Signal {
  std::string name;  ///< Without `_i`, `_o` and, for streams, `_data`, `_valid`, `_ready`.
  int bits = 1;
  std::string doc;
};

/// How a product is to be read, taken with start_i: beyond its shape and its weight bits.
std::vector<Signal> modes(const Geometry& g);
/// Streams into the engine beside weights and activations. An array takes those for which
/// `is_per_row` holds with a place for every unit that has rows of its own.
std::vector<Signal> side_streams(const Geometry& g);
/// Whether a beat of side stream `name` belongs to a weight row.
bool is_per_row(const std::string& name);
/// Counters of the last product, in the order of their registers.
std::vector<Signal> counters(const Geometry& g);

}  // namespace hasse::units
