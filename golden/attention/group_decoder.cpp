// SPDX-License-Identifier: Apache-2.0
// Selection, reuse, top-p and group union of one KV head.
#include "golden/attention/group_decoder.hpp"

#include <algorithm>
#include <iterator>

#include "golden/attention/kv_codes.hpp"

namespace hasse::attention {
namespace {

constexpr int kExactBits = 16;

}  // namespace

Indices unite(const std::vector<Indices>& lists) {
  Indices all;
  for (const Indices& list : lists) {
    Indices merged;
    std::ranges::set_union(all, list, std::back_inserter(merged));
    all = std::move(merged);
  }
  return all;
}

GroupDecoder::GroupDecoder(const HeadPolicy& policy, const LayerKeys& keys, std::size_t head,
                           std::size_t dim, std::size_t queries)
    : policy_(policy),
      exact_(keys.exact, head, dim),
      estimated_(policy.estimate_bits == kExactBits ? keys.exact : keys.estimated, head, dim),
      stats_(policy.pages.logical_page, dim),
      chosen_(queries, policy.pages.reuse) {}

void GroupDecoder::append() {
  stats_.append(exact_[stats_.tokens()]);
}

std::vector<Indices> GroupDecoder::choose(const tensor::Matrix<float>& q, int kv_bits,
                                          CacheFigures& figures) {
  bool scored = false;
  std::vector<Indices> base;
  std::vector<Indices> kept;
  for (std::size_t query = 0; query < q.rows(); ++query) {
    base.push_back(candidates(query, q.row(query), scored));
    kept.push_back(policy_.prune ? pruned(q.row(query), base.back()) : base.back());
  }
  if (policy_.group_union) std::ranges::fill(kept, unite(kept));
  count(base, kept, scored, kv_bits, figures);
  return kept;
}

Indices GroupDecoder::candidates(std::size_t query, std::span<const float> q, bool& scored) {
  switch (policy_.select) {
    case Select::stream:
      return stream_tokens(policy_.stream, position());
    case Select::pages:
      return tokens_of_pages(chosen_pages(query, q, scored), policy_.pages.page, stats_.tokens());
    case Select::all:
      break;
  }
  return first_tokens(stats_.tokens());
}

const Indices& GroupDecoder::chosen_pages(std::size_t query, std::span<const float> q,
                                          bool& scored) {
  const PageRule& rule = policy_.pages;
  const std::size_t tokens = stats_.tokens();
  if (!chosen_.misses(query, position())) return chosen_.list(query);
  if (rule.dense(tokens)) {
    chosen_.store(query, first_tokens(rule.pages(tokens)));
    return chosen_.list(query);
  }
  scored = true;
  const auto scores = reduce_pages(page_scores(q, stats_), rule.page / rule.logical_page);
  chosen_.store(query, select_pages(scores, rule, tokens));
  return chosen_.list(query);
}

Indices GroupDecoder::pruned(std::span<const float> q, const Indices& base) const {
  const auto scores = scaled_scores(q, estimated_, stats_.tokens());
  const Indices judged = policy_.estimate_all ? first_tokens(stats_.tokens()) : base;
  Indices kept;
  for (const std::size_t i : top_p(softmax(scores, judged), policy_.top_p).kept) {
    kept.push_back(judged[i]);
  }
  if (!policy_.estimate_all) return kept;
  Indices both;
  std::ranges::set_intersection(kept, base, std::back_inserter(both));
  return both;
}

std::size_t GroupDecoder::scored_pages() const {
  const PageRule& rule = policy_.pages;
  if (rule.score_partial) return stats_.pages();
  return (rule.pages(stats_.tokens()) - 1) * (rule.page / rule.logical_page);
}

void GroupDecoder::count(const std::vector<Indices>& base, const std::vector<Indices>& kept,
                         bool scored, int kv_bits, CacheFigures& figures) const {
  const std::size_t dim = exact_.dim();
  const Indices read = unite(kept);
  const double pair = 2 * kv_bytes(dim, kv_bits);
  ++figures.steps;
  figures.pages_read += pages_of_tokens(read, policy_.pages.page).size();
  figures.token_bytes += static_cast<double>(read.size()) * pair;
  figures.dense_bytes += static_cast<double>(stats_.tokens()) * pair;
  if (scored) {
    ++figures.selections;
    figures.stats_bytes += static_cast<double>(scored_pages()) * 2 * kv_bytes(dim, kExactBits);
  }
  if (policy_.prune && policy_.estimate_bits != kExactBits) {
    const std::size_t judged = policy_.estimate_all ? stats_.tokens() : unite(base).size();
    figures.estimate_bytes += static_cast<double>(judged) * kv_bytes(dim, policy_.estimate_bits);
  }
}

}  // namespace hasse::attention
