// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/order_reads.hpp"

#include <algorithm>
#include <utility>

namespace hasse::transitive {
namespace {

/// Rows among which a lane chooses; more are slow and gain nothing.
constexpr std::size_t kMostCandidates = 16;

}  // namespace

ReadOrder::ReadOrder(const EngineConfig& config)
    : config_(config),
      lanes_(static_cast<std::size_t>(config.lanes)),
      banks_(static_cast<std::size_t>(ProgramLayout(config).banks())),
      order_(lanes_) {}

const std::vector<ReadWord>& ReadOrder::order(std::span<const std::uint16_t> codes, int weight_bits,
                                              const Placement& placement, bool in_order) {
  placement_ = &placement;
  bits_ = static_cast<std::size_t>(weight_bits);
  words_.clear();
  read_beats(codes);
  if (words_.size() * lanes_ == codes.size()) return words_;
  other_ = std::exchange(words_, {});
  read_rows(codes, in_order);
  return words_.size() < other_.size() ? words_ : other_;
}

void ReadOrder::read_beats(std::span<const std::uint16_t> codes) {
  read_.assign(2 * (codes.size() / lanes_) * banks_, 0);
  std::size_t first = 0;
  for (std::size_t beat = 0; beat * lanes_ < codes.size(); ++beat, first = words_.size())
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const std::uint16_t code = codes[beat * lanes_ + lane];
      if (code == kNoNode) continue;
      const Code node = mirror(code, config_.tile_bits).node;
      const std::size_t word = first_free(first, node);
      reader(word, placement_->bank_of[node]) = static_cast<std::uint16_t>(node + 1);
      put(word, lane, code, static_cast<std::uint32_t>(beat / bits_));
    }
}

/// The first word from `word` on that can read `node`.
std::size_t ReadOrder::first_free(std::size_t word, Code node) {
  const std::size_t bank = placement_->bank_of[node];
  while (reader(word, bank) != 0 && reader(word, bank) != node + 1) ++word;
  return word;
}

void ReadOrder::read_rows(std::span<const std::uint16_t> codes, bool in_order) {
  read_.assign(2 * (codes.size() / lanes_) * banks_, 0);
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    order_[lane].rows.clear();
    order_[lane].next = 0;
    for (std::size_t row = 0; row * bits_ * lanes_ < codes.size(); ++row)
      if (codes[row * bits_ * lanes_ + lane] != kNoNode)
        order_[lane].rows.push_back(static_cast<std::uint32_t>(row));
  }
  const auto behind = [](const Lane& a, const Lane& b) {
    if (a.rows.empty() || b.rows.empty()) return b.rows.empty() && !a.rows.empty();
    return a.next < b.next;
  };
  for (;;) {
    const auto lane = std::ranges::min_element(order_, behind);
    if (lane->rows.empty()) return;
    const auto index = static_cast<std::size_t>(lane - order_.begin());
    const std::size_t most = in_order ? 1 : std::min(kMostCandidates, lane->rows.size());
    Slots best{}, slots{};
    std::size_t chosen = 0;
    std::size_t earliest = ~std::size_t{0};
    for (std::size_t i = 0; i < most; ++i) {
      const std::size_t end = fit(codes, index, lane->rows[i], slots);
      if (end >= earliest) continue;
      earliest = end;
      best = slots;
      chosen = i;
    }
    take(codes, index, lane->rows[chosen], best);
    lane->rows.erase(lane->rows.begin() + static_cast<std::ptrdiff_t>(chosen));
    lane->next = earliest;
  }
}

/// Finds the words of a row's planes, and returns the one after the last.
std::size_t ReadOrder::fit(std::span<const std::uint16_t> codes, std::size_t lane,
                           std::uint32_t row, Slots& slots) {
  std::size_t at = order_[lane].next;
  for (std::size_t plane = 0; plane < bits_; ++plane, ++at) {
    const Code node = mirror(codes[(row * bits_ + plane) * lanes_ + lane], config_.tile_bits).node;
    slots[plane] = at = first_free(at, node);
  }
  return at;
}

void ReadOrder::take(std::span<const std::uint16_t> codes, std::size_t lane, std::uint32_t row,
                     const Slots& slots) {
  for (std::size_t plane = 0; plane < bits_; ++plane) {
    const std::uint16_t code = codes[(row * bits_ + plane) * lanes_ + lane];
    const Code node = mirror(code, config_.tile_bits).node;
    reader(slots[plane], placement_->bank_of[node]) = static_cast<std::uint16_t>(node + 1);
    put(slots[plane], lane, code, row);
  }
}

void ReadOrder::put(std::size_t word, std::size_t lane, std::uint16_t code, std::uint32_t row) {
  if (word >= words_.size()) {
    ReadWord nothing;
    nothing.fill({static_cast<std::uint32_t>(banks_), 0, false, 0});
    words_.resize(word + 1, nothing);
  }
  const MirroredCode read = mirror(code, config_.tile_bits);
  words_[word][lane] = {placement_->bank_of[read.node], placement_->address_of[read.node],
                        read.negate, row};
}

std::uint16_t& ReadOrder::reader(std::size_t word, std::size_t bank) {
  if ((word + 1) * banks_ > read_.size()) read_.resize(2 * (word + 1) * banks_);
  return read_[word * banks_ + bank];
}

}  // namespace hasse::transitive
