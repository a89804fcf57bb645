// SPDX-License-Identifier: Apache-2.0
// The order of the engine's streams, and what it can be asked to multiply.
#include "verif/harness/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>

#include "golden/quant/olive_pair.hpp"
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

/// Which numbers of some bits there may be.
enum class Range { all, symmetric, not_negative };

template <class T>
void check_values(std::string_view name, const tensor::Matrix<T>& matrix, int bits,
                  Range range = Range::all) {
  const bool is_unsigned = range == Range::not_negative;
  const int most = is_unsigned ? (1 << bits) - 1 : (1 << (bits - 1)) - 1;
  const int least = is_unsigned ? 0 : range == Range::symmetric ? -most : -most - 1;
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    for (std::size_t c = 0; c < matrix.cols(); ++c) {
      const int value = matrix(r, c);
      if (value >= least && value <= most) continue;
      throw HarnessError(fmt::format("{}[{}, {}] is {}, which does not fit {}{} bits ({}..{})",
                                     name, r, c, value, is_unsigned ? "unsigned " : "", bits, least,
                                     most));
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
  if (scales.group < 1 || scales.group % engine.config.depth() != 0 || scales.group > engine.max_k)
    throw HarnessError(
        fmt::format("groups have {} columns, but the design takes multiples of {} up to {}",
                    scales.group, engine.config.depth(), engine.max_k));
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

bool takes_whole_weights(const transitive::EngineConfig& config) {
  return config.datapath == transitive::Datapath::dot_product || config.takes_pairs();
}

// The values that codes [N x K] stand for, their pairs along rows.
template <class Code>
tensor::Matrix<std::int16_t> decode_pairs(const quant::OliveFormat& format,
                                          const tensor::Matrix<Code>& codes) {
  const auto code = [&](std::size_t r, std::size_t k) {
    const unsigned value = k < codes.cols() ? static_cast<std::uint16_t>(codes(r, k)) : 0U;
    return static_cast<std::uint8_t>(value & ((1U << format.bits) - 1));
  };
  tensor::Matrix<std::int16_t> values(codes.rows(), codes.cols());
  for (std::size_t r = 0; r < codes.rows(); ++r)
    for (std::size_t k = 0; k < codes.cols(); k += 2) {
      const auto pair = quant::decode_pair(format, {code(r, k), code(r, k + 1)});
      values(r, k) = static_cast<std::int16_t>(pair[0].value());
      if (k + 1 < codes.cols()) values(r, k + 1) = static_cast<std::int16_t>(pair[1].value());
    }
  return values;
}

tensor::Matrix<std::int64_t> product_of_pairs(const Engine& engine, const Operands& operands) {
  const auto tokens = tensor::transpose(operands.activations);
  return tensor::gemm<std::int64_t>(
      decode_pairs(engine.weight_pairs, operands.weights),
      tensor::transpose(decode_pairs(engine.activation_pairs, tokens)));
}

}  // namespace

transitive::Shape Operands::shape() const {
  return {static_cast<int>(weights.rows()),
          static_cast<int>(weights.cols()),
          static_cast<int>(activations.cols()),
          weight_bits,
          scales ? scales->group : 0,
          !rescales.empty(),
          calibration_rows,
          unsigned_activations,
          tile_rows};
}

std::vector<std::string> Engine::side_streams() const {
  if (config.scaling) return {"scale", "rescale"};
  if (config.planner == transitive::Planner::listed && !config.streams()) return {"table"};
  return {};
}

std::vector<std::pair<std::string, std::uint64_t>> Engine::modes(
    const transitive::Shape& shape) const {
  std::vector<std::pair<std::string, std::uint64_t>> modes;
  if (config.scaling)
    modes = {{"group", static_cast<std::uint64_t>(shape.group)},
             {"requantise", shape.requantise ? 1 : 0}};
  if (units > 1)
    modes.emplace_back("tile_rows",
                       static_cast<std::uint64_t>(array().unit_shape(shape).tile_rows));
  if (takes_unsigned)
    modes.emplace_back("unsigned_activations", shape.unsigned_activations ? 1 : 0);
  return modes;
}

transitive::MemoryConfig Engine::memory(double bandwidth, int latency) const {
  const transitive::EngineConfig all = streams();
  const bool whole = takes_whole_weights(config);
  const auto bytes = [](int bits) { return (bits + 7) / 8; };
  transitive::MemoryConfig memory;
  memory.bandwidth = bandwidth;
  memory.latency = latency;
  memory.prefetch = kReadAhead + latency;
  memory.weight_bytes = takes_programs()
                            ? bytes(transitive::program_word_bits(array()))
                            : bytes(all.lanes * all.depth() * (whole ? weight_bits : all.planes));
  memory.activation_bytes = bytes(all.columns * all.activation_depth() * activation_bits);
  memory.result_bytes = bytes(result_units() * result_columns() * accumulator_bits);
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
  if (weight_bits < engine.least_weight_bits() || weight_bits > engine.weight_bits) {
    throw HarnessError(fmt::format("weight bits are {}, but the design takes {}..{}", weight_bits,
                                   engine.least_weight_bits(), engine.weight_bits));
  }
  check_values("weights", weights, weight_bits);
  if (operands.unsigned_activations && !engine.takes_unsigned)
    throw HarnessError("the design takes signed activations only (\"activations\": \"signed\")");
  check_values("activations", activations, engine.activation_bits,
               operands.unsigned_activations ? Range::not_negative
               : engine.takes_lowest         ? Range::all
                                             : Range::symmetric);
  check_scaling(engine, operands);
}

tensor::Matrix<std::int64_t> exact_results(const Engine& engine, const Operands& operands) {
  if (engine.config.decodes_pairs()) return product_of_pairs(engine, operands);
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

// Puts the planes of a beat, after which `left` more of the row come, behind each other for every
// lane; elements behind each other for every plane. Signs are repeated above a weight's planes.
void pack_planes(const Engine& engine, const tensor::Matrix<std::int8_t>& weights, std::size_t row,
                 std::size_t lanes, std::size_t k0, int left, std::span<std::uint32_t> beat) {
  const auto depth = static_cast<std::size_t>(engine.config.depth());
  const auto planes = static_cast<std::size_t>(engine.config.planes);
  const std::size_t elements = std::min(depth, weights.cols() - k0);
  for (std::size_t lane = 0; lane < lanes; ++lane)
    for (std::size_t p = 0; p < planes; ++p)
      for (std::size_t i = 0; i < elements; ++i) {
        const int plane = engine.config.plane_of(static_cast<int>(p), left);
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
    if (takes_whole_weights(config))
      pack_whole(engine, operands.weights, row, lanes, k0, words);
    else
      pack_planes(engine, operands.weights, row, lanes, k0, beat, words);
  }
}

}  // namespace

PackedBeats pack_streamed_weights(const Engine& engine, const Operands& operands) {
  const transitive::EngineConfig config = engine.streams();
  const bool whole = takes_whole_weights(config);
  const auto& weights = operands.weights;
  const auto lanes = static_cast<std::size_t>(config.lanes);
  const auto tile_rows = static_cast<std::size_t>(config.tile_rows(operands.shape()));
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
                             const tensor::Matrix<std::int32_t>& activations) {
  const auto columns = static_cast<std::size_t>(engine.streams().columns);
  const auto rows = static_cast<std::size_t>(engine.config.activation_depth());
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
        for (std::size_t r = 0; r < std::min(rows, activations.rows() - k0); ++r) {
          const auto value = static_cast<std::uint32_t>(activations(k0 + r, m0 + c));
          put_bits(words, (c * rows + r) * bits, bits, value & ((1U << bits) - 1));
        }
    }
  }
  return packed;
}

namespace {

constexpr unsigned kScaleBits = 8, kMultiplierBits = 16, kShiftBits = 6;

/// Appends what belongs to rows `first`..`last`-1: `bits` bits each, as many rows in a beat as the
/// array has units with rows of their own.
void pack_rows(const Engine& engine, int first, int last, unsigned bits,
               const std::function<std::uint64_t(std::size_t)>& value, PackedBeats& packed) {
  const int together = engine.share == transitive::Share::activations ? engine.units : 1;
  packed.words_per_beat = words_for(together * static_cast<int>(bits));
  for (int row = first; row < last; row += together) {
    packed.words.resize(packed.words.size() + packed.words_per_beat);
    const std::span beat(packed.words.end() - static_cast<std::ptrdiff_t>(packed.words_per_beat),
                         packed.words.end());
    for (int place = 0; place < std::min(together, last - row); ++place)
      put_bits(beat, static_cast<std::size_t>(place) * bits, bits,
               value(static_cast<std::size_t>(row + place)));
  }
}

}  // namespace

PackedBeats pack_scales(const Engine& engine, const Operands& operands) {
  const quant::GroupScales& scales = *operands.scales;
  const int n = static_cast<int>(operands.weights.rows());
  const int tile_rows = engine.streams().tile_rows(operands.shape());
  const auto zero_bits = static_cast<unsigned>(engine.weight_bits);
  PackedBeats packed;
  for (int n0 = 0; n0 < n; n0 += tile_rows)
    for (std::size_t group = 0; group < scales.scales.cols(); ++group)
      pack_rows(
          engine, n0, std::min(n0 + tile_rows, n), kScaleBits + zero_bits,
          [&](std::size_t row) {
            const unsigned zero =
                static_cast<unsigned>(scales.zeros(row, group)) & ((1U << zero_bits) - 1);
            return std::uint64_t{zero} << kScaleBits | scales.scales(row, group);
          },
          packed);
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

PackedBeats pack_program(const Engine& engine, const Operands& operands) {
  const auto packed = [](const transitive::Program& program) {
    return PackedBeats{program.words, static_cast<std::size_t>(program.packed)};
  };
  if (operands.program) return packed(*operands.program);
  return packed(transitive::compile(engine.array(), operands.shape(), operands.weights));
}

transitive::InputBeats input_beats(const Engine& engine, const Operands& operands) {
  transitive::InputBeats beats = transitive::input_beats(engine.array(), operands.shape());
  const int columns = engine.streams().columns;
  if (engine.takes_programs())
    beats.weights = static_cast<std::uint64_t>((operands.shape().m + columns - 1) / columns) *
                    pack_program(engine, operands).count();
  return beats;
}

PackedBeats pack_rescales(const Engine& engine, const Operands& operands) {
  PackedBeats packed;
  pack_rows(
      engine, 0, static_cast<int>(operands.rescales.size()), kMultiplierBits + kShiftBits,
      [&](std::size_t row) {
        const quant::Rescale& rescale = operands.rescales[row];
        return rescale.multiplier | std::uint64_t{rescale.shift} << kMultiplierBits;
      },
      packed);
  return packed;
}

ResultWalk::ResultWalk(const Engine& engine, const transitive::Shape& shape)
    : config_(engine.streams()),
      by_columns_(engine.share == transitive::Share::weights),
      units_(engine.result_units()),
      beat_columns_(engine.result_columns()),
      tile_columns_(by_columns_ && units_ > 1 ? engine.config.columns : config_.columns),
      shape_(shape) {}

// Joined units have rows next to each other, or tiles of columns.
ResultPlace ResultWalk::place(int unit) const {
  const int row = row_ + (by_columns_ ? 0 : unit);
  const int tile = m0_ + (by_columns_ ? unit * tile_columns_ : 0);
  const int end = std::min(tile + tile_columns_, shape_.m);
  const int count = row < shape_.n ? std::clamp(end - tile - column_, 0, beat_columns_) : 0;
  return {row, tile + column_, count};
}

// N-tiles hold consecutive rows, so within an M-tile all rows simply follow each other.
std::vector<ResultPlace> ResultWalk::next() {
  std::vector<ResultPlace> places;
  for (int unit = 0; unit < units_; ++unit) places.push_back(place(unit));
  column_ += beat_columns_;
  if (m0_ + column_ < std::min(m0_ + tile_columns_, shape_.m)) return places;
  column_ = 0;
  row_ += by_columns_ ? 1 : units_;
  if (row_ < shape_.n) return places;
  row_ = 0;
  m0_ += config_.columns;
  return places;
}

std::uint64_t ResultWalk::count() const {
  const auto beats = [this](int columns) {
    return (std::min(columns, tile_columns_) + beat_columns_ - 1) / beat_columns_;
  };
  const int rows = by_columns_ ? shape_.n : (shape_.n + units_ - 1) / units_;
  const int full = shape_.m / config_.columns;
  const int rest = shape_.m % config_.columns;
  return static_cast<std::uint64_t>(rows) *
         static_cast<std::uint64_t>(full * beats(config_.columns) + beats(rest));
}

}  // namespace hasse::harness
