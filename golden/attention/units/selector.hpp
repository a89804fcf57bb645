// SPDX-License-Identifier: Apache-2.0
// Bit-true and cycle-true model of the selector: top-k and top-p by narrowing an integer threshold
// four bits at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasse::attention::units {

/// What a selector is built for.
struct SelectorShape {
  std::size_t lanes = 16;   ///< Scores read in a cycle, a row.
  int score_bits = 16;      ///< Bits of an unsigned score; a multiple of 4.
  int histogram_bits = 12;  ///< Leading bits counted while scores stream in; a multiple of 4.
};

/// What a selector is asked for.
struct SelectorTask {
  std::span<const std::uint32_t> scores{};  ///< In the order they stream in, one a cycle.
  std::vector<bool> forced{};               ///< Kept whatever their score; empty: none.
  bool by_mass = false;                     ///< Top-p: keep until the sum reaches `target`.
  std::uint64_t target = 0;  ///< Top-k: places, forced ones included. Top-p: the sum.
};

/// What a selector gives.
struct SelectorResult {
  std::vector<std::size_t> kept;  ///< Ascending.
  std::uint64_t cycles = 0;       ///< From the last score to the last row of the list.
  int scans = 0;                  ///< Passes over all scores.
};

/// Selects. Top-k keeps the highest scores, the lowest index among equals. Top-p keeps every score
/// that is not below the highest threshold at which the sum reaches the target - so all of a tie -
/// or all of them when they do not reach it; forced scores count towards the sum.
///
/// While scores stream in, a tree of counters (top-p: sums), sixteen children a node, is updated at
/// every level of the leading `histogram_bits`. Then the threshold is walked down the tree, two
/// cycles a level: one reads a node's sixteen counters, one adds them up from the top and compares.
/// If top-k needs all of the last node's scores, the threshold is found; otherwise a scan of all
/// rows counts the next four bits of those on the threshold, and so on. A last scan emits the list,
/// row by row as a mask. In all 2 + 2 * histogram_bits / 4 cycles, `rows` + 3 for each counting
/// scan and `rows` + 1 for the last.
SelectorResult select(const SelectorShape& shape, const SelectorTask& task);

/// The most cycles that `select` takes for `count` scores.
std::uint64_t most_select_cycles(const SelectorShape& shape, std::size_t count);

}  // namespace hasse::attention::units
