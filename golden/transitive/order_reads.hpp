// SPDX-License-Identifier: Apache-2.0
// Puts the reads of a sub-tile into words in which no bank is asked for two addresses.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/transitive/place_nodes.hpp"
#include "golden/transitive/program_layout.hpp"

namespace hasse::transitive {

/// Most accumulate lanes of a design.
inline constexpr int kMostLanes = 16;

/// Reads of one program word.
using ReadWord = std::array<LaneRead, kMostLanes>;

/// Orders reads. Keeps its tables from sub-tile to sub-tile.
class ReadOrder {
 public:
  explicit ReadOrder(const EngineConfig& config);

  /// The words that read `codes`: per beat a code of every lane, kNoNode where it has none, with
  /// `weight_bits` beats of planes per row. Without collisions a word reads a beat. Else, if that
  /// takes fewer words than splitting beats, the lane that is least far takes the row that it can
  /// have finished first - the next one, when `in_order` - and each plane the first word in which
  /// its bank is free, or read at the very node.
  const std::vector<ReadWord>& order(std::span<const std::uint16_t> codes, int weight_bits,
                                     const Placement& placement, bool in_order);

 private:
  /// A lane, its rows still to be read, and the first word in which it may read.
  struct Lane {
    std::vector<std::uint32_t> rows;
    std::size_t next = 0;
  };
  /// Words of the planes of a row.
  using Slots = std::array<std::size_t, 8>;

  void read_beats(std::span<const std::uint16_t> codes);
  void read_rows(std::span<const std::uint16_t> codes, bool in_order);
  std::size_t fit(std::span<const std::uint16_t> codes, std::size_t lane, std::uint32_t row,
                  Slots& slots);
  void take(std::span<const std::uint16_t> codes, std::size_t lane, std::uint32_t row,
            const Slots& slots);
  std::size_t first_free(std::size_t word, Code node);
  void put(std::size_t word, std::size_t lane, std::uint16_t code, std::uint32_t row);
  std::uint16_t& reader(std::size_t word, std::size_t bank);

  EngineConfig config_;
  std::size_t lanes_, banks_, bits_ = 1;
  const Placement* placement_ = nullptr;
  std::vector<Lane> order_;
  std::vector<std::uint16_t> read_;  ///< Per word and bank, 1 + the node that is read there, or 0.
  std::vector<ReadWord> words_, other_;
};

}  // namespace hasse::transitive
