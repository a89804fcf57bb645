// SPDX-License-Identifier: Apache-2.0
// Rounding to pairs, and reading them.
#include "golden/quant/olive_pair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hasse::quant {

using tensor::Matrix;

std::array<ExponentInteger, 2> decode_pair(const OliveFormat& format, PairCodes codes) {
  if (codes.left == format.identifier) return {{{}, decode_outlier(format, codes.right)}};
  if (codes.right == format.identifier) return {{decode_outlier(format, codes.left), {}}};
  return {decode_normal(format, codes.left), decode_normal(format, codes.right)};
}

OliveGrid::OliveGrid(const OliveFormat& format) : format_(format) {
  std::vector<std::array<int, 2>> found;  // magnitude and its positive code
  const unsigned positive = 1U << (format.is_signed ? format.bits - 1 : format.bits);
  for (unsigned code = 0; code < positive; ++code)
    if (code != format.identifier)
      found.push_back({decode_normal(format, code).value(), static_cast<int>(code)});
  normal_count_ = found.size();
  for (unsigned code = 0; code < positive; ++code) {
    const int exponent = static_cast<int>((format.is_signed ? code : code ^ format.identifier) >>
                                          format.mantissa_bits);
    const int value = decode_outlier(format, code).value();
    if (value != 0 && exponent <= format.max_exponent_field())
      found.push_back({value, static_cast<int>(code)});
  }
  std::ranges::sort(found);
  for (const auto& [magnitude, code] : found) add(magnitude, static_cast<unsigned>(code));
  for (std::size_t i = 1; i < magnitudes_.size(); ++i)
    middles_.push_back((magnitudes_[i - 1] + magnitudes_[i]) / 2.0);
}

void OliveGrid::add(int magnitude, unsigned code) {
  const bool integer = !format_.is_flint && magnitudes_.size() < normal_count_;
  const unsigned ones = (1U << format_.bits) - 1, sign = 1U << (format_.bits - 1);
  const unsigned negative = !format_.is_signed          ? 0
                            : integer || magnitude == 0 ? -code
                                                        : code | sign;
  magnitudes_.push_back(magnitude);
  codes_.push_back({static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(negative & ones)});
}

OliveGrid::Place OliveGrid::nearest(double x) const {
  const bool minus = x < 0;
  if (minus && !format_.is_signed) return {codes_[0][0], false, 0};
  const auto above = std::ranges::upper_bound(middles_, std::fabs(x));
  const auto i = static_cast<std::size_t>(above - middles_.begin());
  return {codes_[i][minus ? 1 : 0], i >= normal_count_, minus ? -magnitudes_[i] : magnitudes_[i]};
}

OliveGrid::Outcome OliveGrid::outcome(double left, double right, OutlierRule rule) const {
  Outcome result{nearest(left), nearest(right)};
  const bool both = result.left.outlier && result.right.outlier;
  const bool left_first = rule == OutlierRule::keep_even || std::fabs(left) >= std::fabs(right);
  result.right_falls = result.left.outlier && (!both || left_first);
  result.left_falls = result.right.outlier && !result.right_falls;
  return result;
}

PairCodes OliveGrid::encode(double left, double right, OutlierRule rule) const {
  const Outcome o = outcome(left, right, rule);
  const auto victim = static_cast<std::uint8_t>(format_.identifier);
  return {o.left_falls ? victim : o.left.code, o.right_falls ? victim : o.right.code};
}

std::array<int, 2> OliveGrid::rounded(double left, double right, OutlierRule rule) const {
  const Outcome o = outcome(left, right, rule);
  return {o.left_falls ? 0 : o.left.value, o.right_falls ? 0 : o.right.value};
}

PairKind OliveGrid::kind(double left, double right) const {
  const int outliers = nearest(left).outlier + nearest(right).outlier;
  return static_cast<PairKind>(outliers);
}

Matrix<std::uint8_t> pack_pairs(const Matrix<std::uint8_t>& codes, int bits) {
  if (bits != 4 && bits != 8)
    throw QuantError(fmt::format("pack_pairs: bits is {}, expected 4 or 8", bits));
  if (codes.cols() % 2 != 0)
    throw QuantError(fmt::format("pack_pairs: {} columns, expected pairs", codes.cols()));
  if (bits == 8) return codes;
  Matrix<std::uint8_t> bytes(codes.rows(), codes.cols() / 2);
  for (std::size_t r = 0; r < bytes.rows(); ++r)
    for (std::size_t p = 0; p < bytes.cols(); ++p) {
      const unsigned left = codes(r, 2 * p), right = codes(r, 2 * p + 1);
      if (left > 15 || right > 15)
        throw QuantError(
            fmt::format("pack_pairs: pair {} of row {} is ({}, {}), expected 4-bit "
                        "codes",
                        p, r, left, right));
      bytes(r, p) = static_cast<std::uint8_t>(left | right << 4);
    }
  return bytes;
}

Matrix<std::uint8_t> unpack_pairs(const Matrix<std::uint8_t>& bytes, int bits) {
  if (bits != 4 && bits != 8)
    throw QuantError(fmt::format("unpack_pairs: bits is {}, expected 4 or 8", bits));
  if (bits == 8 && bytes.cols() % 2 != 0)
    throw QuantError(fmt::format("unpack_pairs: {} bytes a row, expected pairs", bytes.cols()));
  if (bits == 8) return bytes;
  Matrix<std::uint8_t> codes(bytes.rows(), 2 * bytes.cols());
  for (std::size_t r = 0; r < bytes.rows(); ++r)
    for (std::size_t p = 0; p < bytes.cols(); ++p) {
      codes(r, 2 * p) = bytes(r, p) & 15;
      codes(r, 2 * p + 1) = bytes(r, p) >> 4;
    }
  return codes;
}

}  // namespace hasse::quant
