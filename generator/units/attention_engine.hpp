// SPDX-License-Identifier: Apache-2.0
// The attention engine: one KV head with its query heads on one transitive array, and the units
// that only it needs.
#pragma once

#include <vector>

#include "generator/design/engine_config.hpp"
#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"
#include "generator/units/selector.hpp"

namespace hasse::units {

/// What an attention engine is built for: the sizes of attention::units::EngineShape and of its
/// memories, and its array, with a column for every pair of a token and a query head.
struct AttentionGeometry : design::Attention {
  /// Of `design`, with default sizes if it has no member `attention`.
  explicit AttentionGeometry(const design::Design& design);

  Geometry array;

  static constexpr int kQueryBits = 8, kScoreBits = 8, kCodeBits = 16, kProbabilityBits = 16;
  static constexpr int kOutBits = 32;   ///< Of an output.
  static constexpr int kKeyCycles = 3;  ///< Of key_scaler.

  int columns() const { return array.design.columns; }
  int operand_rows() const { return array.engine.activation_depth(); }
  /// Of the memory port: a beat of the array's weights.
  int word_bits() const { return design::weight_beat_bits(array.design); }
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

/// What is wrong with `g`, a line each; empty if an engine can be built.
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
