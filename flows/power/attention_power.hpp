// SPDX-License-Identifier: Apache-2.0
// Energy of decode steps on a generated attention engine, from the switching of its mapped netlist.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "flows/power/netlist_account.hpp"
#include "verif/attention/decode_sequence.hpp"

namespace hasse::power {

/// What is measured, and how.
struct AttentionPowerOptions : NetlistOptions {
  harness::DecodeOptions decode{};
};

/// Measures, or returns what was kept of the same measurement: the object under the key "power",
/// which docs/power.md describes. Every series whose pages are chosen by scores, and not pruned, is
/// followed by one that reads as many last pages, so that the difference is the price of choosing.
/// Throws what synth::run, harness::make_sequence, harness::run_series and the netlist's readers
/// throw.
nlohmann::ordered_json measure(const AttentionPowerOptions& options,
                               const ProgressFn& progress = {});

/// The result as rows for a person.
std::vector<std::pair<std::string, std::string>> attention_rows_of(
    const nlohmann::ordered_json& result);

}  // namespace hasse::power
