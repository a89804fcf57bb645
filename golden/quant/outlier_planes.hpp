// SPDX-License-Identifier: Apache-2.0
// Outliers of a weight matrix as sparse bit planes of their own, beside few dense ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/quant/olive_quantize.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::quant {

/// Bits of the outliers of `tile_bits` neighbours: adds +-2^plane times the sum of the activations
/// that `code` asks for.
struct OutlierTransRow {
  std::size_t row = 0;
  std::size_t tile = 0;  ///< Columns tile * tile_bits and on.
  int plane = 0;
  bool minus = false;
  std::uint32_t code = 0;  ///< Not 0; bit b is column tile * tile_bits + b.
  bool operator==(const OutlierTransRow&) const = default;
};

/// Weights = normal + outliers. Sign extension would fill the upper planes of a negative outlier;
/// here it has the few set bits of its magnitude, and a sign.
struct SplitOutliers {
  tensor::Matrix<std::int8_t> normal;     ///< N x K, 0 where an outlier stands.
  std::vector<OutlierTransRow> outliers;  ///< By row, tile and plane.
  int tile_bits = 8;
};

/// Splits the decoded values of `w` into K-tiles of `tile_bits` = 1..32.
SplitOutliers split_outliers(const OliveWeights& w, int tile_bits);

/// Y[N x M] of the split weights and `x` [K x M], TransRow by TransRow where there are outliers.
tensor::Matrix<std::int64_t> product(const SplitOutliers& w, const tensor::Matrix<std::int16_t>& x);

/// Cycles in which `lanes` accumulate lanes take all TransRows of one pass over the weights, one a
/// cycle each, when outliers are listed behind the `normal_bits` dense planes of their K-tile: the
/// busiest lane of every sub-tile of `rows_per_tile` weight rows, row r in lane r mod lanes.
std::uint64_t listed_cycles(const SplitOutliers& w, int normal_bits, int lanes, int rows_per_tile);

/// The same when a plane of outliers is sent for all lanes or for none, by sign: a beat for every
/// plane, group of `lanes` rows and K-tile with an outlier in it.
std::uint64_t beat_cycles(const SplitOutliers& w, int normal_bits, int lanes);

}  // namespace hasse::quant
