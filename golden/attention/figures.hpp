// SPDX-License-Identifier: Apache-2.0
// What attention under a policy read and kept, counted per head.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/attention/dense.hpp"

namespace hasse::attention {

/// How many steps kept how many tokens.
class KeptTokens {
 public:
  void add(std::size_t tokens);
  void add(const KeptTokens& other);
  double mean() const;
  /// The smallest number of tokens that the share `share`, 0..1, of all steps does not exceed; 0 of
  /// no steps.
  std::size_t quantile(double share) const;

 private:
  std::vector<std::uint64_t> counts_;  ///< [tokens]
  std::uint64_t steps_ = 0;
};

/// Sums over the decode steps of one or more query heads.
struct QueryFigures {
  std::uint64_t steps = 0;
  double kept_mass = 0;  ///< Sum of the exact softmax's mass of the tokens that were read.
  double recall = 0;     ///< Sum of the share of as many highest-scoring tokens that was read.
  KeptTokens kept;

  void add(const QueryFigures& other);
  double mean_mass() const { return kept_mass / static_cast<double>(steps); }
  double mean_recall() const { return recall / static_cast<double>(steps); }
};

/// Sums over the decode steps of one or more KV heads, whose query heads share what is read.
struct CacheFigures {
  std::uint64_t steps = 0;
  std::uint64_t selections = 0;  ///< Steps that scored pages.
  std::uint64_t pages_read = 0;  ///< Pages with a token that was read.
  double stats_bytes = 0;        ///< Page bounds, float16.
  double estimate_bytes = 0;     ///< Keys of few bits, to estimate weights with.
  double token_bytes = 0;        ///< Keys and values of the tokens that were read.
  double dense_bytes = 0;        ///< Keys and values of all tokens.

  void add(const CacheFigures& other);
  double bytes_read() const { return stats_bytes + estimate_bytes + token_bytes; }
};

/// Figures of every head of a model.
struct Figures {
  std::vector<std::vector<QueryFigures>> queries;  ///< [layer][query head]
  std::vector<std::vector<CacheFigures>> caches;   ///< [layer][KV head]

  Figures(std::size_t layers, std::size_t query_heads, std::size_t kv_heads);
  /// Over all query heads.
  QueryFigures all_queries() const;
  /// Over all KV heads.
  CacheFigures all_caches() const;
};

/// The share of the softmax of `scores` that falls on `kept`.
double kept_mass(std::span<const double> scores, const Indices& kept);

/// The share of `kept` that is among as many highest scores, lowest index first; 1 of none.
double recall(std::span<const double> scores, const Indices& kept);

}  // namespace hasse::attention
