// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/array_model.hpp"

#include <algorithm>

#include "golden/transitive/program.hpp"

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

/// `Unit`: SteppedEngine or SteppedStream.
template <class Unit>
class Array {
 public:
  Array(const ArrayConfig& config, const Shape& shape, std::vector<Unit> units,
        const std::optional<MemoryConfig>& memory, const InputBeats& beats)
      : config_(config), shape_(shape), engines_(std::move(units)), merge_(config_, shape_) {
    if (memory) memory_.emplace(*memory, beats);
  }

  ArrayCount run() {
    std::uint64_t cycle = kFirstActiveCycle;
    ArrayCount count;
    const auto ahead = kFirstActiveCycle - 1 + static_cast<std::uint64_t>(config_.start_cycles());
    for (std::uint64_t i = 0; memory_ && i < ahead; ++i) memory_->tick({false, false, false});
    for (; !all_finished(); ++cycle) {
      step();
      const bool ended = config_.joined ? all_finished() : merge_.finished();
      if (ended && count.cycles == 0) count.cycles = cycle;
    }
    const auto offset = static_cast<std::uint64_t>(config_.start_cycles());
    count.cycles += offset;
    for (Unit& engine : engines_) {
      auto unit = engine.result();
      shift(unit, offset);
      count.transrows += unit.transrows;
      count.nodes_built += unit.nodes_built;
      keep(count, std::move(unit));
    }
    return count;
  }

 private:
  bool all_have_results() const {
    return std::all_of(engines_.begin(), engines_.end(),
                       [](const Unit& engine) { return engine.has_result(); });
  }
  bool all_finished() const {
    return std::all_of(engines_.begin(), engines_.end(),
                       [](const Unit& engine) { return engine.finished(); });
  }

  void step() {
    const HostCycle host = memory_ ? memory_->offers() : HostCycle{};
    const std::size_t turn = merge_.turn();
    const bool kept = config_.joined || (merge_.keeps() && !merge_.finished());
    const bool there = config_.joined ? all_have_results() : engines_[turn].has_result();
    const bool taken = there && (host.result || !kept);
    for (std::size_t unit = 0; unit < engines_.size(); ++unit) {
      Unit& engine = engines_[unit];
      HostCycle own{host.weight && weights_.offers(unit),
                    host.activation && activations_.offers(unit),
                    taken && (config_.joined || unit == turn)};
      own.scales = takes_scales(engine, unit, own.result);
      weight_[unit] = engine.wants_weight() && own.weight;
      activation_[unit] = engine.wants_activation() && own.activation;
      if (!engine.finished()) engine.step(own);
    }
    const bool weight = host.weight && weights_.tick(weight_);
    const bool activation = host.activation && activations_.tick(activation_);
    scales_.tick(scale_);
    rescales_.tick(rescale_);
    if (memory_) memory_->tick({weight, activation, taken && kept});
    if (taken && !config_.joined) merge_.take();
  }

  /// Whether `engine` is offered what its next row needs; it takes all of it at once.
  bool takes_scales(const Unit& engine, std::size_t unit, bool taken) {
    const bool scale = engine.wants_scale(taken), rescale = engine.wants_rescale(taken);
    const bool all = (!scale || scales_.offers(unit)) && (!rescale || rescales_.offers(unit));
    scale_[unit] = scale && all;
    rescale_[unit] = rescale && all;
    return all;
  }

  static void shift(CycleCount& unit, std::uint64_t offset) {
    unit.cycles += offset;
    unit.occupation.first_cycle += offset;
    for (std::uint64_t& cycle : unit.subtile_done) cycle += offset;
  }
  static void shift(StreamedCount& unit, std::uint64_t offset) {
    unit.cycles += offset;
    for (std::uint64_t& cycle : unit.subtile_done) cycle += offset;
  }
  static void keep(ArrayCount& count, CycleCount unit) { count.units.push_back(std::move(unit)); }
  static void keep(ArrayCount& count, StreamedCount unit) {
    count.streams.push_back(std::move(unit));
  }

  ArrayConfig config_;
  Shape shape_;
  std::vector<Unit> engines_;
  Fork weights_{config_.units}, activations_{config_.units};
  Fork scales_{config_.units}, rescales_{config_.units};
  Merge merge_;
  std::optional<HostMemory> memory_;  ///< None: the host never waits.
  std::vector<bool> weight_ = std::vector<bool>(static_cast<std::size_t>(config_.units));
  std::vector<bool> activation_ = weight_;  ///< Units that take a beat in this cycle.
  std::vector<bool> scale_ = weight_, rescale_ = weight_;
};

}  // namespace

ArrayCount count_array_cycles(const ArrayConfig& config, const Shape& shape,
                              const tensor::Matrix<std::int8_t>& weights, Window window,
                              const std::optional<MemoryConfig>& memory, const Program* program) {
  if (config.unit.streams()) return count_array_cycles(config, shape, memory);
  if (config.units == 1 && !memory) {
    CycleCount unit =
        program != nullptr
            ? count_program_cycles(config.unit, shape, *program, window)
            : count_cycles(config.unit, shape, WeightStream(config.unit, shape, weights), window);
    return {unit.cycles, unit.transrows, unit.nodes_built, {std::move(unit)}, {}};
  }
  window.first -= std::min(window.first, static_cast<std::uint64_t>(config.start_cycles()));
  const Shape own = config.unit_shape(shape);
  std::vector<WeightStream> streams;
  std::vector<SteppedEngine> engines;
  if (config.unit.planner == Planner::compiled) {
    const Program all = program != nullptr ? *program : compile(config, shape, weights);
    for (int unit = 0; unit < config.units; ++unit)
      engines.emplace_back(config.unit, own, unit_program(config, all, unit), window);
  } else {
    for (int unit = 0; unit < config.units; ++unit)
      streams.push_back(config.unit_stream(shape, weights, unit));
    for (const WeightStream& stream : streams)
      engines.emplace_back(config.unit, own, stream, window);
  }
  InputBeats beats = input_beats(config, shape);
  if (config.unit.planner == Planner::compiled) beats.weights = engines.front().program_words();
  return Array(config, shape, std::move(engines), memory, beats).run();
}

ArrayCount count_array_cycles(const ArrayConfig& config, const Shape& shape,
                              const std::optional<MemoryConfig>& memory) {
  if (config.units == 1) {
    StreamedCount unit = count_streamed_cycles(config.unit, shape, memory);
    return {unit.cycles, unit.transrows, unit.nodes_built, {}, {std::move(unit)}};
  }
  std::vector<SteppedStream> engines;
  for (int unit = 0; unit < config.units; ++unit)
    engines.emplace_back(config.unit, config.unit_shape(shape));
  return Array(config, shape, std::move(engines), memory, input_beats(config, shape)).run();
}

double needed_lane_cycles(const ArrayConfig& config, const Shape& shape) {
  const EngineConfig& unit = config.unit;
  return static_cast<double>(shape.n) * unit.beats_per_row(shape.weight_bits) *
         unit.cycles_per_beat() * ((shape.k + unit.depth() - 1) / unit.depth()) *
         ((shape.m + unit.columns - 1) / unit.columns);
}

double array_utilisation(const ArrayConfig& config, const Shape& shape, const ArrayCount& count) {
  return needed_lane_cycles(config, shape) /
         (static_cast<double>(config.units) * config.unit.lanes *
          static_cast<double>(count.cycles));
}

}  // namespace hasse::transitive
