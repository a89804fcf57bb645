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

/// What Yosys may take of a processor for a module, in seconds, and what ABC may.
constexpr const char *kLimit = "--cpu=150", *kShortLimit = "--cpu=20";

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

/// Registers become instances of these, which leave their places: what they hold is an input, what
/// they would take, their clock and their reset are outputs. An enable has become data by then.
constexpr const char* kCuts = R"((* blackbox *) module cut_p (input D, C, output Q); endmodule
(* blackbox *) module cut_pn0 (input D, C, R, output Q); endmodule
(* blackbox *) module cut_pn1 (input D, C, R, output Q); endmodule
)";
constexpr const char* kCutMap = R"((* techmap_celltype = "$_DFF_P_" *)
module plain (input D, C, output Q); cut_p _TECHMAP_REPLACE_ (.D(D), .C(C), .Q(Q)); endmodule
(* techmap_celltype = "$_DFF_PN0_" *)
module to_0 (input D, C, R, output Q); cut_pn0 _TECHMAP_REPLACE_ (.D(D), .C(C), .R(R), .Q(Q)); endmodule
(* techmap_celltype = "$_DFF_PN1_" *)
module to_1 (input D, C, R, output Q); cut_pn1 _TECHMAP_REPLACE_ (.D(D), .C(C), .R(R), .Q(Q)); endmodule
)";

/// Of a module read and matched as `as`: only gates are left, or it fails.
std::string cut_registers(const std::string& as) {
  return fmt::format(
      "design -load {0}\nopt_dff -nodffe -nosdff\ndffunmap\nopt_clean\nsimplemap\nopt_clean\n"
      "rename -wire t:$_DFF_*\ntechmap -map cut_map.v\nread_verilog cuts.v\n"
      "expose -evert {0}/t:cut_*\nselect -assert-none {0}/t:$_*DFF* {0}/t:$_*LATCH*\n"
      "design -stash {0}\n",
      as);
}

std::string evert_instances(const std::string& module) {
  return fmt::format("expose -evert {0}/c:u_* {0}/c:*.u_*\n", module);
}

/// The Verilog with the module's parameters; `resets` is what is done to asynchronous ones. A
/// register that never leaves its reset value, by SAT, is a constant: synthesis keeps none of
/// these.
std::string read_gold(const MappedModule& module, const std::string& resets) {
  return fmt::format(
             "read_rtlil skeleton.il\nread_rtlil -overwrite {0}\nhierarchy -top {1}\n"
             "proc -norom\n{2}opt -sat\n{3}",
             synth::module_path(module.name, ".il"), module.name, evert_instances(module.name),
             resets) +
         match_registers(module, "gold");
}

std::string read_gate(const MappedModule& module, const std::string& resets, const fs::path& kept) {
  return fmt::format(
             "read_rtlil skeleton.il\nread_verilog -sv -overwrite {0}/netlist.v\n"
             "read_liberty -ignore_miss_func {0}/{1}\nhierarchy -top {2}\n"
             "proc\n{3}flatten\n{4}opt_clean\n",
             kept.string(), synth::kLibraryFile, module.name, evert_instances(module.name),
             resets) +
         match_registers(module, "gate");
}

/// Both as gates between the same inputs and outputs, in a file for ABC. Fails where a register of
/// one side has none on the other, as one that was merged with its equal.
std::string cut_script(const MappedModule& module, const fs::path& kept) {
  return read_gold(module, "") + read_gate(module, "", kept) + cut_registers("gold") +
         cut_registers("gate") +
         fmt::format(
             "design -copy-from gold gold\ndesign -copy-from gate gate\n"
             "miter -equiv -flatten gold gate miter\nhierarchy -top miter\ntechmap\nopt_clean\n"
             "setundef -undriven -zero\naigmap\nwrite_aiger {}.aig\n",
             module.name);
}

/// Yosys' own passes, which take more time, and registers as they come.
std::string induction_script(const MappedModule& module, const fs::path& kept) {
  return read_gold(module, "async2sync\nopt\n") + read_gate(module, "async2sync\n", kept) +
         "design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n"
         "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\nequiv_simple -short\n"
         "equiv_induct -seq 3\nequiv_status -assert\n";
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
  return succeeds(name, {"prlimit", kLimit, "yosys", "-q", "-s", name + ".ys"}, work);
}

/// `kept` is the folder of the synthesis.
bool is_proved(const MappedModule& module, const fs::path& kept, const fs::path& work) {
  const std::string abc = "abc_" + module.name;
  if (yosys_ends_well("cut_" + module.name, cut_script(module, kept), work) &&
      succeeds(abc,
               {"prlimit", kShortLimit, "yosys-abc", "-c",
                fmt::format("read_aiger {}.aig; fraig; iprove", module.name)},
               work) &&
      tensor::read_file(work / (abc + ".log")).find("UNSATISFIABLE") != std::string::npos)
    return true;
  return yosys_ends_well("prove_" + module.name, induction_script(module, kept), work);
}

}  // namespace

Equivalence compare_modules(const fs::path& dir, const synth::Result& mapped, const fs::path& work,
                            const std::vector<std::string>& only) {
  synth::find_tool("yosys");
  fs::create_directories(work / synth::kModuleFolder);
  synth::elaborate(synth::Manifest::load(dir), work, fs::absolute(dir));
  tensor::write_file(work / "cuts.v", kCuts);
  tensor::write_file(work / "cut_map.v", kCutMap);
  const fs::path kept = fs::absolute(mapped.netlist.parent_path());
  Equivalence result;
  for (const MappedModule& module : read_modules(tensor::read_file(mapped.netlist))) {
    if (!only.empty() && std::ranges::find(only, module.name) == only.end()) continue;
    (is_proved(module, kept, work) ? result.proven : result.left).push_back(module.name);
  }
  return result;
}

}  // namespace hasse::gate
