// SPDX-License-Identifier: Apache-2.0
// Named situations that the tests have to bring every unit into.
#pragma once

#include <span>
#include <string>

#include "verif/harness/rtl_source.hpp"

namespace hasse::unit {

/// A situation of one unit, true in a clock cycle in which it is met.
struct CoverPoint {
  const char* unit;  ///< Name of the module.
  const char* name;
  const char* when;  ///< Verilog, of the module's own signals.
};

/// All of them, unit by unit.
std::span<const CoverPoint> cover_points();

/// Name of the module that watches `point`: "cover_", its unit and its name.
std::string module_of(const CoverPoint& point);

/// `source` with a further file, `file`: for every point a module with a `cover` statement, bound
/// to the point's unit. Points of signals that a unit has been emitted without are left out.
harness::RtlSource with_cover_points(const harness::RtlSource& source,
                                     const std::filesystem::path& file);

}  // namespace hasse::unit
