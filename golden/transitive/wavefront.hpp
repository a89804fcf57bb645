// SPDX-License-Identifier: Apache-2.0
// Which of the requests of an array are granted when every row and every column may have one.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hasse::transitive {

/// Most rows and columns of an array of requests.
inline constexpr std::size_t kMaxMatched = 16;

/// The column granted to every row, -1 for none.
using Matching = std::array<int, kMaxMatched>;

/// Wrapped wavefront arbitration (Tamir and Chi, 1993). `requests[r]`: bit c is set when row r asks
/// for column c; as many columns as rows, at most kMaxMatched. Diagonal after diagonal, a request
/// is granted when neither its row nor its column has been granted one before: diagonal k holds
/// the cells of row r and column `start` + k - r, modulo the size, so no two of its cells meet and
/// hardware settles a diagonal at once. The matching is maximal: no request could be added to it.
inline Matching match_wavefront(std::span<const std::uint32_t> requests, std::size_t start) {
  const std::size_t size = requests.size();
  Matching granted;
  granted.fill(-1);
  std::uint32_t taken = 0;
  for (std::size_t diagonal = 0; diagonal < size; ++diagonal)
    for (std::size_t row = 0; row < size; ++row) {
      const std::size_t column = (start + diagonal + size - row) % size;
      if (granted[row] >= 0 || ((requests[row] & ~taken) >> column & 1U) == 0) continue;
      granted[row] = static_cast<int>(column);
      taken |= std::uint32_t{1} << column;
    }
  return granted;
}

}  // namespace hasse::transitive
