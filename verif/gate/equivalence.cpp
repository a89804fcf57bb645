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

/// What Yosys and every way of ABC may take of a processor for a module, in seconds.
constexpr const char* kLimit = "--cpu=30";

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
/// Yosys tells readers of a matched wire by the name its signal goes by, hence the clean-up; and a
/// bit that an adder passes on goes by either name, hence gates before it.
std::string match_registers(const MappedModule& module, const std::string& as) {
  std::string keep = "i:* o:*";
  for (const std::string& name : module.registers) keep += pattern(name);
  return fmt::format(
      "opt_dff -nodffe -nosdff\ndffunmap\nopt_clean\ntechmap\nopt -full -nodffe -nosdff\n"
      "rename {0} {1}\nsplitnets {1}\ncd {1}\nselect -set keep {2}\nrename -hide w:* @keep %d\n"
      "opt_clean\ncd\ndesign -stash {1}\n",
      module.name, as, keep);
}

std::string evert_instances(const std::string& module) {
  return fmt::format("expose -evert {0}/c:u_* {0}/c:*.u_*\n", module);
}

/// The Verilog, with the module's parameters. A register that never leaves its reset value, by SAT,
/// is a constant: synthesis keeps none of these.
std::string read_gold(const MappedModule& module) {
  return fmt::format(
             "read_rtlil skeleton.il\nread_rtlil -overwrite {0}\nhierarchy -top {1}\n"
             "proc -norom\n{2}opt -sat\n",
             synth::module_path(module.name, ".il"), module.name, evert_instances(module.name)) +
         match_registers(module, "gold");
}

std::string read_gate(const MappedModule& module, const fs::path& kept) {
  return fmt::format(
             "read_rtlil skeleton.il\nread_verilog -sv -overwrite {0}/netlist.v\n"
             "read_liberty -ignore_miss_func {0}/{1}\nhierarchy -top {2}\nproc\n{3}flatten\n"
             "opt_clean\n",
             kept.string(), synth::kLibraryFile, module.name, evert_instances(module.name)) +
         match_registers(module, "gate");
}

/// Registers become instances of these, which leave their places: what they hold is an input, what
/// they would take, their clock and their reset are outputs.
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

/// Only gates are left of both, or it fails.
constexpr const char* kCutRegisters =
    "rename -wire t:$_DFF_*\ntechmap -map cut_map.v\nread_verilog cuts.v\n"
    "expose -evert gold/t:cut_* gate/t:cut_*\n"
    "select -assert-none g*/t:$_*DFF* g*/t:$_*LATCH*\n";

/// Registers start as reset leaves them; those without, which Verilog leaves undefined, at START.
constexpr const char* kStartMap = R"((* techmap_celltype = "$_DFF_P_" *)
module plain (input D, C, output Q);
  reg q = `START; always @(posedge C) q <= D;
  assign Q = q;
endmodule
(* techmap_celltype = "$_DFF_PN0_" *)
module to_0 (input D, C, R, output Q);
  reg q = 0; always @(posedge C) q <= D & R;
  assign Q = q & R;
endmodule
(* techmap_celltype = "$_DFF_PN1_" *)
module to_1 (input D, C, R, output Q);
  reg q = 1; always @(posedge C) q <= D | !R;
  assign Q = q | !R;
endmodule
)";

/// Both modules, for the scripts below.
std::string pair_script(const MappedModule& module, const fs::path& kept) {
  return read_gold(module) + read_gate(module, kept) +
         fmt::format(
             "design -reset\ndesign -copy-from gold gold\ndesign -copy-from gate gate\n"
             "write_rtlil {}.il\n",
             module.name);
}

/// Both between the same inputs, as gates and registers in NAME.aig: an output that never is 1.
std::string miter_script(const std::string& module, const std::string& before,
                         const std::string& after, const std::string& name) {
  return fmt::format(
      "read_rtlil {}.il\n{}miter -equiv -flatten gold gate miter\nhierarchy -top miter\n{}"
      "techmap\nopt_clean\nsetundef -undriven -zero\naigmap\nwrite_aiger -zinit {}.aig\n",
      module, before, after, name);
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

/// Whether ABC, told how, proves that the output of NAME.aig never is 1.
bool never_is_1(const std::string& name, const std::string& how, const fs::path& work) {
  const std::string log = "abc_" + name;
  if (!succeeds(
          log,
          {"prlimit", kLimit, "yosys-abc", "-c", fmt::format("read_aiger {}.aig; {}", name, how)},
          work))
    return false;
  const std::string said = tensor::read_file(work / (log + ".log"));
  return said.find("UNSATISFIABLE") != std::string::npos ||
         said.find("Networks are equivalent") != std::string::npos;
}

/// Sums that are added up in another order are alike as BDDs, of which SAT would see no end; with
/// much else beside them it is the other way round.
constexpr const char* kBySat = "fraig; iprove";
constexpr const char* kByBdd = "fraig; collapse; strash; iprove";
constexpr const char* kByInduction = "dprove";

/// A register of one side that has none on the other, as one that was merged with its equal, is no
/// place to cut at.
bool alike_in_all_states(const std::string& module, const fs::path& work) {
  const std::string name = "cut_" + module;
  return yosys_ends_well(name, miter_script(module, kCutRegisters, "", name), work) &&
         (never_is_1(name, kBySat, work) || never_is_1(name, kByBdd, work));
}

/// Synthesis may take a register that only ever becomes 1 for a 1 from the first: one start will
/// do.
bool alike_from_reset(const std::string& module, char start, const fs::path& work) {
  const std::string name = fmt::format("start_{}_{}", start, module);
  const std::string map = fmt::format("techmap -autoproc -D START={} -map start_map.v\n", start);
  return yosys_ends_well(name, miter_script(module, "", map, name), work) &&
         never_is_1(name, kByInduction, work);
}

/// `kept` is the folder of the synthesis.
void prove(const MappedModule& module, const fs::path& kept, const fs::path& work,
           Equivalence& result) {
  const std::string& name = module.name;
  const bool read = yosys_ends_well("pair_" + name, pair_script(module, kept), work);
  if (read && alike_in_all_states(name, work))
    result.proven.push_back(name);
  else if (read && (alike_from_reset(name, '0', work) || alike_from_reset(name, '1', work)))
    result.from_reset.push_back(name);
  else
    result.left.push_back(name);
}

}  // namespace

Equivalence compare_modules(const fs::path& dir, const synth::Result& mapped, const fs::path& work,
                            const std::vector<std::string>& only) {
  synth::find_tool("yosys");
  fs::create_directories(work / synth::kModuleFolder);
  synth::elaborate(synth::Manifest::load(dir), work, fs::absolute(dir));
  tensor::write_file(work / "cuts.v", kCuts);
  tensor::write_file(work / "cut_map.v", kCutMap);
  tensor::write_file(work / "start_map.v", kStartMap);
  const fs::path kept = fs::absolute(mapped.netlist.parent_path());
  Equivalence result;
  for (const MappedModule& module : read_modules(tensor::read_file(mapped.netlist))) {
    if (!only.empty() && std::ranges::find(only, module.name) == only.end()) continue;
    prove(module, kept, work, result);
  }
  return result;
}

}  // namespace hasse::gate
