// SPDX-License-Identifier: Apache-2.0
// Models of reuse_cache, stream_addresser and block_walker: which list of pages is walked, where a
// page lies, and the stream of descriptors that memory is asked with.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "golden/attention/dense.hpp"

namespace hasse::attention::units {

/// The page lists of all query heads, chosen at positions that the interval divides and kept in
/// between. LServe's reusable page selector.
class ReuseCache {
 public:
  ReuseCache(std::size_t heads, std::size_t interval) : interval_(interval), lists_(heads) {}

  /// Whether `head` has to be chosen for at `position`: at multiples of the interval, and when it
  /// has no list yet.
  bool misses(std::size_t head, std::size_t position) const;
  void store(std::size_t head, Indices pages) { lists_[head] = std::move(pages); }
  const Indices& list(std::size_t head) const { return lists_[head]; }

 private:
  std::size_t interval_;
  std::vector<Indices> lists_;
};

/// Physical blocks of a streaming head, one counter each for sink and ring: no division.
class StreamAddresser {
 public:
  StreamAddresser(std::size_t sink_blocks, std::size_t ring_blocks)
      : sink_(sink_blocks), ring_(ring_blocks) {}

  /// The slot of the next logical block; the block that lay there is gone.
  std::size_t next();

  /// The slots of all blocks that are there, in the order of their tokens.
  Indices slots() const;

 private:
  std::size_t sink_;
  std::size_t ring_;
  std::size_t blocks_ = 0;  ///< Logical blocks so far, counted up to sink + ring.
  std::size_t turn_ = 0;    ///< Place in the ring that is written next.
};

/// What a descriptor asks memory for.
enum class Operand { keys, values };

/// How much of a block of scores is seen.
enum class BlockMask { all, causal };

/// One read of memory: `tokens` tokens of page `page`, and how their scores are masked.
struct Descriptor {
  Operand operand;
  std::size_t page;
  std::size_t tokens;
  BlockMask mask;
  bool last;  ///< Ends the walk.

  bool operator==(const Descriptor&) const = default;
};

/// A decode step over `pages` [ascending] of `page` tokens, `tokens` in the cache: keys of all
/// pages, then values of all pages, so that probabilities are known when values arrive. The last
/// page may be partly filled. Nothing of no pages.
std::vector<Descriptor> walk_decode(const Indices& pages, std::size_t page, std::size_t tokens);

/// The prompt's query block `block` of `page` tokens over the key blocks it sees, keys then values:
/// all up to itself, or of a streaming head the first `sink_blocks` and the last `local_blocks`,
/// itself included; its own block is causal. `local_blocks` 0 stands for all. LServe's
/// block-sparse prefill.
std::vector<Descriptor> walk_prefill(std::size_t block, std::size_t page, std::size_t tokens,
                                     std::size_t sink_blocks, std::size_t local_blocks);

}  // namespace hasse::attention::units
