// SPDX-License-Identifier: Apache-2.0
// Lists, slots and descriptors.
#include "golden/attention/units/block_walker.hpp"

#include <algorithm>

namespace hasse::attention::units {
namespace {

/// Keys of `pages`, then their values; the block `causal` is masked.
std::vector<Descriptor> walk(const Indices& pages, std::size_t page, std::size_t tokens,
                             const std::size_t* causal) {
  std::vector<Descriptor> walked;
  for (const Operand operand : {Operand::keys, Operand::values}) {
    for (const std::size_t p : pages) {
      const bool masked = causal != nullptr && p == *causal;
      walked.push_back({operand, p, std::min(page, tokens - p * page),
                        masked ? BlockMask::causal : BlockMask::all, false});
    }
  }
  if (!walked.empty()) walked.back().last = true;
  return walked;
}

}  // namespace

bool ReuseCache::misses(std::size_t head, std::size_t position) const {
  return lists_[head].empty() || position % interval_ == 0;
}

std::size_t StreamAddresser::next() {
  if (blocks_ < sink_) return blocks_++;
  const std::size_t slot = sink_ + turn_;
  turn_ = turn_ + 1 == ring_ ? 0 : turn_ + 1;
  blocks_ = std::min(blocks_ + 1, sink_ + ring_);
  return slot;
}

Indices StreamAddresser::slots() const {
  Indices slots = first_tokens(std::min(blocks_, sink_));
  const std::size_t in_ring = blocks_ - slots.size();
  const std::size_t oldest = in_ring == ring_ ? turn_ : 0;
  for (std::size_t i = 0; i < in_ring; ++i) slots.push_back(sink_ + (oldest + i) % ring_);
  return slots;
}

std::vector<Descriptor> walk_decode(const Indices& pages, std::size_t page, std::size_t tokens) {
  return walk(pages, page, tokens, nullptr);
}

std::vector<Descriptor> walk_prefill(std::size_t block, std::size_t page, std::size_t tokens,
                                     std::size_t sink_blocks, std::size_t local_blocks) {
  Indices seen;
  for (std::size_t p = 0; p <= block; ++p) {
    if (local_blocks == 0 || p < sink_blocks || block - p < local_blocks) seen.push_back(p);
  }
  return walk(seen, page, tokens, &block);
}

}  // namespace hasse::attention::units
