// SPDX-License-Identifier: Apache-2.0
// The units around an attention engine's key and value pages: numbers in, module out. Each equals
// its model in golden/attention/units bit for bit.
#pragma once

#include <cstddef>

#include "generator/hdl/module.hpp"

namespace hasse::units {

/// How keys and page bounds pass: `channels` 8-bit channels of `dim` a beat, lowest first; beyond
/// the last channel 0.
struct KeyBeats {
  int dim = 64;
  int channels = 16;

  int beats() const { return (dim + channels - 1) / channels; }
};

/// Codes of 4 or 8 bits of cached vectors of 16-bit elements, `channels` of `dim`, which they
/// divide, a beat. QServe's asymmetric codes per token and head; attention::units::quantize_kv.
hdl::Module kv_quantizer(const KeyBeats& keys);

/// Channel-wise extremes of pages of `page` tokens, from keys as they come: with every beat of a
/// key those of its page so far, for the memory of bounds. A page's first key replaces what was
/// there. Quest section 3, Algorithm 1; attention::units::PageStatsUnit.
hdl::Module page_stats(const KeyBeats& keys, int page);

/// What a query scores in a page at the most: of every channel the query times the maximum where it
/// is positive, else the minimum. attention::units::page_score and page_score_cycles.
hdl::Module page_scorer(const KeyBeats& keys);

/// The largest of the signed scores, of `bits` bits, of `ratio` logical pages in turn, or of fewer
/// when the list ends. LServe's hierarchical pages; attention::units::PageReducer.
hdl::Module page_reducer(int bits, int ratio);

/// The unsigned code of a signed score of `bits` bits for a selector of fewer, `code_bits`, by a
/// shift of up to 31 places. attention::units::score_code.
hdl::Module score_coder(int bits, int code_bits);

/// Where the blocks of a streaming head lie: the first `sink` of them stay, the others follow each
/// other round a ring of `ring`. attention::units::StreamAddresser.
hdl::Module stream_addresser(int sink, int ring);

/// Which of `heads` query heads need a new page list, chosen at every `interval`-th position and
/// kept in between; lists lie elsewhere. LServe's reusable selector; attention::units::ReuseCache.
hdl::Module reuse_cache(int heads, int interval);

/// Descriptors of reads, over a list of up to `max_pages` pages of `page` tokens or over the key
/// blocks that a prompt's block sees. attention::units::walk_decode and walk_prefill.
hdl::Module block_walker(int max_pages, int page);

/// The table of a softmax_unit: 2^(i / 1024).
hdl::Module softmax_mantissas();
/// Softmax of one row in two passes over its scores, online, base 2, fixed point: a score a cycle,
/// one division, then a probability a cycle. attention::units::SoftmaxUnit has the formats.
hdl::Module softmax_unit(const hdl::Module& mantissas);

}  // namespace hasse::units
