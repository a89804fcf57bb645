// SPDX-License-Identifier: Apache-2.0
// The units that make several engines work on one product, one function each.
#pragma once

#include <vector>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// Whether the units of `g` share the weights and divide M; otherwise they share the activations
/// and divide N.
bool shares_weights(const Geometry& g);

/// Whether results of all units leave side by side.
bool joins_results(const Geometry& g);

/// Divides N or M among the units, by long division.
hdl::Module work_splitter(const Geometry& g);
/// Starts, checks, ends and counts a product of all units.
hdl::Module array_control(const Geometry& g, const hdl::Module& splitter);
/// Hands every beat of a stream to every unit once.
hdl::Module stream_fork(const Geometry& g);
/// Makes one result stream of those of the units, in the order of a single engine.
hdl::Module result_merge(const Geometry& g);

/// Puts the results of all units side by side in one stream.
hdl::Module result_join(const Geometry& g);

/// Appends what makes an array of the last of `modules`, the array itself last.
void add_array(const Geometry& g, std::vector<hdl::Module>& modules);

}  // namespace hasse::units
