// SPDX-License-Identifier: Apache-2.0
// One synthesis run from manifest to result.
#include "synth/synth.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <thread>
#include <utility>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/liberty/library.hpp"
#include "synth/manifest/manifest.hpp"
#include "synth/timing/memory_model.hpp"
#include "synth/timing/speed.hpp"
#include "synth/yosys/mapping.hpp"
#include "synth/yosys/scripts.hpp"

namespace hasse::synth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

/// Changes whenever this library would give another answer for the same inputs.
constexpr const char* kFlowVersion = "4";
constexpr double kClockWithoutTables = 10.0;
constexpr const char* kResultFile = "synth.json";

/// Options with every default filled in from the library.
struct Plan {
  double clock_ns = kClockWithoutTables;
  bool full_adders = false;
  double memory_um2_per_bit = 0.0;
  std::optional<LibrarySpeed> speed;
  MemoryTiming memory_timing;
  unsigned jobs = 1;
};

void require_positive(const std::optional<double>& value, std::string_view name) {
  if (value && !(*value > 0.0)) {
    throw InputError(fmt::format("{} is {}; expected a number above zero", name, *value));
  }
}

bool choose_full_adders(Adders adders, const Library& library) {
  const std::optional<FullAdder>& cell = library.full_adder();
  const std::optional<double> from_gates = library.full_adder_area_from_gates();
  return adders == Adders::small && cell && (!from_gates || cell->area < *from_gates);
}

Plan make_plan(const Options& options, const Library& library) {
  require_positive(options.clock_ns, "the clock period in ns");
  require_positive(options.memory_um2_per_bit, "the area of a memory bit in um2");
  require_positive(options.memory_access_ns, "the access time of memories in ns");
  Plan plan;
  plan.speed = measure_speed(library);
  plan.clock_ns =
      options.clock_ns.value_or(plan.speed ? default_clock_ns(*plan.speed) : kClockWithoutTables);
  plan.full_adders = choose_full_adders(options.adders, library);
  plan.memory_um2_per_bit = options.memory_um2_per_bit.value_or(memory_bit_area(library));
  if (plan.speed) {
    plan.memory_timing = {options.memory_access_ns.value_or(kAccessInFo4 * plan.speed->fo4_ns),
                          kSetupInFo4 * plan.speed->fo4_ns};
  }
  plan.jobs = options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  return plan;
}

/// xxh3-128 of everything the result depends on, in hexadecimal.
class Digest {
 public:
  Digest() : state_(XXH3_createState()) { XXH3_128bits_reset(state_); }
  ~Digest() { XXH3_freeState(state_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(const std::string& bytes) {
    const std::string length = fmt::format("{}:", bytes.size());
    XXH3_128bits_update(state_, length.data(), length.size());
    XXH3_128bits_update(state_, bytes.data(), bytes.size());
  }

  std::string hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  XXH3_state_t* state_;
};

std::string digest_of(const Manifest& manifest, const Library& library, const Options& options,
                      const Plan& plan) {
  Digest digest;
  digest.add(kFlowVersion);
  digest.add(library.source());
  digest.add(library.text());
  digest.add(fmt::format("{} {} {} {} {}", plan.clock_ns, options.clock_ns.has_value(),
                         options.adders == Adders::small, plan.memory_um2_per_bit,
                         plan.memory_timing.access_ns));
  digest.add(manifest.top);
  for (const ManifestModule& module : manifest.modules) {
    digest.add(fmt::format("{} {} {}", module.name, module.unit, module.memory));
  }
  for (const std::string& file : manifest.files) {
    digest.add(file);
    digest.add(read_file(manifest.directory / file));
  }
  return digest.hex();
}

std::string folder_name(const Library& library) {
  std::string name = library.name().empty() ? "library" : library.name();
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_'; }, '_');
  return name;
}

std::optional<Result> kept_result(const fs::path& folder, const std::string& digest) {
  if (!fs::is_regular_file(folder / kResultFile) || !fs::is_regular_file(folder / "netlist.v")) {
    return std::nullopt;
  }
  try {
    const json kept = json::parse(read_file(folder / kResultFile));
    if (kept.at("digest") != digest) {
      return std::nullopt;
    }
    Result result = from_json(kept.at("synth"));
    result.netlist = folder / "netlist.v";
    result.reused = true;
    return result;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

/// A fresh directory that becomes `target` when the run is complete. It stays, with its logs, when
/// the run fails; the next run removes what ended processes left behind.
class Workshop {
 public:
  explicit Workshop(fs::path target)
      : target_(std::move(target)), prefix_("." + target_.filename().string() + ".") {
    fs::create_directories(target_.parent_path());
    remove_abandoned();
    path_ = target_.parent_path() / (prefix_ + std::to_string(getpid()));
    fs::remove_all(path_);
    fs::create_directories(path_);
  }

  const fs::path& path() const { return path_; }

  void complete() {
    const fs::path old = path_.string() + "_old";
    fs::remove_all(old);
    if (fs::exists(target_)) {
      fs::rename(target_, old);
    }
    fs::rename(path_, target_);
    fs::remove_all(old);
  }

 private:
  void remove_abandoned() const {
    for (const auto& entry : fs::directory_iterator(target_.parent_path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(prefix_)) {
        const int process = std::atoi(name.c_str() + prefix_.size());
        if (process > 0 && kill(process, 0) != 0 && errno == ESRCH) {
          fs::remove_all(entry.path());
        }
      }
    }
  }

  fs::path target_;
  std::string prefix_;
  fs::path path_;
};

double area_of(const MappedModule& mapped, const Library& library) {
  double area = 0.0;
  for (const auto& [type, count] : mapped.cells) {
    const LibertyCell* cell = library.find(type);
    if (cell == nullptr || !cell->area) {
      throw InputError(fmt::format("{}: module '{}' uses cell '{}', which {}", library.source(),
                                   mapped.module.name, type,
                                   cell == nullptr ? "the library lacks" : "states no area"));
    }
    area += static_cast<double>(count) * *cell->area;
  }
  return area;
}

ModuleArea cost_of(const MappedModule& mapped, const Manifest& manifest, const Library& library,
                   double memory_um2_per_bit) {
  ModuleArea cost;
  cost.name = mapped.module.name;
  cost.instances = mapped.instances;
  cost.memory_bits = mapped.module.memory_bits();
  cost.unit = mapped.module.memory ? "memory" : manifest.find_module(mapped.module.base)->unit;
  for (const auto& [type, count] : mapped.cells) {
    cost.cells += count;
  }
  cost.area_um2 = mapped.module.memory ? static_cast<double>(cost.memory_bits) * memory_um2_per_bit
                                       : area_of(mapped, library);
  cost.total_um2 = static_cast<double>(cost.instances) * cost.area_um2;
  return cost;
}

/// Adds the areas of the modules inside to each one's own.
void add_what_is_inside(std::vector<ModuleArea>& areas, const std::vector<MappedModule>& modules) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < areas.size(); ++i) index[areas[i].name] = i;
  const auto whole = [&](const auto& self, std::size_t i) -> double {
    double& area = areas[i].global_um2;
    if (area > 0.0) return area;
    area = areas[i].area_um2;
    for (const auto& [child, count] : modules[i].children)
      area += static_cast<double>(count) * self(self, index.at(child));
    return area;
  };
  for (std::size_t i = 0; i < areas.size(); ++i) whole(whole, i);
}

/// One line a module: areas in um2 and in thousands of the smallest two-input NAND.
std::string area_csv(const Result& result, const Library& library) {
  std::string text =
      "module,unit,instances,cells,memory_bits,local_um2,local_kge,global_um2,global_kge,total_"
      "um2\n";
  const double kge = library.gate_area() * 1000.0;
  for (const ModuleArea& module : result.area_by_module)
    text += fmt::format("{},{},{},{},{},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f}\n", module.name,
                        module.unit, module.instances, module.cells, module.memory_bits,
                        module.area_um2, module.area_um2 / kge, module.global_um2,
                        module.global_um2 / kge, module.total_um2);
  return text;
}

void add_areas(Result& result, const std::vector<MappedModule>& modules, const Manifest& manifest,
               const Library& library) {
  for (const MappedModule& mapped : modules) {
    const ModuleArea cost = cost_of(mapped, manifest, library, result.memory_um2_per_bit);
    result.area_by_module.push_back(cost);
    result.area_by_unit[cost.unit] += cost.total_um2;
    result.cells += cost.instances * cost.cells;
    result.memory_bits += cost.instances * cost.memory_bits;
    (mapped.module.memory ? result.area_memory_um2 : result.area_logic_um2) += cost.total_um2;
  }
  add_what_is_inside(result.area_by_module, modules);
  std::stable_sort(result.area_by_module.begin(), result.area_by_module.end(),
                   [](const auto& x, const auto& y) { return x.total_um2 > y.total_um2; });
  result.area_um2 = result.area_logic_um2 + result.area_memory_um2;
  result.kge = result.area_logic_um2 / library.gate_area() / 1000.0;
}

void add_timing(Result& result, const std::vector<MappedModule>& modules, const Manifest& manifest,
                const Library& library, const Plan& plan, const fs::path& work) {
  if (!plan.speed) {
    result.remarks.emplace_back("the library states no timing, so there is no clock frequency");
    return;
  }
  std::vector<ElaboratedModule> memories;
  for (const MappedModule& mapped : modules) {
    if (mapped.module.memory) {
      memories.push_back(mapped.module);
    }
  }
  if (!memories.empty()) {
    write_file(work / "memories.lib",
               memory_liberty(memories, library, *plan.speed, plan.memory_timing));
  }
  result.critical_path =
      time_netlist(manifest.top_module(), plan.clock_ns, !memories.empty(), work);
  if (result.critical_path) {
    result.fmax_mhz = 1000.0 / result.critical_path->delay_ns;
  } else {
    result.remarks.emplace_back("no path starts and ends at a clock edge of clk_i");
  }
}

Result describe(const Options& options, const Library& library, const Plan& plan) {
  Result result;
  result.liberty = library.name();
  result.liberty_file = library.source();
  result.clock_ns = plan.clock_ns;
  result.clock_is_default = !options.clock_ns.has_value();
  result.memory_um2_per_bit = plan.memory_um2_per_bit;
  result.memory_access_ns = plan.memory_timing.access_ns;
  result.adders = options.adders == Adders::small ? "small" : "fast";
  result.remarks = library.remarks();
  result.remarks.emplace_back("before layout: no wires, no clock tree, no scan");
  return result;
}

/// Removes the netlists of single modules, which netlist.v holds together.
void tidy(const fs::path& work) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(work)) {
    const bool of_module = entry.path().parent_path().filename() == kModuleFolder;
    if (entry.path().extension() == ".il" || (of_module && entry.path().extension() == ".json")) {
      files.push_back(entry.path());
    }
  }
  for (const fs::path& file : files) {
    fs::remove(file);
  }
}

}  // namespace

Result run(const Options& options, const ProgressFn& progress) {
  const auto tell = [&](const std::string& words) {
    if (progress) {
      progress(words);
    }
  };
  const Manifest manifest = Manifest::load(options.dir);
  const Library library = Library::load(options.liberty, options.more_liberty);
  const Plan plan = make_plan(options, library);
  const std::string digest = digest_of(manifest, library, options, plan);
  const fs::path folder = fs::absolute(options.dir) / "synth" / folder_name(library);
  if (std::optional<Result> kept = kept_result(folder, digest)) {
    return *kept;
  }
  Workshop workshop(folder);
  const std::vector<MappedModule> modules = map_design(
      manifest, library,
      {plan.full_adders, options.adders == Adders::small, plan.clock_ns, plan.speed, plan.jobs},
      workshop.path(), "../..", tell);
  Result result = describe(options, library, plan);
  add_areas(result, modules, manifest, library);
  tell("timing");
  add_timing(result, modules, manifest, library, plan, workshop.path());
  write_file(workshop.path() / "area.csv", area_csv(result, library));
  tidy(workshop.path());
  const ordered_json kept{{"digest", digest}, {"synth", to_json(result)}};
  write_file(workshop.path() / kResultFile, kept.dump(2) + "\n");
  workshop.complete();
  result = from_json(json::parse(to_json(result).dump()));
  result.netlist = folder / "netlist.v";
  return result;
}

}  // namespace hasse::synth
