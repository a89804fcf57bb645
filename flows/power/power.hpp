// SPDX-License-Identifier: Apache-2.0
// Energy per operation of a generated design, from the switching of its mapped netlist.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flows/power/netlist_account.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::power {

/// What is measured, and how.
struct PowerOptions : NetlistOptions {
  /// What is multiplied.
  harness::WorkloadOptions workload{};
  /// Multiplied in place of that, if given.
  std::optional<harness::Workload> operands{};
  /// Uniform activity at which OpenSTA's account is compared with ours; none: not compared.
  std::optional<double> cross_check{};
};

/// Measures, or returns what was kept of the same measurement: the object
/// under the key "power", which docs/power.md describes. Throws what synth::run, the harness and
/// the netlist's readers throw.
nlohmann::ordered_json measure(const PowerOptions& options, const ProgressFn& progress = {});

/// The result as rows for a person.
std::vector<std::pair<std::string, std::string>> rows_of(const nlohmann::ordered_json& result);

}  // namespace hasse::power
