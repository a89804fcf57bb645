// SPDX-License-Identifier: Apache-2.0
// Reuse, ring and descriptors.
#include "golden/attention/units/block_walker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "golden/attention/pages.hpp"
#include "golden/attention/streaming.hpp"

namespace hasse::attention::units {
namespace {

TEST(ReuseCache, ChoosesAtMultiplesAndAtFirst) {
  ReuseCache cache(2, 4);
  EXPECT_TRUE(cache.misses(0, 5)) << "no list yet";
  cache.store(0, {0, 3});
  EXPECT_FALSE(cache.misses(0, 6));
  EXPECT_TRUE(cache.misses(1, 6)) << "heads have lists of their own";
  EXPECT_FALSE(cache.misses(0, 7));
  EXPECT_TRUE(cache.misses(0, 8));
  EXPECT_EQ(cache.list(0), (Indices{0, 3}));
}

TEST(StreamAddresser, CountsAroundTheRing) {
  const std::vector<std::pair<std::size_t, std::size_t>> rings = {{2, 5}, {0, 1}, {1, 2}, {3, 4}};
  for (const auto& [sink, ring] : rings) {
    StreamAddresser addresser(sink, ring);
    for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(addresser.next(), ring_slot(i, sink, ring)) << i;
  }
}

TEST(StreamAddresser, ListsSlotsInTheOrderOfTheirTokens) {
  StreamAddresser addresser(1, 3);
  EXPECT_TRUE(addresser.slots().empty());
  for (std::size_t i = 0; i < 20; ++i) {
    addresser.next();
    Indices expected;
    for (std::size_t block = 0; block <= i; ++block) {
      if (block < 1 || i - block < 3) expected.push_back(ring_slot(block, 1, 3));
    }
    EXPECT_EQ(addresser.slots(), expected) << i;
  }
}

TEST(BlockWalker, DecodeAsksForKeysThenValues) {
  const auto walked = walk_decode({0, 2}, 16, 37);
  const std::vector<Descriptor> expected = {{Operand::keys, 0, 16, BlockMask::all, false},
                                            {Operand::keys, 2, 5, BlockMask::all, false},
                                            {Operand::values, 0, 16, BlockMask::all, false},
                                            {Operand::values, 2, 5, BlockMask::all, true}};
  EXPECT_EQ(walked, expected);
  EXPECT_TRUE(walk_decode({}, 16, 37).empty());
}

TEST(BlockWalker, TokensAroundAPage) {
  for (const std::size_t tokens : {1U, 15U, 16U, 17U}) {
    const std::size_t last = (tokens - 1) / 16;
    const auto walked = walk_decode(first_tokens(last + 1), 16, tokens);
    EXPECT_EQ(walked.size(), 2 * (last + 1));
    EXPECT_EQ(walked.back().tokens, tokens - last * 16);
    EXPECT_EQ(std::ranges::count_if(walked, &Descriptor::last), 1);
  }
}

TEST(BlockWalker, PrefillIsCausalOnItsOwnBlock) {
  const auto walked = walk_prefill(2, 16, 40, 0, 0);
  ASSERT_EQ(walked.size(), 6U);
  EXPECT_EQ(walked[1], (Descriptor{Operand::keys, 1, 16, BlockMask::all, false}));
  EXPECT_EQ(walked[2], (Descriptor{Operand::keys, 2, 8, BlockMask::causal, false}));
}

TEST(BlockWalker, StreamingPrefillSkipsBlocks) {
  const StreamRule rule{.sink = 16,
                        .recent = 16,
                        .unit = StreamUnit::blocks,
                        .block = 16,
                        .prefill = StreamPrefill::window,
                        .prefill_recent = 16};
  for (std::size_t block = 0; block < 10; ++block) {
    Indices walked;
    for (const Descriptor& one : walk_prefill(block, 16, 160, 1, rule.ring_blocks())) {
      if (one.operand == Operand::keys) walked.push_back(one.page);
    }
    const Indices read = stream_prefill_tokens(rule, block * 16 + 15, 0);
    EXPECT_EQ(walked, pages_of_tokens(read, 16)) << block;
  }
}

}  // namespace
}  // namespace hasse::attention::units
