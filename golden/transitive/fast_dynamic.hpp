// SPDX-License-Identifier: Apache-2.0
// The numbers of DynamicPlan, computed on bit masks.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "golden/transitive/dynamic_plan.hpp"
#include "golden/transitive/tile_plan.hpp"

namespace hasse::transitive {

/// Equal to DynamicPlan. The forward pass shifts sets of nodes, a bit a node; the backward pass
/// looks only at nodes without a direct prefix. Pickers keep the nodes of their class in order of
/// preference, a bit each; of every lane, all pickers' bits of what it can build stand side by
/// side, so that a node's children join them in one wide operation. With a Benes network that is
/// kept per operand, too.
class FastDynamic {
 public:
  static constexpr int kMaxDimension = 9;  ///< Classes have at most 64 nodes.

  /// Throws std::invalid_argument unless dimension is 2..kMaxDimension.
  explicit FastDynamic(int dimension, OperandNetwork network = OperandNetwork::select);

  /// Plans a sub-tile that reads the nodes set in `present`: node v is bit v % 64 of word v / 64.
  TilePlan plan(std::span<const std::uint64_t> present);

  /// Lane of a node in the plan made last; meaningless for nodes it does not build.
  int lane(Code node) const { return lanes_[node]; }

 private:
  static constexpr std::size_t kWords = 8;   ///< Of a set of nodes.
  static constexpr std::size_t kWidth = 16;  ///< Pickers and lanes, a power of two.
  using Mask = std::uint64_t;
  using Set = std::array<Mask, kWords>;

  /// A node in its class.
  struct Member {
    std::uint8_t picker = 0;
    std::uint8_t bit = 0;
  };
  struct Chosen {
    std::uint16_t node;
    std::uint8_t lane;
  };
  using Pickers = std::array<Mask, kWidth>;  ///< Of every picker a set of its nodes.

  bool has(const Set& set, Code node) const { return (set[node / 64] >> (node % 64) & 1) != 0; }
  void unite_with_above(const Set& from, Set& to) const;
  void ask_for_prefixes(Set& wanted);
  Code prefix(Code node) const;
  void share_out(const Set& wanted);
  void seed(bool root);
  void step(std::size_t now);
  void serve_lanes();
  void serve_operands(std::size_t now);
  void choose(std::size_t picker, std::size_t lane, Mask nodes);
  void open_children(Chosen parent);
  void open_by_operand(Code parent, std::size_t lane, Code operands);
  Pickers children(Code node, Code operands) const;

  int dimension_;
  OperandNetwork network_;
  std::size_t words_, size_;
  std::array<Set, kMaxDimension + 1> levels_{};
  std::array<Set, kMaxDimension> with_bit_{};
  std::vector<Pickers> children_;                              ///< By node.
  std::vector<Member> members_;                                ///< By node, levels 2 and up.
  std::array<std::array<std::uint16_t, 64>, kWidth> nodes_{};  ///< By picker and bit.
  // of the plan being made
  std::array<Set, DynamicPlan::kDistanceCap> within_{};
  Pickers wanted_{};
  /// By lane: nodes that have a parent there; and what they are when all lanes begin.
  std::array<Pickers, kWidth> reachable_{}, at_first_{};
  std::vector<std::array<Pickers, kWidth>> by_operand_{};  ///< By lane and operand, likewise.
  std::array<Pickers, kWidth> with_operand_{};             ///< By operand, whatever the lane.
  std::vector<std::uint8_t> lanes_;                        ///< By node.
  std::array<int, kWidth> count_{};                        ///< Nodes, by lane.
  std::array<Chosen, kWidth> chosen_{}, before_{};
  std::size_t chosen_count_ = 0, before_count_ = 0;
  int left_ = 0;  ///< Nodes still to be chosen.
};

}  // namespace hasse::transitive
