// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/array_split.hpp"

#include <algorithm>
#include <bit>

#include "golden/transitive/tile_planner.hpp"

namespace hasse::transitive {

int split_steps(int most, int divisor) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned>(most / divisor))));
}

EngineConfig ArrayConfig::streams() const {
  EngineConfig all = unit;
  if (share == Share::activations) {
    all.lanes *= units;
    all.rows *= units;
  } else {
    all.columns *= units;
    all.columns_per_adder *= units;
  }
  return all;
}

Shape ArrayConfig::unit_shape(const Shape& shape) const {
  Shape own = shape;
  if (share == Share::activations) {
    own.n = (shape.n + units - 1) / units;
    own.tile_rows = shape.tile_rows / units;
  } else {
    const int all = units * unit.columns;
    own.m = shape.m / all * unit.columns + std::min(shape.m % all, unit.columns);
  }
  return own;
}

Shape ArrayConfig::balanced(const Shape& shape) const {
  if (units == 1) return shape;
  const auto divide_up = [](int size, int by) { return (size + by - 1) / by; };
  const int rows = unit_shape(shape).n;
  const int tiles = divide_up(rows, unit.rows_per_tile(shape.weight_bits));
  const int tile_rows = divide_up(divide_up(rows, tiles), unit.lanes) * unit.lanes;
  Shape balanced = shape;
  balanced.tile_rows = tile_rows * (share == Share::activations ? units : 1);
  return balanced;
}

tensor::Matrix<std::int8_t> ArrayConfig::unit_weights(const Shape& shape,
                                                      const tensor::Matrix<std::int8_t>& weights,
                                                      int index) const {
  if (share == Share::weights) return weights;
  const Shape own = unit_shape(shape);
  tensor::Matrix<std::int8_t> part(static_cast<std::size_t>(own.n),
                                   static_cast<std::size_t>(own.k));
  for (int row = 0; row * units + index < shape.n; ++row)
    for (std::size_t k = 0; k < part.cols(); ++k)
      part(static_cast<std::size_t>(row), k) =
          weights(static_cast<std::size_t>(row * units + index), k);
  return part;
}

WeightStream ArrayConfig::unit_stream(const Shape& shape,
                                      const tensor::Matrix<std::int8_t>& weights, int index) const {
  WeightStream stream(unit, unit_shape(shape), unit_weights(shape, weights, index));
  if (unit.planner == Planner::listed && !unit.streams())
    stream.list(listed_nodes(unit, WeightStream(unit, shape, weights)));
  return stream;
}

int ArrayConfig::start_cycles() const {
  if (units == 1) return 0;
  return 3 + (share == Share::activations ? split_steps(max_n, units)
                                          : split_steps(max_m, units * unit.columns));
}

}  // namespace hasse::transitive
