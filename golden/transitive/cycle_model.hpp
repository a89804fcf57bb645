// SPDX-License-Identifier: Apache-2.0
// Cycle-exact model of the engine's control: how long a product takes when the host never waits.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "golden/transitive/lattice.hpp"
#include "golden/transitive/weight_stream.hpp"

namespace hasse::transitive {

/// First cycle after start in which the walkers are active.
inline constexpr std::uint64_t kFirstActiveCycle = 3;

struct Program;

/// What every lane did in every cycle of a window, for pictures.
struct Occupation {
  std::uint64_t first_cycle = 0;
  /// Per prefix lane, per cycle of the window: 1 when the lane built a node.
  std::vector<std::vector<std::uint8_t>> prefix;
  /// Per accumulate lane, per cycle of the window: 1 when the lane accumulated a TransRow.
  std::vector<std::vector<std::uint8_t>> accumulate;
};

/// Where the accumulate lanes' cycles went, in lane-cycles; the sum is lanes * cycles.
struct LaneCycles {
  std::uint64_t reading = 0;   ///< A bank read was granted.
  std::uint64_t conflict = 0;  ///< Every candidate's bank was taken by another lane.
  std::uint64_t reorder = 0;   ///< The reorder buffer had no free entry.
  std::uint64_t nodes = 0;     ///< Codes were there, their sub-tile was not built yet.
  std::uint64_t codes = 0;     ///< No code was there: filling, draining or the end of a sub-tile.
};

/// Result of a run.
struct CycleCount {
  std::uint64_t cycles = 0;                 ///< As the engine's cycles_o counts them.
  std::uint64_t transrows = 0;              ///< As transrows_o.
  std::uint64_t nodes_built = 0;            ///< As nodes_built_o.
  std::vector<std::uint64_t> subtile_done;  ///< Cycle of each subtile_done_o pulse.
  LaneCycles lanes;
  Occupation occupation;  ///< Empty unless asked for.
};

/// A window of cycles to record.
struct Window {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// Runs the engine's control on `stream` for `shape` with weights and activations always valid and
/// results always taken; equals the Verilated engine cycle for cycle. Once the engine begins a pass
/// over the weights in a state in which it began an earlier one, passes are counted without being
/// followed.
CycleCount count_cycles(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                        Window window = {});

/// The same for an engine that carries out `program`.
CycleCount count_program_cycles(const EngineConfig& config, const Shape& shape,
                                const Program& program, Window window = {});

/// What the host offers and takes in one cycle.
struct HostCycle {
  bool weight = true;      ///< weight_valid_i
  bool activation = true;  ///< activation_valid_i
  bool result = true;      ///< result_ready_i
  bool scales = true;      ///< What a row that can begin is scaled by is offered.
};

/// The same engine, a clock cycle at a time, for hosts that make it wait.
class SteppedEngine {
 public:
  /// `stream` must outlive the engine.
  SteppedEngine(const EngineConfig& config, const Shape& shape, const WeightStream& stream,
                Window window = {});
  /// One that carries out `program`.
  SteppedEngine(const EngineConfig& config, const Shape& shape, const Program& program,
                Window window = {});
  ~SteppedEngine();
  SteppedEngine(SteppedEngine&&) noexcept;

  /// weight_ready_o, activation_ready_o and result_valid_o in the cycle to be stepped through.
  bool wants_weight() const;
  bool wants_activation() const;
  bool has_result() const;
  /// Whether a row can begin that takes a beat of scales, and of multipliers and shifts; `taken`:
  /// as HostCycle::result.
  bool wants_scale(bool taken) const;
  bool wants_rescale(bool taken) const;
  /// The last result has been taken.
  bool finished() const;
  /// Words of the program that are taken in the whole product; 0 without one.
  std::uint64_t program_words() const;
  /// One cycle; the first one is the third after start, in which the streams open.
  void step(const HostCycle& host);
  /// What has been counted up to the last result; only when finished.
  CycleCount result();

 private:
  class Implementation;
  std::unique_ptr<Implementation> engine_;
};

/// Cycles a sub-tile takes in the steady state, K-tiles back to back: the mean distance of
/// successive subtile_done pulses within an N-tile, the distances from its first and to its last
/// sub-tile left out, over all full N-tiles (over all, when none is full); 0 when K is too short
/// to have such distances.
double steady_state_cycles(const EngineConfig& config, const Shape& shape,
                           const std::vector<std::uint64_t>& subtile_done);

/// The bound: TransRows of a full sub-tile that are not zero, one per lane and cycle.
double bound_cycles(const EngineConfig& config, int weight_bits);

}  // namespace hasse::transitive
