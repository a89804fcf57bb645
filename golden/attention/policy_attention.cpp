// SPDX-License-Identifier: Apache-2.0
// Attention of a layer, KV head by KV head, position by position.
#include "golden/attention/policy_attention.hpp"

#include <algorithm>

#include "golden/attention/group_decoder.hpp"
#include "golden/attention/kv_codes.hpp"

namespace hasse::attention {
namespace {

using tensor::Matrix;

/// One layer's operands, heads of `dim` features.
struct Layer {
  const Matrix<float>& q;
  const Matrix<float>& exact_k;
  const Matrix<float>& k;  ///< As cached.
  const Matrix<float>& v;  ///< As cached.
  std::size_t dim;
  std::size_t queries;  ///< Query heads that share a KV head.
};

/// Writes the attention of one query over `kept` to its place in `out`.
void attend_one(const Layer& layer, std::size_t position, std::size_t query, const Indices& kept,
                Matrix<float>& out) {
  const std::size_t kv_head = query / layer.queries;
  const auto scores = scaled_scores(HeadRows(layer.q, query, layer.dim)[position],
                                    HeadRows(layer.k, kv_head, layer.dim), position + 1);
  const auto values =
      weighted_values(softmax(scores, kept), kept, HeadRows(layer.v, kv_head, layer.dim));
  std::ranges::transform(values, out.row(position).subspan(query * layer.dim, layer.dim).begin(),
                         [](double value) { return static_cast<float>(value); });
}

void measure(const Layer& layer, std::size_t position, std::size_t query, const Indices& kept,
             QueryFigures& figures) {
  const auto scores =
      scaled_scores(HeadRows(layer.q, query, layer.dim)[position],
                    HeadRows(layer.exact_k, query / layer.queries, layer.dim), position + 1);
  ++figures.steps;
  figures.kept_mass += kept_mass(scores, kept);
  figures.recall += recall(scores, kept);
  figures.kept.add(kept.size());
}

/// The query rows of one KV head at one position.
Matrix<float> group_queries(const Layer& layer, std::size_t position, std::size_t kv_head) {
  const auto row =
      layer.q.row(position).subspan(kv_head * layer.queries * layer.dim, layer.queries * layer.dim);
  return {layer.queries, layer.dim, std::vector<float>(row.begin(), row.end())};
}

Indices prefill_tokens(const HeadPolicy& policy, const Schedule& schedule, std::size_t position) {
  if (policy.select != Select::stream) return first_tokens(position + 1);
  const std::size_t begin = schedule.chunk == 0 ? 0 : position / schedule.chunk * schedule.chunk;
  return stream_prefill_tokens(policy.stream, position, begin);
}

/// One KV head over a window.
struct HeadRun {
  const Policy& policy;
  const Schedule& schedule;
  std::size_t layer;
  std::size_t kv_head;
  Figures& figures;

  const HeadPolicy& head() const { return policy.heads[layer][kv_head]; }

  /// What each query head reads at `position`, counted if it is to be.
  std::vector<Indices> read(const Layer& operands, GroupDecoder& decoder, std::size_t position,
                            bool counted) const {
    if (position < schedule.prefill) {
      return std::vector<Indices>(operands.queries, prefill_tokens(head(), schedule, position));
    }
    CacheFigures uncounted;
    return decoder.choose(group_queries(operands, position, kv_head), policy.kv_bits,
                          counted ? figures.caches[layer][kv_head] : uncounted);
  }

  void run(const Layer& operands, Matrix<float>& out) const {
    const bool estimates = head().prune && head().estimate_bits < 16;
    const Matrix<float> estimated =
        estimates ? round_kv(operands.exact_k, operands.dim, head().estimate_bits)
                  : Matrix<float>();
    GroupDecoder decoder(head(), {operands.exact_k, estimated}, kv_head, operands.dim,
                         operands.queries);
    const std::size_t first = kv_head * operands.queries;
    for (std::size_t position = 0; position < operands.q.rows(); ++position) {
      decoder.append();
      const bool counted = position >= std::max(schedule.prefill, schedule.from);
      const std::vector<Indices> kept = read(operands, decoder, position, counted);
      for (std::size_t i = 0; i < operands.queries; ++i) {
        attend_one(operands, position, first + i, kept[i], out);
        if (!counted) continue;
        measure(operands, position, first + i, kept[i], figures.queries[layer][first + i]);
      }
    }
  }
};

}  // namespace

Matrix<float> PolicyAttention::operator()(std::size_t layer, const Matrix<float>& q,
                                          const Matrix<float>& k, const Matrix<float>& v) const {
  const std::size_t kv_heads = policy_->heads[layer].size();
  const std::size_t dim = k.cols() / kv_heads;
  const bool rounded = policy_->kv_bits < 16;
  const Matrix<float> cached_k = rounded ? round_kv(k, dim, policy_->kv_bits) : k;
  const Matrix<float> cached_v = rounded ? round_kv(v, dim, policy_->kv_bits) : v;
  const Layer operands{q, k, cached_k, cached_v, dim, q.cols() / k.cols()};
  Matrix<float> out(q.rows(), q.cols());
  for (std::size_t kv_head = 0; kv_head < kv_heads; ++kv_head) {
    HeadRun{*policy_, schedule_, layer, kv_head, *figures_}.run(operands, out);
  }
  return out;
}

}  // namespace hasse::attention
