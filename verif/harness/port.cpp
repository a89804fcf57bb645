// SPDX-License-Identifier: Apache-2.0
// Ports of a simulated module as numbers, bit ranges and words.
#include "verif/harness/port.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

constexpr std::uint64_t mask(unsigned width) {
  return width >= 64 ? ~0ULL : (1ULL << width) - 1;
}

// Bytes Verilator stores a value of `bits` bits in.
unsigned storage_bytes(unsigned bits) {
  if (bits <= 8) return 1;
  if (bits <= 16) return 2;
  if (bits <= 32) return 4;
  if (bits <= 64) return 8;
  return (bits + 31) / 32 * 4;
}

}  // namespace

void put_bits(std::span<std::uint32_t> words, std::size_t lo, unsigned width, std::uint64_t value) {
  value &= mask(width);
  while (width > 0) {
    const unsigned shift = static_cast<unsigned>(lo % 32);
    const unsigned step = std::min(32 - shift, width);
    const auto field = static_cast<std::uint32_t>(mask(step) << shift);
    std::uint32_t& word = words[lo / 32];
    word = (word & ~field) | (static_cast<std::uint32_t>(value << shift) & field);
    value = step < 64 ? value >> step : 0;
    lo += step;
    width -= step;
  }
}

std::uint64_t take_bits(std::span<const std::uint32_t> words, std::size_t lo, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned have = 0; have < width;) {
    const unsigned shift = static_cast<unsigned>(lo % 32);
    const unsigned step = std::min(32 - shift, width - have);
    value |= (std::uint64_t{words[lo / 32]} >> shift & mask(step)) << have;
    lo += step;
    have += step;
  }
  return value;
}

Port::Port(const hasse_port& raw)
    : name_(raw.name),
      data_(raw.data),
      bits_(raw.bits),
      bytes_(storage_bytes(raw.bits)),
      is_input_(raw.is_input != 0) {}

void Port::set(std::uint64_t value) const {
  if ((value & ~mask(bits_)) != 0) {
    throw HarnessError(
        fmt::format("port {}: value {} needs more than its {} bits", name_, value, bits_));
  }
  if (bytes_ > 8) std::memset(static_cast<char*>(data_) + 8, 0, bytes_ - 8);
  std::memcpy(data_, &value, bytes_ < 8 ? bytes_ : 8);
}

std::uint64_t Port::get_bits(std::size_t lo, unsigned width) const {
  check_range(lo, width);
  if (bits_ <= 64) return get() >> lo & mask(width);
  return take_bits({static_cast<const std::uint32_t*>(data_), word_count()}, lo, width);
}

void Port::set_bits(std::size_t lo, unsigned width, std::uint64_t value) const {
  check_range(lo, width);
  if (bits_ > 64)
    return put_bits({static_cast<std::uint32_t*>(data_), word_count()}, lo, width, value);
  const std::uint64_t field = mask(width) << lo;
  set((get() & ~field) | (value << lo & field));
}

std::vector<std::uint32_t> Port::words() const {
  std::vector<std::uint32_t> out(word_count());
  read(out.data());
  return out;
}

void Port::check_range(std::size_t lo, unsigned width) const {
  if (width >= 1 && width <= 64 && lo + width <= bits_) return;
  throw HarnessError(fmt::format("port {}: bits {} to {} are outside its {} bits", name_, lo,
                                 lo + width - 1, bits_));
}

}  // namespace hasse::harness
