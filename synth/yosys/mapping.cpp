// SPDX-License-Identifier: Apache-2.0
// Elaborate, map the modules in parallel, link.
#include "synth/yosys/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"
#include "synth/yosys/buffering.hpp"
#include "synth/yosys/scripts.hpp"

namespace hasse::synth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Modules to map, the largest first so that parallel runs end together.
std::vector<std::string> by_size(const std::vector<ElaboratedModule>& modules,
                                 const std::filesystem::path& work) {
  std::vector<std::pair<std::uintmax_t, std::string>> sized;
  for (const ElaboratedModule& module : modules) {
    if (!module.memory) {
      sized.emplace_back(std::filesystem::file_size(work / module_path(module.name, ".il")),
                         module.name);
    }
  }
  std::stable_sort(sized.begin(), sized.end(),
                   [](const auto& x, const auto& y) { return x.first > y.first; });
  std::vector<std::string> names;
  for (auto& [size, name] : sized) {
    names.push_back(std::move(name));
  }
  return names;
}

Command yosys(const std::filesystem::path& work, const std::string& step) {
  return {{"yosys", "-q", "-T", "-s", step + ".ys"}, work, work / (step + ".log")};
}

std::string without_backslash(const std::string& name) {
  return name.starts_with('\\') ? name.substr(1) : name;
}

/// The value of "modules" in what `stat -json` printed. The rest is not JSON in Yosys 0.23: it
/// leaves a comma too many, or prints the hierarchy as plain text in between.
json modules_of(const std::string& text) {
  const std::string key = "\"modules\":";
  std::size_t at = text.find(key);
  if (at == std::string::npos) {
    throw ToolError("yosys stat -json printed no \"modules\"");
  }
  at += key.size();
  std::size_t end = text.find('{', at);
  for (int depth = 0; end < text.size(); ++end) {
    depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
    if (depth == 0) {
      break;
    }
  }
  return json::parse(text.substr(at, end + 1 - at));
}

/// The faster netlist is kept although it is larger, up to this factor.
constexpr double kTolerance = 1.01;

double cell_area(const json& module, const Library& library) {
  double area = 0.0;
  for (const auto& [name, cell] : module.at("cells").items()) {
    const LibertyCell* known = library.find(cell.at("type").get<std::string>());
    area += known == nullptr ? 0.0 : known->area.value_or(0.0);
  }
  return area;
}

/// The netlist of a module that is kept among those the recipes made.
json choose_netlist(const std::string& name, const Library& library,
                    const std::vector<Recipe>& recipes, const fs::path& work) {
  json best;
  double best_area = 0.0;
  for (const Recipe recipe : recipes) {
    json document = json::parse(read_file(work / mapped_path(name, recipe)));
    const double area = cell_area(document.at("modules").at(name), library) /
                        (recipe == Recipe::speed ? kTolerance : 1.0);
    if (best.is_null() || area < best_area) {
      best = std::move(document);
      best_area = area;
    }
  }
  return best;
}

/// The mapped modules as Yosys's JSON, each buffered after the modules inside it.
class Bufferer {
 public:
  Bufferer(const LoadModel& model, const std::vector<std::string>& names, fs::path work)
      : model_(model), names_(names.begin(), names.end()), work_(std::move(work)) {}

  void run() {
    for (const std::string& name : names_) {
      visit(name);
    }
  }

 private:
  void visit(const std::string& name) {
    if (loads_.contains(name)) {
      return;
    }
    const fs::path file = work_ / module_path(name, ".json");
    json document = json::parse(read_file(file));
    json& module = document.at("modules").at(name);
    for (const auto& [cell_name, cell] : module.at("cells").items()) {
      const std::string type = cell.at("type");
      if (names_.contains(type)) {
        visit(type);
      }
    }
    loads_[name] = buffer_module(module, model_, loads_);
    write_file(file, document.dump());
  }

  const LoadModel& model_;
  std::set<std::string> names_;
  fs::path work_;
  std::map<std::string, PortLoads> loads_;
};

using CellCounts = std::map<std::string, std::map<std::string, std::int64_t>>;

CellCounts read_counts(const json& modules) {
  CellCounts result;
  for (const auto& [module, entry] : modules.items()) {
    for (const auto& [type, count] : entry.at("num_cells_by_type").items()) {
      result[without_backslash(module)][without_backslash(type)] = count.get<std::int64_t>();
    }
  }
  return result;
}

void count_instances(const CellCounts& counts, const std::string& module, std::int64_t times,
                     std::map<std::string, std::int64_t>& instances) {
  instances[module] += times;
  const auto inside = counts.find(module);
  if (inside == counts.end()) {
    return;
  }
  for (const auto& [type, count] : inside->second) {
    if (instances.contains(type)) {
      count_instances(counts, type, times * count, instances);
    }
  }
}

void prepare(const Library& library, const MappingOptions& options,
             const std::vector<Recipe>& recipes, const fs::path& work) {
  fs::create_directory(work / kModuleFolder);
  write_file(work / kLibraryFile, library.text());
  for (const Recipe recipe : recipes) {
    write_file(work / (recipe_name(recipe) + ".abc"), abc_script(recipe, options.clock_ns));
  }
  if (options.full_adders) {
    write_file(work / "adders.v", adder_map(library.full_adder().value()));
  }
}

}  // namespace

std::vector<MappedModule> count_cells(const std::string& counts, const std::string& top,
                                      const std::vector<ElaboratedModule>& modules) {
  const CellCounts cells = read_counts(modules_of(counts));
  std::map<std::string, std::int64_t> instances;
  for (const ElaboratedModule& module : modules) {
    instances[module.name] = 0;
  }
  count_instances(cells, top, 1, instances);
  std::vector<MappedModule> result;
  for (const ElaboratedModule& module : modules) {
    MappedModule mapped{module, instances[module.name], {}, {}};
    const auto inside = cells.find(module.name);
    if (inside != cells.end()) {
      for (const auto& [type, count] : inside->second) {
        (instances.contains(type) ? mapped.children : mapped.cells)[type] = count;
      }
    }
    result.push_back(std::move(mapped));
  }
  return result;
}

std::vector<MappedModule> map_design(const Manifest& manifest, const Library& library,
                                     const MappingOptions& options, const fs::path& work,
                                     const fs::path& rtl_prefix,
                                     const std::function<void(const std::string&)>& progress) {
  const std::vector<Recipe> recipes =
      options.smallest ? std::vector{Recipe::area, Recipe::speed} : std::vector{Recipe::speed};
  prepare(library, options, recipes, work);
  progress("elaborating");
  const std::vector<ElaboratedModule> modules = elaborate(manifest, work, rtl_prefix);
  const std::vector<std::string> names = by_size(modules, work);
  std::vector<Command> commands;
  for (const std::string& name : names) {
    write_file(work / module_path(name, ".ys"),
               map_script(name, library, options.full_adders, recipes));
    commands.push_back(yosys(work, module_path(name, "")));
  }
  std::size_t done = 0;
  run_parallel(commands, options.jobs, [&](std::size_t index) {
    progress(fmt::format("mapped {} ({} of {})", names[index], ++done, names.size()));
  });
  progress("linking");
  for (const std::string& name : names) {
    write_file(work / module_path(name, ".json"),
               choose_netlist(name, library, recipes, work).dump());
  }
  if (options.speed) {
    Bufferer(LoadModel(library, *options.speed), names, work).run();
  }
  write_file(work / "link.ys", link_script(manifest.top, modules));
  run_checked(yosys(work, "link"));
  return count_cells(read_file(work / "counts.json"), manifest.top, modules);
}

}  // namespace hasse::synth
