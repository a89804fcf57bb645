// SPDX-License-Identifier: Apache-2.0
// Streaming heads: the first tokens (sink) and the most recent ones. DuoAttention (arXiv
// 2410.10819) counts tokens, LServe (arXiv 2502.14866) whole blocks in a ring.
#pragma once

#include <cstddef>

#include "golden/attention/dense.hpp"

namespace hasse::attention {

/// What sink and recent are measured in.
enum class StreamUnit { tokens, blocks };

/// What a streaming head reads while a prompt is processed. `window`: every token its own sink and
/// recent tokens (DuoAttention's training mask; LServe's block mask when the unit is blocks).
/// `chunk`: what the previous chunks left in the cache, and all of its own chunk up to itself
/// (DuoAttention's deployed code, whose first chunk is therefore dense).
enum class StreamPrefill { window, chunk };

/// Which tokens a streaming head reads. The defaults are those of DuoAttention's deployment.
struct StreamRule {
  std::size_t sink = 64;     ///< First tokens that are always read.
  std::size_t recent = 256;  ///< Most recent tokens, the current one included.
  StreamUnit unit = StreamUnit::tokens;
  std::size_t block = 64;  ///< Tokens of a block.
  StreamPrefill prefill = StreamPrefill::chunk;
  std::size_t prefill_recent = 256;  ///< As `recent`, while a prompt is processed.

  /// Blocks of the sink: its tokens in whole blocks, rounded up.
  std::size_t sink_blocks() const { return (sink + block - 1) / block; }
  /// Blocks of the ring: `recent` in whole blocks, rounded up, and the one being filled.
  std::size_t ring_blocks() const { return (recent + block - 1) / block + 1; }
};

/// Physical block of logical block `i` when `sink_blocks` blocks stay and `ring_blocks` are used in
/// turn. LServe's two-way paged cache.
std::size_t ring_slot(std::size_t i, std::size_t sink_blocks, std::size_t ring_blocks);

/// The tokens that the token at `position` reads when it is decoded, itself included.
Indices stream_tokens(const StreamRule& rule, std::size_t position);

/// The tokens that the token at `position` reads as part of a prompt whose current chunk starts at
/// `chunk_begin` <= position.
Indices stream_prefill_tokens(const StreamRule& rule, std::size_t position,
                              std::size_t chunk_begin);

}  // namespace hasse::attention
