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

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;

/// How registers are matched.
enum class Match { bits, words };

/// A module of the netlist, and its registers: RTL names, with the bit's number if they have one.
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

/// Commands that hide all wires but ports and registers, so that only these are matched. Words are
/// those whose name says that they are registers, and all that have bits without such a word.
std::string hide(const MappedModule& module, Match match, const std::string& as) {
  std::string keep = "i:* o:*";
  if (match == Match::words) keep += " w:*_q";
  for (const std::string& name : module.registers)
    keep += pattern(match == Match::bits ? name : name.substr(0, name.rfind('[')));
  const std::string split = match == Match::bits ? fmt::format("splitnets {}\n", as) : "";
  return fmt::format("{}cd {}\nselect -set keep {}\nrename -hide w:* @keep %d\ncd\n", split, as,
                     keep);
}

std::string script(const fs::path& dir, const synth::Result& mapped, const MappedModule& module,
                   Match match) {
  const fs::path kept = fs::absolute(mapped.netlist.parent_path());
  std::string rtl;
  for (const auto& entry : fs::directory_iterator(dir / "rtl"))
    if (entry.path().extension() == ".v")
      rtl += fmt::format(" {}", fs::absolute(entry.path()).string());
  const std::string evert = fmt::format("expose -evert {0}/c:u_* {0}/c:*.u_*\n", module.name);
  const std::string memories =
      fs::exists(kept / "memories.lib")
          ? fmt::format("read_liberty -lib -ignore_miss_func {}/memories.lib\n", kept.string())
          : "";
  return fmt::format("read_verilog -sv{}\nhierarchy -top {}\nproc -norom\n{}async2sync\nopt\n", rtl,
                     module.name, evert) +
         fmt::format("rename {} gold\n{}design -stash gold\n", module.name,
                     hide(module, match, "gold")) +
         fmt::format("read_verilog -sv {}\nread_liberty -ignore_miss_func {}/library.lib\n{}",
                     fs::absolute(mapped.netlist).string(), kept.string(), memories) +
         fmt::format("hierarchy -top {}\nproc\n{}flatten\nasync2sync\nopt_clean\n", module.name,
                     evert) +
         fmt::format("rename {} gate\n{}design -stash gate\n", module.name,
                     hide(module, match, "gate")) +
         "design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n"
         "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\nequiv_simple -short\n"
         "equiv_induct -seq 3\nequiv_status -assert\n";
}

bool is_proved(const fs::path& dir, const synth::Result& mapped, const MappedModule& module,
               Match match, const fs::path& work) {
  const std::string name =
      fmt::format("{}-{}", module.name, match == Match::bits ? "bits" : "words");
  tensor::write_file(work / (name + ".ys"), script(dir, mapped, module, match));
  try {
    synth::run_checked({{"yosys", "-q", "-s", name + ".ys"}, work, work / (name + ".log")});
  } catch (const synth::ToolError&) {
    return false;
  }
  return true;
}

}  // namespace

Equivalence compare_modules(const fs::path& dir, const synth::Result& mapped, const fs::path& work,
                            const std::vector<std::string>& only) {
  synth::find_tool("yosys");
  fs::create_directories(work);
  Equivalence result;
  for (const MappedModule& module : read_modules(tensor::read_file(mapped.netlist))) {
    if (!only.empty() && std::ranges::find(only, module.name) == only.end()) continue;
    const bool proved = is_proved(dir, mapped, module, Match::bits, work) ||
                        is_proved(dir, mapped, module, Match::words, work);
    (proved ? result.proven : result.left).push_back(module.name);
  }
  return result;
}

}  // namespace hasse::gate
