// SPDX-License-Identifier: Apache-2.0
// Measures and JSON of an attribution.
#include "flows/attribute/attribution_result.hpp"

#include <algorithm>

namespace hasse::attribute {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kBins = 10;

template <class T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json channels_json(const Result& result) {
  ordered_json json;
  for (const auto& channel : result.channels)
    json[channel.name] = {{"credit", channel.credit},
                          {"roi", or_null(channel.roi)},
                          {"budget", channel.budget},
                          {"cost", channel.cost},
                          {"touches", channel.touches}};
  return json;
}

ordered_json product_json(const ArrayCost& array, const ProductCost& cost) {
  return {{"products", cost.products},
          {"macs", cost.macs},
          {"cycles", cost.cycles},
          {"utilisation", array.utilisation(cost)}};
}

ordered_json array_json(const ArrayCost& array) {
  ordered_json json = {{"journeys", array.journeys},
                       {"touches", array.touches},
                       {"cycles_per_journey", array.cycles_per_journey()},
                       {"cycles_per_touch", array.cycles_per_touch()}};
  json.update(product_json(array, array.total));
  for (const auto& [name, cost] : array.by_name) json["by_name"][name] = product_json(array, cost);
  return json;
}

ordered_json energy_json(const ArrayEnergy& energy, const ArrayCost& array) {
  const auto per = [](double picojoules, std::size_t count) {
    return picojoules / static_cast<double>(count);
  };
  ordered_json json = {{"liberty", energy.liberty},
                       {"clock_ns", energy.clock_ns},
                       {"layout", "pre-layout"},
                       {"pj_per_journey", per(energy.total.logic_pj, array.journeys)},
                       {"pj_per_touch", per(energy.total.logic_pj, array.touches)},
                       {"memory_pj_per_journey", per(energy.total.memory_pj, array.journeys)},
                       {"memory_pj_per_touch", per(energy.total.memory_pj, array.touches)},
                       {"pj_per_mac", energy.total.logic_pj / array.total.macs}};
  for (const auto& [name, cycle] : energy.by_name)
    json["by_name"][name] = {{"pj_per_cycle", cycle.logic_pj},
                             {"memory_pj_per_cycle", cycle.memory_pj}};
  return json;
}

}  // namespace

Result measure(const attribution::Journeys& journeys, attribution::Credits credits,
               double budget_share) {
  Result result;
  result.journeys = journeys.size();
  result.touches = journeys.touches();
  result.auc = attribution::auc(credits.probability, journeys.converted);
  result.log_loss = attribution::log_loss(credits.probability, journeys.converted);
  result.calibration = attribution::calibration(credits.probability, journeys.converted, kBins);
  result.budget_share = budget_share;
  result.channels = attribution::channel_accounts(journeys, credits.credit,
                                                  budget_share * attribution::total_cost(journeys));
  result.replay = attribution::replay(journeys, result.channels);
  if (credits.sampled > 0) result.largest_error = *std::ranges::max_element(credits.standard_error);
  result.credits = std::move(credits);
  return result;
}

ordered_json to_json(const Result& result) {
  ordered_json json = {{"model", result.model},
                       {"precision", result.precision},
                       {"method", result.method},
                       {"journeys", result.journeys},
                       {"touches", result.touches},
                       {"auc", result.auc},
                       {"log_loss", result.log_loss},
                       {"passes", result.credits.passes},
                       {"sampled_journeys", result.credits.sampled},
                       {"largest_standard_error", result.largest_error},
                       {"channels", channels_json(result)}};
  json["replay"] = {
      {"budget_share", result.budget_share}, {"conversions", result.replay.conversions},
      {"cost", result.replay.cost},          {"stopped_journeys", result.replay.stopped},
      {"cpa", or_null(result.replay.cpa)},   {"cvr", result.replay.cvr}};
  json["calibration"] = ordered_json::array();
  for (const auto& bin : result.calibration)
    json["calibration"].push_back(
        {{"predicted", bin.predicted}, {"observed", bin.observed}, {"journeys", bin.journeys}});
  if (result.array) json["array"] = array_json(*result.array);
  if (result.energy) json["array"]["energy"] = energy_json(*result.energy, *result.array);
  return json;
}

ordered_json credits_document(const attribution::Journeys& journeys, const Result& result) {
  ordered_json document = {{"attribute", to_json(result)}};
  ordered_json& list = document["journeys"] = ordered_json::array();
  const auto part = [](const std::vector<double>& values, std::size_t first, std::size_t count) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  for (std::size_t j = 0; j < journeys.size(); ++j) {
    const std::size_t first = journeys.first(j), length = journeys.length(j);
    list.push_back({{"probability", result.credits.probability[j]},
                    {"effect", result.credits.effect[j]},
                    {"credit", part(result.credits.credit, first, length)},
                    {"value", part(result.credits.values, first, length)}});
  }
  return document;
}

}  // namespace hasse::attribute
