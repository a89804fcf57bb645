// SPDX-License-Identifier: Apache-2.0
// One port of a simulated module: a view of the simulator's own storage, read and written in place.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "verif/harness/adapter/abi.h"

namespace hasse::harness {

static_assert(std::endian::native == std::endian::little,
              "ports are copied as little-endian words");

/// Writes the `width` (1..64) low bits of `value` at bit `lo` of little-endian 32-bit `words`.
/// Throws nothing; the range must lie inside `words`.
void put_bits(std::span<std::uint32_t> words, std::size_t lo, unsigned width, std::uint64_t value);

/// Reads `width` (1..64) bits at bit `lo` of little-endian 32-bit `words`, zero-extended.
std::uint64_t take_bits(std::span<const std::uint32_t> words, std::size_t lo, unsigned width);

/// `value`'s low `width` (1..64) bits as a two's complement number.
constexpr std::int64_t sign_extend(std::uint64_t value, unsigned width) {
  return static_cast<std::int64_t>(value << (64 - width)) >> (64 - width);
}

/// A view of one port of a `Model`; cheap to copy, valid as long as the model lives.
class Port {
 public:
  Port() = default;
  explicit Port(const hasse_port& raw);

  const std::string& name() const { return name_; }
  /// Width in bits.
  unsigned bits() const { return bits_; }
  bool is_input() const { return is_input_; }
  /// 32-bit words that hold the port, ceil(bits/32).
  std::size_t word_count() const { return (bits_ + 31) / 32; }

  /// The low 64 bits, zero-extended.
  std::uint64_t get() const {
    std::uint64_t value = 0;
    std::memcpy(&value, data_, bytes_ < 8 ? bytes_ : 8);
    return value;
  }
  /// True when any of the low 64 bits is set; meant for one-bit ports.
  bool is_set() const { return get() != 0; }
  /// The port as a two's complement number; for ports of at most 64 bits.
  std::int64_t get_signed() const { return sign_extend(get(), bits_ < 64 ? bits_ : 64); }
  /// Writes the low 64 bits, zero-extending above. Throws HarnessError when `value` needs more bits
  /// than the port has.
  void set(std::uint64_t value) const;

  /// `width` (1..64) bits from bit `lo`, zero-extended. Throws HarnessError outside the port.
  std::uint64_t get_bits(std::size_t lo, unsigned width) const;
  /// Replaces `width` (1..64) bits from bit `lo`. Throws HarnessError outside the port.
  void set_bits(std::size_t lo, unsigned width, std::uint64_t value) const;

  /// Copies the port to `out`, which holds word_count() words.
  void read(std::uint32_t* out) const {
    out[word_count() - 1] = 0;
    std::memcpy(out, data_, bytes_);
  }
  /// Copies word_count() words to the port; bits above the width must be zero.
  void write(const std::uint32_t* in) const { std::memcpy(data_, in, bytes_); }
  /// The whole port, least significant word first.
  std::vector<std::uint32_t> words() const;

 private:
  void check_range(std::size_t lo, unsigned width) const;

  std::string name_;
  void* data_ = nullptr;
  unsigned bits_ = 0;
  unsigned bytes_ = 0;
  bool is_input_ = false;
};

}  // namespace hasse::harness
