// SPDX-License-Identifier: Apache-2.0
// Describes modules as JSON.
#include "generator/emit/manifest.hpp"

#include "generator/emit/memory_layout.hpp"
#include "generator/emit/order.hpp"
#include "generator/emit/registers.hpp"
#include "generator/emit/version.hpp"

namespace hasse::emit {
namespace {

using Json = nlohmann::ordered_json;

Json describe(const hdl::Parameter& parameter) {
  return {{"name", parameter.name}, {"value", parameter.value}, {"doc", parameter.doc}};
}

Json describe(const hdl::Port& port) {
  return {{"name", port.name},
          {"direction", to_string(port.direction)},
          {"width", port.width.value()},
          {"signed", port.is_signed},
          {"doc", port.doc}};
}

Json describe(const hdl::Instance& instance) {
  return {{"name", instance.name}, {"module", instance.module}, {"count", instance.count}};
}

template <class Item>
Json describe_all(const std::vector<Item>& items) {
  Json result = Json::array();
  for (const Item& item : items) {
    result.push_back(describe(item));
  }
  return result;
}

Json describe(const hdl::Module& module, const std::vector<hdl::Module>& modules) {
  return {{"name", module.name()},
          {"file", rtl_path(module)},
          {"doc", module.doc()},
          {"unit", unit_of(module, modules)},
          {"memory", module.is_memory()},
          {"parameters", describe_all(module.parameters())},
          {"ports", describe_all(module.ports())},
          {"instances", describe_all(module.instances())}};
}

}  // namespace

std::string rtl_path(const hdl::Module& module) {
  return "rtl/" + module.name() + ".v";
}

Json manifest(const design::Design& design, const std::vector<hdl::Module>& modules,
              const std::vector<File>& rtl) {
  Json files = Json::array();
  Json described = Json::array();
  for (const File& file : rtl) {
    files.push_back(file.path);
  }
  for (const hdl::Module& module : modules) {
    described.push_back(describe(module, modules));
  }
  Json result = {{"format", manifest_format},
                 {"generator", version()},
                 {"name", design.name},
                 {"top", modules.back().name()},
                 {"design", to_json(design)},
                 {"derived", to_json(design::derive(design))},
                 {"files", files},
                 {"digest", digest(rtl)},
                 {"modules", described}};
  if (design.bus != "native") {
    result["interface"] = design.bus;
    result["registers"] = register_json(design);
  }
  if (design.attention) result["memory"] = memory_json(design);
  return result;
}

}  // namespace hasse::emit
