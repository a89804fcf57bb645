// SPDX-License-Identifier: Apache-2.0
// The words of a compiled program: fields, widths and the signature that guards them.
// docs/program-format.md describes them for a reader without this file.
#pragma once

#include <cstdint>
#include <span>

#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// What the body of a program word holds.
enum class WordKind : std::uint8_t {
  none,       ///< Nothing; in the first words of a program, a field of the header.
  step,       ///< A building step of every prefix lane.
  last_step,  ///< The sub-tile's last.
  check,      ///< The signature of the program so far; ends the header and every sub-tile.
};

/// What one prefix lane does in one step.
struct LaneStep {
  std::uint32_t write = 0;           ///< Bank of the lane that keeps the node, one hot; 0: idle.
  std::uint32_t write_address = 0;   ///< Address there.
  std::uint32_t operand = 0;         ///< Operand added; the lattice's dimension: none.
  std::uint32_t parent_read = 0;     ///< Bank of the parent, one hot; 0: the root value.
  std::uint32_t parent_address = 0;  ///< Address there.
  bool operator==(const LaneStep&) const = default;
};

/// What one accumulate lane reads in one word.
struct LaneRead {
  std::uint32_t bank = 0;  ///< Bank over all prefix lanes; the number of banks: nothing.
  std::uint32_t address = 0;
  bool negate = false;    ///< The code's top bit: the node is read with its sign changed.
  std::uint32_t row = 0;  ///< Of the lane's weight rows in the sub-tile, the one it belongs to.
  bool operator==(const LaneRead&) const = default;
};

/// Widths of the fields of a program word, in bits, and how much a sub-tile may hold.
/// A word, lowest bit first: body, kind, reads, last read, one entry {row, negate, address, bank}
/// per accumulate lane. A step is {parent_address, parent_read, operand, write_address, write} per
/// prefix lane.
struct ProgramLayout {
  explicit ProgramLayout(const EngineConfig& config);

  int lanes, prefix_lanes, banks_per_lane;
  int bank_depth;  ///< Nodes in one half of a bank.
  int bank_bits, address_bits, operand_bits;
  int row_bits;        ///< 0 where a lane never has more than one row in a sub-tile.
  int step_bits;       ///< One prefix lane's part of a step.
  int entry_bits;      ///< One accumulate lane's read.
  int body_bits;       ///< Holds a step, and never less than a signature.
  int word_bits;       ///< The whole word.
  int most_steps;      ///< Steps of a sub-tile.
  int most_words;      ///< Words of a sub-tile.
  int step_queue;      ///< Steps that may wait: those of one sub-tile and of the next.
  int read_queue;      ///< Words whose reads may wait: three sub-tiles - read, built, taken.
  std::uint32_t code;  ///< Digest of the numbers above; a program names the one it was made for.

  int banks() const { return prefix_lanes * banks_per_lane; }
  int kind_at() const { return body_bits; }
  int reads_at() const { return body_bits + 2; }
  int last_read_at() const { return body_bits + 3; }
  int entry_at(int lane) const { return body_bits + 4 + lane * entry_bits; }
  /// 32-bit words that hold a program word.
  int packed() const { return (word_bits + 31) / 32; }
};

inline constexpr std::uint32_t kProgramMagic = 0x48535000;  ///< "HSP" above the version.
inline constexpr std::uint32_t kProgramVersion = 3;
/// Magic and version, digest, n and k, bits and group, rows of an N-tile, check.
inline constexpr int kHeaderWords = 6;
inline constexpr int kSignatureBits = 32;
inline constexpr std::uint32_t kSignaturePolynomial = 0x04C11DB7;  ///< CRC-32's, a shift per word.

/// Body of header word `index` (0..4) of a program for `shape`; m does not matter.
std::uint32_t header_field(const EngineConfig& config, const Shape& shape, int index);

/// Reads or writes `bits` (at most 32) of packed words, starting at bit `at`.
std::uint32_t get_field(std::span<const std::uint32_t> words, int at, int bits);
void put_field(std::span<std::uint32_t> words, int at, int bits, std::uint32_t value);

/// The signature after `word`, given the one before it. The 32 bits that hold the signature of a
/// check word are left out. Linear, and every state has one predecessor: a single wrong bit always
/// shows.
std::uint32_t next_signature(const ProgramLayout& layout, std::uint32_t signature,
                             std::span<const std::uint32_t> word);

}  // namespace hasse::transitive
