// SPDX-License-Identifier: Apache-2.0
// Identifier rules: lowRISC style, and the keywords of the three languages RTL may meet.
#include "generator/hdl/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <unordered_set>

namespace hasse::hdl::detail {

namespace {

// IEEE 1800-2017 table B.1 (which contains IEEE 1364-2005) and IEEE 1076-2008 section 15.10.
const std::unordered_set<std::string_view>& keywords() {
  static const std::unordered_set<std::string_view> words = {
      "accept_on", "alias", "always", "always_comb", "always_ff", "always_latch", "and", "assert",
      "assign", "assume", "automatic", "before", "begin", "bind", "bins", "binsof", "bit", "break",
      "buf", "bufif0", "bufif1", "byte", "case", "casex", "casez", "cell", "chandle", "checker",
      "class", "clocking", "cmos", "config", "const", "constraint", "context", "continue", "cover",
      "covergroup", "coverpoint", "cross", "deassign", "default", "defparam", "design", "disable",
      "dist", "do", "edge", "else", "end", "endcase", "endchecker", "endclass", "endclocking",
      "endconfig", "endfunction", "endgenerate", "endgroup", "endinterface", "endmodule",
      "endpackage", "endprimitive", "endprogram", "endproperty", "endspecify", "endsequence",
      "endtable", "endtask", "enum", "event", "eventually", "expect", "export", "extends", "extern",
      "final", "first_match", "for", "force", "foreach", "forever", "fork", "forkjoin", "function",
      "generate", "genvar", "global", "highz0", "highz1", "if", "iff", "ifnone", "ignore_bins",
      "illegal_bins", "implements", "implies", "import", "incdir", "include", "initial", "inout",
      "input", "inside", "instance", "int", "integer", "interconnect", "interface", "intersect",
      "join", "join_any", "join_none", "large", "let", "liblist", "library", "local", "localparam",
      "logic", "longint", "macromodule", "matches", "medium", "modport", "module", "nand",
      "negedge", "nettype", "new", "nexttime", "nmos", "nor", "noshowcancelled", "not", "notif0",
      "notif1", "null", "or", "output", "package", "packed", "parameter", "pmos", "posedge",
      "primitive", "priority", "program", "property", "protected", "pull0", "pull1", "pulldown",
      "pullup", "pulsestyle_ondetect", "pulsestyle_onevent", "pure", "rand", "randc", "randcase",
      "randsequence", "rcmos", "real", "realtime", "ref", "reg", "reject_on", "release", "repeat",
      "restrict", "return", "rnmos", "rpmos", "rtran", "rtranif0", "rtranif1", "s_always",
      "s_eventually", "s_nexttime", "s_until", "s_until_with", "scalared", "sequence", "shortint",
      "shortreal", "showcancelled", "signed", "small", "soft", "solve", "specify", "specparam",
      "static", "string", "strong", "strong0", "strong1", "struct", "super", "supply0", "supply1",
      "sync_accept_on", "sync_reject_on", "table", "tagged", "task", "this", "throughout", "time",
      "timeprecision", "timeunit", "tran", "tranif0", "tranif1", "tri", "tri0", "tri1", "triand",
      "trior", "trireg", "type", "typedef", "union", "unique", "unique0", "unsigned", "until",
      "until_with", "untyped", "use", "uwire", "var", "vectored", "virtual", "void", "wait",
      "wait_order", "wand", "weak", "weak0", "weak1", "while", "wildcard", "wire", "with", "within",
      "wor", "xnor", "xor",
      // VHDL
      "abs", "access", "after", "all", "architecture", "array", "assume_guarantee", "attribute",
      "block", "body", "buffer", "bus", "component", "configuration", "constant", "disconnect",
      "downto", "elsif", "entity", "exit", "fairness", "file", "generic", "group", "guarded",
      "impure", "in", "inertial", "is", "label", "linkage", "literal", "loop", "map", "mod", "next",
      "of", "on", "open", "others", "out", "parameter", "port", "postponed", "procedure", "process",
      "range", "record", "register", "reject", "rem", "report", "restrict_guarantee", "rol", "ror",
      "select", "severity", "shared", "signal", "sla", "sll", "sra", "srl", "strong", "subtype",
      "then", "to", "transport", "units", "variable", "vmode", "vprop", "vunit", "when"};
  return words;
}

bool is_identifier(std::string_view name) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
         std::ranges::all_of(name, is_part);
}

bool is_lower_snake(std::string_view name) {
  return std::ranges::none_of(
      name, [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; });
}

bool is_upper_camel(std::string_view name) {
  return std::isupper(static_cast<unsigned char>(name[0])) != 0 &&
         name.find('_') == std::string_view::npos;
}

bool has_style(std::string_view name, NameStyle style) {
  switch (style) {
    case NameStyle::signal:
      return is_lower_snake(name);
    case NameStyle::constant:
      return is_upper_camel(name);
    case NameStyle::instance:
      return is_lower_snake(name) && name.starts_with("u_");
    case NameStyle::label:
      return is_lower_snake(name) && name.starts_with("gen_");
  }
  return false;
}

const char* style_text(NameStyle style) {
  switch (style) {
    case NameStyle::signal:
      return "lower_snake";
    case NameStyle::constant:
      return "UpperCamel";
    case NameStyle::instance:
      return "u_lower_snake";
    case NameStyle::label:
      return "gen_lower_snake";
  }
  return "";
}

}  // namespace

std::string fold_case(std::string_view name) {
  std::string folded(name);
  std::ranges::transform(folded, folded.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return folded;
}

void check_name(std::string_view name, NameStyle style, std::string_view what,
                const Location& where) {
  if (!is_identifier(name)) {
    throw HdlError(fmt::format("{} '{}' is no identifier [A-Za-z][A-Za-z0-9_]*", what, name),
                   where);
  }
  if (keywords().contains(fold_case(name))) {
    throw HdlError(
        fmt::format("{} '{}' is a reserved word of Verilog, SystemVerilog or VHDL", what, name),
        where);
  }
  if (!has_style(name, style)) {
    throw HdlError(fmt::format("{} '{}' must be {}", what, name, style_text(style)), where);
  }
}

}  // namespace hasse::hdl::detail
