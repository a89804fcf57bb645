// SPDX-License-Identifier: Apache-2.0
// block_walker and reuse_cache against golden.
#include "golden/attention/units/block_walker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/attention.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using attention::Indices;
using attention::units::BlockMask;
using attention::units::Descriptor;
using attention::units::Operand;

struct Pages {
  int most, page;
};

class BlockWalker : public testing::TestWithParam<Pages> {
 protected:
  void begin(bool prefill, std::size_t tokens) {
    const auto page = static_cast<std::size_t>(GetParam().page);
    bench_.set("prefill_i", prefill ? 1 : 0);
    bench_.set("last_page_i", (tokens - 1) / page);
    bench_.set("last_tokens_i", (tokens - 1) % page + 1);
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
  }

  /// Expects `walk`; offers `list` twice.
  void expect_walk(const std::vector<Descriptor>& walk, const Indices& list, double stall) {
    std::size_t offered = 0;
    for (std::size_t i = 0; i < walk.size() && !HasFatalFailure();) {
      const bool listed = !list.empty() && !random_.chance(stall), ready = !random_.chance(stall);
      if (!list.empty()) {
        bench_.set("list_page_i", list[offered % list.size()]);
        bench_.set("list_last_i", (offered + 1) % list.size() == 0 ? 1 : 0);
      }
      bench_.set("list_valid_i", listed ? 1 : 0);
      bench_.set("ready_i", ready ? 1 : 0);
      bench_.settle();
      ASSERT_EQ(bench_.is_set("valid_o"), listed || list.empty());
      if (bench_.is_set("valid_o")) expect(walk[i]);
      const bool taken = bench_.is_set("valid_o") && ready;
      ASSERT_EQ(listed && bench_.is_set("list_ready_o"), taken && listed);
      i += taken ? 1 : 0;
      offered += taken ? 1 : 0;
      bench_.edge();
    }
    bench_.set("list_valid_i", 1);
    bench_.settle();
    ASSERT_FALSE(bench_.is_set("valid_o"));
  }

  void expect(const Descriptor& golden) {
    ASSERT_EQ(bench_.is_set("values_o"), golden.operand == Operand::values);
    ASSERT_EQ(bench_.get("page_o"), golden.page);
    ASSERT_EQ(bench_.get("tokens_o"), golden.tokens);
    ASSERT_EQ(bench_.is_set("causal_o"), golden.mask == BlockMask::causal);
    ASSERT_EQ(bench_.is_set("last_o"), golden.last);
  }

  std::size_t random_tokens() {
    return static_cast<std::size_t>(1 + below(random_, GetParam().most * GetParam().page));
  }

  Bench bench_{{units::block_walker(GetParam().most, GetParam().page)}};
  harness::Random random_{157};
};

TEST_P(BlockWalker, WalksListsOfPages) {
  const auto page = static_cast<std::size_t>(GetParam().page);
  for (int i = 0; i < 100 && !HasFatalFailure(); ++i) {
    const std::size_t tokens = random_tokens();
    Indices list;
    for (std::size_t p = 0; p * page < tokens; ++p)
      if (random_.chance(0.5) || (p + 1) * page >= tokens) list.push_back(p);
    begin(false, tokens);
    expect_walk(attention::units::walk_decode(list, page, tokens), list, 0.1 * (i % 4));
  }
}

TEST_P(BlockWalker, WalksTheBlocksThatAPromptsBlockSees) {
  const auto page = static_cast<std::size_t>(GetParam().page);
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
    const std::size_t tokens = random_tokens(), blocks = (tokens + page - 1) / page;
    const auto block = static_cast<std::size_t>(below(random_, static_cast<int>(blocks))),
               sink = static_cast<std::size_t>(below(random_, 4) % GetParam().most),
               local = static_cast<std::size_t>(below(random_, 5) % GetParam().most);
    bench_.set("block_i", block);
    bench_.set("sink_i", sink);
    bench_.set("local_i", local);
    begin(true, tokens);
    expect_walk(attention::units::walk_prefill(block, page, tokens, sink, local), {},
                0.1 * (i % 4));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, BlockWalker,
                         testing::Values(Pages{64, 16}, Pages{7, 4}, Pages{16, 1}, Pages{5, 64}),
                         [](const auto& point) {
                           return fmt::format("{}_of_{}", point.param.most, point.param.page);
                         });

struct Reuse {
  int heads, interval;
};

class ReuseCache : public testing::TestWithParam<Reuse> {};

TEST_P(ReuseCache, MissesAsGolden) {
  const auto [heads, interval] = GetParam();
  Bench bench({units::reuse_cache(heads, interval)});
  harness::Random random(163);
  for (int sequence = 0; sequence < 4; ++sequence) {
    bench.set("clear_i", 1);
    bench.settle();
    bench.edge();
    bench.set("clear_i", 0);
    attention::units::ReuseCache golden(static_cast<std::size_t>(heads),
                                        static_cast<std::size_t>(interval));
    for (std::size_t position = 0; position < 60; ++position) {
      std::uint64_t stored = 0;
      bench.settle();
      for (int head = 0; head < heads; ++head) {
        const auto h = static_cast<std::size_t>(head);
        ASSERT_EQ(bench.field("miss_o", head, 1) != 0, golden.misses(h, position)) << position;
        if (!random.chance(0.3)) continue;
        golden.store(h, {1});
        stored |= std::uint64_t{1} << head;
      }
      bench.set("stored_i", stored);
      bench.set("advance_i", 1);
      bench.settle();
      bench.edge();
      bench.set("advance_i", 0);
      bench.set("stored_i", 0);
      if (!random.chance(0.3)) continue;
      bench.settle();
      bench.edge();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, ReuseCache,
                         testing::Values(Reuse{8, 4}, Reuse{1, 1}, Reuse{3, 5}, Reuse{32, 16}),
                         [](const auto& point) {
                           return fmt::format("{}_every_{}", point.param.heads,
                                              point.param.interval);
                         });

}  // namespace
}  // namespace hasse::unit
