// SPDX-License-Identifier: Apache-2.0
// The attention engine: one KV head with its query heads on one transitive array, and the units
// that only it needs.
#pragma once

#include <vector>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"
#include "generator/units/selector.hpp"

namespace hasse::units {

/// What an attention engine is built for; attention::units::EngineShape, and the sizes of its
/// memories.
struct AttentionGeometry {
  /// Of the array: unsigned and signed activations of 16 bits, weights of 8 bits, a column for
  /// every pair of a token and a query head, results of all columns in one beat, native ports.
  explicit AttentionGeometry(const design::Design& design) : array(design) {}

  Geometry array;
  int dim = 64;            ///< D, a multiple of the array's K-tile and N-tiles.
  int page = 16;           ///< Tokens of a page, a power of two and a multiple of the same.
  int logical_pages = 1;   ///< Of a page.
  int max_pages = 2048;    ///< Of a sequence.
  int max_listed = 2048;   ///< Pages that a step reads.
  int sink = 2, ring = 5;  ///< Pages of a streaming head.
  int interval = 1;        ///< Steps for which a list of scored pages is kept.

  static constexpr int kQueryBits = 8, kScoreBits = 8, kCodeBits = 16, kProbabilityBits = 16;
  static constexpr int kScaleBits = 32;    ///< Of a token: range above smallest element.
  static constexpr int kOutBits = 32;      ///< Of an output.
  static constexpr int kBoundsBlock = 16;  ///< Logical pages whose bounds are read together.
  static constexpr int kKeyCycles = 3;     ///< Of key_scaler.

  int columns() const { return array.design.columns; }
  int operand_rows() const { return array.engine.activation_depth(); }
  int word_bits() const;  ///< Of the memory port: a beat of the array's weights.
  int scale_lanes() const { return word_bits() / kScaleBits; }  ///< Tokens' scales in a word.
  int scale_words() const { return page / scale_lanes(); }      ///< Of a page.
  int code_words(int kv_bits) const { return page * dim * kv_bits / word_bits(); }
  /// Passes over the values of all pages, a pass for every N-tile.
  int parts(int kv_bits) const { return dim / array.engine.rows_per_tile(kv_bits); }
  int page_bits() const { return bits_for(max_pages - 1); }
  int token_bits() const { return bits_for(page); }
  int query_sum_bits() const;
  int bound_score_bits() const;  ///< Of a page's score.
  SelectorGeometry selector() const;
};

/// What is wrong with `g`; empty if an engine can be built.
std::string attention_problem(const AttentionGeometry& g);

/// The score of a token from the sum of its key's codes, three cycles later.
/// attention::units::key_score.
hdl::Module key_scaler(const AttentionGeometry& g);
/// The weights of values from their tokens' probabilities, two cycles later, and the outputs from
/// the sums of the values' codes. attention::units::ValueScaler.
hdl::Module value_scaler(const AttentionGeometry& g);
/// A memory whose words leave as a stream, from the first to one that is named, once or several
/// times over.
hdl::Module memory_stream();
/// Pages and the columns that keep them, in ascending order, from rows of the selector's masks.
hdl::Module page_lister(const AttentionGeometry& g);
/// All modules of the engine, the top, `attention_engine`, last.
std::vector<hdl::Module> attention_engine(const AttentionGeometry& g);

}  // namespace hasse::units
