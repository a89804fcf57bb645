// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/layer_model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

namespace hasse::transitive {
namespace {

constexpr int kPasses = 2;           ///< Passes that are followed.
constexpr int kPassesOfOneTile = 8;  ///< The same when there is only one N-tile.

int tiles_of(int size, int tile) {
  return (size + tile - 1) / tile;
}

/// The part of a product that is followed.
struct Sample {
  std::vector<int> tiles;  ///< Numbers of the full N-tiles, ascending.
  int tile_rows = 0;
  int edge_rows = 0;  ///< Rows of the last N-tile when it is not full, else 0.
  int passes = 0;
  Shape shape;  ///< Of the product made of them.

  int tiles_with_edge() const { return static_cast<int>(tiles.size()) + (edge_rows > 0 ? 1 : 0); }
};

std::vector<int> draw(int tiles, const Sampling& sampling) {
  std::vector<int> all(static_cast<std::size_t>(tiles));
  std::iota(all.begin(), all.end(), 0);
  if (sampling.tiles == 0 || tiles <= sampling.tiles) return all;
  std::vector<int> drawn;
  std::mt19937 random(sampling.seed);
  std::sample(all.begin(), all.end(), std::back_inserter(drawn), sampling.tiles, random);
  return drawn;
}

Sample choose(const ArrayConfig& config, const Shape& shape, const Sampling& sampling) {
  const EngineConfig streams = config.streams();
  Sample sample;
  sample.tile_rows = streams.tile_rows(shape);
  sample.tiles = draw(shape.n / sample.tile_rows, sampling);
  sample.edge_rows = shape.n % sample.tile_rows;
  const int passes = tiles_of(shape.m, streams.columns);
  const int followed = sample.tiles_with_edge() == 1 ? kPassesOfOneTile : kPasses;
  sample.passes = sampling.tiles == 0 ? passes : std::min(passes, followed);
  sample.shape = shape;
  sample.shape.n = static_cast<int>(sample.tiles.size()) * sample.tile_rows + sample.edge_rows;
  sample.shape.m -= (passes - sample.passes) * streams.columns;  // the last pass is the product's
  return sample;
}

tensor::Matrix<std::int8_t> gather(const Sample& sample, const Shape& shape,
                                   const WeightRows& weights) {
  if (sample.shape.n == shape.n) return weights(0, shape.n);
  tensor::Matrix<std::int8_t> rows(static_cast<std::size_t>(sample.shape.n),
                                   static_cast<std::size_t>(shape.k));
  std::int8_t* out = rows.data();
  const auto append = [&](int first, int count) {
    const tensor::Matrix<std::int8_t> part = weights(first, count);
    out = std::copy(part.values().begin(), part.values().end(), out);
  };
  for (const int tile : sample.tiles) append(tile * sample.tile_rows, sample.tile_rows);
  if (sample.edge_rows > 0) append(shape.n - sample.edge_rows, sample.edge_rows);
  return rows;
}

/// Times of one N-tile, from the end of the one before to its own.
struct TileTimes {
  std::vector<double> full;  ///< Mean over its visits, of every full tile; visits of a single tile.
  std::vector<double> edge;  ///< All visits of the tile that is not full.
};

/// The very first visit is left out: it begins with an empty engine.
TileTimes tile_times(const Sample& sample, const std::vector<std::uint64_t>& subtile_done) {
  const auto tiles = static_cast<std::size_t>(sample.tiles_with_edge());
  const std::size_t visits = tiles * static_cast<std::size_t>(sample.passes);
  const std::size_t per_tile = subtile_done.size() / visits;
  const auto end = [&](std::size_t visit) { return subtile_done[(visit + 1) * per_tile - 1]; };
  TileTimes times;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    std::vector<double> visits_of_tile;
    for (std::size_t visit = tile; visit < visits; visit += tiles)
      if (visit > 0) visits_of_tile.push_back(static_cast<double>(end(visit) - end(visit - 1)));
    if (tile == sample.tiles.size()) {
      times.edge = visits_of_tile;
    } else if (tiles == 1) {
      times.full = visits_of_tile;
    } else if (!visits_of_tile.empty()) {
      const double sum = std::accumulate(visits_of_tile.begin(), visits_of_tile.end(), 0.0);
      times.full.push_back(sum / static_cast<double>(visits_of_tile.size()));
    }
  }
  return times;
}

struct Mean {
  double value = 0, standard_error = 0;
};

Mean mean_of(const std::vector<double>& sample) {
  if (sample.empty()) return {};
  const auto count = static_cast<double>(sample.size());
  const double mean = std::accumulate(sample.begin(), sample.end(), 0.0) / count;
  if (sample.size() == 1) return {mean, 0};
  double squares = 0;
  for (const double value : sample) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (count - 1) / count)};
}

}  // namespace

LayerCycles layer_cycles(const ArrayConfig& config, const Shape& product, const WeightRows& weights,
                         const Sampling& sampling, const std::optional<MemoryConfig>& memory) {
  if (sampling.tiles < 0 || sampling.tiles == 1)
    throw std::invalid_argument("layer_cycles: a sample of " + std::to_string(sampling.tiles) +
                                " tiles has no standard error");
  const Shape shape = config.balanced(product);
  const int tiles = shape.n / config.streams().tile_rows(shape);
  if (config.unit.streams())
    return {static_cast<double>(count_array_cycles(config, shape, memory).cycles), 0, tiles, tiles,
            true};
  const Sample sample = choose(config, shape, sampling);
  const ArrayCount count =
      count_array_cycles(config, sample.shape, gather(sample, shape, weights), {}, memory);
  const int sampled = static_cast<int>(sample.tiles.size());
  LayerCycles result{static_cast<double>(count.cycles), 0, tiles, sampled, sample.shape == shape};
  if (result.exact) return result;
  const TileTimes times = tile_times(sample, count.subtile_done());
  const int passes = tiles_of(shape.m, config.streams().columns);
  const auto left_out = [&](int all, int followed) {
    return static_cast<double>(all) * passes - static_cast<double>(followed) * sample.passes;
  };
  const Mean full = mean_of(times.full), edge = mean_of(times.edge);
  const double full_left = left_out(tiles, sampled);
  const double edge_left = sample.edge_rows > 0 ? left_out(1, 1) : 0;
  result.cycles += full_left * full.value + edge_left * edge.value;
  result.standard_error =
      std::hypot(full_left * full.standard_error, edge_left * edge.standard_error);
  return result;
}

}  // namespace hasse::transitive
