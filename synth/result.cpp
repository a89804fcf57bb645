// SPDX-License-Identifier: Apache-2.0
// Results as JSON and back.
#include <cmath>
#include <nlohmann/json.hpp>

#include "synth/synth.hpp"

namespace hasse::synth {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// Rounded to thousandths, so that sums taken in another order print alike.
double rounded(double value) {
  return std::round(value * 1000.0) / 1000.0;
}

ordered_json module_json(const ModuleArea& module) {
  ordered_json object{{"name", module.name},
                      {"unit", module.unit},
                      {"instances", module.instances},
                      {"cells", module.cells},
                      {"area_um2", rounded(module.area_um2)},
                      {"total_um2", rounded(module.total_um2)},
                      {"global_um2", rounded(module.global_um2)}};
  if (module.memory_bits > 0) {
    object["memory_bits"] = module.memory_bits;
  }
  return object;
}

ModuleArea read_module(const json& object) {
  return {object.at("name"),
          object.at("unit"),
          object.at("instances"),
          object.at("cells"),
          object.value("memory_bits", std::int64_t{0}),
          object.at("area_um2"),
          object.at("total_um2"),
          object.at("global_um2")};
}

void add_timing(ordered_json& object, const Result& result) {
  object["fmax_mhz"] = result.fmax_mhz ? ordered_json(rounded(*result.fmax_mhz)) : nullptr;
}

}  // namespace

ordered_json to_json(const Result& result) {
  ordered_json object{{"liberty", result.liberty},
                      {"liberty_file", result.liberty_file},
                      {"clock_ns", result.clock_ns},
                      {"clock_is_default", result.clock_is_default}};
  add_timing(object, result);
  object["cells"] = result.cells;
  object["area_um2"] = rounded(result.area_um2);
  object["area_logic_um2"] = rounded(result.area_logic_um2);
  object["area_memory_um2"] = rounded(result.area_memory_um2);
  object["area_by_unit"] = ordered_json::object();
  for (const auto& [unit, area] : result.area_by_unit) {
    object["area_by_unit"][unit] = rounded(area);
  }
  object["kge"] = rounded(result.kge);
  object["memory_bits"] = result.memory_bits;
  object["memory_um2_per_bit"] = result.memory_um2_per_bit;
  object["memory_access_ns"] = result.memory_access_ns;
  object["adders"] = result.adders;
  object["critical_path"] = nullptr;
  if (result.critical_path) {
    object["critical_path"] = {{"start", result.critical_path->start},
                               {"end", result.critical_path->end},
                               {"delay_ns", rounded(result.critical_path->delay_ns)}};
  }
  object["area_by_module"] = ordered_json::array();
  for (const ModuleArea& module : result.area_by_module) {
    object["area_by_module"].push_back(module_json(module));
  }
  object["remarks"] = result.remarks;
  return object;
}

Result from_json(const json& object) {
  Result result;
  result.liberty = object.at("liberty");
  result.liberty_file = object.at("liberty_file");
  result.clock_ns = object.at("clock_ns");
  result.clock_is_default = object.at("clock_is_default");
  if (!object.at("fmax_mhz").is_null()) {
    result.fmax_mhz = object.at("fmax_mhz").get<double>();
  }
  result.cells = object.at("cells");
  result.area_um2 = object.at("area_um2");
  result.area_logic_um2 = object.at("area_logic_um2");
  result.area_memory_um2 = object.at("area_memory_um2");
  result.area_by_unit = object.at("area_by_unit").get<std::map<std::string, double>>();
  result.kge = object.at("kge");
  result.memory_bits = object.at("memory_bits");
  result.memory_um2_per_bit = object.at("memory_um2_per_bit");
  result.memory_access_ns = object.at("memory_access_ns");
  result.adders = object.at("adders");
  const json& path = object.at("critical_path");
  if (!path.is_null()) {
    result.critical_path = CriticalPath{path.at("start"), path.at("end"), path.at("delay_ns")};
  }
  for (const json& module : object.at("area_by_module")) {
    result.area_by_module.push_back(read_module(module));
  }
  result.remarks = object.at("remarks").get<std::vector<std::string>>();
  return result;
}

}  // namespace hasse::synth
