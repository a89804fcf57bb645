// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/compiled_model.hpp"

#include <algorithm>
#include <bit>

namespace hasse::transitive {
namespace {

ProgramBeat beat_of(const ProgramLayout& layout, std::span<const std::uint32_t> word, bool header) {
  ProgramBeat beat;
  const auto kind = static_cast<WordKind>(get_field(word, layout.kind_at(), 2));
  beat.last_step = kind == WordKind::last_step;
  beat.step = beat.last_step || kind == WordKind::step;
  beat.ends_tile = !header && kind == WordKind::check;
  beat.reads = get_field(word, layout.reads_at(), 1) != 0;
  beat.last_read = beat.reads && get_field(word, layout.last_read_at(), 1) != 0;
  for (int lane = 0; beat.reads && lane < layout.lanes; ++lane)
    if (get_field(word, layout.entry_at(lane), layout.bank_bits) !=
        static_cast<unsigned>(layout.banks()))
      beat.lanes = static_cast<std::uint16_t>(beat.lanes | 1U << lane);
  for (int lane = 0; beat.step && lane < layout.prefix_lanes; ++lane)
    if (get_field(word, lane * layout.step_bits, layout.banks_per_lane) != 0)
      beat.nodes = static_cast<std::uint16_t>(beat.nodes | 1U << lane);
  return beat;
}

}  // namespace

std::vector<ProgramBeat> program_beats(const ProgramLayout& layout, const Program& program) {
  std::vector<ProgramBeat> beats;
  beats.reserve(program.count());
  for (std::size_t i = 0; i < program.count(); ++i)
    beats.push_back(beat_of(layout, program.word(i), i < kHeaderWords));
  return beats;
}

CompiledEngine::CompiledEngine(const EngineConfig& config, const Shape& shape,
                               const Program& program, Window window)
    : config_(config),
      shape_(shape),
      window_(window),
      beats_(program_beats(ProgramLayout(config), program)),
      passes_((shape.m + config.columns - 1) / config.columns),
      tiles_k_((shape.k + config.tile_bits - 1) / config.tile_bits),
      lanes_(static_cast<std::size_t>(config.lanes), Lane{shape.weight_bits - 1, 0}),
      releases_(static_cast<std::size_t>(config.columns_per_adder), -1),
      results_(config, shape) {
  const ProgramLayout layout(config);
  steps_.depth = layout.step_queue;
  reads_.depth = layout.read_queue;
  const auto tiles = std::ranges::count_if(beats_, &ProgramBeat::ends_tile);
  tiles_left_ = static_cast<std::uint64_t>(passes_) * static_cast<std::uint64_t>(tiles);
  if (window_.count == 0) return;
  result_.occupation.first_cycle = window_.first;
  result_.occupation.prefix.assign(static_cast<std::size_t>(config.dimension()),
                                   std::vector<std::uint8_t>(window_.count));
  result_.occupation.accumulate.assign(lanes_.size(), std::vector<std::uint8_t>(window_.count));
}

CycleCount CompiledEngine::run() {
  while (!finished()) step({});
  return result();
}

CycleCount CompiledEngine::result() {
  result_.cycles = cycle_ - 1;
  return std::move(result_);
}

bool CompiledEngine::wants_weight() const {
  return pass_ < passes_ && steps_.count < steps_.depth && reads_.count < reads_.depth;
}

bool CompiledEngine::wants_activation() const {
  return tiles_left_ > 0 && loaded_ < std::min(config_.tile_bits, operands_left());
}

/// The word that holds the oldest of a queue that is not empty.
const ProgramBeat& CompiledEngine::head(Queue& queue, bool ProgramBeat::*what) const {
  while (!(beats_[queue.next].*what)) queue.next = (queue.next + 1) % beats_.size();
  return beats_[queue.next];
}

void CompiledEngine::step(const HostCycle& host) {
  const bool taken = wants_weight() && host.weight;
  results_.step(host);
  const ProgramBeat nothing;
  const ProgramBeat& reads = reads_.count > 0 ? head(reads_, &ProgramBeat::reads) : nothing;
  const bool fire = tiles_ > 0 && can_read(reads);
  const bool finish = fire && reads.last_read;
  // The release passes columns_per_adder - 1 registers.
  releases_.front() = finish ? read_half_ : -1;
  const int released = releases_.back();
  std::rotate(releases_.rbegin(), releases_.rbegin() + 1, releases_.rend());
  blame(reads, fire);
  advance_lanes(reads, fire);
  const bool built = build(host.activation);
  const bool checked = taken && take();
  if (released >= 0) {
    result_.subtile_done.push_back(cycle_);
    built_[released] = false;
  }
  if (fire) {
    --reads_.count;
    reads_.next = (reads_.next + 1) % beats_.size();
  }
  if (finish) {
    read_half_ = 1 - read_half_;
    read_k_ = (read_k_ + 1) % tiles_k_;
  }
  tiles_ += (written_ ? 1 : 0) - (finish ? 1 : 0);
  written_ = built;
  waiting_ += (checked ? 1 : 0) - (built ? 1 : 0);
  ++cycle_;
}

bool CompiledEngine::can_read(const ProgramBeat& beat) const {
  const bool last_k = config_.ends_sums(shape_, read_k_);
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
    if (has_read(beat, lane) && lanes_[lane].plane == 0 &&
        (lanes_[lane].spacing > 0 || (last_k && results_.full(lane))))
      return false;
  return true;
}

void CompiledEngine::advance_lanes(const ProgramBeat& beat, bool fire) {
  const bool last_k = config_.ends_sums(shape_, read_k_);
  for (std::size_t index = 0; index < lanes_.size(); ++index) {
    Lane& lane = lanes_[index];
    const bool reads = fire && has_read(beat, index);
    const bool completes = reads && lane.plane == 0;
    lane.spacing = completes ? config_.columns_per_adder - 1 : std::max(lane.spacing - 1, 0);
    if (reads) {
      lane.plane = completes ? shape_.weight_bits - 1 : lane.plane - 1;
      ++result_.transrows;
      mark(result_.occupation.accumulate, index);
    }
    results_.rows[index].tick(completes && last_k, results_.pops(index));
  }
}

void CompiledEngine::blame(const ProgramBeat& beat, bool fire) {
  const auto lanes = static_cast<std::uint64_t>(config_.lanes);
  const auto reading = static_cast<std::uint64_t>(std::popcount(beat.lanes));
  LaneCycles& spent = result_.lanes;
  if (fire) {
    spent.reading += reading;
    spent.conflict += lanes - reading;
  } else if (tiles_ > 0) {
    spent.reorder += lanes;
  } else if (reads_.count > 0) {
    spent.nodes += lanes;
  } else {
    spent.codes += lanes;
  }
}

/// Loads operands and makes steps. Whether the sub-tile's last step is made.
bool CompiledEngine::build(bool offered) {
  bool built = false, corrected = false;
  if (tiles_left_ > 0 && loaded_ < config_.tile_bits) {
    loaded_ += !wants_activation() || offered ? 1 : 0;
  } else if (tiles_left_ > 0) {
    const bool last_k = config_.ends_sums(shape_, tile_k_);
    const bool can_begin =
        waiting_ > 0 && !built_[half_] && !(last_k && results_.corrections_full());
    if (begun_ || can_begin) {
      corrected = !begun_ && last_k;
      const ProgramBeat& step = head(steps_, &ProgramBeat::step);
      for (std::size_t lane = 0; window_.count > 0 && lane < result_.occupation.prefix.size();
           ++lane)
        if (((step.nodes >> lane) & 1U) != 0) mark(result_.occupation.prefix, lane);
      result_.nodes_built += static_cast<std::uint64_t>(std::popcount(step.nodes));
      --steps_.count;
      steps_.next = (steps_.next + 1) % beats_.size();
      built = step.last_step;
      begun_ = !built;
      if (built) finish_build();
    }
  }
  // The correction enters its accumulator in the very cycle it starts: one stage less than a lane.
  results_.corrections.entering = corrected;
  results_.corrections.tick(false, results_.pops_correction());
  return built;
}

void CompiledEngine::finish_build() {
  built_[half_] = true;
  half_ = 1 - half_;
  loaded_ = 0;
  tile_k_ = (tile_k_ + 1) % tiles_k_;
  --tiles_left_;
}

/// Takes a word. Whether it completes a sub-tile.
bool CompiledEngine::take() {
  const ProgramBeat& beat = beats_[word_];
  steps_.count += beat.step ? 1 : 0;
  reads_.count += beat.reads ? 1 : 0;
  if (++word_ == beats_.size()) {
    word_ = 0;
    ++pass_;
  }
  return beat.ends_tile;
}

void CompiledEngine::mark(std::vector<std::vector<std::uint8_t>>& lanes, std::size_t lane) {
  if (cycle_ >= window_.first && cycle_ - window_.first < window_.count)
    lanes[lane][cycle_ - window_.first] = 1;
}

}  // namespace hasse::transitive
