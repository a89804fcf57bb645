// SPDX-License-Identifier: Apache-2.0
// Rotation classes of bit patterns: what makes a forest that needs no scheduling.
#pragma once

#include <vector>

#include "golden/transitive/hasse_graph.hpp"

namespace hasse::transitive {

/// `code` rotated left by `by` places within `dimension` bits.
constexpr Code rotate_left(Code code, int by, int dimension) {
  const Code mask = (Code{1} << dimension) - 1;
  by %= dimension;
  return by == 0 ? code : ((code << by) | (code >> (dimension - by))) & mask;
}

/// A code written as its necklace (smallest rotation) turned left by the smallest such amount.
struct Orbit {
  Code necklace;
  int rotation;  ///< code == rotate_left(necklace, rotation); smallest such value.
  bool operator==(const Orbit&) const = default;
};

/// The orbit of `code` within `dimension` bits.
Orbit orbit(Code code, int dimension);

/// Number of distinct rotations of `code` within `dimension` bits, a divisor of `dimension`.
int period(Code code, int dimension);

/// All necklaces of `dimension` bits, zero included, in ascending order: by highest bit, so that
/// every necklace follows its parent.
std::vector<Code> necklaces(int dimension);

/// Parent of a non-zero code in the rotation-symmetric spanning forest: its necklace without the
/// highest bit, turned back. Parent and child always have the same rotation, hence the same lane.
Code orbit_parent(Code code, int dimension);

/// The operand that `code` adds to its parent.
int orbit_operand(Code code, int dimension);

}  // namespace hasse::transitive
