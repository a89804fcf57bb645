// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/fast_dynamic.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "golden/transitive/wavefront.hpp"

namespace hasse::transitive {

FastDynamic::FastDynamic(int dimension, OperandNetwork network)
    : dimension_(dimension),
      network_(network),
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
  if (network_ == OperandNetwork::benes) by_operand_.resize(size_);
}

/// The nodes with one of `operands` more than `node`, by picker.
FastDynamic::Pickers FastDynamic::children(Code node, Code operands) const {
  Pickers masks{};
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
  if (network_ == OperandNetwork::benes) {
    for (auto& lane : by_operand_) lane.fill({});
    with_operand_.fill({});
    const Code last = (Code{1} << (dimension_ - 1));
    for (std::size_t lane = 0; lane < size_; ++lane) {
      const Code single = Code{1} << lane;
      open_by_operand(single, lane, ((last << 1) - 1) & ~single & ~(single == last ? Code{1} : 0));
    }
  }
  if (!root) return;
  lanes_[0] = static_cast<std::uint8_t>(dynamic_root_lane(dimension_));
  ++count_[lanes_[0]];
}

/// Lets the children of `parent` be built in its lane.
void FastDynamic::open_children(Chosen parent) {
  if (network_ == OperandNetwork::benes)
    return open_by_operand(parent.node, parent.lane,
                           ((Code{1} << dimension_) - 1) & ~Code{parent.node});
  Pickers& lane = reachable_[parent.lane];
  const Pickers& children = children_[parent.node];
  for (std::size_t picker = 0; picker < kWidth / 2; ++picker) lane[picker] |= children[picker];
  if (size_ <= kWidth / 2) return;
  for (std::size_t picker = kWidth / 2; picker < kWidth; ++picker) lane[picker] |= children[picker];
}

/// The same with one of `operands`, each noted by itself.
void FastDynamic::open_by_operand(Code parent, std::size_t lane, Code operands) {
  for (; operands != 0; operands &= operands - 1) {
    const auto operand = static_cast<std::size_t>(std::countr_zero(operands));
    const Member child = members_[parent | (Code{1} << operand)];
    const Mask bit = Mask{1} << child.bit;
    by_operand_[lane][operand][child.picker] |= bit;
    with_operand_[operand][child.picker] |= bit;
  }
}

/// `picker` builds the first of `nodes` in `lane`.
void FastDynamic::choose(std::size_t picker, std::size_t lane, Mask nodes) {
  const auto bit = static_cast<std::size_t>(std::countr_zero(nodes));
  const std::uint16_t node = nodes_[picker][bit];
  wanted_[picker] &= ~(Mask{1} << bit);
  lanes_[node] = static_cast<std::uint8_t>(lane);
  ++count_[lane];
  chosen_[chosen_count_++] = {node, static_cast<std::uint8_t>(lane)};
}

void FastDynamic::step(std::size_t now) {
  for (std::size_t i = 0; i < before_count_; ++i) open_children(before_[i]);
  before_ = chosen_;
  before_count_ = chosen_count_;
  chosen_count_ = 0;
  if (network_ == OperandNetwork::benes)
    serve_operands(now);
  else
    serve_lanes();
  left_ -= static_cast<int>(chosen_count_);
}

/// The wavefront of match_wavefront, its requests looked up when it passes them.
void FastDynamic::serve_lanes() {
  std::uint32_t idle = 0, taken = 0;  // pickers without a lane, lanes with a picker
  for (std::size_t picker = 0; picker < size_; ++picker)
    idle |= static_cast<std::uint32_t>(wanted_[picker] != 0) << picker;
  for (std::size_t diagonal = 0; diagonal < size_ && idle != 0; ++diagonal)
    for (std::uint32_t left = idle; left != 0; left &= left - 1) {
      const auto picker = static_cast<std::size_t>(std::countr_zero(left));
      const std::size_t lane = diagonal >= picker ? diagonal - picker : diagonal + size_ - picker;
      const Mask nodes = wanted_[picker] & reachable_[lane][picker];
      if (nodes == 0 || (taken >> lane & 1) != 0) continue;
      choose(picker, lane, nodes);
      idle &= ~(std::uint32_t{1} << picker);
      taken |= std::uint32_t{1} << lane;
    }
}

/// Pickers are matched with operands, and then with lanes.
void FastDynamic::serve_operands(std::size_t now) {
  std::array<std::uint32_t, kWidth> requests{};
  const std::span<const std::uint32_t> asked(requests.data(), size_);
  for (std::size_t picker = 0; picker < size_; ++picker)
    for (std::size_t operand = 0; operand < size_; ++operand)
      requests[picker] |=
          static_cast<std::uint32_t>((wanted_[picker] & with_operand_[operand][picker]) != 0)
          << operand;
  const Matching operands = match_wavefront(asked, now);
  const auto nodes = [&](std::size_t picker, std::size_t lane) {
    return wanted_[picker] & by_operand_[lane][static_cast<std::size_t>(operands[picker])][picker];
  };
  requests.fill(0);
  for (std::size_t picker = 0; picker < size_; ++picker)
    for (std::size_t lane = 0; operands[picker] >= 0 && lane < size_; ++lane)
      requests[picker] |= static_cast<std::uint32_t>(nodes(picker, lane) != 0) << lane;
  const Matching lanes = match_wavefront(asked, 0);
  for (std::size_t picker = 0; picker < size_; ++picker)
    if (lanes[picker] >= 0) {
      const auto lane = static_cast<std::size_t>(lanes[picker]);
      choose(picker, lane, nodes(picker, lane));
    }
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
