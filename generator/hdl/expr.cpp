// SPDX-License-Identifier: Apache-2.0
// Building expressions: literals, operators, concatenations and conversions.
#include "generator/hdl/expr.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "generator/hdl/node.hpp"

namespace hasse::hdl {

using detail::finish_node;
using detail::Kind;
using detail::Node;
using detail::NodePtr;
using detail::quote;
using detail::require_equal_width;
using detail::TextSign;

namespace {

std::string bits(const Expr& a) {
  return fmt::format("'{}' ({} bits)", quote(a.node()), a.width().value());
}

/// The same literal at the other sign, so that plain numbers combine with either.
Expr adapt_sign(const Expr& a, const Expr& like, const Location& where) {
  if (a.is_signed() == like.is_signed() || a.node().kind != Kind::literal) return a;
  return detail::make_literal(a.node().value, a.width(), Signed{like.is_signed()}, where);
}

TextSign joint_sign(const Expr& a, const Expr& b) {
  const TextSign left = a.node().text_sign;
  const TextSign right = b.node().text_sign;
  if (left == TextSign::is_unsigned || right == TextSign::is_unsigned) return TextSign::is_unsigned;
  return left == right ? left : TextSign::unknown;
}

struct Pair {
  Expr a, b;
};

/// Resolves constants against the other side and refuses to mix values with loop variables.
Pair resolve_pair(const Operand& left, const Operand& right, const std::string& op) {
  const Location& where = left.where();
  if (left.is_constant() && right.is_constant()) {
    throw HdlError("operator " + op + " needs an expression on one side", where);
  }
  const Expr first =
      left.is_constant() ? right.resolve(1, Signed::no) : left.resolve(1, Signed::no);
  const Pair pair =
      left.is_constant() ? Pair{left.resolve(first), first} : Pair{first, right.resolve(first)};
  if (pair.a.is_genvar() != pair.b.is_genvar()) {
    throw HdlError(
        fmt::format("operator {} mixes a genvar with a value: '{}' and '{}'; use as_bits()", op,
                    quote(pair.a.node()), quote(pair.b.node())),
        where);
  }
  return {adapt_sign(pair.a, pair.b, where), adapt_sign(pair.b, pair.a, where)};
}

void require_equal_sign(const Expr& a, const Expr& b, const std::string& op,
                        const Location& where) {
  if (a.is_signed() == b.is_signed()) return;
  const auto sign = [](const Expr& e) { return e.is_signed() ? "signed" : "unsigned"; };
  throw HdlError(fmt::format("operator {} mixes signs: '{}' is {} and '{}' is {}", op,
                             quote(a.node()), sign(a), quote(b.node()), sign(b)),
                 where);
}

void require_value(const Expr& a, const std::string& op, const Location& where) {
  if (a.is_genvar()) {
    throw HdlError(
        fmt::format("{} needs a value, '{}' is a genvar; use as_bits()", op, quote(a.node())),
        where);
  }
}

void require_one_bit(const Expr& a, const std::string& what, const Location& where) {
  require_value(a, what, where);
  if (a.width().value() != 1)
    throw HdlError(fmt::format("{} needs one bit, got {}", what, bits(a)), where);
}

Expr integer(const Expr& a, const Expr& b, const std::string& op, const Location& where) {
  const detail::Linear& left = *a.node().linear;
  const detail::Linear& right = *b.node().linear;
  Node node;
  node.kind = Kind::integer;
  node.width = 32;
  node.op = op;
  node.children = {a.shared(), b.shared()};
  if (op == "*") {
    if (!left.terms.empty() && !right.terms.empty()) {
      throw HdlError(
          fmt::format("product of genvars '{}' and '{}'", quote(a.node()), quote(b.node())), where);
    }
    node.linear = left.terms.empty() ? right.times(left.constant) : left.times(right.constant);
  } else {
    node.linear = left.plus(right, op == "+" ? 1 : -1);
  }
  return finish_node(std::move(node), where);
}

Expr binary_node(const Expr& a, const Expr& b, const std::string& op, const Location& where) {
  Node node;
  node.kind = Kind::binary;
  node.op = op;
  node.width = a.node().kind == Kind::literal ? b.width() : a.width();
  node.is_signed = a.is_signed();
  node.text_sign = joint_sign(a, b);
  node.children = {a.shared(), b.shared()};
  return finish_node(std::move(node), where);
}

Expr arithmetic(const Operand& left, const Operand& right, const std::string& op) {
  const auto [a, b] = resolve_pair(left, right, op);
  if (a.is_genvar()) return integer(a, b, op, left.where());
  require_equal_width(a, b, "operator " + op, left.where());
  require_equal_sign(a, b, op, left.where());
  return binary_node(a, b, op, left.where());
}

Expr bitwise(const Operand& left, const Operand& right, const std::string& op) {
  const Expr first =
      left.is_constant() ? right.resolve(1, Signed::no) : left.resolve(1, Signed::no);
  require_value(first, "operator " + op, left.where());
  return arithmetic(left, right, op);
}

Expr one_bit_node(const Expr& a, const Expr& b, const std::string& op, const Location& where) {
  Node node;
  node.kind = Kind::binary;
  node.op = op;
  node.children = {a.shared(), b.shared()};
  return finish_node(std::move(node), where);
}

/// Refuses an unsigned order with the least or greatest value when its outcome never changes.
void require_open_outcome(const Expr& a, const Expr& b, const std::string& op,
                          const Location& where) {
  const auto is_limit = [](const Expr& e, bool greatest) {
    const Node& node = e.node();
    if (node.kind == Kind::fill) return greatest;
    if (node.kind != Kind::literal || node.is_signed) return false;
    const int width = node.width.value();
    return greatest ? width < 63 && node.value == (std::int64_t{1} << width) - 1 : node.value == 0;
  };
  const bool is_fixed = op == "<" || op == ">=" ? is_limit(b, false) || is_limit(a, true)
                                                : is_limit(b, true) || is_limit(a, false);
  if (!is_fixed) return;
  throw HdlError(fmt::format("'{} {} {}' ({} unsigned bits) is constant", quote(a.node()), op,
                             quote(b.node()), a.width().value()),
                 where);
}

Expr compare(const Operand& left, const Operand& right, const std::string& op) {
  const auto [a, b] = resolve_pair(left, right, op);
  require_value(a, "operator " + op, left.where());
  require_equal_width(a, b, "operator " + op, left.where());
  if (op != "==" && op != "!=") {
    require_equal_sign(a, b, op, left.where());
    require_open_outcome(a, b, op, left.where());
  }
  return one_bit_node(a, b, op, left.where());
}

Expr logical(const Operand& left, const Operand& right, const std::string& op) {
  const auto [a, b] = resolve_pair(left, right, op);
  require_one_bit(a, "operator " + op, left.where());
  require_one_bit(b, "operator " + op, left.where());
  return one_bit_node(a, b, op, left.where());
}

Expr unary(const Expr& a, const std::string& op, bool one_bit, const Location& where) {
  require_value(a, "operator " + op, where);
  Node node;
  node.kind = Kind::unary;
  node.op = op;
  if (!one_bit) {
    node.width = a.width();
    node.is_signed = a.is_signed();
    node.text_sign = a.node().text_sign;
  }
  node.children = {a.shared()};
  return finish_node(std::move(node), where);
}

Expr value_of(const Operand& a) {
  if (a.is_constant()) throw HdlError("a unary operator needs an expression", a.where());
  return a.resolve(1, Signed::no);
}

Expr shift(const Operand& left, int amount, const std::string& direction) {
  const Expr a = value_of(left);
  require_value(a, "shift", left.where());
  if (amount < 0 || amount >= a.width().value()) {
    throw HdlError(fmt::format("shift of {} by {}", bits(a), amount), left.where());
  }
  if (amount == 0) return a;
  Node node;
  node.kind = Kind::shift;
  const bool arithmetic_right = direction == ">>" && a.is_signed();
  node.op = arithmetic_right ? ">>>" : direction;
  node.width = a.width();
  node.is_signed = a.is_signed();
  node.text_sign = arithmetic_right ? TextSign::is_signed : a.node().text_sign;
  node.value = amount;
  node.children = {a.shared()};
  return finish_node(std::move(node), left.where());
}

Expr relabel(const Expr& a, bool is_signed) {
  if (a.is_signed() == is_signed) return a;
  Node node = a.node();
  node.is_signed = is_signed;
  return Expr(std::make_shared<const Node>(std::move(node)));
}

}  // namespace

Expr operator+(Operand a, Operand b) {
  return arithmetic(a, b, "+");
}
Expr operator-(Operand a, Operand b) {
  return arithmetic(a, b, "-");
}
Expr operator-(Operand a) {
  return unary(value_of(a), "-", false, a.where());
}
Expr operator&(Operand a, Operand b) {
  return bitwise(a, b, "&");
}
Expr operator|(Operand a, Operand b) {
  return bitwise(a, b, "|");
}
Expr operator^(Operand a, Operand b) {
  return bitwise(a, b, "^");
}
Expr operator~(Operand a) {
  return unary(value_of(a), "~", false, a.where());
}
Expr operator&&(Operand a, Operand b) {
  return logical(a, b, "&&");
}
Expr operator||(Operand a, Operand b) {
  return logical(a, b, "||");
}
Expr operator==(Operand a, Operand b) {
  return compare(a, b, "==");
}
Expr operator!=(Operand a, Operand b) {
  return compare(a, b, "!=");
}
Expr operator<(Operand a, Operand b) {
  return compare(a, b, "<");
}
Expr operator<=(Operand a, Operand b) {
  return compare(a, b, "<=");
}
Expr operator>(Operand a, Operand b) {
  return compare(a, b, ">");
}
Expr operator>=(Operand a, Operand b) {
  return compare(a, b, ">=");
}
Expr operator<<(Operand a, int amount) {
  return shift(a, amount, "<<");
}
Expr operator>>(Operand a, int amount) {
  return shift(a, amount, ">>");
}

Expr operator*(Operand a, Operand b) {
  const auto [left, right] = resolve_pair(a, b, "*");
  if (!left.is_genvar()) {
    throw HdlError(fmt::format("operator * on {}: only genvars multiply", bits(left)), a.where());
  }
  return integer(left, right, "*", a.where());
}

Expr operator!(Operand a) {
  const Expr value = value_of(a);
  require_one_bit(value, "operator !", a.where());
  return unary(value, "!", true, a.where());
}

Expr mux(const Expr& condition, Operand a, Operand b, Location where) {
  require_one_bit(condition, "mux condition", where);
  const auto [left, right] = resolve_pair(a, b, "?:");
  require_value(left, "mux", where);
  require_equal_width(left, right, "mux", where);
  require_equal_sign(left, right, "?:", where);
  Node node;
  node.kind = Kind::mux;
  node.width = left.node().kind == Kind::literal ? right.width() : left.width();
  node.is_signed = left.is_signed();
  node.text_sign = joint_sign(left, right);
  node.children = {condition.shared(), left.shared(), right.shared()};
  return finish_node(std::move(node), where);
}

Expr cat(const std::vector<Expr>& parts, Location where) {
  if (parts.empty()) throw HdlError("cat of nothing", where);
  if (parts.size() == 1) return as_unsigned(parts.front());
  Node node;
  node.kind = Kind::concat;
  Width total = 0;
  for (const Expr& part : parts) {
    require_value(part, "cat", where);
    total = total + part.width();
    node.children.push_back(part.shared());
  }
  node.width = total;
  return finish_node(std::move(node), where);
}

Expr cat(std::initializer_list<Expr> parts, Location where) {
  return cat(std::vector<Expr>(parts), where);
}

Expr repeat(const Width& count, const Expr& a, Location where) {
  require_value(a, "repeat", where);
  if (count.value() < 1)
    throw HdlError(fmt::format("repeat of {} {} times", bits(a), count.value()), where);
  Node node;
  node.kind = Kind::repeat;
  node.width = count * a.width();
  node.number = count;
  node.children = {a.shared()};
  return finish_node(std::move(node), where);
}

Expr reduce_or(const Expr& a, Location where) {
  return unary(a, "|", true, where);
}
Expr reduce_and(const Expr& a, Location where) {
  return unary(a, "&", true, where);
}
Expr reduce_xor(const Expr& a, Location where) {
  return unary(a, "^", true, where);
}

Expr as_signed(const Expr& a) {
  return relabel(a, true);
}
Expr as_unsigned(const Expr& a) {
  return relabel(a, false);
}

Expr zext(const Expr& a, const Width& width, Location where) {
  require_value(a, "zext", where);
  if (width.value() < a.width().value()) {
    throw HdlError(fmt::format("zext of {} to {} bits narrows", bits(a), width.value()), where);
  }
  if (width == a.width()) return a;
  return relabel(cat({zeros(width - a.width(), where), a}, where), a.is_signed());
}

Expr sext(const Expr& a, const Width& width, Location where) {
  require_value(a, "sext", where);
  if (width.value() < a.width().value()) {
    throw HdlError(fmt::format("sext of {} to {} bits narrows", bits(a), width.value()), where);
  }
  if (width == a.width()) return a;
  if (!detail::is_named(a.node())) {
    throw HdlError(fmt::format("sext of {} to {} bits: name it first", bits(a), width.value()),
                   where);
  }
  const Width missing = width - a.width();
  const Expr sign = missing == 1 ? a.msb(where) : repeat(missing, a.msb(where), where);
  return relabel(cat({sign, a}, where), a.is_signed());
}

Expr trunc(const Expr& a, const Width& width, Location where) {
  require_value(a, "trunc", where);
  if (width.value() > a.width().value() || width.value() < 1) {
    throw HdlError(fmt::format("trunc of {} to {} bits", bits(a), width.value()), where);
  }
  if (width == a.width()) return a;
  const Kind kind = a.node().kind;
  if (kind == Kind::signal || kind == Kind::range || kind == Kind::part) {
    return relabel(a.slice(0, width, where), a.is_signed());
  }
  Node node;
  node.kind = Kind::cast;
  node.width = width;
  node.is_signed = a.is_signed();
  node.text_sign = TextSign::unknown;
  node.children = {a.shared()};
  return finish_node(std::move(node), where);
}

Expr as_bits(const Expr& genvar, const Width& width, Location where) {
  if (!genvar.is_genvar())
    throw HdlError("as_bits of " + bits(genvar) + ", which is no genvar", where);
  const auto [low, high] = genvar.node().linear->range();
  if (low < 0 || (width.value() < 32 && high >= (std::int64_t{1} << width.value()))) {
    throw HdlError(fmt::format("genvar '{}' reaches {}..{}, which does not fit {} bits",
                               quote(genvar.node()), low, high, width.value()),
                   where);
  }
  Node node;
  node.kind = Kind::cast;
  node.width = width;
  node.children = {genvar.shared()};
  return finish_node(std::move(node), where);
}

}  // namespace hasse::hdl
