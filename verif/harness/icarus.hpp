// SPDX-License-Identifier: Apache-2.0
// A second opinion: what a Verilated model was given and answered, replayed in Icarus Verilog.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verif/harness/model.hpp"
#include "verif/harness/rtl_source.hpp"

namespace hasse::harness {

/// Inputs and outputs of a clocked model, one vector per clock cycle. While it lives, it is the
/// model's observer.
class Recording {
 public:
  /// Records every cycle of `model` from now on, `limit` at most.
  explicit Recording(Model& model, std::size_t limit = 20000);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Cycles recorded.
  std::size_t cycles() const { return stimulus_.size(); }
  /// Inputs except the clock, and outputs; in a vector the first port takes the lowest bits.
  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  /// One hexadecimal vector per cycle.
  const std::vector<std::string>& stimulus() const { return stimulus_; }
  const std::vector<std::string>& response() const { return response_; }

 private:
  void sample();

  Model& model_;
  std::size_t limit_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  std::vector<std::string> stimulus_;
  std::vector<std::string> response_;
};

/// What Icarus said to a recording.
struct IcarusResult {
  /// Cycles compared: those with the reset `rst_ni` high.
  std::uint64_t compared = 0;
  /// Of these, cycles in which an output had a known value other than the recorded one.
  std::uint64_t mismatches = 0;
  /// Of these, cycles in which an output had unknown bits, which match anything.
  std::uint64_t unknown = 0;
  /// The first mismatch: cycle, port, both values; empty when there is none.
  std::string first;
};

/// Replays `recording`, made on a model of `source`, in Icarus. Throws synth::ToolError when
/// iverilog or vvp is missing or fails, HarnessError when nothing was recorded.
IcarusResult icarus_run(const RtlSource& source, const Recording& recording);

/// The testbench icarus_run uses; it reads stimulus.hex and response.hex from the folder it runs
/// in.
std::string icarus_testbench(const RtlSource& source, const Recording& recording);

}  // namespace hasse::harness
