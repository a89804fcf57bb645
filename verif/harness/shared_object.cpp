// SPDX-License-Identifier: Apache-2.0
// Few compiler runs, side by side, and one of the linker.
#include "verif/harness/shared_object.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "golden/tensor/file.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/rtl_source.hpp"

namespace hasse::harness {
namespace {

namespace fs = std::filesystem;

// Generated C++ is compiled in as few runs as keep the processors busy, because every run reads the
// model's headers again (half a second for a large one). A module smaller than this is one run.
constexpr std::uintmax_t kSmallBytes = 200'000;

// The most one run is given, to bound the compiler's memory (about 0.1 GB per 1 MB).
constexpr std::uintmax_t kUnitBytes = 8'000'000;

// What the Verilated sources expect on the compiler's command line.
Arguments compiler(const BuildOptions& options) {
  const Arguments common = {"g++",
                            "-std=gnu++17",
                            "-fPIC",
                            "-fvisibility=hidden",
                            "-fno-gnu-unique",
                            "-faligned-new",
                            "-fcf-protection=none",
                            "-w",
                            options.coverage ? "-DVM_COVERAGE=1" : "-DVM_COVERAGE=0",
                            "-DVM_SC=0",
                            "-DVM_TRACE_VCD=0"};
  return common + (options.trace ? Arguments{"-DVM_TRACE=1", "-DVM_TRACE_FST=1"}
                                 : Arguments{"-DVM_TRACE=0", "-DVM_TRACE_FST=0"});
}

// One run of the compiler: `files` as one translation unit.
struct Unit {
  std::string optimisation;
  std::vector<fs::path> files;
  std::uintmax_t bytes = 0;

  void add(const fs::path& file) {
    files.push_back(file);
    bytes += fs::file_size(file);
  }
};

// Verilated code in constructors and trace set-up runs once: not worth optimising.
bool runs_once(const fs::path& file) {
  const std::string name = file.stem().string();
  return name.ends_with("__Slow") || name.ends_with("__Syms") || name == "hasse_adapter";
}

// The C++ files of `work`, the largest first.
std::vector<fs::path> generated_files(const fs::path& work) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(work)) {
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::ranges::stable_sort(files, std::greater{},
                           [](const fs::path& file) { return fs::file_size(file); });
  return files;
}

// Shares `files` out over translation units of about the same size, one per job if they are worth
// it.
void share_out(const std::vector<fs::path>& files, const std::string& optimisation, unsigned jobs,
               std::vector<Unit>& units) {
  std::uintmax_t bytes = 0;
  for (const fs::path& file : files) bytes += fs::file_size(file);
  const std::uintmax_t wanted = std::min<std::uintmax_t>(jobs, bytes / kSmallBytes + 1);
  const auto count = static_cast<std::size_t>(std::max(wanted, bytes / kUnitBytes + 1));
  std::vector<Unit> shared(std::min(count, files.size()), Unit{optimisation, {}});
  for (const fs::path& file : files) std::ranges::min_element(shared, {}, &Unit::bytes)->add(file);
  units.insert(units.end(), shared.begin(), shared.end());
}

std::vector<Unit> translation_units(const fs::path& work, const std::string& optimisation,
                                    unsigned jobs) {
  std::vector<fs::path> files = generated_files(work);
  std::vector<Unit> units;
  std::uintmax_t bytes = 0;
  for (const fs::path& file : files) bytes += fs::file_size(file);
  const auto once =
      std::ranges::stable_partition(files, [](const fs::path& file) { return !runs_once(file); });
  if (bytes < kSmallBytes) {
    share_out(files, optimisation, 1, units);
  } else {
    share_out({files.begin(), once.begin()}, optimisation, jobs, units);
    share_out({once.begin(), once.end()}, "-O0", jobs, units);
  }
  return units;
}

// Everything that becomes the shared object.
struct Plan {
  std::vector<synth::Command> compile;
  std::vector<fs::path> objects;
  // Runtime objects for the cache: where they are made, where they are kept.
  std::vector<std::pair<fs::path, fs::path>> keep;

  void add(const Arguments& arguments, const fs::path& source, const fs::path& object) {
    objects.push_back(object);
    compile.push_back(
        {arguments + Arguments{"-c", "-o", object, source}, {}, object.string() + ".log"});
  }
};

Arguments include_paths(const Toolchain& tools, const fs::path& work) {
  return {"-I" + work.string(), "-I" + tools.runtime.string(),
          "-I" + (tools.runtime / "vltstd").string()};
}

// Where the cache keeps what `arguments` make of a file of the Verilated runtime; ends as the file.
fs::path place_in(const fs::path& cache, const Toolchain& tools, const fs::path& file,
                  const Arguments& arguments) {
  const RtlSource source{tools.runtime, {file.string()}, file.stem().string(), {}};
  return cache / fmt::format("{}-{}{}", file.stem().string(),
                             digest(source, fmt::format("{}{}", tools.versions, arguments)),
                             file.extension().string());
}

// Verilator's own header, precompiled once per compiler, Verilator and options: reading it is a
// third of what a small model takes. Returns the header, beside which the compiler finds the rest.
fs::path precompiled_header(const Toolchain& tools, const fs::path& work, const fs::path& cache,
                            const BuildOptions& options) {
  const Arguments arguments = compiler(options) + Arguments{options.optimisation};
  const fs::path header = place_in(cache, tools, "verilated.h", arguments);
  const fs::path kept = header.string() + ".gch";
  if (fs::exists(kept)) return header;
  const fs::path text = work / "runtime.h", made = work / "runtime.gch";
  tensor::write_file(text, "#include \"verilated.h\"\n");
  synth::run_checked({arguments + include_paths(tools, work) +
                          Arguments{"-x", "c++-header", text.string(), "-o", made.string()},
                      {},
                      work / "runtime.log"});
  // Whole at once, as others may be making the same.
  fs::rename(text, header);
  fs::rename(made, kept);
  return header;
}

void plan_model(Plan& plan, const Toolchain& tools, const fs::path& work, const fs::path& cache,
                const BuildOptions& options, unsigned jobs) {
  const fs::path header = precompiled_header(tools, work, cache, options);
  for (const Unit& unit : translation_units(work, options.optimisation, jobs)) {
    const fs::path name = work / fmt::format("unit_{}", plan.objects.size());
    std::string text;
    for (const fs::path& file : unit.files)
      text += fmt::format("#include \"{}\"\n", file.filename().string());
    tensor::write_file(name.string() + ".cc", text);
    Arguments arguments = compiler(options) + include_paths(tools, work);
    if (unit.optimisation == options.optimisation)
      arguments = arguments + Arguments{"-include", header.string()};
    plan.add(arguments + Arguments{unit.optimisation}, name.string() + ".cc", name.string() + ".o");
  }
}

// The Verilated runtime, compiled once per compiler and Verilator.
void plan_runtime(Plan& plan, const Toolchain& tools, const fs::path& work, const fs::path& cache,
                  const BuildOptions& options) {
  std::vector<std::string> names = {"verilated", "verilated_threads"};
  if (options.trace) names.emplace_back("verilated_fst_c");
  if (options.coverage) names.emplace_back("verilated_cov");
  const Arguments arguments = compiler(options) + Arguments{"-O1"};
  for (const std::string& name : names) {
    const fs::path kept = place_in(cache, tools, name + ".cpp", arguments).replace_extension(".o");
    if (fs::exists(kept)) {
      plan.objects.push_back(kept);
      continue;
    }
    plan.add(arguments + include_paths(tools, work), tools.runtime / (name + ".cpp"),
             work / (name + ".o"));
    plan.keep.emplace_back(work / (name + ".o"), kept);
  }
}

}  // namespace

std::string compile_recipe(const BuildOptions& options) {
  return fmt::format("{}{}", compiler(options), options.optimisation);
}

void compile_shared_object(const Toolchain& tools, const fs::path& work, const fs::path& cache,
                           const BuildOptions& options, const fs::path& object) {
  const unsigned jobs =
      options.jobs == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options.jobs;
  Plan plan;
  plan_model(plan, tools, work, cache, options, jobs);
  plan_runtime(plan, tools, work, cache, options);
  synth::run_parallel(plan.compile, jobs);
  Arguments link = {"g++", "-shared", "-Wl,-Bsymbolic", "-o", object};
  for (const fs::path& part : plan.objects) link.push_back(part);
  synth::run_checked({link + Arguments{"-pthread", "-lz"}, {}, work / "link.log"});
  for (const auto& [made, kept] : plan.keep) fs::rename(made, kept);
}

}  // namespace hasse::harness
