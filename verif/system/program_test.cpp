// SPDX-License-Identifier: Apache-2.0
// Programs that are wrong: refused before they are carried out, and the next product is right.
#include "golden/transitive/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "verif/harness/control.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/workload.hpp"
#include "verif/system/rig.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::system {
namespace {

using harness::GemmOptions;
using harness::Operands;
using transitive::Program;
using transitive::ProgramLayout;
using transitive::Shape;
using transitive::WordKind;

constexpr Point kUnit = {"OneUnit", R"({"engine": "banked", "planner": "compiled", "tile_bits": 4,
    "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 4,
    "accumulator_bits": 24, "max_n": 1024, "max_k": 4096, "max_m": 1024})"};
constexpr Point kArray = {"AxiTwoUnits",
                          R"({"engine": "banked", "planner": "compiled", "bus": "axi",
    "units": 2, "share": "weights", "tile_bits": 4, "lanes": 2, "columns": 2,
    "columns_per_adder": 2, "rows": 32, "weight_bits": 4, "accumulator_bits": 24, "max_n": 1024,
    "max_k": 4096, "max_m": 1024})"};

/// Units with weight rows, and so programs, of their own.
constexpr Point kOwnPrograms = {"TwoUnitsWithTheirOwn",
                                R"({"engine": "banked", "planner": "compiled", "units": 2,
    "tile_bits": 4, "lanes": 2, "columns": 4, "columns_per_adder": 2, "rows": 32, "weight_bits": 4,
    "accumulator_bits": 24, "max_n": 1024, "max_k": 4096, "max_m": 1024})"};

/// A result that is offered stays until it is taken, also when the product is given up.
class HeldResults {
 public:
  HeldResults(harness::Model& model, const harness::StreamPorts& ports) : model_(model) {
    model.observe([this, ports] {
      const bool valid = model_.get(ports.valid) != 0;
      EXPECT_TRUE(valid || !held_);
      held_ = valid && model_.get(ports.ready) == 0;
    });
  }
  ~HeldResults() { model_.observe({}); }
  HeldResults(const HeldResults&) = delete;
  HeldResults& operator=(const HeldResults&) = delete;

 private:
  harness::Model& model_;
  bool held_ = false;
};

class Programs : public testing::TestWithParam<Point> {
 protected:
  Operands random(const Shape& shape) {
    return harness::random_operands(rig_.engine(), shape, random_.next());
  }
  Program compile(const transitive::ArrayConfig& array, const Operands& operands) const {
    return transitive::compile(array, operands.shape(), operands.weights);
  }
  Program compile(const Operands& operands) const { return compile(array_, operands); }

  /// Whether the engine refuses `operands` with `program`; `stall` of all streams.
  bool refuses(Operands operands, Program program, double stall = 0) {
    operands.program = std::move(program);
    GemmOptions options;
    options.stall = stall;
    options.seed = random_.next() >> 40;
    const HeldResults held(rig_.model(), harness::stream_ports(rig_.engine(), "result"));
    return rig_.driver().run(operands, options).refused;
  }

  static void flip(Program& program, std::size_t word, int bit) {
    program.word(word)[static_cast<std::size_t>(bit / 32)] ^= 1U << (bit % 32);
  }
  /// Of the first unit's.
  WordKind kind(const Program& program, std::size_t word) const {
    return static_cast<WordKind>(transitive::get_field(program.word(word), layout_.kind_at(), 2));
  }
  /// Word `index` taken out.
  static Program without(Program program, std::size_t index) {
    const std::ptrdiff_t packed = program.packed;
    const auto at = program.words.begin() + static_cast<std::ptrdiff_t>(index) * packed;
    program.words.erase(at, at + packed);
    return program;
  }

  /// The host sees what was carried out; behind AXI ports it has to ask.
  void expect_nothing_done() {
    if (rig_.engine().is_axi()) return;
    EXPECT_EQ(rig_.model().get("transrows_o"), 0U);
    EXPECT_EQ(rig_.model().get("nodes_built_o"), 0U);
  }

  Rig rig_{GetParam()};
  harness::Random random_{79};
  transitive::ArrayConfig array_ = rig_.engine().array();
  ProgramLayout layout_{array_.unit};
  const Shape shape_{11, 13, 6, 3};  ///< Eight sub-tiles a pass, two passes.
};

TEST_P(Programs, WithAnyBitFlippedAreRefused) {
  const Operands operands = random(shape_);
  const Program right = compile(operands);
  EXPECT_FALSE(refuses(operands, right));
  const std::size_t last = right.count() - 1;
  for (const std::size_t word :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4},
        std::size_t{5}, std::size_t{6}, right.count() / 2, last})
    for (int bit = 0; bit < transitive::program_word_bits(array_); ++bit) {
      // What the design has no field for in a header is guarded by the signature alone.
      Program wrong = right;
      flip(wrong, word, bit);
      EXPECT_TRUE(refuses(operands, std::move(wrong), bit % 7 == 0 ? 0.4 : 0))
          << "word " << word << ", bit " << bit;
      if (word > 6) continue;
      SCOPED_TRACE(testing::Message() << "word " << word << ", bit " << bit);
      expect_nothing_done();
    }
  rig_.multiply(operands);
}

TEST_P(Programs, OfOtherProductsAndDesignsAreRefused) {
  const Operands operands = random(shape_);
  for (const Shape& other : {Shape{13, 13, 6, 3}, Shape{11, 12, 6, 3}, Shape{11, 13, 6, 4}}) {
    EXPECT_TRUE(refuses(operands, compile(random(other))));
    rig_.multiply(operands);
  }
  Operands other_tiles = operands;
  other_tiles.tile_rows = 4;
  EXPECT_TRUE(refuses(operands, compile(other_tiles)));
  transitive::ArrayConfig design = array_;
  design.unit.columns_per_adder = 1;
  EXPECT_TRUE(refuses(operands, compile(design, operands)));
  rig_.multiply(operands);
}

TEST_P(Programs, WithWordsMissingRepeatedOrExchangedAreRefused) {
  const Operands operands = random({40, 13, 1, 4});
  const Program right = compile(operands);
  for (std::size_t word = 0; word + 1 < right.count(); ++word)
    EXPECT_TRUE(refuses(operands, without(right, word), word % 5 == 0 ? 0.5 : 0)) << word;
  for (std::size_t word = 0; word + 1 < right.count(); ++word) {
    Program twice = right;
    const auto same = right.word(word);
    twice.words.insert(twice.words.begin() + static_cast<std::ptrdiff_t>(word * same.size()),
                       same.begin(), same.end());
    EXPECT_TRUE(refuses(operands, std::move(twice))) << word;
  }
  for (std::size_t word = 0; word + 2 < right.count(); ++word) {
    if (std::ranges::equal(right.word(word), right.word(word + 1))) continue;
    Program other = right;
    std::ranges::swap_ranges(other.word(word), other.word(word + 1));
    EXPECT_TRUE(refuses(operands, std::move(other))) << word;
  }
  rig_.multiply(operands);
}

// A sub-tile that never ends fills no queue for ever.
TEST_P(Programs, WithoutAnEndAreRefused) {
  const Operands operands = random(shape_);
  Program endless = compile(operands);
  std::size_t check = transitive::kHeaderWords;
  while (kind(endless, check) != WordKind::check) ++check;
  endless.words.resize(check * static_cast<std::size_t>(endless.packed));
  endless.words.resize(endless.words.size() +
                       static_cast<std::size_t>(2 * layout_.most_words * endless.packed));
  EXPECT_TRUE(refuses(operands, std::move(endless)));
  rig_.multiply(operands);
}

// The engine cannot know that no further words will come; a reset helps, and the rest of the
// program is no beginning of another.
TEST_P(Programs, ThatStopAreWaitedFor) {
  const Operands operands = random(shape_);
  Operands wrong = operands;
  Program program = compile(operands);
  wrong.program = without(program, program.count() - 1);
  wrong.activations = tensor::Matrix<std::int32_t>(operands.activations.rows(), 3);
  GemmOptions options;
  options.patience = 300;
  EXPECT_THROW(rig_.driver().run(wrong, options), harness::ProtocolError);
  rig_.model().reset(1);
  program.words.erase(program.words.begin(), program.words.end() - 8 * program.packed);
  EXPECT_TRUE(refuses(operands, std::move(program)));
  rig_.multiply(operands);
}

INSTANTIATE_TEST_SUITE_P(For, Programs, testing::Values(kUnit, kArray, kOwnPrograms),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace hasse::system
