// SPDX-License-Identifier: Apache-2.0
// The Hasse graph of bit patterns: codes ordered by inclusion, one level per popcount.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace hasse::transitive {

/// A node of the Hasse graph: a set of operand indices, bit b set when operand b is in the sum.
using Code = std::uint32_t;

/// Largest number of operands a graph may span; 2^12 nodes is far beyond what hardware builds.
inline constexpr int kMaxDimension = 12;

/// Level of a node in the graph: how many operands its value sums.
constexpr int level(Code code) {
  return std::popcount(code);
}

/// True when `prefix` lies below `code`: the value of `code` can be reached by additions only.
constexpr bool is_prefix(Code prefix, Code code) {
  return (prefix & ~code) == 0;
}

/// The direct prefixes of `code`: one bit cleared each, lowest bit first.
std::vector<Code> direct_prefixes(Code code);

/// Plain sum of the operands named by `code`, the definition of a node value.
std::int64_t node_value(Code code, std::span<const std::int64_t> operands);

/// A T-bit TransRow as the mirrored lattice stores it: with digits -1 and +1 for bits 0 and 1 a
/// code and its complement have opposite values, so T-1 bits name the node and one bit its sign.
struct MirroredCode {
  Code node;    ///< T-1 bits, the node that is stored.
  bool negate;  ///< The TransRow reads the node with its sign changed.
  bool operator==(const MirroredCode&) const = default;
};

/// Folds a `tile_bits`-wide TransRow onto the mirrored lattice (its top bit becomes the sign).
constexpr MirroredCode mirror(Code code, int tile_bits) {
  const Code mask = (Code{1} << (tile_bits - 1)) - 1;
  const bool negate = (code >> (tile_bits - 1)) & 1U;
  return {(negate ? ~code : code) & mask, negate};
}

/// Value stored for node `node` of the mirrored lattice: floor(f/2), where f is the sum of the T
/// operands with sign + where the bit is set and - elsewhere (the top operand always -).
std::int64_t mirrored_value(Code node, std::span<const std::int64_t> operands);

}  // namespace hasse::transitive
