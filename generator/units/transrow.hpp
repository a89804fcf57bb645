// SPDX-License-Identifier: Apache-2.0
// What travels with a TransRow from the weight stream to the accumulators.
#pragma once

#include "generator/hdl/expr.hpp"
#include "generator/units/geometry.hpp"

namespace hasse::units {

/// Flags that a TransRow keeps until it is accumulated, least significant first.
enum TransRowFlag : int {
  kFirst,     ///< First plane of its weight row: the sum starts anew.
  kLast,      ///< Last plane of its weight row: the sum is complete.
  kFirstRow,  ///< Its weight row is the lane's first of the sub-tile.
  kFirstK,    ///< First sub-tile along K: the accumulator starts anew.
  kLastK,     ///< Last sub-tile along K: the row is finished.
  kNegate,    ///< The mirrored node is read with its sign changed.
};
inline constexpr int kFlagBits = 6;
inline constexpr const char* kFlagsDoc = "{negate, last_k, first_k, first_row, last, first}.";

/// What comes with a code from the dispatch: the flags but kNegate, and on top the half of the
/// prefix banks its sub-tile is built in.
inline constexpr int kHalf = 5;

/// Bits of that tag: where the planner looks ahead, the half is the lowest bit of a number.
inline int code_tag_bits(const Geometry& g) {
  return kHalf + g.number_bits();
}
inline const char* code_tag_doc(const Geometry& g) {
  return g.plans_ahead() ? "{number, last_k, first_k, first_row, last, first}."
                         : "{half, last_k, first_k, first_row, last, first}.";
}

}  // namespace hasse::units
