// SPDX-License-Identifier: Apache-2.0
// What hasse attribute finds out: credits, accounts, measures, and what arrays take for it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "flows/attribute/array_cost.hpp"
#include "flows/attribute/array_energy.hpp"
#include "golden/attribution/attribute.hpp"
#include "golden/attribution/economics.hpp"
#include "golden/attribution/journeys.hpp"
#include "golden/attribution/metrics.hpp"

namespace hasse::attribute {

/// One attribution of a set of journeys.
struct Result {
  std::string model;      ///< "DCRMTA" or "CausalMTA".
  std::string precision;  ///< "float", "w8a8" or "w4a8".
  std::string method;
  std::size_t journeys = 0, touches = 0;
  double auc = 0, log_loss = 0;
  attribution::Credits credits;
  std::vector<attribution::ChannelAccount> channels;
  double budget_share = 1;  ///< Of what the journeys cost, divided among the channels.
  attribution::Replay replay;
  std::vector<attribution::CalibrationBin> calibration;
  double largest_error = 0;             ///< Largest standard error of a sampled value.
  std::optional<ArrayCost> array{};     ///< With a design.
  std::optional<ArrayEnergy> energy{};  ///< With its netlist.
  double seconds = 0;
};

/// Measures `credits` of `journeys`. The budget is `budget_share` of what the journeys cost.
Result measure(const attribution::Journeys& journeys, attribution::Credits credits,
               double budget_share);

/// The JSON object under the key "attribute", without anything that differs from run to run.
nlohmann::ordered_json to_json(const Result& result);

/// What `-o` writes: "attribute", and per journey its probability and its touches' credits.
nlohmann::ordered_json credits_document(const attribution::Journeys& journeys,
                                        const Result& result);

/// Writes credits.svg, roi.svg and calibration.svg into `dir`. Throws std::runtime_error when that
/// fails.
void write_plots(const Result& result, const std::filesystem::path& dir);

}  // namespace hasse::attribute
