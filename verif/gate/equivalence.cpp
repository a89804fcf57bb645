// SPDX-License-Identifier: Apache-2.0
#include "verif/gate/equivalence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

#include "golden/tensor/file.hpp"
#include "synth/error.hpp"
#include "synth/manifest/manifest.hpp"
#include "synth/process/process.hpp"
#include "synth/yosys/elaborate.hpp"
#include "synth/yosys/scripts.hpp"

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;

/// What a module may take of a processor, in seconds.
constexpr const char* kLimit = "--cpu=600";

/// A module of the netlist, and its registers, bit by bit: RTL names.
struct MappedModule {
  std::string name;
  std::set<std::string> registers;
};

/// Reads modules and registers from the netlist's own layout, a statement a line.
std::vector<MappedModule> read_modules(const std::string& netlist) {
  static const std::regex kModule(R"(^module (\S+?)\()"), kRegister(R"(^  \w+ +\\?(\S+)_reg +\()");
  std::vector<MappedModule> modules;
  std::smatch match;
  for (std::size_t at = 0; at < netlist.size();) {
    const std::size_t end = std::min(netlist.find('\n', at), netlist.size());
    const std::string line = netlist.substr(at, end - at);
    if (std::regex_search(line, match, kModule)) modules.push_back({match[1], {}});
    if (!modules.empty() && std::regex_search(line, match, kRegister))
      modules.back().registers.insert(match[1]);
    at = end + 1;
  }
  return modules;
}

/// A name as a selection of wires, its brackets taken literally.
std::string pattern(const std::string& name) {
  std::string text = " w:";
  for (const char c : name) {
    if (c == '[' || c == ']') text += '\\';
    text += c;
  }
  return text;
}

/// Commands that leave no names but those of ports and registers, so that only these are matched.
/// Yosys tells readers of a matched wire by the name its signal goes by, hence the clean-up.
std::string match_registers(const MappedModule& module, const std::string& as) {
  std::string keep = "i:* o:*";
  for (const std::string& name : module.registers) keep += pattern(name);
  return fmt::format(
      "rename {0} {1}\nsplitnets {1}\ncd {1}\nselect -set keep {2}\nrename -hide w:* @keep %d\n"
      "opt_clean\ncd\ndesign -stash {1}\n",
      module.name, as, keep);
}

/// The Verilog with the module's parameters. A register that never leaves its reset value, by SAT,
/// is a constant: synthesis keeps none of these.
std::string read_gold(const std::string& module, const std::string& evert) {
  return fmt::format(
      "read_rtlil skeleton.il\nread_rtlil -overwrite {0}\nhierarchy -top {1}\n"
      "proc -norom\n{2}opt -sat\nasync2sync\nopt\n",
      synth::module_path(module, ".il"), module, evert);
}

std::string read_gate(const std::string& module, const std::string& evert, const fs::path& kept) {
  return fmt::format(
      "read_rtlil skeleton.il\nread_verilog -sv -overwrite {0}/netlist.v\n"
      "read_liberty -ignore_miss_func {0}/{1}\nhierarchy -top {2}\n"
      "proc\n{3}flatten\nasync2sync\nopt_clean\n",
      kept.string(), synth::kLibraryFile, module, evert);
}

std::string script(const MappedModule& module, const fs::path& kept) {
  const std::string evert = fmt::format("expose -evert {0}/c:u_* {0}/c:*.u_*\n", module.name);
  return read_gold(module.name, evert) + match_registers(module, "gold") +
         read_gate(module.name, evert, kept) + match_registers(module, "gate") +
         "design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n"
         "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\nequiv_simple -short\n"
         "equiv_induct -seq 3\nequiv_status -assert\n";
}

/// Runs in `work`, where the modules have been elaborated; `kept` is the folder of the synthesis.
bool is_proved(const MappedModule& module, const fs::path& kept, const fs::path& work) {
  const std::string name = "prove_" + module.name;
  tensor::write_file(work / (name + ".ys"), script(module, kept));
  try {
    synth::run_checked(
        {{"prlimit", kLimit, "yosys", "-q", "-s", name + ".ys"}, work, work / (name + ".log")});
  } catch (const synth::ToolError&) {
    return false;
  }
  return true;
}

}  // namespace

Equivalence compare_modules(const fs::path& dir, const synth::Result& mapped, const fs::path& work,
                            const std::vector<std::string>& only) {
  synth::find_tool("yosys");
  fs::create_directories(work / synth::kModuleFolder);
  synth::elaborate(synth::Manifest::load(dir), work, fs::absolute(dir));
  const fs::path kept = fs::absolute(mapped.netlist.parent_path());
  Equivalence result;
  for (const MappedModule& module : read_modules(tensor::read_file(mapped.netlist))) {
    if (!only.empty() && std::ranges::find(only, module.name) == only.end()) continue;
    (is_proved(module, kept, work) ? result.proven : result.left).push_back(module.name);
  }
  return result;
}

}  // namespace hasse::gate
