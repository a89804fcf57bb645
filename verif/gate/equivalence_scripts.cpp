// SPDX-License-Identifier: Apache-2.0
#include "verif/gate/equivalence_scripts.hpp"

#include <fmt/format.h>

#include "golden/tensor/file.hpp"
#include "synth/yosys/scripts.hpp"

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;

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

std::string read_gate(const MappedModule& module, const fs::path& library) {
  return fmt::format(
             "read_rtlil skeleton.il\nread_verilog -sv -overwrite {0}.v\n"
             "read_liberty -ignore_miss_func {1}\nhierarchy -top {0}\nproc\n{2}flatten\n"
             "opt_clean\n",
             module.name, library.string(), evert_instances(module.name)) +
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

/// Gold and gate between the same inputs; `before` and `after` are done to them, and to both as
/// one.
std::string miter_script(const std::string& module, const std::string& before,
                         const std::string& after, const std::string& file) {
  return fmt::format(
      "read_rtlil {}.il\n{}miter -equiv -flatten gold gate miter\nhierarchy -top miter\n{}"
      "techmap\nopt_clean\nsetundef -undriven -zero\naigmap\nwrite_aiger -zinit {}.aig\n",
      module, before, after, file);
}

}  // namespace

void write_maps(const fs::path& work) {
  tensor::write_file(work / "cuts.v", kCuts);
  tensor::write_file(work / "cut_map.v", kCutMap);
  tensor::write_file(work / "start_map.v", kStartMap);
}

std::string pair_script(const MappedModule& module, const fs::path& library) {
  return read_gold(module) + read_gate(module, library) +
         fmt::format(
             "design -reset\ndesign -copy-from gold gold\ndesign -copy-from gate gate\n"
             "write_rtlil {}.il\n",
             module.name);
}

std::string cut_script(const std::string& module, const std::string& file) {
  return miter_script(module,
                      "rename -wire t:$_DFF_*\ntechmap -map cut_map.v\nread_verilog cuts.v\n"
                      "expose -evert gold/t:cut_* gate/t:cut_*\n"
                      "select -assert-none g*/t:$_*DFF* g*/t:$_*LATCH* g*/t:cut_*\n",
                      "", file);
}

std::string start_script(const std::string& module, char start, const std::string& file) {
  return miter_script(module, "",
                      fmt::format("techmap -autoproc -D START={} -map start_map.v\n", start), file);
}

}  // namespace hasse::gate
