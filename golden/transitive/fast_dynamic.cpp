// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/fast_dynamic.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace hasse::transitive {

FastDynamic::FastDynamic(int dimension)
    : dimension_(dimension),
      words_(dimension <= 6 ? 1 : std::size_t{1} << (dimension - 6)),
      size_(static_cast<std::size_t>(dimension)) {
  if (dimension < 2 || dimension > kMaxDimension)
    throw std::invalid_argument("fast dynamic plan: dimension " + std::to_string(dimension) +
                                ": expected 2.." + std::to_string(kMaxDimension));
  members_.resize(std::size_t{1} << dimension);
  lanes_.resize(members_.size());
  for (Code node = 0; node < members_.size(); ++node) {
    const Mask bit = Mask{1} << (node % 64);
    levels_[static_cast<std::size_t>(level(node))][node / 64] |= bit;
    for (std::size_t operand = 0; operand < size_; ++operand)
      if ((node >> operand & 1) != 0) with_bit_[operand][node / 64] |= bit;
  }
  for (std::size_t picker = 0; picker < size_; ++picker) {
    std::uint8_t bit = 0;
    for (const Code node : dynamic_candidates(static_cast<int>(picker), dimension)) {
      nodes_[picker][bit] = static_cast<std::uint16_t>(node);
      members_[node] = {static_cast<std::uint8_t>(picker), bit++};
    }
  }
  const Code full = (Code{1} << dimension) - 1;
  for (Code node = 0; node < members_.size(); ++node)
    children_.push_back(children(node, full & ~node));
  for (std::size_t lane = 0; lane < size_; ++lane)
    at_first_[lane] = children_[std::size_t{1} << lane];
  // The last lane leaves one node out: the root is kept in its place.
  const Code single = Code{1} << (dimension - 1);
  at_first_[size_ - 1] = children(single, full & ~single & ~Code{1});
}

/// The nodes with one of `operands` more than `node`, by picker.
std::array<FastDynamic::Mask, FastDynamic::kWidth> FastDynamic::children(Code node,
                                                                         Code operands) const {
  std::array<Mask, kWidth> masks{};
  if (node == 0) return masks;  // those of the root are there from the start
  for (Code bits = operands; bits != 0; bits &= bits - 1) {
    const Member child = members_[node | (bits & (~bits + 1))];
    masks[child.picker] |= Mask{1} << child.bit;
  }
  return masks;
}

/// Adds to `to` all nodes with a direct prefix in `from`.
void FastDynamic::unite_with_above(const Set& from, Set& to) const {
  for (std::size_t bit = 0; bit < std::min<std::size_t>(size_, 6); ++bit)
    for (std::size_t word = 0; word < words_; ++word)
      to[word] |= (from[word] & ~with_bit_[bit][word]) << (1U << bit);
  for (std::size_t bit = 6; bit < size_; ++bit)
    for (std::size_t word = 0; word < words_; ++word)
      if ((word >> (bit - 6) & 1) != 0) to[word] |= from[word ^ (std::size_t{1} << (bit - 6))];
}

/// The prefix that the backward pass keeps or asks for.
Code FastDynamic::prefix(Code node) const {
  for (const Set& within : within_)
    for (Code bits = node; bits != 0; bits &= bits - 1) {
      const Code below = node ^ (bits & (~bits + 1));
      if (has(within, below)) return below;
    }
  return node & (node - 1);
}

void FastDynamic::ask_for_prefixes(Set& wanted) {
  for (std::size_t k = 1; k < within_.size(); ++k) {
    within_[k] = wanted;
    unite_with_above(within_[k - 1], within_[k]);
  }
  Set direct{};  // nodes with a direct prefix that is asked for: they keep it
  unite_with_above(within_[0], direct);
  for (std::size_t height = size_; height >= 2; --height)
    for (std::size_t word = 0; word < words_; ++word)
      for (Mask left = wanted[word] & levels_[height][word] & ~direct[word]; left != 0;
           left &= left - 1) {
        const Code below =
            prefix(static_cast<Code>(word * 64) + static_cast<Code>(std::countr_zero(left)));
        wanted[below / 64] |= Mask{1} << (below % 64);
      }
}

/// Hands the nodes that are wanted to their pickers.
void FastDynamic::share_out(const Set& wanted) {
  wanted_.fill(0);
  left_ = 0;
  for (std::size_t word = 0; word < words_; ++word) {
    const Mask upper = wanted[word] & ~levels_[0][word] & ~levels_[1][word];
    left_ += std::popcount(upper);
    for (Mask left = upper; left != 0; left &= left - 1) {
      const Member member = members_[word * 64 + static_cast<std::size_t>(std::countr_zero(left))];
      wanted_[member.picker] |= Mask{1} << member.bit;
    }
  }
}

/// The first two steps: the roots of the lanes' trees, and the root value.
void FastDynamic::seed(bool root) {
  reachable_ = at_first_;
  count_.fill(0);
  chosen_count_ = before_count_ = 0;
  for (std::size_t lane = 0; lane < size_; ++lane) {
    lanes_[std::size_t{1} << lane] = static_cast<std::uint8_t>(lane);
    count_[lane] = 1;
  }
  if (!root) return;
  lanes_[0] = static_cast<std::uint8_t>(dynamic_root_lane(dimension_));
  ++count_[lanes_[0]];
}

/// Lets the children of `parent` be built in its lane.
void FastDynamic::open_children(Chosen parent) {
  std::array<Mask, kWidth>& lane = reachable_[parent.lane];
  const std::array<Mask, kWidth>& children = children_[parent.node];
  for (std::size_t picker = 0; picker < kWidth / 2; ++picker) lane[picker] |= children[picker];
  if (size_ <= kWidth / 2) return;
  for (std::size_t picker = kWidth / 2; picker < kWidth; ++picker) lane[picker] |= children[picker];
}

/// What every picker could build in lane `turn` - picker; a bit per picker that has something.
std::uint32_t FastDynamic::offers(std::size_t turn, std::array<Mask, kWidth>& nodes) const {
  std::uint32_t any = 0;
  std::size_t lane = turn;
  for (std::size_t picker = 0; picker < size_; ++picker) {
    nodes[picker] = wanted_[picker] & reachable_[lane][picker];
    any |= static_cast<std::uint32_t>(nodes[picker] != 0) << picker;
    lane = lane == 0 ? size_ - 1 : lane - 1;
  }
  return any;
}

/// Every one of `pickers` builds the first of its `nodes` in lane `turn` - picker.
void FastDynamic::choose(std::uint32_t pickers, const std::array<Mask, kWidth>& nodes,
                         std::size_t turn) {
  for (; pickers != 0; pickers &= pickers - 1) {
    const auto picker = static_cast<std::size_t>(std::countr_zero(pickers));
    const auto bit = static_cast<std::size_t>(std::countr_zero(nodes[picker]));
    const std::size_t lane = turn >= picker ? turn - picker : turn + size_ - picker;
    const std::uint16_t node = nodes_[picker][bit];
    wanted_[picker] &= ~(Mask{1} << bit);
    lanes_[node] = static_cast<std::uint8_t>(lane);
    ++count_[lane];
    chosen_[chosen_count_++] = {node, static_cast<std::uint8_t>(lane)};
  }
}

/// Step `now` modulo the dimension: picker p serves lane now - p, or with nothing to offer there
/// and nobody else to serve it, the lane half a turn on.
void FastDynamic::step(std::size_t now) {
  for (std::size_t i = 0; i < before_count_; ++i) open_children(before_[i]);
  before_ = chosen_;
  before_count_ = chosen_count_;
  chosen_count_ = 0;
  const std::size_t half = size_ / 2;
  const std::size_t other = now + half < size_ ? now + half : now + half - size_;
  std::array<Mask, kWidth> first, second;
  const std::uint32_t direct = offers(now, first);
  // A lane half a turn on is served directly by the picker half a turn back.
  const std::uint32_t served = (direct << half) | (direct >> (size_ - half));
  const std::uint32_t spare = offers(other, second) & ~direct & ~served;
  choose(direct, first, now);
  choose(spare, second, other);
  left_ -= static_cast<int>(chosen_count_);
}

TilePlan FastDynamic::plan(std::span<const std::uint64_t> present) {
  TilePlan plan;
  Set wanted{};
  for (std::size_t word = 0; word < words_; ++word) {
    plan.present += std::popcount(present[word]);
    wanted[word] = present[word] | levels_[0][word] | levels_[1][word];
  }
  within_[0] = wanted;
  ask_for_prefixes(wanted);
  share_out(wanted);
  const bool root = (present[0] & 1) != 0;
  plan.built = left_ + dimension_ + (root ? 1 : 0);
  plan.steps = root ? 2 : 1;
  seed(root);
  std::size_t now = 2 % size_;
  for (int steps = 3; left_ > 0; ++steps) {
    step(now);
    now = now + 1 == size_ ? 0 : now + 1;
    if (chosen_count_ > 0) plan.steps = steps;
  }
  plan.busiest = *std::max_element(count_.begin(), count_.end());
  return plan;
}

}  // namespace hasse::transitive
