// SPDX-License-Identifier: Apache-2.0
// One KV head with its query heads, token after token, under one policy.
#pragma once

#include <cstddef>
#include <vector>

#include "golden/attention/dense.hpp"
#include "golden/attention/figures.hpp"
#include "golden/attention/pages.hpp"
#include "golden/attention/policy.hpp"
#include "golden/attention/units/block_walker.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// Keys of one layer as the parts of the selection see them, [T x KV heads * D] each.
struct LayerKeys {
  const tensor::Matrix<float>& exact;      ///< Page bounds are made of these.
  const tensor::Matrix<float>& estimated;  ///< Top-p is estimated with these.
};

/// Chooses the tokens that the query heads of one KV head read. Positions come one after another:
/// `append` for each, `choose` for those that are decoded.
class GroupDecoder {
 public:
  /// KV head `head` of `dim` features, shared by `queries` query heads.
  GroupDecoder(const HeadPolicy& policy, const LayerKeys& keys, std::size_t head, std::size_t dim,
               std::size_t queries);

  /// Takes the key of the next position.
  void append();

  /// The tokens that each query head reads at the position appended last; `q` holds their rows
  /// [queries x D]. Counts pages and bytes in `figures`, with `kv_bits` bits a cached element.
  std::vector<Indices> choose(const tensor::Matrix<float>& q, int kv_bits, CacheFigures& figures);

 private:
  std::size_t position() const { return stats_.tokens() - 1; }
  Indices candidates(std::size_t query, std::span<const float> q, bool& scored);
  const Indices& chosen_pages(std::size_t query, std::span<const float> q, bool& scored);
  Indices pruned(std::span<const float> q, const Indices& base) const;
  std::size_t scored_pages() const;
  void count(const std::vector<Indices>& base, const std::vector<Indices>& kept, bool scored,
             int kv_bits, CacheFigures& figures) const;

  HeadPolicy policy_;
  HeadRows exact_;
  HeadRows estimated_;
  PageStats stats_;
  units::ReuseCache chosen_;
};

/// All numbers that occur in one of `lists`, ascending.
Indices unite(const std::vector<Indices>& lists);

}  // namespace hasse::attention
