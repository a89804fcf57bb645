// SPDX-License-Identifier: Apache-2.0
// What pins load and how much load their drivers bear.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "synth/liberty/library.hpp"
#include "synth/timing/speed.hpp"

namespace hasse::synth {

/// A buffer cell: output equals input.
struct BufferCell {
  std::string cell;
  std::string input;
  std::string output;
  /// Load of its input and the load it drives, in the library's capacitance unit.
  double input_load = 0.0;
  double limit = 0.0;
};

/// Loads and drive limits of a library's cells, in its capacitance unit. A driver's limit is the
/// load that makes it wait two FO4 delays.
class LoadModel {
 public:
  LoadModel(const Library& library, const LibrarySpeed& speed);

  /// Input capacitance of a cell's pin; the data pin of the smallest flip-flop for unknown cells.
  double pin_load(const std::string& cell, const std::string& pin) const;

  /// The most load a cell's output should drive; that of the smallest inverter for unknown cells.
  double drive_limit(const std::string& cell, const std::string& pin) const;

  /// The most load a net with an unknown driver, such as a module's port, should have.
  double weakest_limit() const { return weakest_limit_; }

  /// The buffer that drives most load per area, when the library has one.
  const std::optional<BufferCell>& buffer() const { return buffer_; }

 private:
  double measure_limit(const LibertyCell& cell, const std::string& pin) const;
  void choose_buffer();

  const Library& library_;
  LibrarySpeed speed_;
  double default_load_ = 0.0;
  double weakest_limit_ = 0.0;
  std::map<std::pair<std::string, std::string>, double> limits_;
  std::optional<BufferCell> buffer_;
};

}  // namespace hasse::synth
