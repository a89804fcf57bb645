// SPDX-License-Identifier: Apache-2.0
// attention_engine against golden, step after step.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>

#include "golden/attention/units/softmax_unit.hpp"
#include "verif/system/attention_random.hpp"

namespace hasse::system {
namespace {

using attention::Indices;
using attention::units::EngineStep;
using attention::units::EngineTask;
using attention::units::KvMemory;
using attention::units::PageSource;
using tensor::Matrix;
using unit::below;

class AttentionEngine : public testing::Test {
 protected:
  static units::AttentionGeometry geometry() {
    units::AttentionGeometry g = attention_geometry(split_array(3));
    g.dim = 32;
    g.max_pages = 40;
    g.max_listed = 12;
    g.interval = 1;
    return g;
  }

  static std::string describe(const EngineTask& task) {
    return fmt::format(
        "source {}, {} tokens, sink {}, local {}, places {}, mass {}, unite {}, {} bits, shifts {} "
        "{} {}, step {}, visible {}",
        static_cast<int>(task.source), task.tokens, task.sink, task.local, task.places,
        task.mass.value_or(0), task.unite, task.kv_bits, task.page_shift, task.key_shift,
        task.value_shift, task.step, fmt::join(task.visible, " "));
  }

  void expect(const EngineTask& task, const Matrix<std::int8_t>& q, const KvMemory& memory,
              const MemoryPace& pace = {}, const Indices& slots = {}) {
    if (HasFatalFailure()) return;
    const EngineStep golden = golden_.run(task, q, memory, slots);
    const KvStore store(rig_.geometry(), memory, task.kv_bits, random_.next());
    SCOPED_TRACE(describe(task));
    run_ = rig_.run(task, q, memory.bounds.pages(), store, pace, random_.next());
    ASSERT_FALSE(run_.refused);
    ASSERT_EQ(run_.listed, golden.listed);
    ASSERT_EQ(run_.value_pages, golden.value_pages);
    ASSERT_EQ(run_.bytes, golden.bytes);
    for (std::size_t c = 0; c < q.rows(); ++c)
      for (std::size_t d = 0; d < q.cols(); ++d)
        ASSERT_EQ(run_.out(c, d), golden.out(c, d))
            << "column " << c << ", channel " << d << ", " << describe(task);
  }

  AttentionRig rig_{geometry()};
  attention::units::AttentionEngine golden_{shape_of(rig_.geometry())};
  RandomAttention make_{rig_.geometry(), 41};
  harness::Random& random_ = make_.random();
  AttentionRun run_;
};

TEST_F(AttentionEngine, AttendsToAllPages) {
  for (const std::size_t tokens : {1U, 15U, 16U, 17U, 40U, 192U})
    for (const int bits : {8, 4})
      expect(make_.decode(tokens, bits, 3), make_.queries(3), make_.sequence(tokens, bits));
}

// Every choice that a task has, at every speed of the memory.
TEST_F(AttentionEngine, TakesWhateverIsAsked) {
  const std::size_t page = shape_of(rig_.geometry()).page;
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
    SCOPED_TRACE(i);
    const auto columns = static_cast<std::size_t>(1 + below(random_, 3));
    const auto tokens = static_cast<std::size_t>(1 + below(random_, 640));
    const int kv_bits = random_.chance(0.5) ? 8 : 4, bits = random_.chance(0.5) ? 16 : 9;
    EngineTask task = make_.decode(tokens, kv_bits, columns, bits);
    const std::size_t pages = (tokens + page - 1) / page;
    task.source = random_.chance(0.6) ? PageSource::scores : PageSource::window;
    task.places = static_cast<std::size_t>(1 + below(random_, 4));
    task.force_last = random_.chance(0.5);
    task.page_shift = below(random_, 8);
    task.unite = random_.chance(0.4);
    if (random_.chance(0.5)) task.mass = static_cast<std::uint32_t>(below(random_, 65537));
    task.sink = static_cast<std::size_t>(below(random_, 3));
    task.local =
        pages > 12 || random_.chance(0.5) ? static_cast<std::size_t>(1 + below(random_, 8)) : 0;
    for (std::size_t& visible : task.visible)
      if (random_.chance(0.3))
        visible = static_cast<std::size_t>(below(random_, static_cast<int>(visible) + 1));
    const MemoryPace pace{.bytes_per_cycle = random_.chance(0.5) ? 16.0 : 1e9,
                          .latency = below(random_, 60),
                          .outstanding = static_cast<std::size_t>(1 + below(random_, 8)),
                          .stall = 0.2 * (i % 3)};
    expect(task, make_.queries(columns), make_.sequence(tokens, kv_bits, bits), pace);
  }
}

// LServe's ring: the pages of the first tokens stay, the others follow each other.
TEST_F(AttentionEngine, FollowsAStreamingHead) {
  const auto& g = rig_.geometry();
  const auto page = static_cast<std::size_t>(g.page);
  attention::units::StreamAddresser addresser(static_cast<std::size_t>(g.sink),
                                              static_cast<std::size_t>(g.ring));
  rig_.clear();
  KvMemory memory = make_.sequence(static_cast<std::size_t>(g.sink + g.ring) * page, 8);
  for (int block = 0; block < 12 && !HasFatalFailure(); ++block) {
    SCOPED_TRACE(block);
    addresser.next();
    rig_.advance_stream();
    const auto there = static_cast<std::size_t>(1 + below(random_, static_cast<int>(page)));
    EngineTask task = make_.decode(there, 8, 2);
    task.source = PageSource::stream;
    expect(task, make_.queries(2), memory, {}, addresser.slots());
  }
}

}  // namespace
}  // namespace hasse::system
