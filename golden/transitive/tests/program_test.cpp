// SPDX-License-Identifier: Apache-2.0
// Executes compiled programs word by word and holds every node and every read against the weights.
#include "golden/transitive/program.hpp"

#include <gtest/gtest.h>

#include <map>

#include "golden/transitive/tests/random_weights.hpp"

namespace hasse::transitive {
namespace {

/// Which node lies at {bank, address}; learnt from the steps alone.
using Memory = std::map<std::pair<std::uint32_t, std::uint32_t>, Code>;

/// Runs one program over one pass. What it reads must be what the weight stream asks for.
class Machine {
 public:
  Machine(const EngineConfig& config, const Program& program)
      : config_(config),
        layout_(config),
        program_(program),
        bits_(program.shape.weight_bits),
        tiles_k_((program.shape.k + config.tile_bits - 1) / config.tile_bits) {}

  void run(const Shape& shape, const WeightStream& stream) {
    header(shape);
    for (std::size_t beat = 0; beat < stream.beats().size();) beat = tile(stream, beat);
    EXPECT_EQ(at_, program_.count());
  }

 private:
  std::uint32_t field(int at, int bits) const { return get_field(word_, at, bits); }
  WordKind kind() const { return static_cast<WordKind>(field(layout_.kind_at(), 2)); }

  void next() {
    ASSERT_LT(at_, program_.count());
    word_ = program_.word(at_++);
    signature_ = next_signature(layout_, signature_, word_);
    if (kind() == WordKind::check) {
      EXPECT_EQ(field(0, kSignatureBits), signature_);
    }
  }

  void header(const Shape& shape) {
    for (int i = 0; i + 1 < kHeaderWords; ++i) {
      next();
      EXPECT_EQ(field(0, 32), header_field(config_, shape, i)) << i;
    }
    next();
    EXPECT_EQ(kind(), WordKind::check);
  }

  /// Reads words up to the sub-tile's check; builds, then reads. Returns its end in the stream.
  std::size_t tile(const WeightStream& stream, std::size_t beat) {
    std::vector<std::span<const std::uint32_t>> words;
    do {
      next();
      if (::testing::Test::HasFatalFailure()) return stream.beats().size();
      words.push_back(word_);
    } while (kind() != WordKind::check);
    EXPECT_LE(words.size(), static_cast<std::size_t>(layout_.most_words));
    build(words);
    beat = ask(stream, beat);
    bool more = true;
    for (const auto& word : words) {
      word_ = word;
      if (field(layout_.reads_at(), 1) == 0) continue;
      EXPECT_TRUE(more) << "a read after the last";
      more = field(layout_.last_read_at(), 1) == 0;
      read();
    }
    EXPECT_FALSE(more) << "no last read";
    for (const Lane& lane : lanes_) EXPECT_TRUE(lane.rows.empty() && lane.read.empty());
    const bool last_k = (tiles_++ + 1) % tiles_k_ == 0;
    for (const Lane& lane : lanes_) EXPECT_TRUE(lane.in_order || !last_k);
    return beat;
  }

  /// What the lanes are to read: codes of their rows, most significant plane first.
  std::size_t ask(const WeightStream& stream, std::size_t beat) {
    lanes_.assign(static_cast<std::size_t>(layout_.lanes), {});
    for (std::uint32_t row = 0, planes = 0;; ++beat) {
      const WeightBeat& info = stream.beats()[beat];
      for (int lane = 0; lane < info.lanes; ++lane)
        lanes_[static_cast<std::size_t>(lane)].rows[row].push_back(stream.code(beat, lane));
      if (++planes % static_cast<unsigned>(bits_) == 0) ++row;
      if (info.end_of_tile) return beat + 1;
    }
  }

  void build(const std::vector<std::span<const std::uint32_t>>& words) {
    memory_.clear();
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> written;
    int step = 0;
    bool more = true;
    for (const auto& word : words) {
      word_ = word;
      if (kind() != WordKind::step && kind() != WordKind::last_step) continue;
      EXPECT_TRUE(more) << "a step after the last";
      for (int lane = 0; lane < layout_.prefix_lanes; ++lane) build_lane(lane, step, written);
      more = kind() == WordKind::step;
      ++step;
    }
    EXPECT_FALSE(more) << "no last step";
    EXPECT_GE(step, config_.columns_per_adder);
    EXPECT_LE(step, layout_.most_steps);
  }

  /// One step of a prefix lane: place of the parent known for two steps, own place still free.
  void build_lane(int lane, int step,
                  std::map<std::pair<std::uint32_t, std::uint32_t>, int>& written) {
    int at = lane * layout_.step_bits;
    const auto take = [&](int bits) {
      at += bits;
      return field(at - bits, bits);
    };
    const std::uint32_t write = take(layout_.banks_per_lane);
    const std::uint32_t address = take(layout_.address_bits);
    const std::uint32_t operand = take(layout_.operand_bits);
    const std::uint32_t parent_read = take(layout_.banks_per_lane);
    const std::uint32_t parent_address = take(layout_.address_bits);
    if (write == 0) return;
    ASSERT_TRUE(std::has_single_bit(write));
    const auto bank = [&](std::uint32_t hot) {
      return static_cast<std::uint32_t>(lane * layout_.banks_per_lane + std::countr_zero(hot));
    };
    Code node = 0;
    if (parent_read != 0) {
      const std::pair from{bank(parent_read), parent_address};
      ASSERT_TRUE(memory_.contains(from));
      EXPECT_LE(written.at(from) + Lattice::kParentLatency, step);
      node = memory_.at(from);
    }
    if (operand < static_cast<unsigned>(layout_.prefix_lanes)) {
      EXPECT_EQ((node >> operand) & 1U, 0U);
      node |= 1U << operand;
    }
    const std::pair to{bank(write), address};
    EXPECT_LT(address, static_cast<unsigned>(layout_.bank_depth));
    EXPECT_TRUE(memory_.emplace(to, node).second);
    written[to] = step;
  }

  /// The reads of a word: no bank with two addresses, every lane what its codes ask for.
  void read() {
    std::map<std::uint32_t, std::uint32_t> claimed;
    for (int lane = 0; lane < layout_.lanes; ++lane) {
      int at = layout_.entry_at(lane);
      const auto take = [&](int bits) {
        at += bits;
        return bits == 0 ? 0 : field(at - bits, bits);
      };
      const std::uint32_t bank = take(layout_.bank_bits);
      if (bank == static_cast<unsigned>(layout_.banks())) continue;
      const std::uint32_t address = take(layout_.address_bits);
      const bool negate = take(1) != 0;
      EXPECT_EQ(claimed.emplace(bank, address).first->second, address) << "two reads of a bank";
      EXPECT_TRUE(memory_.contains({bank, address}));
      const MirroredCode is{memory_[{bank, address}], negate};
      read_lane(lanes_[static_cast<std::size_t>(lane)], take(layout_.row_bits), is);
    }
  }

  struct Lane {
    std::map<std::uint32_t, std::vector<Code>> rows;  ///< Not yet read.
    std::vector<Code> read;                           ///< Codes to come of the row being read.
    std::uint32_t row = 0;
    bool in_order = true;
  };

  void read_lane(Lane& lane, std::uint32_t row, const MirroredCode& is) const {
    if (lane.read.empty()) {
      ASSERT_TRUE(lane.rows.contains(row)) << "row " << row;
      lane.in_order = lane.in_order && lane.rows.begin()->first == row;
      lane.read = lane.rows.at(row);
      lane.rows.erase(row);
      lane.row = row;
    }
    EXPECT_EQ(lane.row, row);
    const MirroredCode wanted = mirror(lane.read.front(), config_.tile_bits);
    EXPECT_EQ(is.node, wanted.node);
    EXPECT_EQ(is.negate, wanted.negate);
    lane.read.erase(lane.read.begin());
  }

  EngineConfig config_;
  ProgramLayout layout_;
  const Program& program_;
  std::size_t at_ = 0;
  std::span<const std::uint32_t> word_;
  std::uint32_t signature_ = 0;
  Memory memory_;
  std::vector<Lane> lanes_;
  int bits_, tiles_k_, tiles_ = 0;
};

void expect_exact(const EngineConfig& config, const Shape& shape,
                  const tensor::Matrix<std::int8_t>& weights) {
  const WeightStream stream(config, shape, weights);
  const Program program = compile(config, shape, stream);
  Machine(config, program).run(shape, stream);
}

TEST(Program, BuildsAndReadsWhatTheWeightsAskFor) {
  const EngineConfig engine;
  for (const int bits : {2, 3, 4, 8}) {
    const Shape shape{150, 77, 1, bits};
    expect_exact(engine, shape, testing::random_weights(shape.n, shape.k, bits));
  }
}

TEST(Program, FitsOtherEngines) {
  for (const EngineConfig& engine :
       {EngineConfig{4, 2, 2, 8, 4, 2, 32}, EngineConfig{10, 4, 4, 4, 2, 1, 64},
        EngineConfig{2, 16, 1, 8, 4, 4, 128}, EngineConfig{5, 4, 1, 2, 3, 1, 48},
        EngineConfig{8, 1, 2, 8, 2, 2, 8}, EngineConfig{3, 7, 2, 6, 8, 4, 4096}}) {
    const Shape shape{61, 43, 1, 4};
    expect_exact(engine, shape, testing::random_weights(shape.n, shape.k, 4));
  }
}

// A node that makes room for another one may be what that one would be built from: seed 719.
TEST(Program, NeverFillsABankBeyondItsDepth) {
  EngineConfig engine;
  engine.lanes = 7;
  engine.banks_per_lane = 1;
  engine.columns = engine.columns_per_adder = 1;
  engine.rows = 171;
  const Shape shape{252, 15, 1, 2};
  for (std::uint32_t seed = 700; seed <= 730 && !::testing::Test::HasFailure(); ++seed)
    expect_exact(engine, shape, testing::random_weights(shape.n, shape.k, 2, seed));
}

TEST(Program, OfUnitsWithRowsOfTheirOwnStandSideBySide) {
  const ArrayConfig array{.unit = {4, 2, 2, 8, 4, 2, 32}, .units = 3};
  const Shape shape{61, 43, 1, 4};
  const auto weights = testing::random_weights(shape.n, shape.k, 4);
  CompileCounts counts;
  const Program all = compile(array, shape, weights, &counts);
  EXPECT_EQ(counts.words + kHeaderWords, all.count());
  EXPECT_EQ(all.packed, (3 * ProgramLayout(array.unit).word_bits + 31) / 32);
  std::uint64_t transrows = 0;
  for (int unit = 0; unit < array.units; ++unit) {
    const Program own = unit_program(array, all, unit);
    const WeightStream stream = array.unit_stream(shape, weights, unit);
    Machine(array.unit, own).run(array.unit_shape(shape), stream);
    for (const WeightBeat& beat : stream.beats())
      transrows += static_cast<std::uint64_t>(beat.lanes);
  }
  EXPECT_EQ(counts.transrows, transrows);
}

TEST(Program, TakesStructuredWeights) {
  const EngineConfig engine;
  const Shape shape{70, 33, 1, 4};
  for (const int value : {0, -1, 5}) {
    tensor::Matrix<std::int8_t> weights(70, 33);
    for (std::size_t row = 0; row < weights.rows(); ++row)
      for (std::size_t i = row % 5; i < weights.cols(); i += 3)
        weights(row, i) = static_cast<std::int8_t>(value);
    expect_exact(engine, shape, weights);
  }
}

TEST(Program, HardlyEverCollidesAtTheDefaultSize) {
  const EngineConfig engine;
  const Shape shape{256, 512, 1, 4};
  const WeightStream stream(engine, shape, testing::random_weights(shape.n, shape.k, 4, 7));
  CompileCounts counts;
  compile(engine, shape, stream, &counts);
  EXPECT_LE(static_cast<double>(counts.reads), 1.005 * static_cast<double>(counts.beats));
  EXPECT_LE(static_cast<double>(counts.pace), 1.005 * static_cast<double>(counts.beats));
}

TEST(Program, SignatureSeesEverySingleBit) {
  const EngineConfig engine{4, 2, 2, 8, 4, 2, 32};
  const ProgramLayout layout(engine);
  std::vector<std::uint32_t> word(static_cast<std::size_t>(layout.packed()), 0x5A5A5A5A);
  put_field(word, layout.kind_at(), 2, static_cast<std::uint32_t>(WordKind::step));
  const std::uint32_t right = next_signature(layout, 0x12345678, word);
  for (int bit = 0; bit < layout.word_bits; ++bit) {
    put_field(word, bit, 1, get_field(word, bit, 1) ^ 1U);
    EXPECT_NE(next_signature(layout, 0x12345678, word), right) << bit;
    put_field(word, bit, 1, get_field(word, bit, 1) ^ 1U);
  }
  for (int bit = 0; bit < 32; ++bit)
    EXPECT_NE(next_signature(layout, 0x12345678 ^ (1U << bit), word), right) << bit;
}

TEST(Program, DigestTellsDesignsApart) {
  EngineConfig other;
  other.lanes = 4;
  EXPECT_NE(ProgramLayout(EngineConfig{}).code, ProgramLayout(other).code);
}

}  // namespace
}  // namespace hasse::transitive
