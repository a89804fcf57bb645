// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/subtile_planner.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

namespace hasse::transitive {
namespace {

/// Eight bytes of 0 or 1 as the bits of one.
std::uint64_t pack_eight(const std::uint8_t* bytes) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof eight);
  return (eight * 0x0102040810204080ULL) >> 56;
}

}  // namespace

SubtilePlanner::SubtilePlanner(const EngineConfig& config)
    : config_(config), lattice_(config.dimension()) {
  if (config.planner == Planner::orbit)
    orbit_.emplace(config.dimension());
  else if (config.planner == Planner::dynamic)
    dynamic_.emplace(config.dimension(), config.operand_network);
  else if (config.planner != Planner::lattice)
    throw std::invalid_argument("subtile planner: planner " +
                                std::to_string(static_cast<int>(config.planner)) +
                                ": expected lattice, orbit or dynamic");
  const auto nodes = static_cast<std::size_t>(lattice_.nodes());
  // A word holds a lane's slots for `orbit`, else 64 successive nodes.
  words_.resize(orbit_ ? static_cast<std::size_t>(config.dimension()) : (nodes + 63) / 64);
  bytes_.resize(words_.size() * kWordBytes);
  for (Code node = 0; node < nodes; ++node) {
    const NodePlace place = lattice_.place(node);
    places_.push_back(static_cast<std::uint16_t>(
        orbit_ ? place.lane * static_cast<int>(kWordBytes) + place.slot : static_cast<int>(node)));
    banks_.push_back(static_cast<std::uint8_t>(place.lane * config.banks_per_lane +
                                               place.slot % config.banks_per_lane));
  }
}

TilePlan SubtilePlanner::plan(const SubtileReads& reads) {
  note_presence(reads);
  pack_presence();
  if (orbit_) return orbit_->plan(words_);
  if (dynamic_) return dynamic_->plan(words_);
  TilePlan plan = {0, lattice_.nodes(), lattice_.slots(),
                   static_cast<int>(lattice_.steps().size())};
  for (const std::uint64_t word : words_) plan.present += std::popcount(word);
  return plan;
}

std::uint8_t SubtilePlanner::bank(std::uint16_t node) const {
  if (!dynamic_) return banks_[node];
  const int lane = dynamic_->lane(node);
  return static_cast<std::uint8_t>(lane * config_.banks_per_lane +
                                   dynamic_slot(node, lane, config_.dimension()) %
                                       config_.banks_per_lane);
}

void SubtilePlanner::note_presence(const SubtileReads& reads) {
  std::ranges::fill(bytes_, std::uint8_t{0});
  std::uint8_t* const bytes = bytes_.data();
  const std::uint16_t* const places = places_.data();
  const auto lanes = static_cast<std::size_t>(config_.lanes);
  // Only the last group of rows can leave lanes without a row.
  const auto rest = static_cast<std::size_t>(reads.rows) % lanes;
  const std::size_t whole = static_cast<std::size_t>(reads.rows) / lanes * lanes *
                            static_cast<std::size_t>(reads.weight_bits);
  for (std::size_t at = 0; at < whole; ++at) bytes[places[reads.nodes[at]]] = 1;
  for (std::size_t at = whole; rest > 0 && at < reads.nodes.size(); ++at)
    if (at % lanes < rest) bytes[places[reads.nodes[at]]] = 1;
}

void SubtilePlanner::pack_presence() {
  for (std::size_t word = 0; word < words_.size(); ++word) {
    std::uint64_t packed = 0;
    for (std::size_t eight = 0; eight < 8; ++eight)
      packed |= pack_eight(&bytes_[word * kWordBytes + eight * 8]) << (8 * eight);
    words_[word] = packed;
  }
}

}  // namespace hasse::transitive
