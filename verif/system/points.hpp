// SPDX-License-Identifier: Apache-2.0
// The designs the system tests run on: the engines' defaults, and points at the edges of the
// parameters.
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "generator/design/design.hpp"

namespace hasse::system {

/// A design with a name that can be part of a test's name.
struct Point {
  const char* name;
  const char* json;
};

/// Engine banked with its defaults.
extern const Point kBanked;
/// Engine split with its defaults.
extern const Point kSplit;
/// As the banked one, but with 512 TransRows a sub-tile and few columns, on which cycles hardly
/// depend.
extern const Point kRows512;
/// Small enough for a slow simulator.
extern const Point kTiny;

/// All points, the banked default first.
std::span<const Point> points();
/// Designs that scale groups of weights.
std::span<const Point> scaled_points();

/// Attention engines, which do not multiply.
std::span<const Point> attention_points();

/// Arrays of several units, both ways of sharing, and AXI ports.
std::span<const Point> arrays();

/// The design of `point`. Throws design::DesignError when it cannot be built.
design::Design design_of(const Point& point);

std::ostream& operator<<(std::ostream& stream, const Point& point);

}  // namespace hasse::system
