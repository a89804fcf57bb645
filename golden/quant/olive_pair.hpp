// SPDX-License-Identifier: Apache-2.0
// Outlier-victim pairs: two neighbours in one aligned byte, or two (OliVe, section 3.1).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "golden/quant/olive_format.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// Which of two outliers in one pair survives.
enum class OutlierRule {
  keep_larger,  ///< The paper's: the larger magnitude; the left one if they are equal.
  keep_even     ///< The published code's: always the left one.
};

/// The codes of the elements 2i (left) and 2i + 1 (right). At most one is the identifier, a victim;
/// the other is then an outlier.
struct PairCodes {
  std::uint8_t left = 0;
  std::uint8_t right = 0;
  bool operator==(const PairCodes&) const = default;
};

/// How many outliers the two values of a pair had before one of them fell victim.
enum class PairKind { normal_normal, outlier_normal, outlier_outlier };

/// The pair's two values as they are after decoding. Defined for every two codes: the left one is
/// looked at first, and a victim is 0 whatever its partner.
std::array<ExponentInteger, 2> decode_pair(const OliveFormat& format, PairCodes codes);

/// Rounds real values, in units of the normal values' scale, to codes of one format: to the nearest
/// value, away from zero from the middle between two (so an outlier between outlier and normal),
/// beyond the largest to the largest. Negative values of unsigned formats round to 0.
class OliveGrid {
 public:
  /// A value as it is after rounding.
  struct Place {
    std::uint8_t code = 0;
    bool outlier = false;
    int value = 0;
  };

  explicit OliveGrid(const OliveFormat& format);

  const OliveFormat& format() const { return format_; }
  /// All magnitudes, ascending; the first `normal_count()` of them are normal.
  const std::vector<int>& magnitudes() const { return magnitudes_; }
  std::size_t normal_count() const { return normal_count_; }

  /// The value of the grid that `x`, which is finite, rounds to.
  Place nearest(double x) const;
  /// The pair of `left` and `right`, both finite.
  PairCodes encode(double left, double right, OutlierRule rule) const;
  /// What decoding encode(left, right, rule) gives, without making codes.
  std::array<int, 2> rounded(double left, double right, OutlierRule rule) const;
  PairKind kind(double left, double right) const;

 private:
  struct Outcome {
    Place left, right;
    bool left_falls = false, right_falls = false;
  };
  Outcome outcome(double left, double right, OutlierRule rule) const;
  void add(int magnitude, unsigned code);

  OliveFormat format_;
  std::size_t normal_count_ = 0;
  std::vector<int> magnitudes_;
  std::vector<std::array<std::uint8_t, 2>> codes_;  ///< Of magnitude i, positive and negative.
  std::vector<double> middles_;                     ///< Between magnitudes i and i + 1.
};

/// Packs `codes` [rows x 2P], pairs along rows, into aligned bytes [rows x P * bits / 4]. The left
/// element of a 4-bit pair is the low nibble; that of an 8-bit pair comes in the first byte.
/// Throws QuantError when the number of columns is odd, or a code has more than `bits`.
tensor::Matrix<std::uint8_t> pack_pairs(const tensor::Matrix<std::uint8_t>& codes, int bits);

/// The codes that pack_pairs packed. Throws QuantError for an odd number of 8-bit codes.
tensor::Matrix<std::uint8_t> unpack_pairs(const tensor::Matrix<std::uint8_t>& bytes, int bits);

}  // namespace hasse::quant
