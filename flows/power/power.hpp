// SPDX-License-Identifier: Apache-2.0
// Energy per operation of a generated design, from the switching of its mapped netlist.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "synth/energy/energy.hpp"
#include "synth/synth.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::power {

/// What is measured, and how.
struct PowerOptions {
  /// Directory, library and clock period; a netlist that is there and up to date is kept.
  synth::Options synth;
  /// What is multiplied.
  harness::WorkloadOptions workload;
  /// Multiplied in place of that, if given.
  std::optional<harness::Workload> operands{};
  /// Where the result is kept; empty: DIR/results/power.json.
  std::filesystem::path kept{};
  /// Of random operands and of what is undefined at the start.
  std::uint64_t seed = 1;
  synth::WireModel wires;
  /// Node of the library in nm, for memories and scaling; none: 180 for OSU's, 130 for IHP's, and
  /// 130 with a remark for others.
  std::optional<int> node_nm;
  /// Liberty files of memory macros, taken as they are; empty: the model of memory_energy.hpp.
  std::vector<std::filesystem::path> memory_liberty{};
  /// Uniform activity at which OpenSTA's account is compared with ours; none: not compared.
  std::optional<double> cross_check;
};

/// Told what is being done, and the share of it done or a negative number.
using ProgressFn = std::function<void(const std::string& what, double share)>;

/// Measures, or returns what was kept of the same measurement: the object
/// under the key "power", which docs/power.md describes. Throws what synth::run, the harness and
/// the netlist's readers throw.
nlohmann::ordered_json measure(const PowerOptions& options, const ProgressFn& progress = {});

/// The result as rows for a person.
std::vector<std::pair<std::string, std::string>> rows_of(const nlohmann::ordered_json& result);

}  // namespace hasse::power
