// SPDX-License-Identifier: Apache-2.0
// Reads are made in order, once their sub-tile is built and the lanes have room; banks, lanes and
// column groups see them in their cycles.
#include <gtest/gtest.h>

#include <bit>
#include <deque>
#include <map>
#include <optional>

#include "generator/units/program.hpp"
#include "generator/units/transrow.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

constexpr int kWeightBits = 3;

struct Word {
  std::vector<transitive::LaneRead> lanes;
  bool last = false, last_k = false, first_k = false;
};

/// What is seen of a word that is read.
struct Seen {
  Word word;
  std::uint64_t half = 0;
  std::vector<bool> first, last;  ///< Planes, by lane.
};

class ProgramReader : public testing::TestWithParam<const char*> {
 protected:
  int lanes() const { return layout_.lanes; }
  bool reads(const Word& word, int lane) const {
    return word.lanes[static_cast<std::size_t>(lane)].bank !=
           static_cast<unsigned>(layout_.banks());
  }

  // No two addresses of a bank; sub-tiles end where every lane has read whole rows, before they
  // fill the queue.
  Word random_word() {
    Word word;
    std::map<std::uint32_t, std::uint32_t> address;
    bool whole = true;
    const bool ends = ++words_in_tile_ > layout_.read_queue / 4;
    for (int lane = 0; lane < lanes(); ++lane) {
      int& plane = given_[static_cast<std::size_t>(lane)];
      transitive::LaneRead read;
      read.bank = static_cast<std::uint32_t>(layout_.banks());
      if (ends ? plane != 0 : random_.chance(0.7)) {
        read.bank = static_cast<std::uint32_t>(below(random_, layout_.banks()));
        plane = (plane + 1) % kWeightBits;
      }
      const auto at = static_cast<std::uint32_t>(below(random_, layout_.bank_depth));
      read.address = address.emplace(read.bank, at).first->second;
      read.negate = random_.chance(0.5);
      if (layout_.row_bits > 0)
        read.row = static_cast<std::uint32_t>(random_.next() >> (64 - layout_.row_bits));
      whole = whole && plane == 0;
      word.lanes.push_back(read);
    }
    word.last = whole;
    word.first_k = tile_first_k_;
    word.last_k = tile_last_k_;
    if (whole) {
      words_in_tile_ = 0;
      tile_first_k_ = random_.chance(0.5);
      tile_last_k_ = random_.chance(0.5);
    }
    return word;
  }

  void offer(const Word& word) {
    const auto put = [&](int at, int bits, std::uint64_t value) {
      bench_.model().set_bits("read_i", static_cast<std::size_t>(at), static_cast<unsigned>(bits),
                              value);
    };
    put(units::kReadFirstK, 1, word.first_k);
    put(units::kReadLastK, 1, word.last_k);
    put(units::kReadLast, 1, word.last);
    for (int lane = 0; lane < lanes(); ++lane) {
      const auto& read = word.lanes[static_cast<std::size_t>(lane)];
      int at = units::kReadEntries + lane * layout_.entry_bits;
      put(at, layout_.bank_bits, read.bank);
      put(at += layout_.bank_bits, layout_.address_bits, read.address);
      put(at += layout_.address_bits, 1, read.negate);
      if (layout_.row_bits > 0) put(at + 1, layout_.row_bits, read.row);
    }
  }

  void begin() {
    bench_.set("weight_bits_i", kWeightBits);
    bench_.set("begin_i", 1);
    bench_.settle();
    bench_.edge();
    bench_.set("begin_i", 0);
  }

  void cycle() {
    if (!next_) next_ = random_word();
    offer(*next_);
    const bool valid = random_.chance(0.8);
    bench_.set("read_valid_i", valid);
    // At most two sub-tiles are built and not yet read; those that are, have been taken.
    const bool built = complete_ > built_not_read_ && built_not_read_ < 2 && random_.chance(0.3);
    bench_.set("tile_built_i", built);
    full_ = random_.next() >> (64 - lanes());
    bench_.set("rows_full_i", full_);
    bench_.settle();
    const bool taken = valid && bench_.is_set("reads_ready_o");
    look();
    bench_.edge();
    bench_.settle();
    // Two cycles from the last step to the first read.
    readable_ += built_before_ ? 1 : 0;
    built_before_ = built;
    built_not_read_ += built ? 1 : 0;
    if (taken) {
      queue_.push_back(*next_);
      next_.reset();
      complete_ += queue_.back().last ? 1 : 0;
    }
    look_at_lanes();
  }

  // Whether the oldest word is read in this cycle, as the banks of group 0 tell.
  void look() {
    const bool fire = readable_ > 0 && !waits();
    std::optional<Seen> seen;
    if (fire) {
      seen = Seen{queue_.front(), half_, {}, {}};
      queue_.pop_front();
      for (int lane = 0; lane < lanes(); ++lane) {
        int& plane = plane_[static_cast<std::size_t>(lane)];
        seen->first.push_back(plane == 0);
        seen->last.push_back(plane == kWeightBits - 1);
        if (!reads(seen->word, lane)) continue;
        if (seen->last.back()) gap_[static_cast<std::size_t>(lane)] = phases_;
        plane = (plane + 1) % kWeightBits;
      }
    }
    for (int& gap : gap_) gap = std::max(gap - 1, 0);
    history_.push_front(seen);
    if (history_.size() > static_cast<std::size_t>(phases_) + 1) history_.pop_back();
    expect_banks();
    const std::size_t late = static_cast<std::size_t>(phases_) - 1;
    const bool release = history_.size() > late && history_[late] && history_[late]->word.last;
    EXPECT_EQ(bench_.is_set("release_o"), release);
    if (release) {
      EXPECT_EQ(bench_.get("release_half_o"), history_[late]->half);
    }
    if (!seen || !seen->word.last) return;
    half_ ^= 1U;
    --readable_;
    --built_not_read_;
    --complete_;
    ++tiles_read_;
  }

  bool waits() const {
    const Word& word = queue_.front();
    for (int lane = 0; lane < lanes(); ++lane) {
      const auto index = static_cast<std::size_t>(lane);
      if (!reads(word, lane) || plane_[index] != kWeightBits - 1) continue;
      if (gap_[index] > 0 || (word.last_k && ((full_ >> lane) & 1U) != 0)) return true;
    }
    return false;
  }

  // Group p reads p cycles after group 0.
  void expect_banks() {
    for (int phase = 0; phase < phases_; ++phase) {
      const auto index = static_cast<std::size_t>(phase);
      std::map<std::uint32_t, std::uint32_t> wanted;
      const bool known = history_.size() > index;
      if (known && history_[index]) {
        for (const auto& read : history_[index]->word.lanes)
          if (read.bank != static_cast<unsigned>(layout_.banks())) wanted[read.bank] = read.address;
        EXPECT_EQ(bench_.field("read_half_o", phase, 1), history_[index]->half);
      }
      for (int bank = 0; known && bank < layout_.banks(); ++bank) {
        const auto at = wanted.find(static_cast<std::uint32_t>(bank));
        EXPECT_EQ(bench_.field("read_o", phase * layout_.banks() + bank, 1),
                  at != wanted.end() ? 1U : 0U);
        if (at == wanted.end()) continue;
        EXPECT_EQ(
            bench_.field("read_address_o", phase * layout_.banks() + bank, layout_.address_bits),
            at->second);
      }
    }
  }

  // A cycle after the banks.
  void look_at_lanes() {
    const std::optional<Seen>& seen = history_.front();
    std::uint64_t valid = 0, zeros = 0;
    for (int lane = 0; seen && lane < lanes(); ++lane) {
      const auto index = static_cast<std::size_t>(lane);
      const auto& read = seen->word.lanes[index];
      if (!reads(seen->word, lane)) continue;
      valid |= std::uint64_t{1} << lane;
      zeros += read.bank == 0 && read.address == 0 && !read.negate ? 1 : 0;
      const std::uint64_t flags = bench_.field("flags_o", lane, units::kFlagBits);
      EXPECT_EQ((flags >> units::kFirst) & 1U, seen->first[index] ? 1U : 0U);
      EXPECT_EQ((flags >> units::kLast) & 1U, seen->last[index] ? 1U : 0U);
      EXPECT_EQ((flags >> units::kFirstK) & 1U, seen->word.first_k ? 1U : 0U);
      EXPECT_EQ((flags >> units::kLastK) & 1U, seen->word.last_k ? 1U : 0U);
      EXPECT_EQ((flags >> units::kNegate) & 1U, read.negate != seen->first[index] ? 1U : 0U);
      if (layout_.row_bits > 0) {
        EXPECT_EQ(bench_.field("row_o", lane, layout_.row_bits), read.row);
      }
    }
    EXPECT_EQ(bench_.get("data_valid_o"), valid);
    EXPECT_EQ(bench_.get("transrows_o"), static_cast<std::uint64_t>(std::popcount(valid)));
    EXPECT_EQ(bench_.get("zero_transrows_o"), zeros);
    for (int phase = 0; phase < phases_; ++phase) {
      const auto index = static_cast<std::size_t>(phase);
      if (history_.size() <= index || !history_[index]) continue;
      EXPECT_EQ(bench_.field("data_half_o", phase, 1), history_[index]->half);
      for (int lane = 0; lane < lanes(); ++lane)
        if (reads(history_[index]->word, lane)) {
          EXPECT_EQ(bench_.field("data_bank_o", phase * lanes() + lane, g_.bank_bits),
                    history_[index]->word.lanes[static_cast<std::size_t>(lane)].bank);
        }
    }
  }

  units::Geometry g_ = geometry(GetParam());
  transitive::ProgramLayout layout_ = g_.program;
  int phases_ = g_.bank_phases();
  Bench bench_{{units::program_reader(g_)}};
  harness::Random random_{103};
  std::vector<int> given_ = std::vector<int>(static_cast<std::size_t>(layout_.lanes));
  std::vector<int> plane_ = given_, gap_ = given_;
  bool tile_first_k_ = true, tile_last_k_ = false, built_before_ = false;
  std::optional<Word> next_;
  std::deque<Word> queue_;
  std::deque<std::optional<Seen>> history_;
  int words_in_tile_ = 0;
  int complete_ = 0, built_not_read_ = 0, readable_ = 0, tiles_read_ = 0;
  std::uint64_t half_ = 0, full_ = 0;
};

TEST_P(ProgramReader, ReadsWhatIsBuiltInOrder) {
  begin();
  for (int i = 0; i < 6000 && !HasFailure(); ++i) cycle();
  EXPECT_GT(tiles_read_, 20);
}

INSTANTIATE_TEST_SUITE_P(
    At, ProgramReader,
    testing::Values(R"({"planner": "compiled", "tile_bits": 4, "lanes": 2, "columns": 4,
                        "rows": 32})",
                    R"({"planner": "compiled", "tile_bits": 3, "lanes": 2, "columns": 2,
                        "banks_per_lane": 1, "columns_per_adder": 2, "rows": 16,
                        "weight_bits": 4})",
                    R"({"planner": "compiled", "tile_bits": 5, "lanes": 1, "columns": 1,
                        "banks_per_lane": 1, "columns_per_adder": 1, "rows": 8})"));

}  // namespace
}  // namespace hasse::unit
