// SPDX-License-Identifier: Apache-2.0
// Writes the scripts of a synthesis run.
#include "synth/yosys/scripts.hpp"

#include <fmt/format.h>

namespace hasse::synth {
namespace {

/// Backslashes of a name, doubled: selection patterns take a single one for an escape.
std::string as_pattern(const std::string& name) {
  std::string result;
  for (const char c : name) {
    result += c == '\\' ? "\\\\" : std::string(1, c);
  }
  return result;
}

std::string flip_flop_types(const Library& library) {
  std::string result;
  for (const LibertyCell& cell : library.cells()) {
    if (cell.kind == CellKind::flip_flop) {
      result += " t:" + cell.name;
    }
  }
  return result;
}

/// Word-level clean-up, the passes of Yosys's own `synth` before technology mapping. Comparisons
/// and products stay out of alumacc when sums become full-adder chains: the former need carries
/// only, and ABC makes smaller products.
std::string coarse_steps(bool full_adders) {
  return fmt::format(R"(proc -norom
select -assert-none t:$mem*
opt_expr
opt_clean
opt -nodffe -nosdff
fsm
opt
wreduce
peepopt
opt_clean
alumacc{}
share
opt
opt -full
)",
                     full_adders ? " t:$add t:$sub t:$neg" : "");
}

/// Times that constants are looked for at the operands of full adders: one more level each.
constexpr int kFoldingRounds = 2;

constexpr const char* kAdderMap = R"(// Sums as ripple chains of a full-adder cell.
// The first and the last bit, and bits with a constant operand, are left to ABC as plain gates.
(* techmap_celltype = "$alu" *)
module hasse_ripple_sum (A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  parameter _TECHMAP_CONSTMSK_A_ = 0;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTMSK_BI_ = 0;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  input CI, BI;
  output [Y_WIDTH-1:0] X, Y, CO;
  wire [Y_WIDTH-1:0] a_wide, b_wide;
  generate
    if (A_WIDTH == 0) begin : no_a
      assign a_wide = 0;
    end else begin : some_a
      \$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)) widen (.A(A), .Y(a_wide));
    end
    if (B_WIDTH == 0) begin : no_b
      assign b_wide = 0;
    end else begin : some_b
      \$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)) widen (.A(B), .Y(b_wide));
    end
  endgenerate
  wire [Y_WIDTH-1:0] b_added = b_wide ^ {Y_WIDTH{BI}};
  wire [Y_WIDTH:0] carry;
  assign carry[0] = CI;
  assign CO = carry[Y_WIDTH:1];
  assign X = a_wide ^ b_added;
  genvar i;
  generate
    for (i = 0; i < Y_WIDTH; i = i + 1) begin : bits
      localparam a_const = i < A_WIDTH ? _TECHMAP_CONSTMSK_A_ >> i :
                           A_SIGNED && A_WIDTH > 0 ? _TECHMAP_CONSTMSK_A_ >> (A_WIDTH - 1) : 1;
      localparam b_const = i < B_WIDTH ? _TECHMAP_CONSTMSK_B_ >> i :
                           B_SIGNED && B_WIDTH > 0 ? _TECHMAP_CONSTMSK_B_ >> (B_WIDTH - 1) : 1;
      if (i == 0 || i == Y_WIDTH - 1 || (a_const & 1) ||
          ((b_const & 1) && (_TECHMAP_CONSTMSK_BI_ & 1))) begin
        assign Y[i] = X[i] ^ carry[i];
        assign carry[i + 1] = (a_wide[i] & b_added[i]) | (carry[i] & X[i]);
      end else begin
        @CELL@ adder (.@A@(a_wide[i]), .@B@(b_added[i]), .@CI@(carry[i]), .@S@(Y[i]), .@CO@(carry[i + 1]));
      end
    end
  endgenerate
endmodule

(* techmap_celltype = "$fa" *)
module hasse_carry_save_sum (A, B, C, X, Y);
  parameter WIDTH = 1;
  parameter _TECHMAP_CONSTMSK_A_ = 0;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTMSK_C_ = 0;
  input [WIDTH-1:0] A, B, C;
  output [WIDTH-1:0] X, Y;
  localparam constants = _TECHMAP_CONSTMSK_A_ | _TECHMAP_CONSTMSK_B_ | _TECHMAP_CONSTMSK_C_;
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : bits
      if ((constants >> i) & 1) begin
        wire half = A[i] ^ B[i];
        assign Y[i] = half ^ C[i];
        assign X[i] = (A[i] & B[i]) | (C[i] & half);
      end else begin
        @CELL@ adder (.@A@(A[i]), .@B@(B[i]), .@CI@(C[i]), .@S@(Y[i]), .@CO@(X[i]));
      end
    end
  endgenerate
endmodule

// Adders that turn out to have a constant operand, once the logic around them is folded.
(* techmap_celltype = "@CELL@" *)
module hasse_adder_with_constant (@A@, @B@, @CI@, @S@, @CO@);
  parameter _TECHMAP_CONSTMSK_@A@_ = 0;
  parameter _TECHMAP_CONSTMSK_@B@_ = 0;
  parameter _TECHMAP_CONSTMSK_@CI@_ = 0;
  input @A@, @B@, @CI@;
  output @S@, @CO@;
  wire _TECHMAP_FAIL_ = !(_TECHMAP_CONSTMSK_@A@_ | _TECHMAP_CONSTMSK_@B@_ | _TECHMAP_CONSTMSK_@CI@_);
  wire half = @A@ ^ @B@;
  assign @S@ = half ^ @CI@;
  assign @CO@ = (@A@ & @B@) | (@CI@ & half);
endmodule
)";

std::string adder_steps(const FullAdder& adder) {
  std::string steps = "maccmap\nopt_clean\ntechmap -map adders.v t:$alu t:$fa\n";
  for (int i = 0; i < kFoldingRounds; ++i) {
    steps += fmt::format("opt_expr\nopt_clean\ntechmap -map adders.v t:{}\n", adder.cell);
  }
  return steps;
}

/// From simple gates to library cells. Registers are named after the wires they drive.
std::string gate_steps(const std::string& module, const Library& library, Recipe recipe) {
  return fmt::format(R"(design -load prepared
cd {0}
abc -liberty {1} -script {2}.abc
setundef -zero
opt_clean -purge
rename -wire -suffix _reg{3}
splitnets w:$*
opt_clean -purge
cd
select ={0}
json -o {4}
select -clear
)",
                     module, kLibraryFile, recipe_name(recipe), flip_flop_types(library),
                     mapped_path(module, recipe));
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

}  // namespace

std::string module_path(const std::string& module, const std::string& extension) {
  return fmt::format("{}/{}{}", kModuleFolder, module, extension);
}

std::string elaborate_script(const Manifest& manifest, const std::filesystem::path& rtl_prefix) {
  std::string script;
  for (const std::string& file : manifest.files) {
    script += fmt::format("read_verilog -sv -defer {}\n", (rtl_prefix / file).string());
  }
  return script + fmt::format(R"(hierarchy -check -top {}
write_rtlil elaborated.il
blackbox =*
write_json skeleton.json
)",
                              manifest.top);
}

std::string split_script(const std::map<std::string, ElaboratedModule>& modules) {
  std::string script = "read_rtlil elaborated.il\n";
  for (const auto& [yosys_name, module] : modules) {
    if (yosys_name != module.name) {
      script += fmt::format("rename {} {}\nchtype -set {} t:{}\n", yosys_name, module.name,
                            module.name, as_pattern(yosys_name));
    }
  }
  for (const auto& [yosys_name, module] : modules) {
    if (!module.memory) {
      script += fmt::format("select ={}\nwrite_rtlil -selected {}\n", module.name,
                            module_path(module.name, ".il"));
    }
  }
  return script + "select -clear\nblackbox =*\nwrite_rtlil skeleton.il\n";
}

std::string recipe_name(Recipe recipe) {
  return recipe == Recipe::area ? "area" : "speed";
}

std::string mapped_path(const std::string& module, Recipe recipe) {
  return module_path(module, fmt::format(".{}.json", recipe_name(recipe)));
}

std::string map_script(const std::string& module, const Library& library, bool full_adders,
                       const std::vector<Recipe>& recipes) {
  std::string script = fmt::format(
      "read_liberty -lib -ignore_miss_func {}\nread_rtlil skeleton.il\n"
      "read_rtlil -overwrite {}\ncd {}\n",
      kLibraryFile, module_path(module, ".il"), module);
  script += coarse_steps(full_adders);
  if (full_adders) {
    script += adder_steps(library.full_adder().value());
  }
  script += fmt::format(R"(techmap
opt -fast
check -assert
dfflibmap -liberty {}
opt_clean
cd
design -save prepared
)",
                        kLibraryFile);
  for (const Recipe recipe : recipes) {
    script += gate_steps(module, library, recipe);
  }
  return script;
}

std::string link_script(const std::string& top, const std::vector<ElaboratedModule>& modules) {
  std::string script =
      fmt::format("read_liberty -lib -ignore_miss_func {}\nread_rtlil skeleton.il\n", kLibraryFile);
  for (const ElaboratedModule& module : modules) {
    if (!module.memory) {
      script +=
          fmt::format("delete ={}\nread_json {}\n", module.name, module_path(module.name, ".json"));
    }
  }
  return script + fmt::format(R"(hierarchy -check -top {0}
check -assert -mapped
tee -q -o counts.json stat -json
write_verilog -noattr -noexpr -simple-lhs netlist.v
)",
                              top);
}

std::string abc_script(Recipe recipe, double clock_ns) {
  const std::string_view mapping = recipe == Recipe::area
                                       ? "strash\nifraig\nscorr\ndc2\ndch -f\namap\n"
                                       : "strash\n&get -n\n&fraig -x\n&put\nscorr\ndc2\n"
                                         "strash\n&get -n\n&dch -f\n&nf\n&put\n";
  return fmt::format("{0}topo\nbuffer -N 16\nupsize -D {1:.0f}\ndnsize -D {1:.0f}\ntopo\n", mapping,
                     clock_ns * 1000.0);
}

std::string adder_map(const FullAdder& adder) {
  std::string text = kAdderMap;
  replace_all(text, "@CELL@", adder.cell);
  replace_all(text, "@A@", adder.a);
  replace_all(text, "@B@", adder.b);
  replace_all(text, "@CI@", adder.carry_in);
  replace_all(text, "@S@", adder.sum);
  replace_all(text, "@CO@", adder.carry_out);
  return text;
}

}  // namespace hasse::synth
