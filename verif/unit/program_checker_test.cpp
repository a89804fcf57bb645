// SPDX-License-Identifier: Apache-2.0
// Programs word by word: what is handed on, what is found wrong, and when no more is taken.
#include <gtest/gtest.h>

#include "generator/units/program.hpp"
#include "generator/units/units.hpp"
#include "golden/transitive/program.hpp"
#include "verif/harness/workload.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using transitive::Program;
using transitive::ProgramLayout;
using transitive::Shape;
using transitive::WordKind;

class ProgramChecker : public testing::TestWithParam<const char*> {
 protected:
  Program compile(const Shape& shape) {
    tensor::Matrix<std::int8_t> weights(static_cast<std::size_t>(shape.n),
                                        static_cast<std::size_t>(shape.k));
    for (std::int8_t& weight : std::span(weights.data(), weights.size()))
      weight = static_cast<std::int8_t>(random_number(random_, shape.weight_bits));
    return transitive::compile(g_.engine, shape,
                               transitive::WeightStream(g_.engine, shape, weights));
  }

  void begin(const Shape& shape) {
    bench_.set("n_i", static_cast<std::uint64_t>(shape.n));
    bench_.set("k_i", static_cast<std::uint64_t>(shape.k));
    bench_.set("m_i", static_cast<std::uint64_t>(shape.m));
    bench_.set("weight_bits_i", static_cast<std::uint64_t>(shape.weight_bits));
    bench_.set("tile_rows_i",
               static_cast<std::uint64_t>(g_.engine.rows_per_tile(shape.weight_bits)));
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
  }

  std::uint32_t field(std::span<const std::uint32_t> word, int at, int bits) const {
    return transitive::get_field(word, at, bits);
  }

  // Offers the word until it is taken, and looks at what is handed on.
  void send(std::span<const std::uint32_t> word, bool header) {
    for (bool taken = false; !taken;) {
      const bool steps = random_.chance(0.8), reads = random_.chance(0.8);
      taken = steps && reads && random_.chance(0.8);
      bench_.set("weight_valid_i", taken || !(steps && reads));
      bench_.set("steps_ready_i", steps);
      bench_.set("reads_ready_i", reads);
      for (std::size_t part = 0; part < word.size(); ++part) {
        const int bits = std::min(32, layout_.word_bits - static_cast<int>(part) * 32);
        bench_.model().set_bits("weight_data_i", part * 32, static_cast<unsigned>(bits),
                                word[part]);
      }
      bench_.settle();
      EXPECT_EQ(bench_.is_set("weight_ready_o"), steps && reads);
      expect_handed_on(word, taken, header);
      bench_.edge();
    }
    bench_.set("weight_valid_i", 0);
    bench_.settle();
  }

  void expect_handed_on(std::span<const std::uint32_t> word, bool taken, bool header) {
    const auto kind = static_cast<WordKind>(field(word, layout_.kind_at(), 2));
    const bool last = kind == WordKind::last_step, step = last || kind == WordKind::step;
    const bool reads = field(word, layout_.reads_at(), 1) != 0;
    EXPECT_EQ(bench_.is_set("step_valid_o"), taken && step);
    EXPECT_EQ(bench_.is_set("read_valid_o"), taken && reads);
    EXPECT_EQ(bench_.is_set("checked_o"), taken && !header && kind == WordKind::check);
    if (!taken) return;
    const int step_bits = units::program_step_bits(g_) - 1;
    for (int bit = 0; step && bit < step_bits; ++bit)
      ASSERT_EQ(bench_.field("step_o", bit, 1), field(word, bit, 1));
    if (step) {
      EXPECT_EQ(bench_.field("step_o", step_bits, 1), last ? 1U : 0U);
    }
    for (int bit = 0; reads && bit < layout_.lanes * layout_.entry_bits; ++bit)
      ASSERT_EQ(bench_.field("read_o", units::kReadEntries + bit, 1),
                field(word, layout_.entry_at(0) + bit, 1));
    if (reads) {
      EXPECT_EQ(bench_.field("read_o", units::kReadLast, 1),
                field(word, layout_.last_read_at(), 1));
      EXPECT_EQ(bench_.field("read_o", units::kReadFirstK, 1), tile_k_ == 0 ? 1U : 0U);
      EXPECT_EQ(bench_.field("read_o", units::kReadLastK, 1), tile_k_ + 1 == tiles_k_ ? 1U : 0U);
    }
    if (!header && kind == WordKind::check) tile_k_ = (tile_k_ + 1) % tiles_k_;
  }

  // A whole pass; `wrong` is the word after which a fault is expected, or none.
  void send_pass(const Shape& shape, const Program& program, std::size_t wrong = ~std::size_t{0}) {
    tile_k_ = 0;
    tiles_k_ = (shape.k + g_.engine.tile_bits - 1) / g_.engine.tile_bits;
    for (std::size_t i = 0; i < program.count() && i < wrong; ++i) {
      send(program.word(i), i < transitive::kHeaderWords);
      ASSERT_FALSE(bench_.is_set("fault_o")) << "word " << i;
    }
  }

  units::Geometry g_ = geometry(GetParam());
  ProgramLayout layout_ = g_.program;
  Bench bench_{{units::tile_walker(g_, units::Walk::programs),
                units::program_checker(g_, units::tile_walker(g_, units::Walk::programs))}};
  harness::Random random_{97};
  int tile_k_ = 0, tiles_k_ = 1;
};

TEST_P(ProgramChecker, HandsOnWhatIsRight) {
  for (const Shape& shape : {Shape{5, 7, 1, 2}, Shape{30, 11, 3 * g_.design.columns, 3}}) {
    begin(shape);
    const Program program = compile(shape);
    for (int m = 0; m < shape.m; m += g_.design.columns) send_pass(shape, program);
    bench_.set("steps_ready_i", 1);
    bench_.set("reads_ready_i", 1);
    bench_.settle();
    EXPECT_FALSE(bench_.is_set("weight_ready_o")) << "all sub-tiles have been taken";
  }
}

// The first word that can tell is the last that is taken, and completes nothing.
TEST_P(ProgramChecker, StopsAtWhatIsWrong) {
  const Shape shape{7, 9, 1, 3};
  for (int i = 0; i < 60 && !HasFailure(); ++i) {
    const Program right = compile(shape);
    Program wrong = right;
    const std::size_t word =
        static_cast<std::size_t>(below(random_, static_cast<int>(right.count())));
    const int bit = below(random_, layout_.word_bits);
    wrong.words[word * static_cast<std::size_t>(layout_.packed()) +
                static_cast<std::size_t>(bit / 32)] ^= 1U << (bit % 32);
    bench_.model().reset(1);
    begin(shape);
    bench_.set("steps_ready_i", 1);
    bench_.set("reads_ready_i", 1);
    send_pass(shape, right, word);
    bool fault = false;
    for (std::size_t at = word; at < wrong.count() && !fault; ++at) {
      for (std::size_t part = 0; part < wrong.word(at).size(); ++part)
        bench_.model().set_bits(
            "weight_data_i", part * 32,
            static_cast<unsigned>(std::min(32, layout_.word_bits - static_cast<int>(part) * 32)),
            wrong.word(at)[part]);
      bench_.set("weight_valid_i", 1);
      bench_.set("steps_ready_i", 1);
      bench_.set("reads_ready_i", 1);
      bench_.settle();
      ASSERT_TRUE(bench_.is_set("weight_ready_o"));
      ASSERT_FALSE(bench_.is_set("checked_o")) << "word " << word << ", bit " << bit;
      bench_.edge();
      bench_.settle();
      fault = bench_.is_set("fault_o");
    }
    EXPECT_TRUE(fault) << "word " << word << ", bit " << bit;
    EXPECT_FALSE(bench_.is_set("weight_ready_o"));
  }
}

TEST_P(ProgramChecker, StopsAtAReadAfterTheLast) {
  const Shape shape{7, 9, 1, 3};
  begin(shape);
  send_pass(shape, compile(shape), transitive::kHeaderWords);
  std::vector<std::uint32_t> word(static_cast<std::size_t>(layout_.packed()));
  const auto put = [&](int at, int bits, std::uint32_t value) {
    transitive::put_field(word, at, bits, value);
  };
  put(layout_.kind_at(), 2, static_cast<std::uint32_t>(WordKind::last_step));
  put(layout_.reads_at(), 1, 1);
  put(layout_.last_read_at(), 1, 1);
  send(word, false);
  EXPECT_FALSE(bench_.is_set("fault_o"));
  put(layout_.kind_at(), 2, static_cast<std::uint32_t>(WordKind::none));
  send(word, false);
  EXPECT_TRUE(bench_.is_set("fault_o"));
}

// A sub-tile has so many steps at most, and so many words.
TEST_P(ProgramChecker, StopsAtASubTileWithoutEnd) {
  const Shape shape{7, 9, 1, 3};
  const Program program = compile(shape);
  std::vector<std::uint32_t> word(static_cast<std::size_t>(layout_.packed()));
  const auto taken = [&](WordKind kind) {
    transitive::put_field(word, layout_.kind_at(), 2, static_cast<std::uint32_t>(kind));
    send(word, false);
    return !bench_.is_set("fault_o");
  };
  for (const WordKind kind : {WordKind::step, WordKind::none}) {
    bench_.model().reset(1);
    begin(shape);
    send_pass(shape, program, transitive::kHeaderWords);
    const int most = kind == WordKind::step ? layout_.most_steps : layout_.most_words - 1;
    for (int i = 0; i < most; ++i)
      ASSERT_TRUE(taken(kind == WordKind::none && i == 0 ? WordKind::last_step : kind)) << i;
    EXPECT_FALSE(taken(kind));
  }
}

INSTANTIATE_TEST_SUITE_P(
    At, ProgramChecker,
    testing::Values(R"({"planner": "compiled", "columns": 4, "columns_per_adder": 2})",
                    R"({"planner": "compiled", "tile_bits": 3, "lanes": 2, "columns": 1,
                        "columns_per_adder": 1, "rows": 16, "max_n": 99, "max_k": 99})"));

}  // namespace
}  // namespace hasse::unit
