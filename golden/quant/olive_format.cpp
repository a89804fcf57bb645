// SPDX-License-Identifier: Apache-2.0
// The codes of normal values and outliers.
#include "golden/quant/olive_format.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>

namespace hasse::quant {
namespace {

/// Every value is below 2 to this, so that 32 bits hold the product of any two.
constexpr int kMostBits = 15;

constexpr std::array kFormats = {
    OliveFormat{OliveType::int4, "int4", 4, true, false, 2, 1, 7, 0x8, 2},
    OliveFormat{OliveType::flint4, "flint4", 4, true, true, 2, 1, 16, 0x8, 3},
    OliveFormat{OliveType::uint4, "uint4", 4, false, false, 2, 2, 14, 0xf, 2},
    OliveFormat{OliveType::uflint4, "uflint4", 4, false, true, 2, 2, 32, 0x8, 3},
    OliveFormat{OliveType::int8, "int8", 8, true, false, 4, 3, 127, 0x80, 4},
    OliveFormat{OliveType::int8_e2m5, "int8_e2m5", 8, true, false, 2, 5, 127, 0x80, 2},
};

int sign_bit(const OliveFormat& format) {
  return 1 << (format.bits - 1);
}

/// Flint of `bits` magnitude bits (ANT, arXiv 2208.14286): below half of the codes the integer
/// itself; above, the leading zeros of the rest say the exponent and what follows the first one
/// is the mantissa, kept left-aligned in bits - 1 bits. Without a first one, the largest power.
ExponentInteger decode_flint(unsigned code, int bits) {
  const int rest_bits = bits - 1;
  if (code >> rest_bits == 0) return {0, static_cast<int>(code)};
  const unsigned rest = code & ((1U << rest_bits) - 1);
  const int zeros = rest_bits - std::bit_width(rest);
  const unsigned top = 1U << (rest_bits - 1);
  const unsigned mantissa = (rest << (zeros + 1)) & ((1U << rest_bits) - 1);
  return {zeros + 1, static_cast<int>(top | mantissa >> 1)};
}

}  // namespace

int OliveFormat::max_exponent_field() const {
  return std::min((1 << exponent_bits) - 1, kMostBits - 1 - mantissa_bits - bias);
}

int OliveFormat::largest() const {
  return ((2 << mantissa_bits) - 1) << (max_exponent_field() + bias);
}

const OliveFormat& olive_format(OliveType type) {
  return kFormats[static_cast<std::size_t>(type)];
}

const OliveFormat& olive_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &OliveFormat::name);
  if (found != kFormats.end()) return *found;
  std::vector<std::string_view> names;
  for (const OliveFormat& format : kFormats) names.push_back(format.name);
  throw QuantError(
      fmt::format("OliVe type is \"{}\", expected one of {}", name, fmt::join(names, ", ")));
}

std::span<const OliveFormat> olive_formats() {
  return kFormats;
}

std::vector<OliveFormat> olive_candidates(int bits, bool is_signed) {
  if (bits != 4 && bits != 8)
    throw QuantError(fmt::format("OliVe: bits is {}, expected 4 or 8", bits));
  if (bits == 8) return {olive_format(OliveType::int8)};
  if (is_signed) return {olive_format(OliveType::int4), olive_format(OliveType::flint4)};
  return {olive_format(OliveType::uint4), olive_format(OliveType::uflint4)};
}

OliveFormat with_bias(OliveFormat format, int bias) {
  const int smallest = (1 << format.mantissa_bits) + 1;
  const int most = kMostBits - 1 - format.mantissa_bits;
  if (bias < 0 || bias > most || smallest << bias <= format.normal_max)
    throw QuantError(
        fmt::format("OliVe {}: bias is {}, expected {} to {}", format.name, bias,
                    std::bit_width(static_cast<unsigned>(format.normal_max / smallest)), most));
  format.bias = bias;
  return format;
}

ExponentInteger decode_normal(const OliveFormat& format, unsigned code) {
  if (code == format.identifier) return {};
  if (!format.is_signed)
    return format.is_flint ? decode_flint(code, format.bits)
                           : ExponentInteger{0, static_cast<int>(code)};
  const int sign = sign_bit(format), value = static_cast<int>(code);
  if (!format.is_flint) return {0, value - ((value & sign) << 1)};
  ExponentInteger result = decode_flint(code & (static_cast<unsigned>(sign) - 1), format.bits - 1);
  if ((value & sign) != 0) result.integer = -result.integer;
  return result;
}

ExponentInteger decode_outlier(const OliveFormat& format, unsigned code) {
  if (!format.is_signed) code ^= format.identifier;
  const int ones = (1 << format.mantissa_bits) - 1;
  int mantissa = static_cast<int>(code) & ones;
  int exponent = static_cast<int>(code) >> format.mantissa_bits & ((1 << format.exponent_bits) - 1);
  if (exponent == 0 && mantissa == 0) return {};
  if (exponent > format.max_exponent_field()) {
    exponent = format.max_exponent_field();
    mantissa = ones;
  }
  const int integer = ones + 1 + mantissa;
  const bool minus = format.is_signed && (static_cast<int>(code) & sign_bit(format)) != 0;
  return {exponent + format.bias, minus ? -integer : integer};
}

}  // namespace hasse::quant
