// SPDX-License-Identifier: Apache-2.0
#include "verif/unit/mutant.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "golden/tensor/file.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/verilated_library.hpp"

namespace hasse::unit {
namespace {

namespace fs = std::filesystem;

constexpr int kNumberBits = 16;

int from_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// Commands that read `files` of `source`, with `option`.
std::string reads(const std::vector<fs::path>& files, const std::string& option) {
  std::string text;
  for (const fs::path& file : files)
    text += fmt::format("read_verilog -sv {} {}\n", option, file.string());
  return text;
}

/// Plants faults in the top, which alone goes to mutated.v; mutated.il has all of it.
std::string script(const harness::RtlSource& source, const Mutant& mutant) {
  std::vector<fs::path> top, others;
  for (const fs::path file : source.files)
    (file.stem() == source.top ? top : others).push_back(file.filename());
  std::string text = reads(others, "-lib") + reads(top, "") + "hierarchy -top " + source.top;
  for (const auto& [name, value] : source.parameters)
    text += fmt::format(" -chparam {} {}", name, value);
  text += fmt::format("\nrename -top {0}\nproc -norom {0}\nopt_clean\n", source.top);
  text += fmt::format("mutate -list {} -seed {} -module {} -ctrl {} {} 1 -o mutations.ys\n",
                      mutant.count, mutant.seed, source.top, kMutantPort, kNumberBits);
  text += "script mutations.ys\nwrite_verilog -noattr mutated.v\ndelete A:blackbox\n";
  return text + reads(others, "") +
         fmt::format("hierarchy -top {}\nproc\nwrite_rtlil mutated.il\n", source.top);
}

}  // namespace

std::optional<Mutant> mutant_asked() {
  const int count = from_environment("HASSE_MUTANTS", 0);
  if (count <= 0) return std::nullopt;
  return Mutant{count, static_cast<std::uint64_t>(from_environment("HASSE_MUTANT", 0)),
                from_environment("HASSE_MUTANT_SEED", 1)};
}

harness::RtlSource with_mutants(const harness::RtlSource& source, const Mutant& mutant) {
  const std::string digest =
      harness::digest(source, fmt::format("{} {}", mutant.count, mutant.seed));
  const fs::path folder =
      harness::default_cache() / "mutants" / fmt::format("{}-{}", source.top, digest);
  harness::RtlSource mutated{folder, {"mutated.v"}, source.top, {}};
  for (const fs::path file : source.files)
    if (file.stem() != source.top) mutated.files.push_back(file.filename());
  if (fs::exists(folder / "mutated.il")) return mutated;
  fs::create_directories(folder);
  for (const std::string& file : source.files)
    fs::copy_file(source.root / file, folder / fs::path(file).filename(),
                  fs::copy_options::overwrite_existing);
  tensor::write_file(folder / "mutate.ys", script(source, mutant));
  synth::run_checked({{"yosys", "-q", "-s", "mutate.ys"}, folder, folder / "yosys.log"});
  return mutated;
}

}  // namespace hasse::unit
