// SPDX-License-Identifier: Apache-2.0
// Masks and ring of streaming heads.
#include "golden/attention/streaming.hpp"

#include <algorithm>

namespace hasse::attention {
namespace {

/// Tokens below `sink`, then those from `begin` to `position`, none twice.
Indices two_runs(std::size_t sink, std::size_t begin, std::size_t position) {
  Indices tokens = first_tokens(std::min(sink, position + 1));
  for (std::size_t t = std::max(begin, tokens.size()); t <= position; ++t) tokens.push_back(t);
  return tokens;
}

std::size_t minus(std::size_t a, std::size_t b) {
  return a > b ? a - b : 0;
}

Indices window(const StreamRule& rule, std::size_t recent, std::size_t position) {
  if (rule.unit == StreamUnit::tokens) {
    return two_runs(rule.sink, minus(position + 1, recent), position);
  }
  const std::size_t local = (recent + rule.block - 1) / rule.block + 1;
  const std::size_t first = minus(position / rule.block + 1, local);
  return two_runs(rule.sink_blocks() * rule.block, first * rule.block, position);
}

}  // namespace

std::size_t ring_slot(std::size_t i, std::size_t sink_blocks, std::size_t ring_blocks) {
  return i < sink_blocks ? i : sink_blocks + (i - sink_blocks) % ring_blocks;
}

Indices stream_tokens(const StreamRule& rule, std::size_t position) {
  return window(rule, rule.recent, position);
}

Indices stream_prefill_tokens(const StreamRule& rule, std::size_t position,
                              std::size_t chunk_begin) {
  if (rule.prefill == StreamPrefill::window) return window(rule, rule.prefill_recent, position);
  return two_runs(rule.sink, minus(chunk_begin, rule.prefill_recent), position);
}

}  // namespace hasse::attention
