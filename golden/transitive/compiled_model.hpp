// SPDX-License-Identifier: Apache-2.0
// Cycle-exact model of the engine that carries out compiled programs.
#pragma once

#include <cstdint>
#include <vector>

#include "golden/transitive/cycle_model.hpp"
#include "golden/transitive/program.hpp"
#include "golden/transitive/result_side.hpp"

namespace hasse::transitive {

/// A word of a program in what matters for time.
struct ProgramBeat {
  bool step = false, last_step = false;
  bool reads = false, last_read = false;
  bool ends_tile = false;
  std::uint16_t lanes = 0;  ///< Accumulate lanes that read, a bit for each.
  std::uint16_t nodes = 0;  ///< Prefix lanes that build a node, a bit for each.
};

/// The words of `program`, in order.
std::vector<ProgramBeat> program_beats(const ProgramLayout& layout, const Program& program);

/// An engine, a clock cycle at a time; the same questions and answers as SteppedEngine.
class CompiledEngine {
 public:
  CompiledEngine(const EngineConfig& config, const Shape& shape, const Program& program,
                 Window window = {});

  bool wants_weight() const;
  bool wants_activation() const;
  bool wants_scale(bool taken) const { return results_.wants_scale(taken); }
  bool wants_rescale(bool taken) const { return results_.wants_rescale(taken); }
  bool has_result() const { return results_.has_result(); }
  bool finished() const { return results_.finished(); }
  /// Words that are taken in the whole product.
  std::uint64_t program_words() const {
    return static_cast<std::uint64_t>(passes_) * beats_.size();
  }
  void step(const HostCycle& host);
  CycleCount result();
  /// With a host that never waits.
  CycleCount run();

 private:
  /// What a lane reads of the current row.
  struct Lane {
    int plane = 0;    ///< Plane that comes next.
    int spacing = 0;  ///< Cycles until the wide adder is free.
  };
  /// Steps or reads that wait: places in `beats_`, going round.
  struct Queue {
    std::size_t next = 0;  ///< Word that holds the oldest, or comes before it.
    int count = 0, depth = 0;
  };

  bool has_read(const ProgramBeat& beat, std::size_t lane) const {
    return ((beat.lanes >> lane) & 1U) != 0;
  }
  const ProgramBeat& head(Queue& queue, bool ProgramBeat::*what) const;
  bool can_read(const ProgramBeat& beat) const;
  bool build(bool offered);
  void make_step(bool last_k);
  void finish_build();
  void advance_lanes(const ProgramBeat& beat, bool fire);
  void blame(const ProgramBeat& beat, bool fire);
  bool take();
  void mark(std::vector<std::vector<std::uint8_t>>& lanes, std::size_t lane);
  int operands_left() const { return shape_.k - tile_k_ * config_.tile_bits; }

  EngineConfig config_;
  Shape shape_;
  Window window_;
  std::vector<ProgramBeat> beats_;
  int passes_, tiles_k_;
  CycleCount result_;
  std::uint64_t cycle_ = kFirstActiveCycle;
  // program_checker
  std::size_t word_ = 0;
  int pass_ = 0;
  // compiled_planner
  Queue steps_;
  std::uint64_t tiles_left_ = 0;
  int loaded_ = 0, tile_k_ = 0, waiting_ = 0, half_ = 0;
  bool begun_ = false, step_made_ = false;
  bool built_[2] = {false, false};
  // program_reader
  Queue reads_;
  std::vector<Lane> lanes_;
  bool written_ = false;  ///< The last node of a sub-tile is being written.
  int tiles_ = 0, read_half_ = 0, read_k_ = 0;
  std::vector<int> releases_;  ///< Halves on their way to their release, newest first; -1: none.
  // result side
  ResultSide results_;
};

}  // namespace hasse::transitive
