// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/program_layout.hpp"

#include <algorithm>
#include <bit>

#include "golden/transitive/lattice.hpp"

namespace hasse::transitive {
namespace {

/// Addresses a bank has beyond what the whole lattice needs: room for helpers, without which reads
/// collide nearly twenty times as often at the default size.
constexpr int kSpareAddresses = 2;

int bits_of(int largest) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned>(largest))));
}

/// FNV-1a over the numbers that fix the meaning of every bit.
std::uint32_t digest_of(const EngineConfig& config, const ProgramLayout& layout) {
  std::uint32_t hash = 0x811C9DC5;
  for (const int number :
       {config.tile_bits, config.lanes, config.banks_per_lane, config.rows,
        config.columns_per_adder, layout.bank_depth, layout.most_steps, layout.most_words}) {
    for (int byte = 0; byte < 4; ++byte) {
      hash ^= (static_cast<std::uint32_t>(number) >> (8 * byte)) & 0xFFU;
      hash *= 0x01000193;
    }
  }
  return hash;
}

}  // namespace

ProgramLayout::ProgramLayout(const EngineConfig& config)
    : lanes(config.lanes), prefix_lanes(config.dimension()), banks_per_lane(config.banks_per_lane) {
  const Lattice lattice(config.dimension());
  bank_depth = (lattice.slots() + banks_per_lane - 1) / banks_per_lane + kSpareAddresses;
  bank_bits = bits_of(banks());
  address_bits = bits_of(std::max(bank_depth - 1, 1));
  operand_bits = bits_of(prefix_lanes);
  step_bits = 2 * (banks_per_lane + address_bits) + operand_bits;
  const int groups = config.groups_per_tile(2);
  row_bits = groups > 1 ? bits_of(groups - 1) : 0;
  entry_bits = bank_bits + address_bits + 1 + row_bits;
  body_bits = std::max(prefix_lanes * step_bits, kSignatureBits);
  word_bits = body_bits + 4 + lanes * entry_bits;
  most_steps = std::max(2 * lattice.slots(), config.columns_per_adder);
  const int distinct = std::min(lanes, lattice.nodes());
  const int spread = 2 + (distinct + banks() - 1) / banks();
  most_words = std::max(spread * (config.rows / lanes), most_steps + 1);
  step_queue = 2 * most_steps;
  read_queue = std::max(most_words, 3 * (config.rows / config.lanes));
  code = digest_of(config, *this);
}

std::uint32_t header_field(const EngineConfig& config, const Shape& shape, int index) {
  const std::uint32_t fields[] = {
      kProgramMagic | kProgramVersion, ProgramLayout(config).code,
      static_cast<std::uint32_t>(shape.n) | (static_cast<std::uint32_t>(shape.k) << 16),
      static_cast<std::uint32_t>(shape.weight_bits) |
          (static_cast<std::uint32_t>(shape.group > 0 ? shape.group : shape.k) << 16),
      static_cast<std::uint32_t>(config.tile_rows(shape))};
  return fields[index];
}

std::uint32_t get_field(std::span<const std::uint32_t> words, int at, int bits) {
  const auto index = static_cast<std::size_t>(at / 32);
  std::uint64_t both = words[index];
  if (index + 1 < words.size()) both |= std::uint64_t{words[index + 1]} << 32;
  return static_cast<std::uint32_t>((both >> (at % 32)) & ((std::uint64_t{1} << bits) - 1));
}

void put_field(std::span<std::uint32_t> words, int at, int bits, std::uint32_t value) {
  const auto index = static_cast<std::size_t>(at / 32);
  const std::uint64_t mask = ((std::uint64_t{1} << bits) - 1) << (at % 32);
  const std::uint64_t shifted = (std::uint64_t{value} << (at % 32)) & mask;
  words[index] = static_cast<std::uint32_t>((words[index] & ~mask) | shifted);
  if ((mask >> 32) == 0) return;
  words[index + 1] =
      static_cast<std::uint32_t>((words[index + 1] & ~(mask >> 32)) | (shifted >> 32));
}

std::uint32_t next_signature(const ProgramLayout& layout, std::uint32_t signature,
                             std::span<const std::uint32_t> word) {
  const auto kind = static_cast<WordKind>(get_field(word, layout.kind_at(), 2));
  std::uint32_t folded = kind == WordKind::check ? 0 : word[0];
  for (const std::uint32_t part : word.subspan(1)) folded ^= part;
  return ((signature << 1) ^ ((signature >> 31) != 0 ? kSignaturePolynomial : 0U)) ^ folded;
}

}  // namespace hasse::transitive
