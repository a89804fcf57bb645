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

/// Cycles of a step by the formula of docs/attention.md: the array and the memory are never both
/// waited for, a memory's latency is once per product and once per walk over scales.
double formula(const units::AttentionGeometry& g, const EngineTask& task,
               const harness::AttentionRun& run, std::size_t columns,
               const harness::MemoryPace& pace) {
  const auto page = static_cast<std::size_t>(g.page);
  const auto bytes = [&](std::size_t count) {
    return static_cast<double>(count) / pace.bytes_per_cycle + pace.latency;
  };
  const double listed = static_cast<double>(run.listed.size() * page);
  const double valued = static_cast<double>(run.value_pages.size() * page);
  double cycles = bytes(run.bytes.key_scales + run.bytes.key_codes) +
                  std::max(valued, bytes(run.bytes.value_scales)) + bytes(run.bytes.value_codes);
  if (task.source == PageSource::scores) {
    const std::size_t pages = (task.tokens + page - 1) / page;
    cycles +=
        bytes(run.bytes.bounds) + static_cast<double>(pages) / 16 +
        static_cast<double>(columns * (pages + attention::units::most_select_cycles({}, pages)));
  }
  if (task.mass)
    cycles += listed + static_cast<double>(columns) *
                           (listed + static_cast<double>(attention::units::most_select_cycles(
                                         {}, static_cast<std::size_t>(listed))));
  return cycles;
}

// The budget is the KV head's: its query heads choose disjoint pages here, as random ones do.
// Quest's share of the traffic is 1/S + K S / L: bounds of every page, and the chosen pages' codes.
TEST_F(LongContext, ReadsWhatQuestSaysInASixthOfTheTime) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  const auto memory = make_.sequence(kTokens, 8);
  const harness::KvStore store(rig_.geometry(), memory, 8, 1);
  const harness::MemoryPace pace{.bytes_per_cycle = 16, .latency = 100, .outstanding = 16};
  for (const std::size_t columns : {1U, 2U}) {
    const auto q = make_.queries(columns);
    EngineTask dense = make_.decode(kTokens, 8, columns);
    dense.step = attention::units::softmax_step(0.25);
    EngineTask quest = dense;
    quest.source = PageSource::scores;
    quest.places = kBudget / page / columns;  // what the KV head reads in all
    quest.unite = true;
    EngineTask twilight = quest;
    twilight.mass = 55706;  // 0.85
    const auto run = [&](const EngineTask& task) {
      const harness::AttentionRun result = rig_.run(task, q, memory.bounds.pages(), store, pace);
      const double expected = formula(rig_.geometry(), task, result, columns, pace);
      EXPECT_GE(static_cast<double>(result.cycles), 0.98 * expected);
      EXPECT_LE(static_cast<double>(result.cycles), 1.02 * expected + 200);
      fmt::print("{} columns: {} cycles, {:.0f} by the formula, {} bytes, {} and {} pages\n",
                 columns, result.cycles, expected, result.bytes.all(), result.listed.size(),
                 result.value_pages.size());
      return result;
    };
    const harness::AttentionRun all = run(dense), chosen = run(quest), pruned = run(twilight);
    const std::size_t codes = all.bytes.key_codes + all.bytes.value_codes;
    EXPECT_EQ(chosen.bytes.bounds, codes / page);
    EXPECT_EQ(chosen.bytes.key_codes + chosen.bytes.value_codes,
              codes * chosen.listed.size() * page / kTokens);
    if (columns == 1) {
      EXPECT_EQ(chosen.listed.size(), kBudget / page);
    }
    EXPECT_LT(pruned.bytes.value_codes, chosen.bytes.value_codes);
    EXPECT_LE(6 * chosen.cycles, all.cycles);
    attention::units::AttentionEngine golden(harness::shape_of(rig_.geometry()));
    EXPECT_EQ(pruned.bytes, golden.run(twilight, q, memory).bytes);
    EXPECT_EQ(chosen.bytes, golden.run(quest, q, memory).bytes);
  }
}

}  // namespace
}  // namespace hasse::system
