// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/place_nodes.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace hasse::transitive {
namespace {

// Weights found by trial on random 4-bit weights at T = 8, R = 256. A node that is read often
// meets many others and is placed early; a low level spares helpers. A bank that is already read in
// many beats is preferred (an emptier one stays open for more nodes), but not at the price of
// helpers or of a lane so full that building takes longer than reading.
constexpr int kUseWeight = 3;
constexpr int kLevelWeight = 4;
constexpr int kHelperCost = 12;
constexpr int kLoadCost = 3;

}  // namespace

NodePlacer::NodePlacer(const EngineConfig& config)
    : config_(config), layout_(config), lattice_(config.dimension()) {
  const auto nodes = static_cast<std::size_t>(lattice_.nodes());
  mask_words_ = static_cast<std::size_t>(config.rows / config.lanes + 63) / 64;
  node_beats_.resize(nodes * mask_words_);
  bank_beats_.resize(static_cast<std::size_t>(layout_.banks()) * mask_words_);
  uses_.resize(nodes);
  placement_.bank_of.resize(nodes);
  placement_.address_of.resize(nodes);
}

const Placement& NodePlacer::place(std::span<const std::uint16_t> beats) {
  count_reads(beats);
  clear_places();
  if (!place_all()) {
    clear_places();
    place_lattice();
  }
  return placement_;
}

void NodePlacer::count_reads(std::span<const std::uint16_t> beats) {
  std::ranges::fill(node_beats_, 0);
  std::ranges::fill(uses_, 0);
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (beats[i] == kNoNode) continue;
    const std::size_t beat = i / static_cast<std::size_t>(config_.lanes);
    node_beats_[beats[i] * mask_words_ + beat / 64] |= std::uint64_t{1} << (beat % 64);
    ++uses_[beats[i]];
  }
  order_.clear();
  for (Code node = 1; node < static_cast<Code>(lattice_.nodes()); ++node)
    if (uses_[node] != 0) order_.push_back(node);
  std::ranges::sort(order_, [this](Code a, Code b) {
    const int first = kUseWeight * uses_[a] - kLevelWeight * level(a);
    const int second = kUseWeight * uses_[b] - kLevelWeight * level(b);
    return first != second ? first > second : a < b;
  });
}

void NodePlacer::clear_places() {
  placement_.nodes.clear();
  placement_.collisions = 0;
  std::ranges::fill(placement_.bank_of, kNowhere);
  std::ranges::fill(bank_beats_, 0);
  room_.assign(static_cast<std::size_t>(layout_.banks()), layout_.bank_depth);
  room_left_ = layout_.banks() * layout_.bank_depth;
  lane_load_.assign(static_cast<std::size_t>(layout_.prefix_lanes), 0);
  where_.assign(static_cast<std::size_t>(layout_.prefix_lanes * lattice_.nodes()), -1);
}

/// The root first, always at the first address of the first bank: zero codes are known by it.
bool NodePlacer::place_all() {
  build(0, 0);
  read_from(0, 0);
  int left = static_cast<int>(order_.size());
  for (const Code node : order_)
    if (!place_node(node, left--)) return false;
  settle();
  return true;
}

/// Drops what was moved away and gives every node its address: in the order of building.
void NodePlacer::settle() {
  std::vector<PlacedNode>& nodes = placement_.nodes;
  index_.assign(nodes.size(), -1);
  filled_.assign(static_cast<std::size_t>(layout_.banks()), 0);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    PlacedNode placed = nodes[i];
    if (placed.bank == kNowhere) continue;
    if (placed.parent >= 0) placed.parent = index_[static_cast<std::size_t>(placed.parent)];
    placed.address = filled_[placed.bank]++;
    if (placement_.bank_of[placed.node] == placed.bank)
      placement_.address_of[placed.node] = placed.address;
    index_[i] = static_cast<int>(kept);
    nodes[kept++] = placed;
  }
  nodes.resize(kept);
}

bool NodePlacer::place_node(Code node, int left) {
  int bank = choose_bank(node, left, false);
  if (bank < 0) bank = make_room(node, left);
  if (bank < 0) {
    ++placement_.collisions;
    bank = choose_bank(node, left, true);
    if (bank < 0) return false;
  }
  const int lane = bank / config_.banks_per_lane;
  const int there = where(lane, node);
  if (there < 0 || placement_.nodes[static_cast<std::size_t>(there)].bank != bank)
    build(bank, node);
  read_from(bank, node);
  return true;
}

/// The lanes read `node` from `bank`.
void NodePlacer::read_from(int bank, Code node) {
  placement_.bank_of[node] = static_cast<std::uint8_t>(bank);
  for (std::size_t i = 0; i < mask_words_; ++i)
    bank_beats_[static_cast<std::size_t>(bank) * mask_words_ + i] |=
        node_beats_[node * mask_words_ + i];
}

/// Moves one node out of the way of `node`: to another bank of its lane, or, if nothing was built
/// from it, to a lane that has a parent for it. Returns the bank that this opens, -1 if none.
int NodePlacer::make_room(Code node, int left) {
  for (int bank = 0; bank < layout_.banks(); ++bank) {
    const int lane = bank / config_.banks_per_lane;
    if (helpers_needed(lane, node) > 0) continue;
    const int index = only_obstacle(bank, node);
    if (index < 0) continue;
    const Code obstacle = placement_.nodes[static_cast<std::size_t>(index)].node;
    const int to = refuge(bank, obstacle, index, left);
    if (to < 0) continue;
    if (to / config_.banks_per_lane != lane && !fits_without(lane, node, obstacle, left)) continue;
    move(index, to);
    return bank;
  }
  return -1;
}

/// Whether `lane` has room for `node` and its helpers when `other`, which may be what `node` would
/// have been built from, has moved to another lane.
bool NodePlacer::fits_without(int lane, Code node, Code other, int left) {
  const std::int16_t there = std::exchange(where_[at(lane, other)], std::int16_t{-1});
  const int helpers = helpers_needed(lane, node);
  where_[at(lane, other)] = there;
  const int lane_room =
      config_.banks_per_lane * layout_.bank_depth - lane_load_[static_cast<std::size_t>(lane)] + 1;
  return helpers + 1 <= lane_room && room_left_ >= left + helpers;
}

/// Index of the one node of `bank` that meets `node` in a beat; -1 for none or several, and for the
/// root, which stays.
int NodePlacer::only_obstacle(int bank, Code node) const {
  int found = -1;
  for (std::size_t i = 0; i < placement_.nodes.size(); ++i) {
    const PlacedNode& placed = placement_.nodes[i];
    if (placed.bank != bank || placement_.bank_of[placed.node] != bank) continue;
    bool meets = false;
    for (std::size_t word = 0; word < mask_words_; ++word)
      meets = meets || (node_beats_[placed.node * mask_words_ + word] &
                        node_beats_[node * mask_words_ + word]) != 0;
    if (!meets) continue;
    if (found >= 0 || placed.node == 0) return -1;
    found = static_cast<int>(i);
  }
  return found;
}

/// Where the node at `index`, in `bank`, may move to.
int NodePlacer::refuge(int bank, Code node, int index, int left) const {
  const bool leaf = std::ranges::none_of(
      placement_.nodes, [&](const PlacedNode& other) { return other.parent == index; });
  for (int to = 0; to < layout_.banks(); ++to) {
    const int lane = to / config_.banks_per_lane;
    const bool same = lane == bank / config_.banks_per_lane;
    if (to == bank || room_[static_cast<std::size_t>(to)] == 0 || collides(to, node)) continue;
    if (same) return to;
    if (leaf && where(lane, node) < 0 && helpers_needed(lane, node) == 0 && room_left_ >= left)
      return to;
  }
  return -1;
}

/// Moves the node at `index` to bank `to`, and what is read there with it.
void NodePlacer::move(int index, int to) {
  PlacedNode& placed = placement_.nodes[static_cast<std::size_t>(index)];
  const Code node = placed.node;
  const int from = placed.bank, lane = to / config_.banks_per_lane;
  release(from);
  if (lane == from / config_.banks_per_lane) {
    placed.bank = static_cast<std::uint8_t>(to);
    reserve(to);
  } else {
    where_[at(from / config_.banks_per_lane, node)] = -1;
    placed.bank = kNowhere;
    build(to, node);
  }
  clear_bank(from);
  read_from(to, node);
}

/// Takes the beats of a bank together anew.
void NodePlacer::clear_bank(int bank) {
  std::fill_n(bank_beats_.begin() +
                  static_cast<std::ptrdiff_t>(static_cast<std::size_t>(bank) * mask_words_),
              mask_words_, 0);
  for (const PlacedNode& placed : placement_.nodes)
    if (placed.bank == bank && placement_.bank_of[placed.node] == bank)
      read_from(bank, placed.node);
}

bool NodePlacer::collides(int bank, Code node) const {
  for (std::size_t i = 0; i < mask_words_; ++i)
    if ((bank_beats_[static_cast<std::size_t>(bank) * mask_words_ + i] &
         node_beats_[node * mask_words_ + i]) != 0)
      return true;
  return false;
}

/// Beats in which `bank` is read.
int NodePlacer::beats_of(int bank) const {
  int count = 0;
  for (std::size_t i = 0; i < mask_words_; ++i)
    count += std::popcount(bank_beats_[static_cast<std::size_t>(bank) * mask_words_ + i]);
  return count;
}

/// Nodes to be built between `node` and what `lane` has.
int NodePlacer::helpers_needed(int lane, Code node) const {
  const int found = nearest(lane, node);
  const int base = found < 0 ? 0 : level(placement_.nodes[static_cast<std::size_t>(found)].node);
  return std::max(level(node) - base - 1, 0);
}

/// The cheapest bank that can take `node` and keep room for the `left` nodes still to come, itself
/// included; -1 when there is none.
int NodePlacer::choose_bank(Code node, int left, bool collide) const {
  int best = -1, best_cost = std::numeric_limits<int>::max();
  for (int lane = 0; lane < layout_.prefix_lanes; ++lane) {
    int helpers = -1;
    for (int i = 0; i < config_.banks_per_lane; ++i) {
      const int bank = lane * config_.banks_per_lane + i;
      if (room_[static_cast<std::size_t>(bank)] == 0) continue;
      if (!collide && collides(bank, node)) continue;
      if (helpers < 0) helpers = helpers_needed(lane, node);
      const int lane_room =
          config_.banks_per_lane * layout_.bank_depth - lane_load_[static_cast<std::size_t>(lane)];
      if (helpers + 1 > lane_room || room_left_ < left + helpers) continue;
      const int cost = kHelperCost * helpers +
                       kLoadCost * lane_load_[static_cast<std::size_t>(lane)] - beats_of(bank);
      if (cost >= best_cost) continue;
      best = bank;
      best_cost = cost;
    }
  }
  return best;
}

void NodePlacer::reserve(int bank) {
  --room_left_;
  --room_[static_cast<std::size_t>(bank)];
  ++lane_load_[static_cast<std::size_t>(bank / config_.banks_per_lane)];
}

void NodePlacer::release(int bank) {
  ++room_left_;
  ++room_[static_cast<std::size_t>(bank)];
  --lane_load_[static_cast<std::size_t>(bank / config_.banks_per_lane)];
}

/// Adds a building step in a bank where room was reserved, and returns its index.
int NodePlacer::add(Code node, int parent, int bank) {
  const auto index = static_cast<int>(placement_.nodes.size());
  placement_.nodes.push_back({node, parent, static_cast<std::uint8_t>(bank), 0});
  where_[at(bank / config_.banks_per_lane, node)] = static_cast<std::int16_t>(index);
  return index;
}

/// Builds `node` in `bank`, with the helpers it needs, and returns its index.
int NodePlacer::build(int bank, Code node) {
  reserve(bank);
  const int parent = level(node) <= 1 ? -1 : build_path(bank / config_.banks_per_lane, node);
  return add(node, parent, bank);
}

/// Index of a node that `node` can be built from by one addition, built now if need be; -1 for the
/// root value.
int NodePlacer::build_path(int lane, Code node) {
  int parent = nearest(lane, node);
  Code at = parent < 0 ? 0 : placement_.nodes[static_cast<std::size_t>(parent)].node;
  for (Code rest = node & ~at; level(rest) > 1; rest &= rest - 1) {
    at |= rest & -rest;
    const int bank = roomiest(lane);
    reserve(bank);
    parent = add(at, parent, bank);
  }
  return parent;
}

/// Index of the largest proper subset of `node` that `lane` has built; -1 for the root value.
int NodePlacer::nearest(int lane, Code node) const {
  const std::int16_t* has = &where_[at(lane, 0)];
  if (level(node) <= 1) return -1;
  for (Code rest = node; rest != 0; rest &= rest - 1)
    if (const Code sub = node & ~(rest & -rest); has[sub] >= 0) return has[sub];
  int best = -1, best_level = 0;
  for (Code sub = (node - 1) & node; sub != 0; sub = (sub - 1) & node)
    if (has[sub] >= 0 && level(sub) > best_level) {
      best = has[sub];
      best_level = level(sub);
    }
  return best;
}

int NodePlacer::roomiest(int lane) const {
  const int first = lane * config_.banks_per_lane;
  int best = first;
  for (int bank = first; bank < first + config_.banks_per_lane; ++bank)
    if (room_[static_cast<std::size_t>(bank)] > room_[static_cast<std::size_t>(best)]) best = bank;
  return best;
}

/// Every node, where the lattice planner keeps it: always fits, but reads collide.
void NodePlacer::place_lattice() {
  std::vector<int> index_of(static_cast<std::size_t>(lattice_.nodes()), -1);
  for (const LatticeStep& step : lattice_.steps()) {
    for (int lane = 0; !step.idle && lane < step.lanes; ++lane) {
      const Code node = rotate_left(step.necklace, lane, lattice_.dimension());
      const auto bank = static_cast<std::uint8_t>(lane * config_.banks_per_lane +
                                                  step.slot % config_.banks_per_lane);
      const auto address = static_cast<std::uint16_t>(step.slot / config_.banks_per_lane);
      const int parent = level(node) <= 1 ? -1 : index_of[orbit_parent(node, lattice_.dimension())];
      index_of[node] = static_cast<int>(placement_.nodes.size());
      placement_.nodes.push_back({node, parent, bank, address});
      placement_.bank_of[node] = bank;
      placement_.address_of[node] = address;
    }
  }
  placement_.collisions = static_cast<int>(order_.size());
}

}  // namespace hasse::transitive
