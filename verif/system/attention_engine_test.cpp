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

/// An engine under test.
struct Point {
  std::string name;
  std::string array;
  int dim = 32, page = 16, logical_pages = 1, interval = 1;
};

void PrintTo(const Point& point, std::ostream* out) {
  *out << point.name;
}

units::AttentionGeometry geometry_of(const Point& point) {
  units::AttentionGeometry g = attention_geometry(point.array);
  g.dim = point.dim;
  g.page = point.page;
  g.logical_pages = point.logical_pages;
  g.interval = point.interval;
  g.max_pages = 40;
  g.max_listed = 20;
  return g;
}

class AttentionEngine : public testing::TestWithParam<Point> {
 protected:
  /// A new sequence.
  void clear() {
    rig_.clear();
    golden_.clear();
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
              const harness::MemoryPace& pace = {}, const Indices& slots = {}) {
    if (HasFatalFailure()) return;
    const EngineStep golden = golden_.run(task, q, memory, slots);
    const harness::KvStore store(rig_.geometry(), memory, task.kv_bits, random_.next());
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

  AttentionRig rig_{geometry_of(GetParam())};
  attention::units::AttentionEngine golden_{harness::shape_of(rig_.geometry())};
  RandomAttention make_{rig_.geometry(), 41};
  harness::Random& random_ = make_.random();
  harness::AttentionRun run_;
};

TEST_P(AttentionEngine, AttendsToAllPages) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  const harness::MemoryPace ahead{.outstanding = 32};
  for (const std::size_t tokens : {std::size_t{1}, page - 1, page, page + 1, 20 * page})
    for (const int bits : {8, 4})
      expect(make_.decode(tokens, bits, 3), make_.queries(3), make_.sequence(tokens, bits), ahead);
}

// Every choice that a task has, at every speed of the memory.
TEST_P(AttentionEngine, TakesWhateverIsAsked) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  for (int i = 0; i < 100 && !HasFatalFailure(); ++i) {
    SCOPED_TRACE(i);
    clear();
    const auto columns = static_cast<std::size_t>(1 + below(random_, 3));
    const auto tokens = static_cast<std::size_t>(1 + below(random_, 40 * static_cast<int>(page)));
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
        pages > 20 || random_.chance(0.5) ? static_cast<std::size_t>(1 + below(random_, 8)) : 0;
    for (std::size_t& visible : task.visible)
      if (random_.chance(0.3))
        visible = static_cast<std::size_t>(below(random_, static_cast<int>(visible) + 1));
    const harness::MemoryPace pace{.bytes_per_cycle = random_.chance(0.5) ? 16.0 : 1e9,
                                   .latency = below(random_, 60),
                                   .outstanding = static_cast<std::size_t>(1 + below(random_, 8)),
                                   .stall = 0.2 * (i % 3)};
    expect(task, make_.queries(columns), make_.sequence(tokens, kv_bits, bits), pace);
  }
}

// LServe's ring: the pages of the first tokens stay, the others follow each other.
TEST_P(AttentionEngine, FollowsAStreamingHead) {
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

// LServe keeps a list for some steps; a step of another kind in between ends that.
TEST_P(AttentionEngine, KeepsAListForItsInterval) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  const std::size_t tokens = 20 * page;
  const KvMemory memory = make_.sequence(tokens, 8);
  clear();
  for (int step = 0; step < 14 && !HasFatalFailure(); ++step) {
    SCOPED_TRACE(step);
    EngineTask task = make_.decode(tokens, 8, 2);
    task.source = step == 9 ? PageSource::window : PageSource::scores;
    task.local = 3;
    task.places = 4;
    expect(task, make_.queries(2), memory);
    const bool due = step % rig_.geometry().interval == 0;
    if (step < 9) {
      EXPECT_EQ(run_.bytes.bounds > 0, due);
    }
  }
}

// A prompt's block: every column sees the tokens up to its own.
TEST_P(AttentionEngine, MasksAPromptsBlock) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  const KvMemory memory = make_.sequence(5 * page, 4);
  for (std::size_t first = 0; first < page && !HasFatalFailure(); first += 3) {
    EngineTask task = make_.decode(5 * page, 4, 3);
    task.visible = {first + 1, std::min(first + 2, page), std::min(first + 3, page)};
    task.sink = 1;
    task.local = 2;
    expect(task, make_.queries(3), memory);
  }
}

TEST_P(AttentionEngine, HoldsAtTheLimits) {
  const auto& g = rig_.geometry();
  const auto page = static_cast<std::size_t>(g.page);
  const std::size_t tokens = 9 * page + 5;
  const KvMemory memory = make_.sequence(tokens, 8);
  Matrix<std::int8_t> q(3, static_cast<std::size_t>(g.dim), std::int8_t{0});
  for (const int value : {0, 127, -128}) {
    for (std::int8_t& x : q.row(0)) x = static_cast<std::int8_t>(value);
    for (const std::size_t places :
         {std::size_t{1}, std::size_t{9}, std::size_t{10}, std::size_t{40}})
      for (const std::uint32_t mass : {0U, 1U, 65535U, 65536U}) {
        EngineTask task = make_.decode(tokens, 8, 3);
        task.source = PageSource::scores;
        task.places = places;
        task.mass = mass;
        task.unite = value == 0;
        clear();
        expect(task, q, memory);
      }
  }
}

TEST_P(AttentionEngine, GivesNothingToWhoSeesNothing) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  EngineTask task = make_.decode(page, 8, 3);
  task.visible = {0, 0, 0};
  for (const bool prune : {false, true}) {
    if (prune) task.mass = 60000;
    expect(task, make_.queries(3), make_.sequence(page, 8));
    for (const std::int32_t value : run_.out.values()) EXPECT_EQ(value, 0);
  }
}

// Of no mass the likeliest tokens stay, and those that are as likely: what 2^-16 of it keeps.
TEST_P(AttentionEngine, KeepsTheLikeliestOfNoMass) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  const KvMemory memory = make_.sequence(9 * page, 8);
  const auto q = make_.queries(3);
  EngineTask task = make_.decode(9 * page, 8, 3);
  task.mass = 0;
  expect(task, q, memory);
  const Matrix<std::int32_t> none = run_.out;
  EXPECT_LT(run_.value_pages.size(), run_.listed.size());
  task.mass = 1;
  expect(task, q, memory);
  EXPECT_EQ(run_.out, none);
}

// No pages, no scores, no places, no such source, or a list that does not fit: refused, and the
// next step is as ever.
TEST_P(AttentionEngine, RefusesWhatItCannotDo) {
  const auto page = static_cast<std::size_t>(rig_.geometry().page);
  const KvMemory memory = make_.sequence(30 * page, 8);
  const harness::KvStore store(rig_.geometry(), memory, 8, 1);
  const auto q = make_.queries(2);
  EngineTask none = make_.decode(page, 8, 2);
  none.tokens = 0;
  EXPECT_TRUE(rig_.run(none, q, 1, store).refused);
  EngineTask nowhere = make_.decode(30 * page, 8, 2);
  nowhere.source = PageSource::scores;
  nowhere.places = 0;
  EXPECT_TRUE(rig_.run(nowhere, q, memory.bounds.pages(), store).refused);
  EngineTask unscored = nowhere;
  unscored.places = 1;
  EXPECT_TRUE(rig_.run(unscored, q, 0, store).refused);
  EngineTask of_nothing = none;
  of_nothing.tokens = page;
  of_nothing.source = static_cast<PageSource>(3);
  EXPECT_TRUE(rig_.run(of_nothing, q, 1, store).refused);
  EXPECT_TRUE(rig_.run(make_.decode(30 * page, 8, 2), q, memory.bounds.pages(), store).refused);
  rig_.clear();
  EngineTask slots = make_.decode(page, 8, 2);
  slots.source = PageSource::stream;
  EXPECT_TRUE(rig_.run(slots, q, memory.bounds.pages(), store).refused);
  EngineTask fits = make_.decode(30 * page, 8, 2);
  fits.local = 4;
  expect(fits, q, memory);
}

std::string banked_array(const std::string& planner) {
  return R"({"engine": "banked", "tile_bits": 8, "lanes": 8, "rows": 64, "columns": 3,
             "columns_per_adder": 1, "activation_bits": 16, "activations": "either",
             "weight_bits": 8, "accumulator_bits": 48, "planner": ")" +
         planner + "\"}";
}

/// The fields that every array has.
std::string dense_array(const std::string& fields) {
  return R"({"columns_per_adder": 1, "activation_bits": 16, "activations": "either",
             "accumulator_bits": 48, )" +
         fields + "}";
}

INSTANTIATE_TEST_SUITE_P(Points, AttentionEngine,
                         testing::Values(Point{.name = "quest", .array = split_array(3)},
                                         Point{.name = "orbit", .array = banked_array("orbit")},
                                         Point{.name = "lserve",
                                               .array = split_array(3),
                                               .page = 64,
                                               .logical_pages = 4,
                                               .interval = 4},
                                         Point{.name = "dynamic",
                                               .array = banked_array("dynamic"),
                                               .page = 32,
                                               .logical_pages = 2},
                                         // A scale a word, an element a beat.
                                         Point{.name = "bit_serial", .array = dense_array(R"(
                                               "engine": "bit_serial", "tile_bits": 4, "tables": 4,
                                               "planes": 1, "operand_rows": 1, "lanes": 2,
                                               "columns": 3, "rows": 16)")},
                                         Point{.name = "bitvert", .array = dense_array(R"(
                                               "engine": "bitvert", "tile_bits": 4, "tables": 2,
                                               "planes": 2, "operand_rows": 2, "lanes": 4,
                                               "columns": 3, "rows": 64)")}),
                         [](const auto& point) { return point.param.name; });

}  // namespace
}  // namespace hasse::system
