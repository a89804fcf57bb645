// SPDX-License-Identifier: Apache-2.0
// AXI ports around a core: registers behind AXI4-Lite, operands and results on AXI4-Stream.
#pragma once

#include <vector>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// The registers of the design behind an AXI4-Lite slave.
hdl::Module axi_registers(const Geometry& g);

/// Appends what gives AXI ports to the last of `modules`, `transitive_axi` last.
void add_axi(const Geometry& g, std::vector<hdl::Module>& modules);

}  // namespace hasse::units
