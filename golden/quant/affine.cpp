// SPDX-License-Identifier: Apache-2.0
// Asymmetric quantisation of groups, and its scales as integers.
#include "golden/quant/affine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hasse::quant {
namespace {

using tensor::Matrix;

/// Narrowest range of a group, as in llm-awq.
constexpr float kNarrowest = 1e-5F;
constexpr float kLargestIntegerScale = 255;

void check_finite(std::span<const float> row, std::size_t number) {
  for (std::size_t k = 0; k < row.size(); ++k)
    if (!std::isfinite(row[k]))
      throw QuantError(fmt::format("quantize: element {} of row {} is {}, expected a finite number",
                                   k, number, row[k]));
}

std::size_t groups_of(std::size_t columns, int group) {
  const auto size = static_cast<std::size_t>(group);
  return (columns + size - 1) / size;
}

}  // namespace

float AffineStep::code(float value, float most) const {
  return std::clamp(std::rint(value / scale) + zero, 0.0F, most);
}

AffineStep affine_step(std::span<const float> values, float most) {
  const auto [least, largest] = std::ranges::minmax(values);
  const float scale = std::max(largest - least, kNarrowest) / most;
  return {scale, std::clamp(-std::rint(least / scale), 0.0F, most)};
}

AffineWeights quantize_affine(const Matrix<float>& w, int bits, int group) {
  if (bits < 2 || bits > 8)
    throw QuantError(fmt::format("quantize_affine: bits is {}, expected 2 to 8", bits));
  if (group < 1) throw QuantError(fmt::format("quantize: group is {}, expected at least 1", group));
  const auto most = static_cast<float>((1 << bits) - 1);
  const std::size_t groups = groups_of(w.cols(), group), size = static_cast<std::size_t>(group);
  AffineWeights result{{w.rows(), w.cols()}, {w.rows(), groups}, {w.rows(), groups}, bits, group};
  for (std::size_t n = 0; n < w.rows(); ++n) {
    check_finite(w.row(n), n);
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t first = g * size, count = std::min(size, w.cols() - first);
      const auto values = w.row(n).subspan(first, count);
      const AffineStep step = affine_step(values, most);
      result.scales(n, g) = step.scale;
      result.zeros(n, g) = static_cast<std::uint8_t>(step.zero);
      std::ranges::transform(
          values, result.codes.row(n).subspan(first, count).begin(),
          [&](float value) { return static_cast<std::uint8_t>(step.code(value, most)); });
    }
  }
  return result;
}

Matrix<float> dequantize(const AffineWeights& w) {
  Matrix<float> result(w.codes.rows(), w.codes.cols());
  for (std::size_t n = 0; n < result.rows(); ++n)
    for (std::size_t k = 0; k < result.cols(); ++k) {
      const std::size_t g = k / static_cast<std::size_t>(w.group);
      result(n, k) = static_cast<float>(w.codes(n, k) - w.zeros(n, g)) * w.scales(n, g);
    }
  return result;
}

GroupedWeights with_integer_scales(const AffineWeights& w) {
  const int offset = 1 << (w.bits - 1);
  const auto less_offset = [offset](std::uint8_t value) {
    return static_cast<std::int8_t>(value - offset);
  };
  GroupedWeights result{
      {w.codes.rows(), w.codes.cols()},
      {w.group, {w.scales.rows(), w.scales.cols()}, {w.zeros.rows(), w.zeros.cols()}},
      std::vector<float>(w.codes.rows()),
      w.bits};
  for (std::size_t n = 0; n < w.codes.rows(); ++n) {
    const float step = std::ranges::max(w.scales.row(n)) / kLargestIntegerScale;
    result.row_scales[n] = step;
    std::ranges::transform(w.scales.row(n), result.groups.scales.row(n).begin(), [step](float s) {
      return static_cast<std::uint8_t>(std::clamp(std::rint(s / step), 1.0F, kLargestIntegerScale));
    });
    std::ranges::transform(w.zeros.row(n), result.groups.zeros.row(n).begin(), less_offset);
    std::ranges::transform(w.codes.row(n), result.codes.row(n).begin(), less_offset);
  }
  return result;
}

}  // namespace hasse::quant
