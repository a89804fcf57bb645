// SPDX-License-Identifier: Apache-2.0
// Runs Verilator and the C++ compiler, and keeps what they made.
#include "verif/harness/verilated_library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <regex>

#include "golden/tensor/file.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/embedded.hpp"
#include "verif/harness/generated.hpp"
#include "verif/harness/shared_object.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::harness {
namespace {

namespace fs = std::filesystem;

// Statements per generated C++ file: small enough that processors can share a large module.
constexpr const char* kSplitStatements = "5000";

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Arguments verilator_flags(const RtlSource& source, const BuildOptions& options) {
  Arguments flags = {"--cc",           "--no-timing",  "-O3",      "--x-assign", "unique",
                     "--x-initial",    "unique",       "--prefix", "Vmodel",     "--output-split",
                     kSplitStatements, "--top-module", source.top};
  if (std::ranges::count(options.verilator_flags, "-fconst-bit-op-tree") == 0) {
    flags.emplace_back("-fno-const-bit-op-tree");  // miscompiles XOR and AND trees in 5.006
  }
  flags.emplace_back("-fno-dfg");  // no faster with it, but a third more code to compile
  flags = flags + (options.lint ? Arguments{"-Wall"} : Arguments{"-Wno-lint", "-Wno-fatal"});
  if (options.trace) flags.emplace_back("--trace-fst");
  if (options.coverage) flags = flags + Arguments{"--coverage", "--coverage-max-width", "4096"};
  for (const auto& [name, value] : source.parameters)
    flags.push_back(fmt::format("-G{}={}", name, value));
  return flags + options.verilator_flags;
}

void verilate(const RtlSource& source, const Arguments& flags, const fs::path& out) {
  Arguments command = Arguments{"verilator"} + flags + Arguments{"--Mdir", out};
  for (const std::string& file : source.files) command.push_back((source.root / file).string());
  synth::run_checked({command, {}, out / "verilator.log"});
}

// HASSE_PORTS for the adapter, from the port declarations of the generated header, e.g.
// VL_IN8(&clk_i,0,0); and VL_OUTW(&sum_o,100,0,4);
std::string port_table(const std::string& header) {
  static const std::regex kPort(R"(VL_(IN|OUT)(?:8|16|64|W|)\(&(\w+),(\d+),(\d+)(?:,\d+)?\);)");
  std::string table = "#define HASSE_PORTS(X)";
  for (std::sregex_iterator at(header.begin(), header.end(), kPort), end; at != end; ++at) {
    const std::smatch& match = *at;
    const int bits = std::stoi(match[3]) - std::stoi(match[4]) + 1;
    table += fmt::format(" \\\n  X({}, {}, {})", match[2].str(), bits, match[1] == "IN" ? 1 : 0);
  }
  return table + "\n";
}

void write_adapter(const fs::path& work) {
  tensor::write_file(work / "abi.h", embedded_abi());
  tensor::write_file(work / "hasse_adapter.cpp", embedded_adapter());
  tensor::write_file(work / "ports.inc", port_table(tensor::read_file(work / "Vmodel.h")));
}

}  // namespace

fs::path default_cache() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const fs::path own = variable("HASSE_CACHE"); !own.empty()) return own;
  if (const fs::path shared = variable("XDG_CACHE_HOME"); !shared.empty()) return shared / "hasse";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache" / "hasse";
  return fs::temp_directory_path() / "hasse-cache";
}

VerilatedLibrary VerilatedLibrary::build(const RtlSource& source, const BuildOptions& options) {
  const fs::path cache = options.cache.empty() ? default_cache() : options.cache;
  const Toolchain& tools = Toolchain::installed(cache);
  const Arguments flags = verilator_flags(source, options);
  const std::string salt = fmt::format("{}{}{}{}{}", tools.versions, flags, compile_recipe(options),
                                       embedded_abi(), embedded_adapter());
  VerilatedLibrary library;
  library.object = cache / fmt::format("{}-{}.so", source.top, digest(source, salt));
  library.from_cache = fs::exists(library.object);
  if (library.from_cache) return library;
  const Workspace work(cache);
  const fs::path made = work.path() / "model.so";
  library.verilate_seconds = seconds_of([&] { verilate(source, flags, work.path()); });
  library.compile_seconds = seconds_of([&] {
    write_adapter(work.path());
    compile_shared_object(tools, work.path(), cache, options, made);
  });
  fs::rename(made, library.object);
  return library;
}

VerilatedLibrary VerilatedLibrary::build(const fs::path& dir, std::string_view top,
                                         const BuildOptions& options) {
  return build(generated_source(dir, top), options);
}

}  // namespace hasse::harness
