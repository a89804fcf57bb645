// SPDX-License-Identifier: Apache-2.0
// The transitive GEMM engine as its host sees it: its sizes, and the order of its streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden/quant/group_scales.hpp"
#include "golden/quant/olive_format.hpp"
#include "golden/tensor/matrix.hpp"
#include "golden/transitive/array_split.hpp"
#include "golden/transitive/host_memory.hpp"
#include "golden/transitive/program.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::harness {

/// The numbers of a generated engine the host has to know; names as in the design JSON.
struct Engine {
  transitive::EngineConfig config;  ///< Of one unit.
  int units = 1;                    ///< Engines behind the ports.
  std::string planner = "lattice";  ///< As the design names it.
  transitive::Share share = transitive::Share::activations;
  bool joined = false;   ///< Result beats hold a place for every unit.
  int prefix_lanes = 7;  ///< Of one unit.
  int activation_bits = 8;
  bool takes_unsigned = false;  ///< A product may have unsigned activations.
  bool takes_lowest = true;     ///< A signed one may be the lowest number of its bits.
  int weight_bits = 8;          ///< The most; a product has 2..weight_bits.
  int accumulator_bits = 32;
  int max_n = 65535;
  int max_k = 65535;
  int max_m = 65535;
  quant::OliveFormat weight_pairs{};           ///< How codes are read if config.decodes_pairs().
  quant::OliveFormat activation_pairs{};       ///< How codes are read if config.decodes_pairs().
  std::map<std::string, int> registers;        ///< Byte offsets; empty: plain ports.
  std::map<std::string, int> register_fields;  ///< Lowest bits, by "register.field".

  /// Whether the ports are AXI4-Stream and AXI4-Lite.
  bool is_axi() const { return !registers.empty(); }
  /// The lowest signed activation.
  int least_activation() const { return -(1 << (activation_bits - 1)) + (takes_lowest ? 0 : 1); }
  /// Bits of the weights that a product may have: from this to weight_bits.
  int least_weight_bits() const { return config.decodes_pairs() ? weight_bits : 2; }
  /// Whether a compiled program takes the place of the weights.
  bool takes_programs() const {
    return !config.streams() && config.planner == transitive::Planner::compiled;
  }
  /// How the units divide a product.
  transitive::ArrayConfig array() const { return {config, units, share, max_n, max_m, joined}; }
  /// The one engine whose streams are those of all units together.
  transitive::EngineConfig streams() const { return array().streams(); }
  /// Streams into the engine beside weights and activations.
  std::vector<std::string> side_streams() const;
  /// How a product of `shape` is read, by port, beyond its sizes and weight bits.
  std::vector<std::pair<std::string, std::uint64_t>> modes(const transitive::Shape& shape) const;
  /// Units whose results are side by side in a beat.
  int result_units() const { return joined ? units : 1; }
  /// Result columns in one beat, of every unit in it.
  int result_columns() const { return config.columns / config.columns_per_adder; }
  /// A memory of `bandwidth` bytes a cycle behind its ports, read far enough ahead for its latency;
  /// values are stored without gaps, in beats of whole bytes.
  transitive::MemoryConfig memory(double bandwidth, int latency) const;
};

/// The operands of Y[N x M] = W[N x K] * X[K x M]. For an engine that takes pairs, both hold the
/// codes of pairs along K in two's complement; the code after the last one of an odd K is 0.
struct Operands {
  tensor::Matrix<std::int8_t> weights;       ///< N x K
  tensor::Matrix<std::int32_t> activations;  ///< K x M
  int weight_bits = 8;  ///< Two's complement bits of the weights in this product.
  std::optional<quant::GroupScales> scales{};  ///< Of the groups of every weight row.
  int calibration_rows = 0;  ///< Rows whose codes a static planner's table lists; 0: all.
  std::vector<quant::Rescale> rescales{};  ///< Per weight row; empty: results are not requantised.
  bool unsigned_activations = false;       ///< They are unsigned numbers of the design's bits.
  int tile_rows = 0;  ///< Of an N-tile of all units of an array; 0: as many as fit.
  /// What an engine that takes programs is given; none: the weights, compiled.
  std::optional<transitive::Program> program{};

  transitive::Shape shape() const;
};

/// Throws HarnessError when `operands` are empty, do not fit together, exceed the engine's largest
/// shape, or hold a value outside their bits; the message names matrix, place, value and limit.
void check(const Engine& engine, const Operands& operands);

/// The exact results: products of the scaled weights, requantised if that is asked for. Throws
/// HarnessError when a product does not fit the engine's accumulators.
tensor::Matrix<std::int64_t> exact_results(const Engine& engine, const Operands& operands);

/// Beats in the layout of a data port, repetitions left out.
struct PackedBeats {
  std::vector<std::uint32_t> words;  ///< Beats one after the other.
  std::size_t words_per_beat = 1;
  std::size_t count() const { return words.size() / words_per_beat; }
  const std::uint32_t* beat(std::size_t index) const { return &words[index * words_per_beat]; }
};

/// The weight beats of one M-tile: for every N-tile, K-tile, group of rows, plane (most significant
/// first) one beat with lane l's code at [l * tile_bits +: tile_bits].
PackedBeats pack_weights(const Engine& engine, const transitive::WeightStream& stream);

/// The program of one M-tile, a beat per word; compiled unless the operands bring it.
PackedBeats pack_program(const Engine& engine, const Operands& operands);

/// The same for an engine that streams: for every N-tile, K-tile and group of rows one beat per
/// `planes` planes (most significant first; with `turns` in the order of plane_of) with bit `(l *
/// planes + p) * depth + i` for plane p, lowest first, of element i of lane l's row, signs repeated
/// as often as that takes; for a dot_product engine a single beat with whole weights, sign-extended
/// to the design's weight bits, at `(l * depth + i) * weight_bits`; the same with codes for one
/// that takes pairs.
PackedBeats pack_streamed_weights(const Engine& engine, const Operands& operands);

/// One beat per M-tile and as many rows of k as a beat holds - `operand_rows`, or a pair's two -,
/// in that order: column c's value of row r of them at [(c * rows + r) * activation_bits +:
/// activation_bits].
PackedBeats pack_activations(const Engine& engine, const tensor::Matrix<std::int32_t>& activations);

/// The table of a static planner: a bit per node, lowest first.
PackedBeats pack_table(const Engine& engine, const Operands& operands);

/// For every N-tile, group and row in it, in that order: {zero point, scale}. An array whose units
/// have rows of their own takes a row of each in a beat, the others one row.
PackedBeats pack_scales(const Engine& engine, const Operands& operands);

/// Beats of weights (or of programs) and activations in the whole product.
transitive::InputBeats input_beats(const Engine& engine, const Operands& operands);

/// For every row, in as many beats: {shift, multiplier}.
PackedBeats pack_rescales(const Engine& engine, const Operands& operands);

/// Where the columns of a unit's place in a result beat belong.
struct ResultPlace {
  int row = 0;
  int column = 0;  ///< Of the first value in the place.
  int count = 0;   ///< Values inside the product; the rest of the place is don't care.
};

/// Walks the places of the result beats: M-tiles, N-tiles, rows, groups of `result_columns`
/// columns; where results are joined, a place for every unit.
class ResultWalk {
 public:
  ResultWalk(const Engine& engine, const transitive::Shape& shape);
  /// Whether all beats have been taken.
  bool done() const { return m0_ >= shape_.m; }
  /// The next beat's places; only while not done().
  std::vector<ResultPlace> next();
  /// Beats of the whole product.
  std::uint64_t count() const;

 private:
  ResultPlace place(int unit) const;

  transitive::EngineConfig config_;
  bool by_columns_;
  int units_;         ///< Places of a beat.
  int beat_columns_;  ///< Columns of a place.
  int tile_columns_;  ///< Columns of an M-tile that have beats of their own.
  transitive::Shape shape_;
  int m0_ = 0;
  int row_ = 0;
  int column_ = 0;
};

}  // namespace hasse::harness
