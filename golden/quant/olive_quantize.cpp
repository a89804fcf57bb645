// SPDX-License-Identifier: Apache-2.0
// The scale search of OliVe's post-training quantisation.
#include "golden/quant/olive_quantize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hasse::quant {
namespace {

using tensor::Matrix;
using Rows = std::vector<std::span<const float>>;

/// All rows of a matrix, named `line` where one of them is not finite.
Rows rows_of(const Matrix<float>& matrix, const char* line) {
  Rows rows;
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    const auto row = matrix.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!std::isfinite(row[i]))
        throw QuantError(fmt::format("OliVe: element {} of {} {} is {}, expected a finite number",
                                     i, line, r, row[i]));
    rows.push_back(row);
  }
  return rows;
}

void check(std::span<const OliveFormat> candidates, const OliveSearch& search) {
  if (candidates.empty()) throw QuantError("OliVe: no type to choose from, expected at least one");
  if (search.low < 1 || search.step < 1 || search.high <= search.low)
    throw QuantError(
        fmt::format("OliVe: search from {} to {} by {}, expected 1 <= low < high and "
                    "a step of at least 1",
                    search.low, search.high, search.step));
}

/// Calls visit(left, right) for every pair of a row; an odd row ends with a 0.
template <class Visit>
void for_each_pair(std::span<const float> row, Visit visit) {
  for (std::size_t i = 0; i < row.size(); i += 2)
    visit(row[i], i + 1 < row.size() ? row[i + 1] : 0.0F);
}

/// Farther of mean +- 3 unbiased standard deviations.
double three_sigma(const Rows& rows) {
  double sum = 0, squares = 0, count = 0;
  for (const auto row : rows)
    for (const float value : row) sum += value, ++count;
  const double mean = count == 0 ? 0 : sum / count;
  for (const auto row : rows)
    for (const float value : row) squares += (value - mean) * (value - mean);
  return std::fabs(mean) + (count < 2 ? 0 : 3 * std::sqrt(squares / (count - 1)));
}

/// Squared error of `rows` at `scale`; any number from `enough` on once it is that large.
double error_at(const OliveGrid& grid, const Rows& rows, float scale, OutlierRule rule,
                double enough) {
  double error = 0;
  for (const auto row : rows) {
    for_each_pair(row, [&](double left, double right) {
      const auto [l, r] = grid.rounded(left / scale, right / scale, rule);
      const double dl = left - l * static_cast<double>(scale);
      const double dr = right - r * static_cast<double>(scale);
      error += dl * dl + dr * dr;
    });
    if (error >= enough) break;
  }
  return error;
}

/// The scale with the least error for values that share one.
OliveScale search_scale(const OliveGrid& grid, const Rows& rows, const OliveSearch& search) {
  const double most = three_sigma(rows);
  OliveScale best{grid.format(), 0, std::numeric_limits<double>::infinity()};
  for (int i = search.low; i < search.high; i += search.step) {
    const auto scale = static_cast<float>(most * i / 100 / grid.format().normal_max);
    if (scale == 0) return {grid.format(), 0, error_at(grid, rows, 1, search.rule, INFINITY)};
    const double error = error_at(grid, rows, scale, search.rule, best.squared_error);
    if (error < best.squared_error) best = {grid.format(), scale, error};
  }
  return best;
}

/// Codes of one row, and its share of the statistics.
void encode_row(const OliveGrid& grid, std::span<const float> row, float scale, OutlierRule rule,
                std::span<std::uint8_t> codes, PairStatistics& statistics) {
  const double factor = scale == 0 ? 0.0 : 1.0;
  const double step = scale == 0 ? 1.0 : static_cast<double>(scale);
  std::size_t at = 0;
  for_each_pair(row, [&](double left, double right) {
    const double l = factor * left / step, r = factor * right / step;
    const PairCodes pair = grid.encode(l, r, rule);
    codes[at++] = pair.left;
    codes[at++] = pair.right;
    const PairKind kind = grid.kind(l, r);
    ++statistics.pairs;
    statistics.outlier_normal += kind == PairKind::outlier_normal ? 1 : 0;
    statistics.outlier_outlier += kind == PairKind::outlier_outlier ? 1 : 0;
  });
}

std::size_t even(std::size_t k) {
  return k + k % 2;
}

/// Values of codes whose pairs lie along rows, less the padding.
Matrix<std::int16_t> decode_rows(const OliveFormat& format, const Matrix<std::uint8_t>& codes,
                                 std::size_t k) {
  Matrix<std::int16_t> result(codes.rows(), k);
  for (std::size_t r = 0; r < codes.rows(); ++r)
    for (std::size_t i = 0; i < k; i += 2) {
      const auto pair = decode_pair(format, {codes(r, i), codes(r, i + 1)});
      result(r, i) = static_cast<std::int16_t>(pair[0].value());
      if (i + 1 < k) result(r, i + 1) = static_cast<std::int16_t>(pair[1].value());
    }
  return result;
}

}  // namespace

PairStatistics& PairStatistics::operator+=(const PairStatistics& other) {
  pairs += other.pairs;
  outlier_normal += other.outlier_normal;
  outlier_outlier += other.outlier_outlier;
  return *this;
}

OliveWeights quantize_olive_weights(const Matrix<float>& w, std::span<const OliveFormat> candidates,
                                    const OliveSearch& search) {
  check(candidates, search);
  const Rows rows = rows_of(w, "row");
  OliveWeights best;
  best.squared_error = std::numeric_limits<double>::infinity();
  for (const OliveFormat& format : candidates) {
    const OliveGrid grid(format);
    OliveWeights tried{format, {}, w.cols(), {}, {}, 0};
    for (const auto row : rows) {
      const OliveScale found = search_scale(grid, {row}, search);
      tried.scales.push_back(found.scale);
      tried.squared_error += found.squared_error;
    }
    if (tried.squared_error < best.squared_error) best = std::move(tried);
  }
  const OliveGrid grid(best.format);
  best.codes = Matrix<std::uint8_t>(w.rows(), even(w.cols()));
  for (std::size_t n = 0; n < w.rows(); ++n)
    encode_row(grid, rows[n], best.scales[n], search.rule, best.codes.row(n), best.statistics);
  return best;
}

OliveScale calibrate_olive(const Matrix<float>& x, std::span<const OliveFormat> candidates,
                           const OliveSearch& search) {
  check(candidates, search);
  const Matrix<float> tokens = tensor::transpose(x);
  const Rows rows = rows_of(tokens, "column");
  OliveScale best{candidates.front(), 0, std::numeric_limits<double>::infinity()};
  for (const OliveFormat& format : candidates) {
    const OliveScale found = search_scale(OliveGrid(format), rows, search);
    if (found.squared_error < best.squared_error) best = found;
  }
  return best;
}

OliveActivations quantize_olive_activations(const Matrix<float>& x, const OliveScale& scale,
                                            OutlierRule rule) {
  const Matrix<float> tokens = tensor::transpose(x);
  const Rows rows = rows_of(tokens, "column");
  const OliveGrid grid(scale.format);
  Matrix<std::uint8_t> codes(tokens.rows(), even(tokens.cols()));
  PairStatistics statistics;
  for (std::size_t m = 0; m < rows.size(); ++m)
    encode_row(grid, rows[m], scale.scale, rule, codes.row(m), statistics);
  return {scale.format, tensor::transpose(codes), x.rows(), scale.scale, statistics};
}

Matrix<std::int16_t> decoded(const OliveWeights& w) {
  return decode_rows(w.format, w.codes, w.k);
}

Matrix<std::int16_t> decoded(const OliveActivations& x) {
  return tensor::transpose(decode_rows(x.format, tensor::transpose(x.codes), x.k));
}

Matrix<float> dequantize(const OliveWeights& w) {
  const Matrix<std::int16_t> integers = decoded(w);
  Matrix<float> result(integers.rows(), integers.cols());
  for (std::size_t n = 0; n < result.rows(); ++n)
    std::ranges::transform(integers.row(n), result.row(n).begin(), [&](std::int16_t value) {
      return static_cast<float>(value) * w.scales[n];
    });
  return result;
}

Matrix<float> dequantize(const OliveActivations& x) {
  const Matrix<std::int16_t> integers = decoded(x);
  Matrix<float> result(integers.rows(), integers.cols());
  std::ranges::transform(integers.values(), result.data(),
                         [&](std::int16_t value) { return static_cast<float>(value) * x.scale; });
  return result;
}

}  // namespace hasse::quant
