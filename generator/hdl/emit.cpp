// SPDX-License-Identifier: Apache-2.0
// Layout of a module: header, ports, declarations and statements.
#include "generator/hdl/emit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "generator/hdl/print.hpp"

namespace hasse::hdl::detail {

namespace {

using Pieces = std::vector<Piece>;

void append(Pieces& pieces, const Node& node) {
  print_expression(node, pieces);
}

/// `lead target op value;` with the target padded to `column` characters.
Pieces assignment(const char* lead, const Node& target, const char* op, const Node& value,
                  std::size_t column = 0) {
  Pieces pieces{{lead, -1}};
  append(pieces, target);
  const std::size_t length = joined(pieces).size();
  if (length < column) pieces.push_back({std::string(column - length, ' '), -1});
  pieces.push_back({fmt::format(" {}", op), -1});
  pieces.push_back({" ", 0});
  print_value(value, pieces);
  pieces.push_back({";", -1});
  return pieces;
}

/// Neighbouring assignments share the column of their operator unless that tears them apart.
constexpr std::size_t max_padding = 12;

/// Prints the run of `Item`s that starts at `first`, aligned; returns the position after it.
template <typename Item, typename Items>
std::size_t print_assignments(Writer& out, const Items& items, std::size_t first, const char* lead,
                              const char* op) {
  std::size_t last = first;
  std::size_t longest = 0;
  std::size_t shortest = std::string::npos;
  for (; last < items.size() && std::holds_alternative<Item>(items[last]); ++last) {
    const std::size_t length = expression_text(*std::get<Item>(items[last]).target).size();
    longest = std::max(longest, length);
    shortest = std::min(shortest, length);
  }
  const std::size_t column =
      longest - shortest <= max_padding ? longest + std::string_view(lead).size() : 0;
  for (std::size_t i = first; i < last; ++i) {
    const Item& item = std::get<Item>(items[i]);
    out.statement(assignment(lead, *item.target, op, *item.value, column));
  }
  return last;
}

/// What stands above a statement decides whether a blank line separates it.
enum class Group { none, declaration, assignment, comment, section, block };

class Emitter {
 public:
  std::string file(const ModuleData& module, const std::vector<std::string>& header) {
    for (const std::string& text : header) out_.comment(text);
    if (!header.empty()) out_.blank();
    out_.line("`default_nettype none");
    out_.blank();
    out_.comment(module.doc);
    head(module);
    out_.indent();
    scope(module.body);
    out_.dedent();
    out_.blank();
    out_.line(fmt::format("endmodule : {}", module.name));
    out_.blank();
    out_.line("`default_nettype wire");
    return out_.take();
  }

 private:
  void head(const ModuleData& module) {
    const bool has_ports = !module.ports.empty();
    const char* closing = has_ports ? " (" : ";";
    if (module.constants.empty()) {
      out_.line(fmt::format("module {}{}", module.name, closing));
    } else {
      out_.line(fmt::format("module {} #(", module.name));
      parameters(module);
      out_.line(fmt::format("){}", closing));
    }
    if (has_ports) ports(module);
  }

  void parameters(const ModuleData& module) {
    std::vector<Row> rows;
    for (const ConstantEntry& constant : module.constants) {
      const bool is_last = &constant == &module.constants.back();
      rows.push_back({{constant.is_overridable ? "parameter" : "localparam", "int", constant.name,
                       fmt::format("= {}{}", constant.value.str(), is_last ? "" : ",")},
                      constant.doc});
    }
    out_.indent();
    out_.table(rows);
    out_.dedent();
  }

  void ports(const ModuleData& module) {
    std::vector<Row> rows;
    for (const auto& port : module.ports) {
      const bool is_last = port == module.ports.back();
      const char* direction = port->kind == SignalKind::input ? "input" : "output";
      rows.push_back({{direction, type_text(*port), range_text(port->width, port->is_indexed),
                       port->name + (is_last ? "" : ",")},
                      port->doc});
    }
    out_.indent();
    out_.table(rows);
    out_.dedent();
    out_.line(");");
  }

  static const char* type_text(const Signal& signal) {
    return signal.is_signed ? "logic signed" : "logic";
  }

  void scope(const ScopeData& data) {
    const Group outer = previous_;
    previous_ = Group::none;
    for (std::size_t i = 0; i < data.items.size();) i = next_item(data.items, i);
    previous_ = outer;
  }

  /// Prints the item, or the table of declarations, that starts here; returns where to go on.
  std::size_t next_item(const std::vector<ScopeItem>& items, std::size_t first) {
    if (std::holds_alternative<DeclareItem>(items[first])) return declarations(items, first);
    if (std::holds_alternative<AssignItem>(items[first])) {
      separate(Group::assignment);
      return print_assignments<AssignItem>(out_, items, first, "assign ", "=");
    }
    std::visit([this](const auto& item) { print(item); }, items[first]);
    return first + 1;
  }

  std::size_t declarations(const std::vector<ScopeItem>& items, std::size_t first) {
    separate(Group::declaration);
    std::vector<Row> rows;
    std::size_t last = first;
    const bool constants = is_constant(items[first]);
    for (; last < items.size() && std::holds_alternative<DeclareItem>(items[last]); ++last) {
      if (is_constant(items[last]) != constants) break;
      const Signal& signal = *std::get<DeclareItem>(items[last]).signal;
      rows.push_back(constants
                         ? constant_row(signal)
                         : Row{{type_text(signal), range_text(signal.width, signal.is_indexed),
                                signal.name + ";"},
                               signal.doc});
    }
    out_.table(rows);
    return last;
  }

  static bool is_constant(const ScopeItem& item) {
    return std::get<DeclareItem>(item).signal->kind == SignalKind::constant;
  }

  static Row constant_row(const Signal& signal) {
    return {{"localparam logic", range_text(signal.width, false), signal.name,
             fmt::format("= {}'d{};", signal.width.value(), signal.value)},
            signal.doc};
  }

  void separate(Group next) {
    const bool joins = previous_ == Group::comment ||
                       (previous_ == Group::declaration && next == Group::assignment);
    if (!joins && previous_ != Group::none) out_.blank();
    if (previous_ == Group::none && is_module_level_) out_.blank();
    is_module_level_ = false;
    previous_ = next;
  }

  void print(const DeclareItem&) {}  // Printed in tables.
  void print(const AssignItem&) {}   // Printed in runs.

  void print(const CommentItem& item) {
    separate(Group::comment);
    out_.comment(item.text);
  }

  void print(const SectionItem& item) {
    separate(Group::section);
    out_.banner(item.title);
  }

  void print(const GenerateItem& item) {
    separate(Group::block);
    const ScopeData& body = *item.body;
    const std::string& name = body.genvar->name;
    out_.line(fmt::format("for (genvar {0} = 0; {0} < {1}; {0} = {0} + 1) begin : {2}", name,
                          body.genvar->count.str(), body.label));
    out_.indent();
    scope(body);
    out_.dedent();
    out_.line(fmt::format("end : {}", body.label));
  }

  void print(const AlwaysItem& item) {
    separate(Group::block);
    const bool is_clocked = item.clock != nullptr;
    const char* op = is_clocked ? "<=" : "=";
    if (!is_clocked) {
      out_.line("always_comb begin");
    } else {
      std::string edges = fmt::format("posedge {}", item.clock->signal->name);
      if (item.reset_n) edges += fmt::format(" or negedge {}", item.reset_n->signal->name);
      out_.line(fmt::format("always_ff @({}) begin", edges));
    }
    out_.indent();
    if (item.reset_n) {
      with_reset(item, op);
    } else {
      block(*item.body, op);
    }
    out_.dedent();
    out_.line("end");
  }

  void with_reset(const AlwaysItem& item, const char* op) {
    out_.line(fmt::format("if (!{}) begin", item.reset_n->signal->name));
    nested(*item.reset, op);
    out_.line("end else begin");
    nested(*item.body, op);
    out_.line("end");
  }

  void nested(const BlockData& data, const char* op) {
    out_.indent();
    block(data, op);
    out_.dedent();
  }

  void block(const BlockData& data, const char* op) {
    for (std::size_t i = 0; i < data.items.size();) {
      if (std::holds_alternative<BlockAssign>(data.items[i])) {
        i = print_assignments<BlockAssign>(out_, data.items, i, "", op);
        continue;
      }
      std::visit([&](const auto& statement) { print_in_block(statement, op); }, data.items[i]);
      ++i;
    }
  }

  void print_in_block(const BlockAssign&, const char*) {}  // Printed in runs.

  void print_in_block(const CommentItem& item, const char*) { out_.comment(item.text); }

  void print_in_block(const std::unique_ptr<IfChain>& chain, const char* op) {
    const char* lead = "if (";
    for (const auto& [condition, body] : chain->branches) {
      Pieces pieces{{lead, -1}};
      append(pieces, *condition);
      pieces.push_back({") begin", -1});
      out_.statement(pieces);
      nested(*body, op);
      lead = "end else if (";
    }
    if (chain->otherwise) {
      out_.line("end else begin");
      nested(*chain->otherwise, op);
    }
    out_.line("end");
  }

  void print_in_block(const std::unique_ptr<CaseTable>& table, const char* op) {
    Pieces pieces{{"case (", -1}};
    append(pieces, *table->selector);
    pieces.push_back({")", -1});
    out_.statement(pieces);
    out_.indent();
    const std::size_t label_width = short_label_width(*table, op);
    for (const auto& [label, body] : table->items)
      case_item(label_text(*label), *body, op, label_width);
    case_item("default", *table->otherwise, op, label_width);
    out_.dedent();
    out_.line("endcase");
  }

  /// The single assignment of a case item on one line, or "" where it needs a block.
  static std::string short_body(const BlockData& body, const char* op) {
    if (body.items.empty()) return ";";
    if (body.items.size() != 1) return {};
    const auto* assign = std::get_if<BlockAssign>(&body.items[0]);
    if (assign == nullptr) return {};
    const std::string text = joined(assignment("", *assign->target, op, *assign->value));
    return text.size() <= 60 ? text : std::string();
  }

  /// Labels are aligned when every item fits on one line: 0 otherwise.
  std::size_t short_label_width(const CaseTable& table, const char* op) {
    std::size_t width =
        short_body(*table.otherwise, op).empty() ? 0 : std::string("default:").size();
    if (width == 0) return 0;
    for (const auto& [label, body] : table.items) {
      if (short_body(*body, op).empty()) return 0;
      width = std::max(width, label_text(*label).size() + 1);
    }
    return width;
  }

  void case_item(const std::string& label, const BlockData& body, const char* op,
                 std::size_t label_width) {
    const std::string text = short_body(body, op);
    if (!text.empty()) return out_.line(fmt::format("{:<{}} {}", label + ":", label_width, text));
    out_.line(label + ": begin");
    nested(body, op);
    out_.line("end");
  }

  void print(const InstanceItem& item) {
    separate(Group::block);
    if (!item.comment.empty()) out_.comment(item.comment);
    if (item.parameters.empty()) {
      out_.line(fmt::format("{} {} (", item.module, item.name));
    } else {
      out_.line(fmt::format("{} #(", item.module));
      std::vector<std::pair<std::string, Pieces>> values;
      for (const auto& [name, value] : item.parameters)
        values.emplace_back(name, Pieces{{value.str(), -1}});
      connections(values);
      out_.line(fmt::format(") {} (", item.name));
    }
    std::vector<std::pair<std::string, Pieces>> rows;
    for (const auto& [name, node] : item.ports) {
      rows.emplace_back(name, Pieces{});
      print_connection(*node, rows.back().second);
    }
    connections(rows);
    out_.line(");");
  }

  void connections(const std::vector<std::pair<std::string, Pieces>>& rows) {
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row.first.size());
    out_.indent();
    for (const auto& row : rows) {
      Pieces pieces{{fmt::format(".{:<{}} (", row.first, width), -1}};
      pieces.insert(pieces.end(), row.second.begin(), row.second.end());
      pieces.push_back({&row == &rows.back() ? ")" : "),", -1});
      out_.statement(pieces);
    }
    out_.dedent();
  }

  Writer out_;
  Group previous_ = Group::none;
  bool is_module_level_ = true;
};

}  // namespace

std::string emit_module(const ModuleData& module, const std::vector<std::string>& header) {
  return Emitter().file(module, header);
}

}  // namespace hasse::hdl::detail
