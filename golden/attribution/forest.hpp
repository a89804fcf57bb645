// SPDX-License-Identifier: Apache-2.0
// The passes through a recurrent model that attribution asks for, their common beginnings shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/attribution/journeys.hpp"

namespace hasse::attribution {

/// Trees of touches: a node is the pass that goes through the touches from its root to itself. All
/// subsets of n touches make 2^n - 1 nodes, one step of the recurrent layers each: a subset is one
/// touch away from the subset without its last touch, as in the Hasse graph of a sub-tile's codes.
class Forest {
 public:
  static constexpr std::uint32_t kRoot = 0xffffffff;  ///< Parent of a pass of one touch.

  struct Node {
    std::uint32_t parent;
    std::uint32_t touch;    ///< Index into the journeys' touches.
    std::uint32_t journey;  ///< Index into the batch's journeys.
    std::uint32_t depth;    ///< Touches of the pass less one.
  };

  /// Adds the pass that goes on from `parent` with `touch`; returns its number.
  std::uint32_t add(std::uint32_t parent, std::size_t touch, std::size_t journey);

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(std::uint32_t number) const { return nodes_[number]; }
  std::size_t size() const { return nodes_.size(); }
  /// The numbers of nodes by depth, from 0.
  const std::vector<std::vector<std::uint32_t>>& levels() const { return levels_; }
  /// The nodes from the first touch of the pass to `number`.
  std::vector<std::uint32_t> path(std::uint32_t number) const;

 private:
  std::vector<Node> nodes_;
  std::vector<std::vector<std::uint32_t>> levels_;
};

/// What a model is run on.
struct Batch {
  const Journeys* journeys = nullptr;
  std::vector<std::size_t> which;  ///< Journeys, in the order of Forest::Node::journey.
  Forest forest;
  std::vector<std::uint32_t> passes;  ///< Nodes whose probabilities are wanted.
  /// Touches that every pass is padded to, without a mask, as the published code of DCRMTA and
  /// CausalMTA does: results then depend on it. 0: no padding, or masked, which is the same.
  std::size_t padded_length = 0;
};

/// The whole journeys `which`, one pass each.
Batch whole_journeys(const Journeys& journeys, std::vector<std::size_t> which);

/// What a model says of one pass.
struct Verdict {
  float probability = 0;  ///< Of conversion.
  /// DCRMTA's counterfactual effect, sigmoid(logit - logit^), for passes through all touches of
  /// their journey, else 0; CausalMTA's probability.
  float effect = 0;
  bool operator==(const Verdict&) const = default;
};

}  // namespace hasse::attribution
