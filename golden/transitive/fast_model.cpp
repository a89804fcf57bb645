// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/fast_model.hpp"

#include <algorithm>
#include <cstring>

namespace hasse::transitive {
namespace {

constexpr std::uint64_t kBegin = 3;     ///< First cycle in which the walkers are active.
constexpr std::uint64_t kToWindow = 3;  ///< From a beat's acceptance to the lanes' windows.

}  // namespace

PaceCount& PaceCount::operator+=(const PaceCount& other) {
  subtiles += other.subtiles;
  transrows += other.transrows;
  present += other.present;
  nodes_built += other.nodes_built;
  busiest += other.busiest;
  build_steps += other.build_steps;
  conflicts += other.conflicts;
  return *this;
}

FastModel::FastModel(const EngineConfig& config)
    : config_(config),
      planner_(config),
      search_cycles_(config.planner == Planner::dynamic
                         ? static_cast<std::uint64_t>(config.dimension() - 2)
                         : 0),
      lanes_(config.lanes),
      look_ahead_(config.look_ahead),
      depth_(config.reorder_depth()),
      // A dynamic plan has room for the root's step.
      min_steps_(std::max(config.columns_per_adder, config.planner == Planner::dynamic ? 2 : 1)),
      lane_states_(static_cast<std::size_t>(config.lanes)) {}

void FastModel::push(const SubtileReads& reads) {
  while (pushed_ >= released_ + kTiles) step();
  Tile& added = tile(pushed_);
  const TilePlan plan = planner_.plan(reads);
  fill(added, reads);
  added.steps = std::max(plan.steps, min_steps_);
  weight_bits_ = reads.weight_bits;
  schedule(pushed_);
  ++pushed_;
  ++count_.subtiles;
  count_.present += static_cast<std::uint64_t>(plan.present);
  count_.nodes_built += static_cast<std::uint64_t>(plan.built);
  count_.busiest += static_cast<std::uint64_t>(plan.busiest);
  count_.build_steps += static_cast<std::uint64_t>(plan.steps);
  for (std::size_t index = 0; index < lane_states_.size(); ++index)
    if (lane_states_[index].tile + 1 == pushed_) next_tile(index);
  while (!input_needed()) step();
}

void FastModel::finish() {
  while (released_ < pushed_) step();
}

void FastModel::fill(Tile& added, const SubtileReads& reads) {
  added.beats = reads.beats(lanes_);
  added.outstanding = 0;
  for (int lane = 0; lane < lanes_; ++lane) {
    const int count = reads.reads(lanes_, lane);
    added.lane_reads[static_cast<std::size_t>(lane)] = count;
    added.outstanding += count;
  }
  count_.transrows += static_cast<std::uint64_t>(added.outstanding);
  const auto half = static_cast<unsigned>(pushed_ & 1) << 12;
  added.reads.resize(reads.nodes.size());
  for (std::size_t i = 0; i < reads.nodes.size(); ++i)
    added.reads[i] = {static_cast<std::uint16_t>(1U + half + reads.nodes[i]),
                      planner_.bank(reads.nodes[i]), 0};
}

/// When sub-tile `number` is dispatched and built, once the one that frees its half is done.
void FastModel::schedule(std::uint64_t number) {
  Tile& now = tile(number);
  now.dispatched = now.built = kNever;
  if (number >= released_ + 2) return;
  const auto done = [this](std::uint64_t before, std::uint64_t by) {
    return before < by ? 0 : subtile_done_[before - by];
  };
  const Tile* before = number == 0 ? nullptr : &tile(number - 1);
  const std::uint64_t last_built = before == nullptr ? kBegin - 1 : before->built;
  const std::uint64_t dispatcher =
      before == nullptr ? kBegin : before->dispatched + static_cast<std::uint64_t>(before->beats);
  const std::uint64_t freed = done(number, 2);
  std::uint64_t begins =
      std::max(last_built + static_cast<std::uint64_t>(config_.tile_bits), freed);
  if (config_.plans_ahead()) {
    const auto open = static_cast<std::uint64_t>(config_.open_tiles());
    // Codes of the next sub-tile but one wait until the planner has room for their presence.
    const std::uint64_t room = number < 2 ? 0 : tile(number - 2).built + 1;
    now.dispatched = std::max({dispatcher, room, done(number, open) + 1});
    const std::uint64_t complete = now.dispatched + static_cast<std::uint64_t>(now.beats) + 1;
    begins = std::max(begins, std::max(complete, last_built + 1) + search_cycles_);
  } else {
    now.dispatched = std::max(dispatcher, freed + 1);
  }
  now.built = begins + static_cast<std::uint64_t>(now.steps);
}

void FastModel::step() {
  taken_.fill(0);
  for (std::size_t index = 0; index < lane_states_.size(); ++index) {
    Lane& lane = lane_states_[index];
    if (!grant(lane) && lane.candidates > 0) ++count_.conflicts;
    accept(index);
  }
  while (released_ < pushed_ && tile(released_).outstanding == 0) release();
  ++slot_;
}

bool FastModel::grant(Lane& lane) {
  for (int i = 0; i < lane.candidates; ++i) {
    const Candidate candidate = lane.window[static_cast<std::size_t>(i)];
    std::uint16_t& taken = taken_[candidate.bank];
    if (taken != 0 && taken != candidate.claim) continue;
    taken = candidate.claim;
    lane.ready[candidate.tag] = slot_ + static_cast<unsigned>(lanes_) + 2;
    // A fixed number of them: two moves of a vector register.
    std::array<Candidate, kMaxWindow> younger;
    std::memcpy(younger.data(), &lane.window[static_cast<std::size_t>(i) + 1], sizeof younger);
    std::memcpy(&lane.window[static_cast<std::size_t>(i)], younger.data(), sizeof younger);
    --lane.candidates;
    // The half in the claim tells which of the two sub-tiles being read this was.
    const std::uint64_t parity = static_cast<std::uint64_t>(candidate.claim - 1) >> 12;
    --tile(released_ + ((released_ ^ parity) & 1)).outstanding;
    return true;
  }
  return false;
}

void FastModel::accept(std::size_t index) {
  Lane& lane = lane_states_[index];
  const std::uint64_t cycle = slot_ + index;
  if (lane.candidates >= look_ahead_ || lane.tile >= pushed_) return;
  const Tile& now = tile(lane.tile);
  if (cycle <= now.built ||
      cycle < now.dispatched + static_cast<std::uint64_t>(lane.beat) + kToWindow)
    return;
  if (!has_room(lane, cycle)) return;
  Candidate candidate = now.reads[static_cast<std::size_t>(lane.beat * lanes_) + index];
  candidate.tag = static_cast<std::uint8_t>(lane.tail % kMaxReorder);
  lane.ready[candidate.tag] = kNever;
  lane.window[static_cast<std::size_t>(lane.candidates++)] = candidate;
  ++lane.tail;
  if (++lane.beat == lane.reads) {
    ++lane.tile;
    next_tile(index);
  }
}

/// Whether the reorder buffer has a free entry in `cycle`; lets entries retire as far as needed.
bool FastModel::has_room(Lane& lane, std::uint64_t cycle) const {
  while (lane.tail - lane.head >= static_cast<std::uint64_t>(depth_)) {
    std::uint64_t at = std::max(lane.ready[lane.head % kMaxReorder], lane.retired + 1);
    const bool last = lane.head_plane + 1 == weight_bits_;
    if (last) at = std::max(at, lane.last_row + static_cast<unsigned>(config_.columns_per_adder));
    if (at >= cycle) return false;
    lane.retired = at;
    if (last) lane.last_row = at;
    lane.head_plane = last ? 0 : lane.head_plane + 1;
    ++lane.head;
  }
  return true;
}

/// Enters sub-tile lane.tile, or the next one in which the lane has something to read.
void FastModel::next_tile(std::size_t index) {
  Lane& lane = lane_states_[index];
  lane.beat = 0;
  while (lane.tile < pushed_) {
    lane.reads = tile(lane.tile).lane_reads[index];
    if (lane.reads > 0) break;
    ++lane.tile;
  }
  front_ = std::max(front_, lane.tile);
}

void FastModel::release() {
  const std::uint64_t done = slot_ + static_cast<std::uint64_t>(lanes_) + 1;
  subtile_done_.push_back(released_ == 0 ? done : std::max(done, subtile_done_.back() + 1));
  ++released_;
  if (released_ + 1 < pushed_) schedule(released_ + 1);
}

}  // namespace hasse::transitive
