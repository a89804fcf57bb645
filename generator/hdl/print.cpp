// SPDX-License-Identifier: Apache-2.0
// Precedence-aware printing of expressions.
#include "generator/hdl/print.hpp"

#include <fmt/format.h>

namespace hasse::hdl {

std::string Expr::str() const {
  return detail::expression_text(*node_);
}

namespace detail {
namespace {

int precedence(const Node& node) {
  if (node.kind == Kind::mux) return 1;
  if (node.kind == Kind::shift) return 9;
  if (node.kind != Kind::binary) return 12;
  const std::string& op = node.op;
  if (op == "||") return 2;
  if (op == "&&") return 3;
  if (op == "|") return 4;
  if (op == "^") return 5;
  if (op == "&") return 6;
  if (op == "==" || op == "!=") return 7;
  if (op[0] == '<' || op[0] == '>') return 8;
  return 10;  // + and -
}

bool is_operator(const Node& node) {
  return node.kind == Kind::binary || node.kind == Kind::shift || node.kind == Kind::mux;
}

bool is_reduction(const Node& node) {
  return node.kind == Kind::unary && (node.op == "|" || node.op == "&" || node.op == "^");
}

bool is_negative(const Node& node) {
  return (node.kind == Kind::unary && node.op == "-") ||
         (node.kind == Kind::literal && node.value < 0);
}

bool is_sum(const Node& node) {
  return node.kind == Kind::binary && precedence(node) == 10;
}

bool is_comparison(const Node& node) {
  return node.kind == Kind::binary && (precedence(node) == 7 || precedence(node) == 8);
}

/// Whether an operand of a binary operator is wrapped: wherever two different operators meet,
/// except sums in sums and sums in comparisons, which everybody reads the same way.
bool needs_parentheses(const Node& parent, const Node& child, bool is_right) {
  if (!is_operator(child)) return is_reduction(child) || is_negative(child);
  if (is_comparison(parent) && is_sum(child)) return false;
  if (is_sum(parent) && is_sum(child)) return is_right;
  return child.kind != Kind::binary || child.op != parent.op || is_comparison(parent);
}

class Printer {
 public:
  explicit Printer(std::vector<Piece>& pieces) : pieces_(pieces) {}

  /// A self-determined expression: root of a statement, element of a concatenation, index.
  void root(const Node& node, int depth, bool stands_alone = false) {
    if (stands_alone && print_alone(node)) return;
    print(node, depth, node.text_sign == TextSign::is_signed);
  }

 private:
  void glue(std::string text) { pieces_.push_back({std::move(text), -1}); }
  void open_break(int depth) { pieces_.push_back({"", depth}); }

  bool print_alone(const Node& node) {
    const bool is_wide = node.width.value() > 1;
    if (node.kind == Kind::fill || (node.kind == Kind::literal && node.value == 0 && is_wide)) {
      glue(node.kind == Kind::fill ? "'1" : "'0");
      return true;
    }
    return false;
  }

  /// `signed_context`: whether the surrounding expression is signed to a tool, which decides what
  /// `>>>` means.
  void print(const Node& node, int depth, bool signed_context) {
    switch (node.kind) {
      case Kind::literal:
        return glue(literal(node));
      case Kind::named_number:
        return glue(fmt::format("{}'({})", cast_width(node.width), node.number.str()));
      case Kind::fill:
        return glue(fmt::format("{{{}{{1'b1}}}}", node.width.str_operand()));
      case Kind::unary:
        return print_unary(node, depth, signed_context);
      case Kind::binary:
        return print_binary(node, depth, signed_context);
      case Kind::shift:
        return print_shift(node, depth, signed_context);
      case Kind::mux:
        return print_mux(node, depth, signed_context);
      case Kind::concat:
        return print_concat(node, depth);
      case Kind::repeat:
        glue(fmt::format("{{{}{{", node.number.str_operand()));
        root(*node.children[0], depth + 1);
        return glue("}}");
      case Kind::cast:
        glue(cast_width(node.width) + "'(");
        root(*node.children[0], depth + 1);
        return glue(")");
      case Kind::genvar:
        return glue(node.genvar->name);
      case Kind::integer:
        return print_integer(node);
      default:
        return print_named(node, depth);
    }
  }

  static bool is_name(const std::string& text) {
    return text.find_first_of("+-*(") == std::string::npos;
  }

  /// A size before a cast: a name or a number; other text only where instances may differ.
  static std::string cast_width(const Width& width) {
    const std::string text = width.str();
    if (is_name(text)) return text;
    return width.is_fixed() ? std::to_string(width.value()) : fmt::format("({})", text);
  }

  static std::string literal(const Node& node) {
    const int bits = node.width.value();
    if (node.is_binary_text) return fmt::format("{}'b{:0{}b}", bits, node.value, bits);
    const bool is_plain = node.width.is_fixed() && !is_name(node.width.str());
    if (!node.width.is_number() && !is_plain) {
      return node.value == 0 ? fmt::format("{{{}{{1'b0}}}}", node.width.str_operand())
                             : fmt::format("{}'({})", cast_width(node.width), node.value);
    }
    if (bits == 1 && !node.is_signed) return node.value == 0 ? "1'b0" : "1'b1";
    if (!node.is_signed) return fmt::format("{}'d{}", bits, node.value);
    const bool is_lowest = bits <= 63 && node.value == -(std::int64_t{1} << (bits - 1));
    if (is_lowest) return fmt::format("{}'sh{:x}", bits, std::uint64_t{1} << (bits - 1));
    return node.value < 0 ? fmt::format("-{}'sd{}", bits, -node.value)
                          : fmt::format("{}'sd{}", bits, node.value);
  }

  void wrapped(const Node& node, int depth, bool signed_context, bool parentheses) {
    if (parentheses) glue("(");
    print(node, depth + (parentheses ? 1 : 0), signed_context);
    if (parentheses) glue(")");
  }

  void print_unary(const Node& node, int depth, bool signed_context) {
    const Node& a = *node.children[0];
    glue(node.op);
    const bool parentheses = is_operator(a) || a.kind == Kind::unary || a.kind == Kind::literal;
    if (node.op == "~" || node.op == "-") return wrapped(a, depth, signed_context, parentheses);
    wrapped(a, depth, a.text_sign == TextSign::is_signed, parentheses);
  }

  void print_binary(const Node& node, int depth, bool signed_context) {
    const Node& a = *node.children[0];
    const Node& b = *node.children[1];
    const bool compares = is_comparison(node);
    if (node.op == "&&" || node.op == "||") signed_context = false;
    if (compares) signed_context = comparison_sign(node);
    const bool orders = precedence(node) == 8;
    operand(node, a, depth, signed_context, orders, false);
    glue(fmt::format(" {}", node.op));
    open_break(depth);
    glue(" ");
    operand(node, b, depth, signed_context, orders, true);
  }

  /// Whether a tool sees both sides of a comparison as signed, after the casts printed here.
  static bool comparison_sign(const Node& node) {
    const Node& a = *node.children[0];
    const Node& b = *node.children[1];
    if (precedence(node) == 8) return a.is_signed;
    return a.text_sign == TextSign::is_signed && b.text_sign == TextSign::is_signed;
  }

  void operand(const Node& parent, const Node& child, int depth, bool signed_context, bool orders,
               bool is_right) {
    const TextSign wanted = child.is_signed ? TextSign::is_signed : TextSign::is_unsigned;
    if (orders && child.text_sign != wanted) {
      glue(child.is_signed ? "$signed(" : "$unsigned(");
      root(child, depth + 1);
      return glue(")");
    }
    const bool is_cast = child.op == ">>>" && !signed_context;
    const bool parentheses = !is_cast && needs_parentheses(parent, child, is_right);
    const bool same_chain = child.kind == Kind::binary && child.op == parent.op;
    wrapped(child, depth + (same_chain || parentheses ? 0 : 1), signed_context, parentheses);
  }

  void print_shift(const Node& node, int depth, bool signed_context) {
    const Node& a = *node.children[0];
    const bool is_arithmetic = node.op == ">>>";
    const bool isolate = is_arithmetic && !signed_context;
    if (isolate) glue("$signed(");
    if (is_arithmetic && a.text_sign != TextSign::is_signed) {
      glue("$signed(");
      root(a, depth + 1);
      glue(")");
    } else {
      const bool parentheses = is_operator(a) || a.kind == Kind::unary;
      wrapped(a, depth, is_arithmetic || signed_context, parentheses);
    }
    glue(fmt::format(" {} {}", node.op, node.value));
    if (isolate) glue(")");
  }

  void print_mux(const Node& node, int depth, bool signed_context) {
    const Node& condition = *node.children[0];
    const Node& b = *node.children[2];
    wrapped(condition, depth, false, is_operator(condition) || is_reduction(condition));
    glue(" ?");
    open_break(depth + 1);
    glue(" ");
    wrapped(*node.children[1], depth + 1, signed_context, node.children[1]->kind == Kind::mux);
    glue(" :");
    open_break(depth);
    glue(" ");
    wrapped(b, depth, signed_context, false);
  }

  void print_concat(const Node& node, int depth) {
    glue("{");
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (i != 0) {
        glue(",");
        open_break(depth + 1);
        glue(" ");
      }
      const bool parentheses = node.children[i]->kind == Kind::mux;
      if (parentheses) glue("(");
      root(*node.children[i], depth + 2);
      if (parentheses) glue(")");
    }
    glue("}");
  }

  void print_integer(const Node& node) {
    if (node.children.empty()) return glue(node.number.str());
    const Node& a = *node.children[0];
    const Node& b = *node.children[1];
    integer_operand(a, node.op == "*");
    glue(node.op);
    integer_operand(b, node.op != "+");
  }

  void integer_operand(const Node& node, bool binds_tight) {
    const bool is_constant_sum = node.children.empty() && node.kind == Kind::integer;
    const bool is_sum_node = !node.children.empty() && node.op != "*";
    const std::string constant = is_constant_sum ? node.number.str() : "";
    const bool parentheses =
        binds_tight && (is_sum_node || constant.find_first_of("+-") != std::string::npos);
    if (parentheses) glue("(");
    print(node, 0, false);
    if (parentheses) glue(")");
  }

  void print_named(const Node& node, int depth) {
    glue(node.signal->name);
    if (node.kind == Kind::signal) return;
    glue("[");
    const bool is_single_bit = node.width.value() == 1 && node.width.is_number();
    if (node.kind == Kind::range && node.number.is_number()) {
      if (!is_single_bit) glue(fmt::format("{}:", (node.number + node.width - 1).str()));
      return glue(fmt::format("{}]", node.number.str()));
    }
    if (node.kind == Kind::range) {
      glue(node.number.str());
    } else {
      root(*node.children[0], depth + 2);
    }
    if (node.kind != Kind::index && !is_single_bit) glue(fmt::format(" +: {}", node.width.str()));
    glue("]");
  }

  std::vector<Piece>& pieces_;
};

}  // namespace

void print_expression(const Node& node, std::vector<Piece>& pieces) {
  Printer(pieces).root(node, 0, true);
}

void print_connection(const Node& node, std::vector<Piece>& pieces) {
  Printer(pieces).root(node, 0);
}

void print_value(const Node& node, std::vector<Piece>& pieces) {
  const bool parentheses = is_comparison(node);
  if (parentheses) pieces.push_back({"(", -1});
  print_expression(node, pieces);
  if (parentheses) pieces.push_back({")", -1});
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += piece.text;
  return text;
}

std::string expression_text(const Node& node) {
  std::vector<Piece> pieces;
  print_expression(node, pieces);
  return joined(pieces);
}

std::string label_text(const Node& node) {
  std::vector<Piece> pieces;
  print_connection(node, pieces);
  return joined(pieces);
}

std::string range_text(const Width& width, bool is_vector) {
  if (width.value() == 1 && width.is_number() && !is_vector) return "";
  return fmt::format("[{}:0]", (width - 1).str());
}

}  // namespace detail
}  // namespace hasse::hdl
