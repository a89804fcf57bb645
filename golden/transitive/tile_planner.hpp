// SPDX-License-Identifier: Apache-2.0
// What the planner of a banked engine makes of every sub-tile, and when it knows.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "golden/transitive/build_plan.hpp"
#include "golden/transitive/dynamic_plan.hpp"
#include "golden/transitive/lattice.hpp"
#include "golden/transitive/orbit_forest.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// The plan of a lattice: every node, in lock step.
BuildPlan lattice_plan(const Lattice& lattice);

/// The plan of a scoreboard, which takes two steps at least.
BuildPlan dynamic_plan(const DynamicPlan& plan);

/// Whether a node is asked for, per node and sub-tile of a pass.
std::vector<std::vector<bool>> present_nodes(const EngineConfig& config,
                                             const WeightStream& stream);

/// The nodes that the calibrating rows of the weights ask for: what a `listed` planner's table
/// holds.
std::vector<bool> listed_nodes(const EngineConfig& config, const WeightStream& stream);

/// Plans sub-tile after sub-tile, pass after pass. For planners that look at codes it also keeps
/// the state of the unit that notes them (code_presence in the RTL); others are always ready.
class TilePlanner {
 public:
  TilePlanner(const EngineConfig& config, const WeightStream& stream);

  /// Steps and nodes of the sub-tile to be built.
  int steps() const { return sizes_[tile_].steps; }
  int nodes() const { return sizes_[tile_].nodes; }
  /// Where `node` of sub-tile `tile` of a pass is kept.
  NodePlace place(std::size_t tile, Code node) const;
  /// What it is built from; empty for the root.
  std::optional<Code> parent(std::size_t tile, Code node) const;
  /// Nodes of all sub-tiles of a pass.
  std::uint64_t nodes_in_pass() const;
  /// Nodes asked for but not listed in the table, over all sub-tiles of a pass; 0 without a table.
  std::uint64_t misses_in_pass() const { return misses_; }
  /// The plan of the sub-tile to be built, and of any sub-tile of a pass.
  const BuildPlan& plan() { return plan(tile_); }
  const BuildPlan& plan(std::size_t tile);

  /// Whether it can be built.
  bool ready() const { return !looks_ || (planned_ && searching_ == 0); }
  /// Whether no further codes may be taken, while the last ones of a sub-tile are handed out or
  /// not.
  bool hold(bool completes) const {
    return looks_ && (complete_ ? !free() || completes : completes && !free());
  }
  /// All that decides what it does in later cycles.
  std::array<int, 4> state() const {
    return {static_cast<int>(tile_), complete_ ? 1 : 0, planned_ ? 1 : 0, searching_};
  }
  /// A cycle: the last codes of a sub-tile are handed out; the last step of one is made.
  void tick(bool completes, bool built);

 private:
  bool free() const { return !planned_ && words_to_come_ == 0; }

  struct Size {
    int steps, nodes;
  };

  BuildPlan plan_of(std::size_t tile) const;
  void list(const EngineConfig& config, const WeightStream& stream);

  bool looks_;
  int search_cycles_ = 0;  ///< From taking a sub-tile's codes to its plan.
  Lattice lattice_;
  std::optional<OrbitForest> orbit_{};
  std::vector<DynamicPlan> dynamic_{};       ///< Per sub-tile of a pass.
  std::vector<std::vector<bool>> wanted_{};  ///< Per sub-tile of a pass, for planners that look.
  std::uint64_t misses_ = 0;
  int words_to_come_ = 0;  ///< Of the table.
  std::vector<Size> sizes_{};
  std::size_t tile_ = 0;
  bool complete_ = false;  ///< All codes of a sub-tile have come, the planner has not taken it.
  bool planned_ = false;   ///< The planner has taken the sub-tile to be built.
  int searching_ = 0;      ///< Cycles until its plan is ready.
  std::optional<std::size_t> shown_{};  ///< Sub-tile of `plan_`.
  BuildPlan plan_{};                    ///< Of the sub-tile in `shown_`, or of every one.
};

}  // namespace hasse::transitive
