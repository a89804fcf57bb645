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

std::string script(const harness::RtlSource& source, const Mutant& mutant) {
  std::string text;
  for (const std::string& file : source.files)
    text += fmt::format("read_verilog -sv {}\n", (source.root / file).string());
  text += fmt::format("hierarchy -top {}", source.top);
  for (const auto& [name, value] : source.parameters)
    text += fmt::format(" -chparam {} {}", name, value);
  text += fmt::format("\nproc -norom\nopt_clean\nrename -top {}\n", source.top);
  text += fmt::format("mutate -list {} -seed {} -module {} -ctrl {} {} 1 -o mutations.ys\n",
                      mutant.count, mutant.seed, source.top, kMutantPort, kNumberBits);
  return text + "script mutations.ys\nwrite_verilog -noattr mutated.v\n";
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
  const harness::RtlSource mutated{folder, {"mutated.v"}, source.top, {}};
  if (fs::exists(folder / "mutated.v")) return mutated;
  fs::create_directories(folder);
  tensor::write_file(folder / "mutate.ys", script(source, mutant));
  synth::run_checked({{"yosys", "-q", "-s", "mutate.ys"}, folder, folder / "yosys.log"});
  return mutated;
}

}  // namespace hasse::unit
