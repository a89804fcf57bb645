// SPDX-License-Identifier: Apache-2.0
// What a planner makes of one sub-tile, in numbers: nodes, lanes, steps and banks, without the
// plan.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "golden/transitive/fast_dynamic.hpp"
#include "golden/transitive/fast_orbit.hpp"
#include "golden/transitive/node_slicer.hpp"
#include "golden/transitive/tile_plan.hpp"

namespace hasse::transitive {

/// Plans sub-tile after sub-tile with the configuration's planner: `lattice` as Lattice, `orbit` as
/// OrbitForest, `dynamic` as DynamicPlan, fast enough for whole language models.
class SubtilePlanner {
 public:
  /// Throws std::invalid_argument for another planner and for a lattice too large for it.
  explicit SubtilePlanner(const EngineConfig& config);

  /// Plans a sub-tile of an engine with the configuration's lanes.
  TilePlan plan(const SubtileReads& reads);

  /// Bank of `node` in the plan made last; meaningless for nodes that are not built.
  std::uint8_t bank(std::uint16_t node) const;

 private:
  static constexpr std::size_t kWordBytes = 64;  ///< Bytes of presence that make a word.

  void note_presence(const SubtileReads& reads);
  void pack_presence();

  EngineConfig config_;
  Lattice lattice_;
  std::optional<FastOrbit> orbit_;
  std::optional<FastDynamic> dynamic_;
  std::vector<std::uint8_t> banks_;    ///< By node; `dynamic` chooses lanes as it goes.
  std::vector<std::uint16_t> places_;  ///< By node: its bit in words_, and byte in bytes_.
  std::vector<std::uint8_t> bytes_;    ///< Of the sub-tile's nodes: 1 when read.
  std::vector<std::uint64_t> words_;   ///< The same, packed.
};

}  // namespace hasse::transitive
