// SPDX-License-Identifier: Apache-2.0
// What a decode step over a long context reads and how long it takes, against a dense one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/system/attention_random.hpp"

namespace hasse::system {
namespace {

using attention::units::EngineTask;
using attention::units::PageSource;

constexpr std::size_t kTokens = 32768, kBudget = 2048;

class LongContext : public testing::Test {
 protected:
  static units::AttentionGeometry geometry() {
    units::AttentionGeometry g = attention_geometry(split_array(2));
    g.max_pages = g.max_listed = static_cast<int>(kTokens) / g.page;
    return g;
  }

  AttentionRig rig_{geometry()};
  RandomAttention make_{rig_.geometry(), 43};
};

TEST_F(LongContext, ReadsWhatQuestSaysInASixthOfTheTime) {
  const auto memory = make_.sequence(kTokens, 8);
  const KvStore store(rig_.geometry(), memory, 8, 1);
  const MemoryPace pace{.bytes_per_cycle = 16, .latency = 100, .outstanding = 16};
  for (const std::size_t columns : {1U, 2U}) {
    const auto q = make_.queries(columns);
    const EngineTask dense = make_.decode(kTokens, 8, columns);
    EngineTask quest = dense;
    quest.source = PageSource::scores;
    quest.places = kBudget / static_cast<std::size_t>(rig_.geometry().page);
    const AttentionRun all = rig_.run(dense, q, memory.bounds.pages(), store, pace);
    const AttentionRun chosen = rig_.run(quest, q, memory.bounds.pages(), store, pace);
    fmt::print("{} columns: dense {} cycles {} bytes, quest {} cycles {} bytes, listed {}\n",
               columns, all.cycles, all.bytes.all(), chosen.cycles, chosen.bytes.all(),
               chosen.listed.size());
    fmt::print("{} {} {} {} {}\n", chosen.bytes.bounds, chosen.bytes.key_scales,
               chosen.bytes.key_codes, chosen.bytes.value_scales, chosen.bytes.value_codes);
  }
}

}  // namespace
}  // namespace hasse::system
