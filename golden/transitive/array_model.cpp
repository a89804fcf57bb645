// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/array_model.hpp"

#include <algorithm>

namespace hasse::transitive {
namespace {

/// stream_fork on a stream that has a beat in every cycle it ticks.
class Fork {
 public:
  explicit Fork(int units) : taken_(static_cast<std::size_t>(units)) {}
  /// Whether the unit is offered the beat.
  bool offers(std::size_t unit) const { return !taken_[unit]; }
  /// The cycle ends; `ready` says of every unit whether it takes a beat. True when the beat leaves
  /// the stream.
  bool tick(const std::vector<bool>& ready) {
    bool all = true;
    for (std::size_t unit = 0; unit < ready.size(); ++unit) {
      taken_[unit] = taken_[unit] || ready[unit];
      all = all && taken_[unit];
    }
    if (all) std::fill(taken_.begin(), taken_.end(), false);
    return all;
  }

 private:
  std::vector<bool> taken_;
};

/// result_merge.
class Merge {
 public:
  Merge(const ArrayConfig& config, const Shape& shape)
      : config_(config),
        shape_(shape),
        pass_columns_(config.streams().columns),
        beat_columns_(config.unit.columns / config.unit.columns_per_adder) {}

  /// The unit whose beat is taken in this cycle, if it has one.
  std::size_t turn() const { return turn_; }
  /// Whether the last beat of the product has been taken.
  bool finished() const { return finished_; }
  /// Whether that unit's beat is part of the product; others are dropped.
  bool keeps() const {
    return config_.share == Share::weights
               ? pass_ + static_cast<int>(turn_) * config_.unit.columns + sent_ < shape_.m
               : row_ < shape_.n;
  }
  /// The unit's beat is taken.
  void take() {
    if (keeps()) --left_;
    finished_ = finished_ || left_ == 0;
    sent_ += beat_columns_;
    if (sent_ < std::min(config_.unit.columns, shape_.m - pass_)) return;
    sent_ = 0;
    next_turn();
  }

 private:
  void next_turn() {
    const bool by_rows = config_.share == Share::activations;
    turn_ = (turn_ + 1) % static_cast<std::size_t>(config_.units);
    if (by_rows || turn_ == 0) ++row_;
    if (turn_ != 0 || row_ < shape_.n) return;
    row_ = 0;
    pass_ += pass_columns_;
  }

  std::uint64_t beats() const {
    std::uint64_t count = 0;
    for (int m = 0; m < shape_.m; m += config_.unit.columns)
      count += static_cast<std::uint64_t>(
          (std::min(config_.unit.columns, shape_.m - m) + beat_columns_ - 1) / beat_columns_);
    return count * static_cast<std::uint64_t>(shape_.n);
  }

  const ArrayConfig& config_;
  const Shape& shape_;
  int pass_columns_, beat_columns_;
  std::size_t turn_ = 0;
  int row_ = 0, pass_ = 0, sent_ = 0;
  std::uint64_t left_ = beats();
  bool finished_ = false;
};

class Array {
 public:
  Array(const ArrayConfig& config, const Shape& shape, const tensor::Matrix<std::int8_t>& weights,
        Window window, const std::optional<MemoryConfig>& memory, const Program* program)
      : config_(config), shape_(shape), merge_(config_, shape_) {
    const Shape own = config.unit_shape(shape);
    const std::uint64_t offset = static_cast<std::uint64_t>(config.start_cycles());
    window.first -= std::min(window.first, offset);
    for (int unit = 0; unit < config.units; ++unit)
      streams_.emplace_back(config.unit, own, config.unit_weights(shape, weights, unit));
    for (const WeightStream& stream : streams_)
      if (program != nullptr)
        engines_.emplace_back(config.unit, own, *program, window);
      else
        engines_.emplace_back(config.unit, own, stream, window);
    if (!memory) return;
    InputBeats beats = input_beats(config, shape);
    if (config.unit.planner == Planner::compiled) beats.weights = engines_.front().program_words();
    memory_.emplace(*memory, beats);
  }

  ArrayCount run() {
    std::uint64_t cycle = kFirstActiveCycle;
    ArrayCount count;
    const auto ahead = kFirstActiveCycle - 1 + static_cast<std::uint64_t>(config_.start_cycles());
    for (std::uint64_t i = 0; memory_ && i < ahead; ++i) memory_->tick({false, false, false});
    for (; !all_finished(); ++cycle) {
      step();
      if (merge_.finished() && count.cycles == 0) count.cycles = cycle;
    }
    const auto offset = static_cast<std::uint64_t>(config_.start_cycles());
    count.cycles += offset;
    for (SteppedEngine& engine : engines_) {
      count.units.push_back(engine.result());
      shift(count.units.back(), offset);
      count.transrows += count.units.back().transrows;
      count.nodes_built += count.units.back().nodes_built;
    }
    return count;
  }

 private:
  bool all_finished() const {
    return std::all_of(engines_.begin(), engines_.end(),
                       [](const SteppedEngine& engine) { return engine.finished(); });
  }

  void step() {
    const HostCycle host = memory_ ? memory_->offers() : HostCycle{};
    const std::size_t turn = merge_.turn();
    const bool kept = merge_.keeps() && !merge_.finished();
    const bool ready = host.result || !kept;
    const bool taken = engines_[turn].has_result() && ready;
    for (std::size_t unit = 0; unit < engines_.size(); ++unit) {
      SteppedEngine& engine = engines_[unit];
      const HostCycle own{host.weight && weights_.offers(unit),
                          host.activation && activations_.offers(unit), unit == turn && ready};
      weight_[unit] = engine.wants_weight() && own.weight;
      activation_[unit] = engine.wants_activation() && own.activation;
      if (!engine.finished()) engine.step(own);
    }
    const bool weight = host.weight && weights_.tick(weight_);
    const bool activation = host.activation && activations_.tick(activation_);
    if (memory_) memory_->tick({weight, activation, taken && kept});
    if (taken) merge_.take();
  }

  static void shift(CycleCount& unit, std::uint64_t offset) {
    unit.cycles += offset;
    unit.occupation.first_cycle += offset;
    for (std::uint64_t& cycle : unit.subtile_done) cycle += offset;
  }

  ArrayConfig config_;
  Shape shape_;
  std::vector<WeightStream> streams_;
  std::vector<SteppedEngine> engines_;
  Fork weights_{config_.units}, activations_{config_.units};
  Merge merge_;
  std::optional<HostMemory> memory_;  ///< None: the host never waits.
  std::vector<bool> weight_ = std::vector<bool>(static_cast<std::size_t>(config_.units));
  std::vector<bool> activation_ = weight_;  ///< Units that take a beat in this cycle.
};

}  // namespace

ArrayCount count_array_cycles(const ArrayConfig& config, const Shape& shape,
                              const tensor::Matrix<std::int8_t>& weights, Window window,
                              const std::optional<MemoryConfig>& memory, const Program* program) {
  if (config.units > 1 || memory)
    return Array(config, shape, weights, window, memory, program).run();
  CycleCount unit =
      program != nullptr
          ? count_program_cycles(config.unit, shape, *program, window)
          : count_cycles(config.unit, shape, WeightStream(config.unit, shape, weights), window);
  return {unit.cycles, unit.transrows, unit.nodes_built, {std::move(unit)}};
}

double needed_lane_cycles(const ArrayConfig& config, const Shape& shape) {
  const EngineConfig& unit = config.unit;
  return static_cast<double>(shape.n) * unit.beats_per_row(shape.weight_bits) *
         ((shape.k + unit.depth() - 1) / unit.depth()) *
         ((shape.m + unit.columns - 1) / unit.columns);
}

double array_utilisation(const ArrayConfig& config, const Shape& shape, const ArrayCount& count) {
  return needed_lane_cycles(config, shape) /
         (static_cast<double>(config.units) * config.unit.lanes *
          static_cast<double>(count.cycles));
}

}  // namespace hasse::transitive
