// SPDX-License-Identifier: Apache-2.0
// Two short Yosys runs: read the RTL, then give every variant its name and a file of its own.
#include "synth/yosys/elaborate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"
#include "synth/yosys/scripts.hpp"

namespace hasse::synth {
namespace {

using nlohmann::json;

/// Yosys writes parameters as strings of bits, most significant first; other text counts as zero.
std::int64_t parameter_value(const json& value) {
  if (value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  const std::string bits = value.is_string() ? value.get<std::string>() : "";
  const bool binary = !bits.empty() && bits.find_first_not_of("01") == std::string::npos;
  std::uint64_t result = 0;
  for (const char bit : binary ? bits : "0") {
    result = result * 2 + (bit == '1' ? 1U : 0U);
  }
  const bool negative = bits.size() == 32 && bits.front() == '1';
  return negative ? static_cast<std::int32_t>(result) : static_cast<std::int64_t>(result);
}

std::string base_name(const std::string& yosys_name, const json& attributes) {
  std::string name = attributes.value("hdlname", yosys_name);
  return name.starts_with('\\') ? name.substr(1) : name;
}

std::vector<ElaboratedPort> read_ports(const json& ports) {
  std::vector<ElaboratedPort> result;
  for (const auto& [name, port] : ports.items()) {
    result.push_back(
        {name, port.at("direction") == "output" ? PortDirection::output : PortDirection::input,
         static_cast<int>(port.at("bits").size())});
  }
  return result;
}

std::int64_t required_parameter(const ElaboratedModule& module, const std::string& parameter) {
  const auto found = module.parameters.find(parameter);
  if (found == module.parameters.end() || found->second < 1) {
    throw InputError(
        fmt::format("memory module '{}' has no positive parameter '{}'", module.base, parameter));
  }
  return found->second;
}

std::string variant_name(const ElaboratedModule& module, bool alone) {
  if (module.memory) {
    return fmt::format("{}_{}x{}", module.base, required_parameter(module, "Width"),
                       required_parameter(module, "Depth"));
  }
  std::string name = module.base;
  for (const auto& [parameter, value] : module.parameters) {
    if (!alone) {
      name += fmt::format("_{}{}{}", parameter, value < 0 ? "m" : "", std::abs(value));
    }
  }
  return name;
}

void name_variants(std::map<std::string, ElaboratedModule>& modules) {
  std::map<std::string, int> variants;
  for (const auto& [yosys_name, module] : modules) {
    ++variants[module.base];
  }
  std::set<std::string> taken;
  for (auto& [yosys_name, module] : modules) {
    const std::string wanted = variant_name(module, variants[module.base] == 1);
    module.name = wanted;
    for (int i = 2; !taken.insert(module.name).second; ++i) {
      module.name = fmt::format("{}_{}", wanted, i);
    }
  }
}

void run_yosys(const std::filesystem::path& work, const std::string& step,
               const std::string& script) {
  write_file(work / (step + ".ys"), script);
  run_checked({{"yosys", "-q", "-T", "-s", step + ".ys"}, work, work / (step + ".log")});
}

}  // namespace

std::int64_t ElaboratedModule::memory_bits() const {
  return memory ? parameters.at("Width") * parameters.at("Depth") : 0;
}

std::map<std::string, ElaboratedModule> read_skeleton(const json& skeleton,
                                                      const Manifest& manifest) {
  std::map<std::string, ElaboratedModule> modules;
  for (const auto& [yosys_name, entry] : skeleton.at("modules").items()) {
    ElaboratedModule module;
    module.base = base_name(yosys_name, entry.at("attributes"));
    const ManifestModule* known = manifest.find_module(module.base);
    if (known == nullptr) {
      throw InputError(
          fmt::format("{}/manifest.json: the RTL has a module '{}' that /modules does "
                      "not list",
                      manifest.directory.string(), module.base));
    }
    module.memory = known->memory;
    const json parameters = entry.value("parameter_default_values", json::object());
    for (const auto& [name, value] : parameters.items()) {
      module.parameters[name] = parameter_value(value);
    }
    module.ports = read_ports(entry.at("ports"));
    modules.emplace(yosys_name, std::move(module));
  }
  name_variants(modules);
  return modules;
}

std::vector<ElaboratedModule> elaborate(const Manifest& manifest, const std::filesystem::path& work,
                                        const std::filesystem::path& rtl_prefix) {
  run_yosys(work, "elaborate", elaborate_script(manifest, rtl_prefix));
  const auto modules = read_skeleton(json::parse(read_file(work / "skeleton.json")), manifest);
  run_yosys(work, "split", split_script(modules));
  std::vector<ElaboratedModule> result;
  for (const auto& [yosys_name, module] : modules) {
    result.push_back(module);
  }
  std::sort(result.begin(), result.end(),
            [](const auto& x, const auto& y) { return x.name < y.name; });
  return result;
}

}  // namespace hasse::synth
