// SPDX-License-Identifier: Apache-2.0
// Progressive quantisation: rows first, then groups of their integers.
#include "golden/quant/group_scales.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hasse::quant {
namespace {

using tensor::Matrix;

constexpr int kProtectiveRange = 119;
constexpr int kQserveBits = 4;
constexpr int kQserveSteps = 15;
constexpr int kQserveOffset = 8;

/// Rows as integers of at most `most`, and their steps.
QuantizedWeights quantize_rows_to(const Matrix<float>& w, int most) {
  QuantizedWeights rows = quantize_weights(w, 8);
  const auto limit = static_cast<float>(most);
  for (std::size_t n = 0; n < w.rows(); ++n) {
    rows.scales[n] *= 127.0F / limit;
    for (std::size_t k = 0; k < w.cols() && rows.scales[n] != 0; ++k)
      rows.values(n, k) =
          static_cast<std::int8_t>(std::clamp(std::rint(w(n, k) / rows.scales[n]), -limit, limit));
  }
  return rows;
}

int rounded(int value, int divisor) {
  return static_cast<int>(std::rint(static_cast<double>(value) / divisor));
}

/// Calls `visit(n, g, values, codes)` with every group's integers and the place of its codes.
template <class Visit>
GroupedWeights quantize_groups(const QuantizedWeights& rows, int bits, int group, Visit visit) {
  if (group < 1) throw QuantError(fmt::format("quantize: group is {}, expected at least 1", group));
  const std::size_t size = static_cast<std::size_t>(group), k = rows.values.cols();
  const std::size_t groups = (k + size - 1) / size;
  GroupedWeights result{Matrix<std::int8_t>(rows.values.rows(), k),
                        {group, Matrix<std::uint8_t>(rows.values.rows(), groups),
                         Matrix<std::int8_t>(rows.values.rows(), groups)},
                        rows.scales,
                        bits};
  for (std::size_t n = 0; n < rows.values.rows(); ++n)
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t first = g * size, count = std::min(size, k - first);
      visit(result.groups.scales(n, g), result.groups.zeros(n, g),
            rows.values.row(n).subspan(first, count), result.codes.row(n).subspan(first, count));
    }
  return result;
}

}  // namespace

GroupedWeights quantize_symmetric_groups(const Matrix<float>& w, int bits, int group) {
  if (bits < 2 || bits > 8)
    throw QuantError(fmt::format("quantize_symmetric_groups: bits is {}, expected 2 to 8", bits));
  const int most = (1 << (bits - 1)) - 1;
  return quantize_groups(quantize_weights(w, 8), bits, group,
                         [most](std::uint8_t& scale, std::int8_t&, auto values, auto codes) {
                           int largest = 0;
                           for (const int value : values)
                             largest = std::max(largest, std::abs(value));
                           scale =
                               static_cast<std::uint8_t>(std::max((largest + most - 1) / most, 1));
                           std::ranges::transform(values, codes.begin(), [&](int value) {
                             return static_cast<std::int8_t>(rounded(value, scale));
                           });
                         });
}

GroupedWeights quantize_qserve(const Matrix<float>& w, int group) {
  return quantize_groups(quantize_rows_to(w, kProtectiveRange), kQserveBits, group,
                         [](std::uint8_t& scale, std::int8_t& zero, auto values, auto codes) {
                           const auto [least, most] = std::ranges::minmax(values);
                           const int low = std::min<int>(least, 0), high = std::max<int>(most, 0);
                           const int step = std::max(rounded(high - low, kQserveSteps), 1);
                           const int origin = std::clamp(rounded(-low, step), 0, kQserveSteps);
                           scale = static_cast<std::uint8_t>(step);
                           zero = static_cast<std::int8_t>(origin - kQserveOffset);
                           std::ranges::transform(values, codes.begin(), [&](int value) {
                             const int code =
                                 std::clamp(rounded(value, step) + origin, 0, kQserveSteps);
                             return static_cast<std::int8_t>(code - kQserveOffset);
                           });
                         });
}

GroupedWeights quantize_qserve_rows(const Matrix<float>& w) {
  // Refuses what is not finite.
  GroupedWeights result = quantize_symmetric_groups(w, 8, std::max(1, static_cast<int>(w.cols())));
  result.bits = kQserveBits;
  for (std::size_t n = 0; n < w.rows(); ++n) {
    const auto [least, most] = std::ranges::minmax(w.row(n));
    const float low = std::min(least, 0.0F), high = std::max(most, 0.0F);
    const float step = high > low ? (high - low) / kQserveSteps : 1.0F;
    const float origin = std::rint(-low / step);
    result.row_scales[n] = step;
    result.groups.scales(n, 0) = 1;
    result.groups.zeros(n, 0) = static_cast<std::int8_t>(origin - kQserveOffset);
    std::ranges::transform(w.row(n), result.codes.row(n).begin(), [&](float value) {
      const float code = std::clamp(std::rint(value / step) + origin, 0.0F, float{kQserveSteps});
      return static_cast<std::int8_t>(code - kQserveOffset);
    });
  }
  return result;
}

GroupedWeights as_groups(QuantizedWeights w) {
  const std::size_t rows = w.values.rows();
  const auto columns = static_cast<int>(w.values.cols());
  return {std::move(w.values),
          {columns, Matrix<std::uint8_t>(rows, 1, 1), Matrix<std::int8_t>(rows, 1)},
          std::move(w.scales),
          w.bits};
}

Matrix<std::int16_t> scaled_weights(const Matrix<std::int8_t>& codes, const GroupScales& groups) {
  Matrix<std::int16_t> result(codes.rows(), codes.cols());
  for (std::size_t n = 0; n < codes.rows(); ++n)
    for (std::size_t k = 0; k < codes.cols(); ++k) {
      const std::size_t g = k / static_cast<std::size_t>(groups.group);
      const int scaled = groups.scales(n, g) * (codes(n, k) - groups.zeros(n, g));
      if (scaled < INT16_MIN || scaled > INT16_MAX)
        throw QuantError(
            fmt::format("weight [{}, {}] is {} after scaling, beyond 16 bits", n, k, scaled));
      result(n, k) = static_cast<std::int16_t>(scaled);
    }
  return result;
}

Matrix<float> dequantize(const GroupedWeights& w) {
  const Matrix<std::int16_t> integers = scaled_weights(w.codes, w.groups);
  Matrix<float> result(integers.rows(), integers.cols());
  for (std::size_t n = 0; n < result.rows(); ++n)
    for (std::size_t k = 0; k < result.cols(); ++k)
      result(n, k) = static_cast<float>(integers(n, k)) * w.row_scales[n];
  return result;
}

std::int8_t requantise(std::int64_t value, const Rescale& rescale) {
  const std::int64_t product = value * rescale.multiplier;
  const std::int64_t half = std::int64_t{1} << (rescale.shift - 1);
  const std::uint64_t magnitude =
      static_cast<std::uint64_t>(std::abs(product)) + static_cast<std::uint64_t>(half);
  const auto quotient = static_cast<std::int64_t>(magnitude >> rescale.shift);
  return static_cast<std::int8_t>(
      std::clamp<std::int64_t>(product < 0 ? -quotient : quotient, -128, 127));
}

Rescale rescale_of(double factor) {
  if (!(factor <= 1) || !(factor > std::ldexp(1.0, -47)))
    throw QuantError(fmt::format("rescale_of: factor is {}, expected 2^-47 to 1", factor));
  int exponent = 0;
  std::frexp(factor, &exponent);
  int shift = 16 - exponent;
  double multiplier = std::rint(std::ldexp(factor, shift));
  if (multiplier >= 65536) multiplier = std::rint(std::ldexp(factor, --shift));
  return {static_cast<std::uint16_t>(multiplier), static_cast<std::uint8_t>(shift)};
}

}  // namespace hasse::quant
