// SPDX-License-Identifier: Apache-2.0
// The order of the engine's streams, and what it can be asked to multiply.
#include "verif/harness/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "golden/tensor/gemm.hpp"
#include "golden/transitive/tile_planner.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/port.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::harness {
namespace {

constexpr int kReadAhead = 64;  ///< Beats that a host holds of a stream.

std::size_t words_for(int bits) {
  return (static_cast<std::size_t>(bits) + 31) / 32;
}

template <class T>
void check_values(std::string_view name, const tensor::Matrix<T>& matrix, int bits) {
  const int limit = 1 << (bits - 1);
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    for (std::size_t c = 0; c < matrix.cols(); ++c) {
      const int value = matrix(r, c);
      if (value >= -limit && value < limit) continue;
      throw HarnessError(fmt::format("{}[{}, {}] is {}, which does not fit {} bits ({}..{})", name,
                                     r, c, value, bits, -limit, limit - 1));
    }
  }
}

void check_side(std::string_view name, std::size_t size, int most) {
  if (size >= 1 && size <= static_cast<std::size_t>(most)) return;
  throw HarnessError(fmt::format("{} is {}, but the design takes 1..{}", name, size, most));
}

void check_groups(const Engine& engine, const Operands& operands) {
  const quant::GroupScales& scales = *operands.scales;
  const std::size_t n = operands.weights.rows(), k = operands.weights.cols();
  if (scales.group < 1 || scales.group % engine.config.tile_bits != 0 ||
      scales.group > engine.max_k)
    throw HarnessError(
        fmt::format("groups have {} columns, but the design takes multiples of {} up to {}",
                    scales.group, engine.config.tile_bits, engine.max_k));
  const std::size_t groups =
      (k + static_cast<std::size_t>(scales.group) - 1) / static_cast<std::size_t>(scales.group);
  const auto fits = [&](std::size_t rows, std::size_t cols) { return rows == n && cols == groups; };
  if (!fits(scales.scales.rows(), scales.scales.cols()) ||
      !fits(scales.zeros.rows(), scales.zeros.cols()))
    throw HarnessError(
        fmt::format("scales are {} x {} and zero points {} x {}, but {} rows of {} groups of {} "
                    "columns need {} x {}",
                    scales.scales.rows(), scales.scales.cols(), scales.zeros.rows(),
                    scales.zeros.cols(), n, groups, scales.group, n, groups));
  check_values("zero points", scales.zeros, engine.weight_bits);
}

void check_scaling(const Engine& engine, const Operands& operands) {
  if (!operands.scales && operands.rescales.empty()) return;
  if (!engine.config.scaling)
    throw HarnessError("the design neither scales groups nor requantises (\"scaling\": \"none\")");
  if (operands.scales) check_groups(engine, operands);
  if (operands.rescales.empty()) return;
  if (operands.rescales.size() != operands.weights.rows())
    throw HarnessError(fmt::format("there are {} multipliers and shifts for {} rows",
                                   operands.rescales.size(), operands.weights.rows()));
  for (const quant::Rescale& rescale : operands.rescales)
    if (rescale.shift < 1 || rescale.shift > 63)
      throw HarnessError(fmt::format("a shift is {}, but the design takes 1..63", rescale.shift));
}

}  // namespace

transitive::Shape Operands::shape() const {
  return {static_cast<int>(weights.rows()),
          static_cast<int>(weights.cols()),
          static_cast<int>(activations.cols()),
          weight_bits,
          scales ? scales->group : 0,
          !rescales.empty(),
          calibration_rows};
}

transitive::MemoryConfig Engine::memory(double bandwidth, int latency) const {
  const transitive::EngineConfig all = streams();
  const bool whole = config.datapath == transitive::Datapath::dot_product;
  const auto bytes = [](int bits) { return (bits + 7) / 8; };
  transitive::MemoryConfig memory;
  memory.bandwidth = bandwidth;
  memory.latency = latency;
  memory.prefetch = kReadAhead + latency;
  memory.weight_bytes = bytes(all.lanes * all.depth() * (whole ? weight_bits : all.planes));
  memory.activation_bytes = bytes(all.columns * all.operand_rows * activation_bits);
  memory.result_bytes = bytes(result_columns() * accumulator_bits);
  return memory;
}

void check(const Engine& engine, const Operands& operands) {
  const auto& weights = operands.weights;
  const auto& activations = operands.activations;
  const int weight_bits = operands.weight_bits;
  if (weights.cols() != activations.rows()) {
    throw HarnessError(
        fmt::format("weights are {} x {} and activations {} x {}: the inner sizes differ",
                    weights.rows(), weights.cols(), activations.rows(), activations.cols()));
  }
  check_side("N (rows of the weights)", weights.rows(), engine.max_n);
  check_side("K (columns of the weights)", weights.cols(), engine.max_k);
  check_side("M (columns of the activations)", activations.cols(), engine.max_m);
  if (weight_bits < 2 || weight_bits > engine.weight_bits) {
    throw HarnessError(fmt::format("weight bits are {}, but the design takes 2..{}", weight_bits,
                                   engine.weight_bits));
  }
  check_values("weights", weights, weight_bits);
  check_values("activations", activations, engine.activation_bits);
  check_scaling(engine, operands);
}

tensor::Matrix<std::int64_t> exact_results(const Engine& engine, const Operands& operands) {
  if (!operands.scales && operands.rescales.empty())
    return tensor::gemm<std::int64_t>(operands.weights, operands.activations);
  const int bits = engine.accumulator_bits;
  tensor::Matrix<std::int64_t> y =
      operands.scales
          ? tensor::gemm<std::int64_t>(quant::scaled_weights(operands.weights, *operands.scales),
                                       operands.activations)
          : tensor::gemm<std::int64_t>(operands.weights, operands.activations);
  for (std::size_t row = 0; row < y.rows(); ++row)
    for (std::int64_t& value : y.row(row)) {
      if (sign_extend(static_cast<std::uint64_t>(value), static_cast<unsigned>(bits)) != value)
        throw HarnessError(
            fmt::format("a scaled result of row {} is {}, which does not fit the accumulators of "
                        "{} bits",
                        row, value, bits));
      if (!operands.rescales.empty()) value = quant::requantise(value, operands.rescales[row]);
    }
  return y;
}

PackedBeats pack_weights(const Engine& engine, const transitive::WeightStream& stream) {
  const int lanes = engine.streams().lanes;
  const int tile_bits = engine.config.tile_bits;
  PackedBeats packed;
  packed.words_per_beat = words_for(lanes * tile_bits);
  packed.words.resize(stream.beats().size() * packed.words_per_beat);
  for (std::size_t beat = 0; beat < stream.beats().size(); ++beat) {
    const std::span words(&packed.words[beat * packed.words_per_beat], packed.words_per_beat);
    for (int lane = 0; lane < lanes; ++lane) {
      put_bits(words, static_cast<std::size_t>(lane * tile_bits), static_cast<unsigned>(tile_bits),
               stream.code(beat, lane));
    }
  }
  return packed;
}

namespace {

// Puts the planes of a beat, the highest of them `top`, behind each other for every lane; elements
// behind each other for every plane. A weight has no more planes than its sign is repeated in.
void pack_planes(const Engine& engine, const tensor::Matrix<std::int8_t>& weights, std::size_t row,
                 std::size_t lanes, std::size_t k0, int top, std::span<std::uint32_t> beat) {
  const auto depth = static_cast<std::size_t>(engine.config.depth());
  const auto planes = static_cast<std::size_t>(engine.config.planes);
  const std::size_t elements = std::min(depth, weights.cols() - k0);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t p = 0; p < planes; ++p)
      for (std::size_t i = 0; i < elements; ++i) {
        const int plane = top + 1 - static_cast<int>(planes - p);
        put_bits(beat, (lane * planes + p) * depth + i, 1,
                 static_cast<std::uint64_t>(weights(row + lane, k0 + i) >> plane) & 1U);
      }
}

// Whole weights, element after element.
void pack_whole(const Engine& engine, const tensor::Matrix<std::int8_t>& weights, std::size_t row,
                std::size_t lanes, std::size_t k0, std::span<std::uint32_t> beat) {
  const auto depth = static_cast<std::size_t>(engine.config.depth());
  const auto bits = static_cast<unsigned>(engine.weight_bits);
  const std::size_t elements = std::min(depth, weights.cols() - k0);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t i = 0; i < elements; ++i)
      put_bits(beat, (lane * depth + i) * bits, bits,
               static_cast<std::uint8_t>(weights(row + lane, k0 + i)) & ((1U << bits) - 1));
}

// The beats of one group of rows in one K-tile.
void pack_group(const Engine& engine, const Operands& operands, std::size_t row, std::size_t lanes,
                std::size_t k0, PackedBeats& packed) {
  const transitive::EngineConfig& config = engine.config;
  const int beats = config.beats_per_row(operands.weight_bits);
  for (int beat = beats - 1; beat >= 0; --beat) {
    packed.words.resize(packed.words.size() + packed.words_per_beat);
    const std::span words(packed.words.end() - static_cast<std::ptrdiff_t>(packed.words_per_beat),
                          packed.words.end());
    if (config.datapath == transitive::Datapath::dot_product)
      pack_whole(engine, operands.weights, row, lanes, k0, words);
    else
      pack_planes(engine, operands.weights, row, lanes, k0, (beat + 1) * config.planes - 1, words);
  }
}

}  // namespace

PackedBeats pack_streamed_weights(const Engine& engine, const Operands& operands) {
  const transitive::EngineConfig& config = engine.config;
  const bool whole = config.datapath == transitive::Datapath::dot_product;
  const auto& weights = operands.weights;
  const auto lanes = static_cast<std::size_t>(config.lanes);
  const auto tile_rows = static_cast<std::size_t>(config.rows_per_tile(operands.weight_bits));
  PackedBeats packed;
  packed.words_per_beat =
      words_for(config.lanes * config.depth() * (whole ? engine.weight_bits : config.planes));
  for (std::size_t n0 = 0; n0 < weights.rows(); n0 += tile_rows) {
    const std::size_t end = std::min(weights.rows(), n0 + tile_rows);
    for (std::size_t k0 = 0; k0 < weights.cols(); k0 += static_cast<std::size_t>(config.depth()))
      for (std::size_t row = n0; row < end; row += lanes)
        pack_group(engine, operands, row, std::min(lanes, end - row), k0, packed);
  }
  return packed;
}

PackedBeats pack_activations(const Engine& engine,
                             const tensor::Matrix<std::int16_t>& activations) {
  const auto columns = static_cast<std::size_t>(engine.streams().columns);
  const auto rows = static_cast<std::size_t>(engine.config.operand_rows);
  const auto bits = static_cast<unsigned>(engine.activation_bits);
  PackedBeats packed;
  packed.words_per_beat = words_for(static_cast<int>(columns * rows * bits));
  for (std::size_t m0 = 0; m0 < activations.cols(); m0 += columns) {
    const std::size_t count = std::min(columns, activations.cols() - m0);
    for (std::size_t k0 = 0; k0 < activations.rows(); k0 += rows) {
      packed.words.resize(packed.words.size() + packed.words_per_beat);
      const std::span words(packed.words.end() - static_cast<std::ptrdiff_t>(packed.words_per_beat),
                            packed.words.end());
      for (std::size_t c = 0; c < count; ++c)
        for (std::size_t r = 0; r < std::min(rows, activations.rows() - k0); ++r)
          put_bits(words, (c * rows + r) * bits, bits,
                   static_cast<std::uint16_t>(activations(k0 + r, m0 + c)));
    }
  }
  return packed;
}

PackedBeats pack_scales(const Engine& engine, const Operands& operands) {
  const quant::GroupScales& scales = *operands.scales;
  const int n = static_cast<int>(operands.weights.rows());
  const int tile_rows = engine.config.rows_per_tile(operands.weight_bits);
  const auto zero_bits = static_cast<unsigned>(engine.weight_bits);
  PackedBeats packed;
  for (int n0 = 0; n0 < n; n0 += tile_rows)
    for (std::size_t group = 0; group < scales.scales.cols(); ++group)
      for (int row = n0; row < std::min(n0 + tile_rows, n); ++row) {
        packed.words.push_back(0);
        const std::span word(&packed.words.back(), 1);
        put_bits(word, 0, 8, scales.scales(static_cast<std::size_t>(row), group));
        put_bits(word, 8, zero_bits,
                 static_cast<std::uint8_t>(scales.zeros(static_cast<std::size_t>(row), group)));
      }
  return packed;
}

PackedBeats pack_table(const Engine& engine, const Operands& operands) {
  const std::vector<bool> listed = transitive::listed_nodes(
      engine.config, transitive::WeightStream(engine.config, operands.shape(), operands.weights));
  PackedBeats packed;
  const auto bits = static_cast<std::size_t>(engine.config.table_word_bits());
  packed.words.resize(listed.size() / bits);
  for (std::size_t node = 0; node < listed.size(); ++node)
    packed.words[node / bits] |= std::uint32_t{listed[node]} << node % bits;
  return packed;
}

PackedBeats pack_rescales(const Operands& operands) {
  PackedBeats packed;
  for (const quant::Rescale& rescale : operands.rescales)
    packed.words.push_back(rescale.multiplier | std::uint32_t{rescale.shift} << 16);
  return packed;
}

ResultWalk::ResultWalk(const Engine& engine, const transitive::Shape& shape)
    : config_(engine.streams()), beat_columns_(engine.result_columns()), shape_(shape) {}

// N-tiles hold consecutive rows, so within an M-tile all rows simply follow each other.
ResultPlace ResultWalk::next() {
  const int tile_end = std::min(m0_ + config_.columns, shape_.m);
  const ResultPlace place{row_, m0_ + column_, std::min(beat_columns_, tile_end - m0_ - column_)};
  column_ += beat_columns_;
  if (m0_ + column_ < tile_end) return place;
  column_ = 0;
  if (++row_ < shape_.n) return place;
  row_ = 0;
  m0_ += config_.columns;
  return place;
}

std::uint64_t ResultWalk::count() const {
  const auto beats = [this](int columns) { return (columns + beat_columns_ - 1) / beat_columns_; };
  const int full = shape_.m / config_.columns;
  const int rest = shape_.m % config_.columns;
  return static_cast<std::uint64_t>(shape_.n) *
         static_cast<std::uint64_t>(full * beats(config_.columns) + beats(rest));
}

}  // namespace hasse::harness
