// SPDX-License-Identifier: Apache-2.0
#include "verif/gate/equivalence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "golden/tensor/file.hpp"
#include "synth/error.hpp"
#include "synth/manifest/manifest.hpp"
#include "synth/process/process.hpp"
#include "synth/yosys/elaborate.hpp"
#include "synth/yosys/scripts.hpp"
#include "verif/gate/equivalence_scripts.hpp"

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;

/// What Yosys may take of a processor for a module, in seconds.
constexpr const char* kYosysLimit = "--cpu=120";

/// Takes the netlist apart by its own layout, a statement a line.
std::vector<MappedModule> read_modules(const std::string& netlist) {
  static const std::regex kModule(R"(^module (\S+?)\()"), kRegister(R"(^  \w+ +\\?(\S+)_reg +\()");
  std::vector<MappedModule> modules;
  std::smatch match;
  for (std::size_t at = 0; at < netlist.size();) {
    const std::size_t end = std::min(netlist.find('\n', at), netlist.size());
    const std::string line = netlist.substr(at, end - at);
    if (std::regex_search(line, match, kModule)) modules.push_back({match[1], {}, {}});
    if (!modules.empty()) {
      modules.back().verilog += line + '\n';
      if (std::regex_search(line, match, kRegister)) modules.back().registers.insert(match[1]);
    }
    at = end + 1;
  }
  return modules;
}

/// Runs in `work`, where the modules have been elaborated; what it says is in NAME.log.
bool succeeds(const std::string& name, const std::vector<std::string>& command,
              const fs::path& work) {
  try {
    synth::run_checked({command, work, work / (name + ".log")});
  } catch (const synth::ToolError&) {
    return false;
  }
  return true;
}

bool yosys_ends_well(const std::string& name, const std::string& script, const fs::path& work) {
  tensor::write_file(work / (name + ".ys"), script);
  return succeeds(name, {"prlimit", kYosysLimit, "yosys", "-q", "-s", name + ".ys"}, work);
}

enum class Answer { yes, no, unknown };

/// How ABC proves something, and what it may take of a processor.
struct Way {
  const char *commands, *limit;
};

/// SAT ends within three seconds, or not at all where sums are added up in another order; BDDs do
/// these, but nothing that has much else beside them.
constexpr Way kBySat{"fraig; iprove", "--cpu=10"},
    kByBdd{"fraig; collapse; strash; iprove", "--cpu=30"}, kByInduction{"dprove", "--cpu=30"};

/// What ABC says of the output of NAME.aig: that it never is 1, or when it is.
Answer never_is_1(const std::string& name, const Way& way, const fs::path& work) {
  const std::string log = "abc_" + name;
  if (!succeeds(log,
                {"prlimit", way.limit, "yosys-abc", "-c",
                 fmt::format("read_aiger {}.aig; {}", name, way.commands)},
                work))
    return Answer::unknown;
  const std::string said = tensor::read_file(work / (log + ".log"));
  const auto says = [&](const char* text) { return said.find(text) != std::string::npos; };
  if (says("UNSATISFIABLE") || says("Networks are equivalent")) return Answer::yes;
  return says("SATISFIABLE") || says("not equivalent") ? Answer::no : Answer::unknown;
}

/// Where not, they may still be in those that can be reached. A register of one side that has none
/// on the other, as one that was merged with its equal, is no place to cut at.
bool alike_in_all_states(const std::string& module, const fs::path& work) {
  const std::string name = "cut_" + module;
  if (!yosys_ends_well(name, cut_script(module, name), work)) return false;
  Answer answer = never_is_1(name, kBySat, work);
  if (answer == Answer::unknown) answer = never_is_1(name, kByBdd, work);
  return answer == Answer::yes;
}

Answer alike_from_reset(const std::string& module, char start, const fs::path& work) {
  const std::string name = fmt::format("start_{}_{}", start, module);
  if (!yosys_ends_well(name, start_script(module, start, name), work)) return Answer::unknown;
  return never_is_1(name, kByInduction, work);
}

/// Synthesis may take a register that only ever becomes 1 for a 1 from the first: one start will
/// do.
Answer alike_from_reset(const std::string& module, const fs::path& work) {
  const Answer from_0 = alike_from_reset(module, '0', work);
  return from_0 == Answer::no ? alike_from_reset(module, '1', work) : from_0;
}

void prove(const MappedModule& module, const fs::path& library, const fs::path& work,
           Equivalence& result) {
  const std::string& name = module.name;
  tensor::write_file(work / (name + ".v"), module.verilog);
  Answer from_reset = Answer::unknown;
  if (yosys_ends_well("pair_" + name, pair_script(module, library), work)) {
    if (alike_in_all_states(name, work)) return result.proven.push_back(name);
    from_reset = alike_from_reset(name, work);
  }
  (from_reset == Answer::yes  ? result.from_reset
   : from_reset == Answer::no ? result.different
                              : result.left)
      .push_back(name);
}

}  // namespace

Equivalence compare_modules(const fs::path& dir, const synth::Result& mapped, const fs::path& work,
                            const std::vector<std::string>& only) {
  synth::find_tool("yosys");
  fs::create_directories(work / synth::kModuleFolder);
  synth::elaborate(synth::Manifest::load(dir), work, fs::absolute(dir));
  write_maps(work);
  const fs::path library = fs::absolute(mapped.netlist.parent_path()) / synth::kLibraryFile;
  Equivalence result;
  for (const MappedModule& module : read_modules(tensor::read_file(mapped.netlist))) {
    if (!only.empty() && std::ranges::find(only, module.name) == only.end()) continue;
    prove(module, library, work, result);
  }
  return result;
}

}  // namespace hasse::gate
