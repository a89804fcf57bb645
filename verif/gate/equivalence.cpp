// SPDX-License-Identifier: Apache-2.0
#include "verif/gate/equivalence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <initializer_list>
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

/// What Yosys may take of a processor for a script, in seconds.
constexpr int kYosysSeconds = 120;

/// How a tool ends that has taken all it may.
constexpr int kCutOff = 128 + SIGXCPU;

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

bool says(const fs::path& log, std::initializer_list<const char*> texts) {
  const std::string said = tensor::read_file(log);
  return std::ranges::any_of(
      texts, [&](const char* text) { return said.find(text) != std::string::npos; });
}

/// Runs a tool in `work`, where the modules have been elaborated, its log being NAME.log. Whether
/// it did what it was told: it may be cut off, or give up for one of `reasons`, which it says.
/// Throws ToolError when it fails for another.
bool ends_well(const std::string& name, const std::vector<std::string>& tool, int seconds,
               const fs::path& work, std::initializer_list<const char*> reasons = {}) {
  synth::Command command{
      {"prlimit", fmt::format("--cpu={}:{}", seconds, seconds + 1)}, work, work / (name + ".log")};
  command.argv.insert(command.argv.end(), tool.begin(), tool.end());
  const synth::Outcome outcome = synth::run_process(command);
  if (outcome.exit_code == 0) return true;
  if (outcome.exit_code == kCutOff || says(command.log, reasons)) return false;
  throw synth::failure(command, outcome);
}

bool yosys_ends_well(const std::string& name, const std::string& script, const fs::path& work,
                     std::initializer_list<const char*> reasons = {}) {
  tensor::write_file(work / (name + ".ys"), script);
  return ends_well(name, {"yosys", "-q", "-s", name + ".ys"}, kYosysSeconds, work, reasons);
}

enum class Answer { yes, no, unknown };

/// How ABC proves something, and how many seconds of a processor it may take.
struct Way {
  const char* commands;
  int seconds;
};

/// SAT ends within three seconds, or not at all where sums are added up in another order; BDDs do
/// these, but nothing that has much else beside them. Trees of many words want equal signals to be
/// found one by one, each with more patience.
constexpr std::array kInAllStates{Way{"fraig; iprove", 10},
                                  Way{"fraig; collapse; strash; iprove", 30},
                                  Way{"ifraig -C 100000; iprove", 30}};
constexpr Way kByInduction{"dprove", 30};

/// What ABC says of the output of NAME.aig: that it never is 1, or when it is.
Answer never_is_1(const std::string& name, const Way& way, const fs::path& work) {
  const std::string run = "abc_" + name;
  if (!ends_well(run, {"yosys-abc", "-c", fmt::format("read_aiger {}.aig; {}", name, way.commands)},
                 way.seconds, work))
    return Answer::unknown;
  const fs::path log = work / (run + ".log");
  if (says(log, {"UNSATISFIABLE", "Networks are equivalent"})) return Answer::yes;
  if (says(log, {"SATISFIABLE", "not equivalent"})) return Answer::no;
  if (says(log, {"UNDECIDED"})) return Answer::unknown;
  throw synth::ToolError(fmt::format("yosys-abc: no verdict; its log is {}, which ends:\n{}",
                                     log.string(), synth::tail_of_file(log, 12)));
}

/// Where not, they may still be in those that can be reached. A register of one side that has none
/// on the other, as one that was merged with its equal, is no place to cut at: the script says so.
bool alike_in_all_states(const std::string& module, const fs::path& work) {
  const std::string name = "cut_" + module;
  if (!yosys_ends_well(name, cut_script(module, name), work,
                       {"Assertion failed", "No matching port"}))
    return false;
  Answer answer = Answer::unknown;
  for (const Way& way : kInAllStates)
    if (answer == Answer::unknown) answer = never_is_1(name, way, work);
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
