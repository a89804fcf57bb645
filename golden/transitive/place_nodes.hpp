// SPDX-License-Identifier: Apache-2.0
// Chooses lane, bank and parent for the nodes of one sub-tile so that no two of its reads collide.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/transitive/lattice.hpp"
#include "golden/transitive/program_layout.hpp"

namespace hasse::transitive {

/// Nothing is kept here, or nothing is read.
inline constexpr std::uint8_t kNowhere = 0xFF;
/// A node that no lane asks for.
inline constexpr Code kNoNode = 0xFFFF;

/// One building step that is not yet at its time.
struct PlacedNode {
  Code node = 0;
  int parent = -1;            ///< Index of the parent in the same list; -1: the root value.
  std::uint8_t bank = 0;      ///< Over all lanes.
  std::uint16_t address = 0;  ///< In that bank.
};

/// A sub-tile's nodes, parents before children. A node that is built in several lanes appears
/// several times; `bank_of` and `address_of` name the copy that is read.
struct Placement {
  std::vector<PlacedNode> nodes;
  std::vector<std::uint8_t> bank_of;      ///< Per node, kNowhere when it is not read.
  std::vector<std::uint16_t> address_of;  ///< Per node.
  int collisions = 0;  ///< Nodes that had to share a bank with another node of the same beat.
};

/// Places nodes. Keeps its tables from sub-tile to sub-tile.
class NodePlacer {
 public:
  explicit NodePlacer(const EngineConfig& config);

  /// `beats` holds, `lanes` per beat, the node each accumulate lane reads, kNoNode where it reads
  /// none. The conflict graph of the nodes (an edge between any two of a beat) is coloured with the
  /// banks: low and often read nodes first; of the banks whose beats it leaves alone, a node takes
  /// the one that costs least in helpers, lane load and freedom of the others. Where none is left
  /// another node is moved out of its way, or else it collides and is counted. Falls back to the
  /// lattice's own forest when the banks are full.
  const Placement& place(std::span<const std::uint16_t> beats);

 private:
  void count_reads(std::span<const std::uint16_t> beats);
  bool place_all();
  bool place_node(Code node, int left);
  int helpers_needed(int lane, Code node) const;
  int beats_of(int bank) const;
  bool collides(int bank, Code node) const;
  int choose_bank(Code node, int left, bool collide) const;
  void read_from(int bank, Code node);
  int make_room(Code node, int left);
  bool fits_without(int lane, Code node, Code other, int left);
  int only_obstacle(int bank, Code node) const;
  int refuge(int bank, Code node, int index, int left) const;
  void move(int index, int to);
  void clear_bank(int bank);
  void settle();
  void reserve(int bank);
  void release(int bank);
  int add(Code node, int parent, int bank);
  int build(int bank, Code node);
  int build_path(int lane, Code node);
  int nearest(int lane, Code node) const;
  int roomiest(int lane) const;
  void place_lattice();
  void clear_places();
  std::size_t at(int lane, Code node) const {
    return static_cast<std::size_t>(lane * lattice_.nodes()) + node;
  }
  int where(int lane, Code node) const { return where_[at(lane, node)]; }

  EngineConfig config_;
  ProgramLayout layout_;
  Lattice lattice_;
  std::size_t mask_words_ = 1;             ///< 64-bit words of a set of beats.
  std::vector<std::uint64_t> node_beats_;  ///< Per node, the beats that read it.
  std::vector<std::uint64_t> bank_beats_;  ///< Per bank, the beats that read a node of it.
  std::vector<int> uses_;                  ///< Per node.
  std::vector<Code> order_;                ///< Nodes that are read, in the order of placement.
  std::vector<int> room_;                  ///< Per bank, free addresses.
  std::vector<int> lane_load_;             ///< Per prefix lane, nodes.
  std::vector<std::int16_t> where_;        ///< Per lane and node, index in placement_, or -1.
  std::vector<int> index_;                 ///< New index of every building step.
  std::vector<std::uint16_t> filled_;      ///< Per bank, addresses given away.
  int room_left_ = 0;
  Placement placement_;
};

}  // namespace hasse::transitive
