// SPDX-License-Identifier: Apache-2.0
// List of pages, scores, top-p, probabilities, values.
#include "golden/attention/units/attention_engine.hpp"

#include <algorithm>

#include "golden/attention/units/kv_scaler.hpp"
#include "golden/attention/units/softmax_unit.hpp"

namespace hasse::attention::units {
namespace {

using tensor::Matrix;

constexpr std::size_t kScaleBytes = 4;  ///< Range and smallest element of a token.

std::size_t rounded_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The softmax of `scores` where `mask` says so, 0 elsewhere.
std::vector<std::uint16_t> probabilities(std::span<const std::int8_t> scores,
                                         const std::vector<bool>& mask, std::uint32_t step) {
  SoftmaxUnit unit(step);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (mask[i]) unit.take(scores[i]);
  }
  unit.finish();
  std::vector<std::uint16_t> row(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (mask[i]) row[i] = unit.probability(scores[i]);
  }
  return row;
}

std::int8_t score_of(const EngineTask& task, std::span<const std::int8_t> query,
                     const KvWord& key) {
  std::int64_t sum = 0;
  std::int32_t query_sum = 0;
  for (std::size_t d = 0; d < query.size(); ++d) {
    sum += query[d] * (key.codes[d] - (1 << (task.kv_bits - 1)));
    query_sum += query[d];
  }
  return key_score(sum, query_sum, key.low, key.range, task.kv_bits, task.key_shift);
}

}  // namespace

void AttentionEngine::clear() {
  reuse_ = ReuseCache(1, shape_.interval);
  position_ = 0;
  kept_.clear();
}

EngineStep AttentionEngine::run(const EngineTask& task, const Matrix<std::int8_t>& queries,
                                const KvMemory& memory, const Indices& slots) {
  EngineStep step;
  const std::vector<Entry> entries = list(task, queries, memory, slots, step.bytes);
  for (const Entry& entry : entries) step.listed.push_back(entry.page);
  step.bytes.key_scales = entries.size() * shape_.page * kScaleBytes;
  step.bytes.key_codes =
      entries.size() * shape_.page * shape_.dim * static_cast<std::size_t>(task.kv_bits) / 8;
  const Matrix<std::int8_t> all = scores(task, entries, queries, memory);
  Masks seen = masks(task, entries);
  if (task.mass) seen = pruned(task, all, seen);
  weigh(task, entries, all, seen, memory, step);
  return step;
}

std::vector<AttentionEngine::Entry> AttentionEngine::list(const EngineTask& task,
                                                          const Matrix<std::int8_t>& queries,
                                                          const KvMemory& memory,
                                                          const Indices& slots,
                                                          EngineBytes& bytes) {
  if (task.source == PageSource::scores) {
    if (reuse_.misses(0, position_++) || kept_.empty()) {
      kept_ = scored(task, queries, memory, bytes);
      reuse_.store(0, {0});
    }
    return kept_;
  }
  kept_.clear();
  Indices pages = slots;
  if (task.source == PageSource::window) {
    const std::size_t block = (task.tokens - 1) / shape_.page;
    pages.clear();
    for (const Descriptor& read :
         walk_prefill(block, shape_.page, task.tokens, task.sink, task.local)) {
      if (read.operand == Operand::keys) pages.push_back(read.page);
    }
  }
  std::vector<Entry> entries;
  for (const std::size_t page : pages) {
    entries.push_back({page, false, std::vector<bool>(queries.rows(), true)});
  }
  entries.back().last = true;
  return entries;
}

std::vector<AttentionEngine::Entry> AttentionEngine::scored(const EngineTask& task,
                                                            const Matrix<std::int8_t>& queries,
                                                            const KvMemory& memory,
                                                            EngineBytes& bytes) const {
  bytes.bounds = rounded_up(memory.bounds.pages(), shape_.bounds_block) * 2 * shape_.dim;
  const std::size_t pages = rounded_up(task.tokens, shape_.page) / shape_.page;
  Masks own(pages, std::vector<bool>(queries.rows()));
  for (std::size_t c = 0; c < queries.rows(); ++c) {
    for (const std::size_t page : choose(task, queries.row(c), memory)) own[page][c] = true;
  }
  std::vector<Entry> entries;
  for (std::size_t page = 0; page < pages; ++page) {
    if (std::ranges::find(own[page], true) == own[page].end()) continue;
    if (task.unite && !task.mass) own[page].assign(queries.rows(), true);
    entries.push_back({page, page + 1 == pages, own[page]});
  }
  return entries;
}

/// The pages that one column reads.
Indices AttentionEngine::choose(const EngineTask& task, std::span<const std::int8_t> query,
                                const KvMemory& memory) const {
  PageReducer reducer(shape_.logical_pages);
  std::vector<std::uint32_t> codes;
  for (std::size_t p = 0; p < memory.bounds.pages(); ++p) {
    std::int32_t score = 0;
    const std::int32_t logical = page_score(query, memory.bounds.max(p), memory.bounds.min(p));
    if (!reducer.take(logical, p + 1 == memory.bounds.pages(), score)) continue;
    codes.push_back(score_code(score, task.page_shift, shape_.selector.score_bits));
  }
  std::vector<bool> forced(codes.size());
  forced.back() = task.force_last;
  return select(shape_.selector, {.scores = codes, .forced = forced, .target = task.places}).kept;
}

/// [columns x tokens of the list]; 0 for a token that is not there.
Matrix<std::int8_t> AttentionEngine::scores(const EngineTask& task,
                                            const std::vector<Entry>& entries,
                                            const Matrix<std::int8_t>& queries,
                                            const KvMemory& memory) const {
  Matrix<std::int8_t> all(queries.rows(), entries.size() * shape_.page);
  for (std::size_t e = 0; e < entries.size(); ++e) {
    const std::vector<KvWord>& keys = memory.pages[entries[e].page].keys;
    for (std::size_t t = 0; t < keys.size(); ++t) {
      for (std::size_t c = 0; c < queries.rows(); ++c) {
        all(c, e * shape_.page + t) = score_of(task, queries.row(c), keys[t]);
      }
    }
  }
  return all;
}

AttentionEngine::Masks AttentionEngine::masks(const EngineTask& task,
                                              const std::vector<Entry>& entries) const {
  Masks seen(task.visible.size(), std::vector<bool>(entries.size() * shape_.page));
  for (std::size_t c = 0; c < seen.size(); ++c) {
    for (std::size_t i = 0; i < seen[c].size(); ++i) {
      const Entry& entry = entries[i / shape_.page];
      seen[c][i] = entry.own[c] && (!entry.last || i % shape_.page < task.visible[c]);
    }
  }
  return seen;
}

AttentionEngine::Masks AttentionEngine::pruned(const EngineTask& task,
                                               const Matrix<std::int8_t>& scores,
                                               const Masks& masks) const {
  Masks kept(masks.size(), std::vector<bool>(scores.cols()));
  for (std::size_t c = 0; c < masks.size(); ++c) {
    const auto row = probabilities(scores.row(c), masks[c], task.step);
    const std::vector<std::uint32_t> weights(row.begin(), row.end());
    const SelectorTask selection{
        .scores = weights, .by_mass = true, .target = std::max(*task.mass, 1U)};
    for (const std::size_t i : select(shape_.selector, selection).kept) kept[c][i] = masks[c][i];
  }
  if (!task.unite) return kept;
  for (std::size_t i = 0; i < scores.cols(); ++i) {
    const bool any = std::ranges::any_of(kept, [i](const auto& column) { return column[i]; });
    for (auto& column : kept) column[i] = any;
  }
  return kept;
}

void AttentionEngine::weigh(const EngineTask& task, const std::vector<Entry>& entries,
                            const Matrix<std::int8_t>& scores, const Masks& masks,
                            const KvMemory& memory, EngineStep& step) const {
  std::vector<std::size_t> read;  // entries
  for (std::size_t e = 0; e < entries.size(); ++e) {
    const auto wants = [&](const std::vector<bool>& mask) {
      const auto begin = mask.begin() + static_cast<std::ptrdiff_t>(e * shape_.page);
      return std::find(begin, begin + static_cast<std::ptrdiff_t>(shape_.page), true) !=
             begin + static_cast<std::ptrdiff_t>(shape_.page);
    };
    const bool only = e + 1 == entries.size() && read.empty();
    if (!task.mass || only || std::ranges::any_of(masks, wants)) read.push_back(e);
  }
  for (const std::size_t e : read) step.value_pages.push_back(entries[e].page);
  step.bytes.value_scales = read.size() * shape_.page * kScaleBytes;
  step.bytes.value_codes =
      read.size() * shape_.page * shape_.dim * static_cast<std::size_t>(task.kv_bits) / 8;
  step.out = Matrix<std::int32_t>(masks.size(), shape_.dim);
  for (std::size_t c = 0; c < masks.size(); ++c) {
    step.kept.push_back(static_cast<std::size_t>(std::ranges::count(masks[c], true)));
    const auto row = probabilities(scores.row(c), masks[c], task.step);
    ValueScaler scaler(task.kv_bits, task.value_shift);
    std::vector<std::int64_t> sums(shape_.dim);
    for (const std::size_t e : read) {
      const std::vector<KvWord>& values = memory.pages[entries[e].page].values;
      for (std::size_t t = 0; t < values.size(); ++t) {
        const std::int64_t weight =
            scaler.take(row[e * shape_.page + t], values[t].low, values[t].range);
        for (std::size_t d = 0; d < shape_.dim; ++d) {
          sums[d] += weight * (values[t].codes[d] - (1 << (task.kv_bits - 1)));
        }
      }
    }
    std::ranges::transform(sums, step.out.row(c).begin(),
                           [&](std::int64_t sum) { return scaler.output(sum); });
  }
}

}  // namespace hasse::attention::units
