// SPDX-License-Identifier: Apache-2.0
// Symmetric quantisation, row by row.
#include "golden/quant/quantize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace hasse::quant {
namespace {

using tensor::Matrix;

/// Rows of integers and the step of each: what weights and transposed activations have in common.
template <class T>
struct Rows {
  Matrix<T> values;
  std::vector<float> scales;
};

/// `line` says what a row is to the caller: a "row" of weights or a "column" of activations.
float max_magnitude(std::span<const float> row, std::size_t number, std::string_view line) {
  float result = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!std::isfinite(row[i])) {
      throw QuantError(fmt::format("quantize: element {} of {} {} is {}, expected a finite number",
                                   i, line, number, row[i]));
    }
    result = std::max(result, std::fabs(row[i]));
  }
  return result;
}

template <class T>
void round_row(std::span<const float> row, float scale, float most, std::span<T> values) {
  if (scale == 0) return;
  std::ranges::transform(row, values.begin(), [scale, most](float value) {
    return static_cast<T>(std::clamp(std::rint(value / scale), -most, most));
  });
}

template <class T>
Rows<T> quantize_rows(const Matrix<float>& matrix, int bits, std::string_view line) {
  const auto most = static_cast<float>((1 << (bits - 1)) - 1);
  Rows<T> result{Matrix<T>(matrix.rows(), matrix.cols()), std::vector<float>(matrix.rows())};
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    result.scales[r] = max_magnitude(matrix.row(r), r, line) / most;
    round_row<T>(matrix.row(r), result.scales[r], most, result.values.row(r));
  }
  return result;
}

}  // namespace

QuantizedWeights quantize_weights(const Matrix<float>& w, int bits) {
  if (bits < 2 || bits > 8) {
    throw QuantError(fmt::format("quantize_weights: bits is {}, expected 2 to 8", bits));
  }
  auto rows = quantize_rows<std::int8_t>(w, bits, "row");
  return {std::move(rows.values), std::move(rows.scales), bits};
}

template <class T>
QuantizedActivations<T> quantize_activations(const Matrix<float>& x, int bits) {
  const int most_bits = 8 * static_cast<int>(sizeof(T));
  if ((bits != 4 && bits != 8 && bits != 16) || bits > most_bits) {
    throw QuantError(
        fmt::format("quantize_activations: bits is {}, expected 4, 8 or 16 and at "
                    "most {}, what the result type holds",
                    bits, most_bits));
  }
  auto rows = quantize_rows<T>(tensor::transpose(x), bits, "column");
  return {tensor::transpose(rows.values), std::move(rows.scales), bits};
}

UnsignedActivations quantize_unsigned_activations(const Matrix<float>& x, int bits) {
  if (bits != 4 && bits != 8 && bits != 16)
    throw QuantError(
        fmt::format("quantize_unsigned_activations: bits is {}, expected 4, 8 or 16", bits));
  const Matrix<float> tokens = tensor::transpose(x);
  const auto most = static_cast<float>((1 << bits) - 1);
  Matrix<std::int32_t> values(tokens.rows(), tokens.cols());
  UnsignedActivations result{{}, {}, {}, bits};
  for (std::size_t m = 0; m < tokens.rows(); ++m) {
    max_magnitude(tokens.row(m), m, "column");  // refuses what is not finite
    const auto [low, high] = std::ranges::minmax(tokens.row(m));
    const float scale = (std::max(high, 0.0F) - std::min(low, 0.0F)) / most;
    const float zero = scale == 0 ? 0 : std::rint(-std::min(low, 0.0F) / scale);
    if (scale != 0)
      std::ranges::transform(tokens.row(m), values.row(m).begin(), [=](float value) {
        return static_cast<std::int32_t>(std::clamp(std::rint(value / scale) + zero, 0.0F, most));
      });
    result.scales.push_back(scale);
    result.zeros.push_back(static_cast<std::int32_t>(zero));
  }
  result.values = tensor::transpose(values);
  return result;
}

Matrix<float> dequantize(const QuantizedWeights& w) {
  Matrix<float> result(w.values.rows(), w.values.cols());
  for (std::size_t n = 0; n < result.rows(); ++n) {
    std::ranges::transform(
        w.values.row(n), result.row(n).begin(),
        [scale = w.scales[n]](std::int8_t value) { return static_cast<float>(value) * scale; });
  }
  return result;
}

template QuantizedActivations<std::int8_t> quantize_activations(const Matrix<float>&, int);
template QuantizedActivations<std::int16_t> quantize_activations(const Matrix<float>&, int);
template QuantizedActivations<std::int32_t> quantize_activations(const Matrix<float>&, int);

}  // namespace hasse::quant
