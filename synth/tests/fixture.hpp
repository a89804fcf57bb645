// SPDX-License-Identifier: Apache-2.0
// A small generated directory to synthesise: a top, four equal lanes and one memory.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace hasse::synth::testing {

/// A directory below the temporary directory, removed at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The manifest of the small design: top `tiny_top` (unit control), four `shift_lane` (unit
/// accumulate_lanes), one ram_1r1w of 16 words of 4 bits.
nlohmann::json tiny_manifest();

/// Writes the small design into `directory`. Each lane is three flip-flops without reset; the top
/// adds one inverter.
void write_tiny_design(const std::filesystem::path& directory);

/// Writes a design of a single module, with the ports that `ports` lists (name, width; outputs end
/// in _o).
void write_single_module(const std::filesystem::path& directory, const std::string& name,
                         const std::string& verilog,
                         const std::vector<std::pair<std::string, int>>& ports);

}  // namespace hasse::synth::testing
