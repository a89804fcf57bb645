// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/hasse_graph.hpp"

namespace hasse::transitive {

std::vector<Code> direct_prefixes(Code code) {
  std::vector<Code> prefixes;
  for (Code rest = code; rest != 0; rest &= rest - 1) prefixes.push_back(code & ~(rest & -rest));
  return prefixes;
}

std::int64_t node_value(Code code, std::span<const std::int64_t> operands) {
  std::int64_t sum = 0;
  for (std::size_t bit = 0; bit < operands.size(); ++bit)
    if ((code >> bit) & 1U) sum += operands[bit];
  return sum;
}

std::int64_t mirrored_value(Code node, std::span<const std::int64_t> operands) {
  std::int64_t total = 0;
  for (const std::int64_t operand : operands) total += operand;
  return (2 * node_value(node, operands) - total) >> 1;
}

}  // namespace hasse::transitive
