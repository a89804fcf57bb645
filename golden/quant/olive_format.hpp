// SPDX-License-Identifier: Apache-2.0
// What one code of an outlier-victim pair stands for (OliVe, arXiv 2304.07493, section 3).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "golden/quant/quantize.hpp"

namespace hasse::quant {

/// Data types of normal values; each has its own abfloat for outliers.
enum class OliveType {
  int4,      ///< -7..7, outliers E2M1
  flint4,    ///< 0, 1, 2, 3, 4, 6, 8, 16 and their negatives, outliers E2M1
  uint4,     ///< 0..14, outliers E2M2
  uflint4,   ///< 0..8, 10, 12, 14, 16, 24, 32, outliers E2M2
  int8,      ///< -127..127, outliers E4M3 as in the paper
  int8_e2m5  ///< -127..127, outliers E2M5 as in the authors' published code
};

/// Values integer * 2^exponent.
struct ExponentInteger {
  int exponent = 0;
  int integer = 0;

  int value() const { return integer * (1 << exponent); }
  bool operator==(const ExponentInteger&) const = default;
};

/// How codes of one type are read. An outlier is an abfloat: sign, exponent e and mantissa m, most
/// significant first, worth +-(2^mantissa_bits + m) * 2^(e + bias); e = m = 0 is not used and reads
/// as 0. Unsigned types keep an outlier's code exclusive-or `identifier`, so that the code which
/// is not used is the identifier's, as it is for signed types. All values are in units of the
/// normal values' scale, and below 2^15.
struct OliveFormat {
  OliveType type = OliveType::int4;
  std::string_view name;
  int bits = 4;             ///< Of a code.
  bool is_signed = true;    ///< Of normal values and outliers.
  bool is_flint = false;    ///< Normal values are flint, not integers.
  int exponent_bits = 2;    ///< Of an outlier.
  int mantissa_bits = 1;    ///< Of an outlier.
  int normal_max = 7;       ///< Largest normal value.
  unsigned identifier = 8;  ///< The code of a victim.
  int bias = 2;             ///< Of an outlier's exponent.

  /// The largest exponent field in use: all of them, or as many as stay below 2^15. Larger ones
  /// read as the largest outlier, and are never written.
  int max_exponent_field() const;
  /// The largest magnitude a code can stand for.
  int largest() const;
  bool operator==(const OliveFormat&) const = default;
};

/// The format of `type`, its bias the adaptive one: the smallest that keeps every outlier above
/// the normal values. 2 for int4 and uint4, 3 for flint4 and uflint4, 4 for int8, 2 for int8_e2m5.
const OliveFormat& olive_format(OliveType type);

/// The same by its name, "int4". Throws QuantError naming the known ones.
const OliveFormat& olive_format(std::string_view name);

/// All formats, in the order of OliveType.
std::span<const OliveFormat> olive_formats();

/// Types to choose from for a tensor of `bits` = 4 or 8, integers first. Throws QuantError for
/// other `bits`; there are no unsigned types of 8 bits, whose signed ones are returned instead.
std::vector<OliveFormat> olive_candidates(int bits, bool is_signed);

/// `format` with outliers moved to exponent bias `bias`. Throws QuantError unless its smallest
/// outlier is above the normal values and its smallest exponent below 2^15.
OliveFormat with_bias(OliveFormat format, int bias);

/// What `code` is worth as a normal value; the identifier reads as 0.
ExponentInteger decode_normal(const OliveFormat& format, unsigned code);

/// What `code` is worth as the outlier of a pair.
ExponentInteger decode_outlier(const OliveFormat& format, unsigned code);

}  // namespace hasse::quant
