// SPDX-License-Identifier: Apache-2.0
// Masks of streaming heads and the ring they live in.
#include "golden/attention/streaming.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace hasse::attention {
namespace {

StreamRule small(StreamUnit unit = StreamUnit::tokens) {
  return {.sink = 2, .recent = 3, .unit = unit, .block = 2, .prefill_recent = 3};
}

TEST(RingSlot, GivesTheRingOfLServe) {
  const Indices expected = {0, 1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 2, 3, 4, 5};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(ring_slot(i, 2, 5), expected[i]);
}

TEST(RingSlot, DefaultsOfLServe) {
  const StreamRule rule{.sink = 128, .recent = 256, .unit = StreamUnit::blocks, .block = 64};
  EXPECT_EQ(rule.sink_blocks(), 2U);
  EXPECT_EQ(rule.ring_blocks(), 5U);
}

TEST(RingSlot, NoBlockThatIsReadIsOverwritten) {
  const StreamRule rule = small(StreamUnit::blocks);
  std::map<std::size_t, std::size_t> holder;
  for (std::size_t position = 0; position < 60; ++position) {
    const std::size_t block = position / rule.block;
    holder[ring_slot(block, rule.sink_blocks(), rule.ring_blocks())] = block;
    for (const std::size_t t : stream_tokens(rule, position)) {
      const std::size_t slot = ring_slot(t / rule.block, rule.sink_blocks(), rule.ring_blocks());
      EXPECT_EQ(holder.at(slot), t / rule.block) << position;
    }
  }
}

TEST(StreamTokens, AreSinkAndRecent) {
  EXPECT_EQ(stream_tokens(small(), 0), (Indices{0}));
  EXPECT_EQ(stream_tokens(small(), 4), (Indices{0, 1, 2, 3, 4}));
  EXPECT_EQ(stream_tokens(small(), 9), (Indices{0, 1, 7, 8, 9}));
}

TEST(StreamTokens, InBlocksIncludeTheOneBeingFilled) {
  const StreamRule rule = small(StreamUnit::blocks);
  EXPECT_EQ(stream_tokens(rule, 8), (Indices{0, 1, 4, 5, 6, 7, 8}));
  EXPECT_EQ(stream_tokens(rule, 9), (Indices{0, 1, 4, 5, 6, 7, 8, 9}));
}

TEST(StreamTokens, AlwaysAtLeastTheMaskOfTheUnit) {
  for (std::size_t position = 0; position < 40; ++position) {
    const Indices blocks = stream_tokens(small(StreamUnit::blocks), position);
    for (const std::size_t t : stream_tokens(small(), position)) {
      EXPECT_TRUE(std::ranges::binary_search(blocks, t)) << position << ' ' << t;
    }
  }
}

TEST(StreamPrefill, FirstChunkIsDenseForEveryHead) {
  for (std::size_t position = 0; position < 30; ++position) {
    EXPECT_EQ(stream_prefill_tokens(small(), position, 0), first_tokens(position + 1));
  }
}

TEST(StreamPrefill, LaterChunksSeeTheTrimmedCacheAndThemselves) {
  EXPECT_EQ(stream_prefill_tokens(small(), 13, 10), (Indices{0, 1, 7, 8, 9, 10, 11, 12, 13}));
}

TEST(StreamPrefill, WindowDiffersFromChunk) {
  StreamRule rule = small();
  rule.prefill = StreamPrefill::window;
  EXPECT_EQ(stream_prefill_tokens(rule, 13, 10), (Indices{0, 1, 11, 12, 13}));
  rule.prefill_recent = 5;
  EXPECT_EQ(stream_prefill_tokens(rule, 13, 10), (Indices{0, 1, 9, 10, 11, 12, 13}));
}

}  // namespace
}  // namespace hasse::attention
