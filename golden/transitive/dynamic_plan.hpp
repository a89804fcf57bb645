// SPDX-License-Identifier: Apache-2.0
// What the dynamic planner decides for one sub-tile: the nodes, one prefix for each, its lane and
// its step. Bit-true: the hardware makes the same choices in the same cycles.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// A node as the dynamic planner builds it.
struct DynamicNode {
  Code node = 0;
  std::optional<Code> parent{};  ///< Empty when it is built from the root value.
  int operand = 0;               ///< Operand added: the bit in which node and parent differ.
  int lane = 0;                  ///< Prefix lane that builds and keeps it.
  int step = 0;                  ///< Cycle of the plan in which it is chosen.
};

/// How far the backward pass had to look for the prefix of a node.
struct DynamicDistances {
  /// Nodes asked for whose nearest prefix at hand is 1, 2, 3, 4 bits away (indices 0..3).
  std::array<int, 4> within{};
  int far = 0;  ///< Nodes without any within 4 bits: they get a chain of their own.
};

/// The scoreboard of one sub-tile, after Algorithms 1 and 2 of the Transitive Array paper (Sec. 3).
///
/// Forward pass: how far is the nearest prefix that is asked for, up to 4 bits. Backward pass,
/// level by level from the top: a node without a direct prefix asks for one more node, the direct
/// prefix with the shortest way down (lowest bit cleared first). The level-1 nodes always exist:
/// they are the roots of the lanes' trees.
///
/// Balance: nodes belong to `dimension` classes, the sum of their bits' numbers modulo the
/// dimension, each with a picker. In every step pickers and lanes are matched by a wavefront
/// (`match_wavefront`, from diagonal 0), a picker asking for every lane in which one of its nodes
/// has a prefix; then each builds the lowest of its nodes that has one in the lane it got, from
/// the prefix without the lowest bit.
///
/// With a Benes network an operand can go to one lane only. Pickers are therefore matched with
/// operands first, from diagonal `step`, so that the order turns; only nodes that the operand
/// makes from a prefix, in whatever lane, are asked for in the second matching.
class DynamicPlan {
 public:
  /// A node chosen in step s can be the parent of one chosen in step s + kParentLatency.
  static constexpr int kParentLatency = 2;
  /// Distance up to which the forward pass knows the prefixes of a node.
  static constexpr int kDistanceCap = 4;

  /// `present[v]`: a TransRow of the sub-tile asks for node v; 2^dimension entries,
  /// dimension 2..12. Throws std::invalid_argument for anything else.
  DynamicPlan(int dimension, const std::vector<bool>& present,
              OperandNetwork network = OperandNetwork::select);

  int dimension() const { return dimension_; }
  /// Every node built, in the order of the steps, and of the lanes within a step.
  const std::vector<DynamicNode>& nodes() const { return nodes_; }
  /// Steps of the plan: the last node is chosen in the last of them.
  int steps() const { return nodes_.back().step + 1; }
  /// Lane of a node, empty when the plan does not build it.
  std::optional<int> lane(Code node) const;
  const DynamicDistances& distances() const { return distances_; }

 private:
  /// A node that a picker may build: from its prefix without bit `operand`, in that one's lane.
  struct Offer {
    Code node;
    int operand;
    int lane;
  };

  void forward(const std::vector<bool>& present);
  void backward();
  void ask_for_prefix(Code node);
  void seed();
  void step(int now);
  std::vector<Offer> offers(int picker, int now) const;
  void share_operands(std::vector<std::vector<Offer>>& offers, int now) const;
  static std::vector<std::uint32_t> requests(const std::vector<std::vector<Offer>>& pickers,
                                             int Offer::*of);
  bool reaches(Code parent, int bit, int now) const;
  void choose(const Offer& offer, int now);

  int dimension_;
  OperandNetwork network_;
  std::vector<std::vector<bool>> within_;  ///< [k][v]: a node asked for is at most k bits below v.
  std::vector<bool> wanted_;               ///< Nodes still to be chosen.
  std::vector<int> lanes_;                 ///< Lane of a node, -1 when not chosen.
  std::vector<int> since_;                 ///< Step in which it was chosen.
  std::vector<std::vector<Code>> classes_;
  std::vector<DynamicNode> nodes_;
  DynamicDistances distances_;
};

/// Class of a node, hence its picker: the sum of the numbers of its bits modulo `dimension`.
int dynamic_class(Code node, int dimension);

/// Nodes of one class in the order in which a picker prefers them: by level, then by value, without
/// the root and level 1, which are chosen in the first two steps.
std::vector<Code> dynamic_candidates(int picker, int dimension);

/// Place of a node within its lane: its code without the lane's bit, which all nodes of a lane
/// share, and with the parity of the rest as lowest bit, since nodes differ in any of their bits
/// and the lowest chooses a bank. The root is kept where lane dimension-1 would keep the node of
/// the first and last bit, which is never built there.
int dynamic_slot(Code node, int lane, int dimension);

/// Lane that keeps the root when it is asked for.
constexpr int dynamic_root_lane(int dimension) {
  return dimension - 1;
}

}  // namespace hasse::transitive
