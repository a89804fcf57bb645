// SPDX-License-Identifier: Apache-2.0
// Takes outliers out of a weight matrix, and counts what they cost.
#include "golden/quant/outlier_planes.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "golden/tensor/gemm.hpp"

namespace hasse::quant {
namespace {

using tensor::Matrix;

constexpr int kMagnitudeBits = 15;  ///< Values of pairs are below 2^15.

std::uint64_t divided_up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

/// The TransRows of one K-tile of one row.
void list_tile(std::span<const std::int16_t> values, int normal_max, OutlierTransRow at,
               std::vector<OutlierTransRow>& list) {
  for (at.plane = 0; at.plane < kMagnitudeBits; ++at.plane)
    for (const bool minus : {false, true}) {
      at.code = 0;
      at.minus = minus;
      for (std::size_t b = 0; b < values.size(); ++b) {
        const int size = std::abs(values[b]);
        const bool set =
            size > normal_max && (values[b] < 0) == minus && (size >> at.plane & 1) != 0;
        at.code |= std::uint32_t{set} << b;
      }
      if (at.code != 0) list.push_back(at);
    }
}

}  // namespace

SplitOutliers split_outliers(const OliveWeights& w, int tile_bits) {
  const Matrix<std::int16_t> values = decoded(w);
  const std::size_t k = values.cols(), width = static_cast<std::size_t>(tile_bits);
  SplitOutliers result{Matrix<std::int8_t>(values.rows(), k), {}, tile_bits};
  for (std::size_t n = 0; n < values.rows(); ++n) {
    std::ranges::transform(values.row(n), result.normal.row(n).begin(), [&](std::int16_t value) {
      return static_cast<std::int8_t>(std::abs(value) > w.format.normal_max ? 0 : value);
    });
    for (std::size_t k0 = 0; k0 < k; k0 += width)
      list_tile(values.row(n).subspan(k0, std::min(width, k - k0)), w.format.normal_max,
                {n, k0 / width}, result.outliers);
  }
  return result;
}

Matrix<std::int64_t> product(const SplitOutliers& w, const Matrix<std::int16_t>& x) {
  Matrix<std::int64_t> y = tensor::gemm<std::int64_t>(w.normal, x);
  for (const OutlierTransRow& at : w.outliers)
    for (std::size_t m = 0; m < x.cols(); ++m) {
      std::int64_t node = 0;
      for (int b = 0; b < w.tile_bits; ++b)
        if ((at.code >> b & 1U) != 0)
          node +=
              x(at.tile * static_cast<std::size_t>(w.tile_bits) + static_cast<std::size_t>(b), m);
      const std::int64_t worth = node * (std::int64_t{1} << at.plane);
      y(at.row, m) += at.minus ? -worth : worth;
    }
  return y;
}

std::uint64_t listed_cycles(const SplitOutliers& w, int normal_bits, int lanes, int rows_per_tile) {
  const std::size_t rows = w.normal.rows(), side = static_cast<std::size_t>(lanes);
  const std::size_t tile_rows = static_cast<std::size_t>(rows_per_tile);
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::uint64_t>> listed;
  for (const OutlierTransRow& at : w.outliers) {
    auto& counts = listed[{at.row / tile_rows, at.tile}];
    counts.resize(side);
    ++counts[at.row % tile_rows % side];
  }
  std::uint64_t cycles = 0;
  const std::size_t tiles = divided_up(w.normal.cols(), static_cast<std::size_t>(w.tile_bits));
  for (std::size_t n0 = 0; n0 < rows; n0 += tile_rows)
    for (std::size_t tile = 0; tile < tiles; ++tile) {
      const std::size_t here = std::min(tile_rows, rows - n0);
      const auto found = listed.find({n0 / tile_rows, tile});
      std::uint64_t busiest = 0;
      for (std::size_t lane = 0; lane < std::min(side, here); ++lane) {
        const std::uint64_t own = divided_up(here - lane, side);
        const std::uint64_t more = found == listed.end() ? 0 : found->second[lane];
        busiest = std::max(busiest, own * static_cast<std::uint64_t>(normal_bits) + more);
      }
      cycles += busiest;
    }
  return cycles;
}

std::uint64_t beat_cycles(const SplitOutliers& w, int normal_bits, int lanes) {
  std::set<std::tuple<std::size_t, std::size_t, int, bool>> beats;
  for (const OutlierTransRow& at : w.outliers)
    beats.emplace(at.row / static_cast<std::size_t>(lanes), at.tile, at.plane, at.minus);
  const std::uint64_t groups = divided_up(w.normal.rows(), static_cast<std::uint64_t>(lanes));
  const std::uint64_t tiles = divided_up(w.normal.cols(), static_cast<std::uint64_t>(w.tile_bits));
  return groups * tiles * static_cast<std::uint64_t>(normal_bits) + beats.size();
}

}  // namespace hasse::quant
