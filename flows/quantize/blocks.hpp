// SPDX-License-Identifier: Apache-2.0
// Walks tensors in blocks that fit into little memory.
#pragma once

#include <algorithm>
#include <cstddef>

namespace hasse::quantize {

/// Elements of a block, about.
inline constexpr std::size_t kBlockElements = std::size_t{1} << 21;

/// Calls visit(first, count) for consecutive runs of `rows` rows of `columns` elements each.
template <class Visit>
void for_each_block(std::size_t rows, std::size_t columns, Visit visit) {
  const std::size_t most =
      std::max<std::size_t>(kBlockElements / std::max<std::size_t>(columns, 1), 1);
  for (std::size_t first = 0; first < rows; first += most)
    visit(first, std::min(most, rows - first));
}

}  // namespace hasse::quantize
