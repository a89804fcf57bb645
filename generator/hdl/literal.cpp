// SPDX-License-Identifier: Apache-2.0
// Literals, operands, and what all expression nodes share.
#include <fmt/format.h>

#include "generator/hdl/node.hpp"
#include "generator/hdl/print.hpp"

namespace hasse::hdl {

using detail::Kind;
using detail::Node;
using detail::TextSign;

namespace detail {
namespace {

constexpr int max_nodes = 4096;  // More than this cannot be read, and hints at a shared subtree.
constexpr std::size_t max_quote = 72;

}  // namespace

Linear Linear::plus(const Linear& other, std::int64_t factor) const {
  Linear sum = *this;
  sum.constant += factor * other.constant;
  for (const auto& [genvar, weight] : other.terms) {
    bool merged = false;
    for (auto& term : sum.terms) {
      if (term.first != genvar) continue;
      term.second += factor * weight;
      merged = true;
    }
    if (!merged) sum.terms.emplace_back(genvar, factor * weight);
  }
  return sum;
}

Linear Linear::times(std::int64_t factor) const {
  return Linear{}.plus(*this, factor);
}

std::pair<std::int64_t, std::int64_t> Linear::range() const {
  std::pair<std::int64_t, std::int64_t> bounds{constant, constant};
  for (const auto& [genvar, weight] : terms) {
    const std::int64_t reach = weight * (genvar->count.value() - 1);
    (reach < 0 ? bounds.first : bounds.second) += reach;
  }
  return bounds;
}

bool is_named(const Node& node) {
  return node.signal && node.signal->kind != SignalKind::constant;
}

std::string quote(const Node& node) {
  std::string text = label_text(node);
  if (text.size() <= max_quote) return text;
  return text.substr(0, max_quote) + "...";
}

Expr finish_node(Node&& node, const Location& where) {
  std::int64_t size = 1;
  for (const NodePtr& child : node.children) size += child->size;
  if (size > max_nodes) {
    throw HdlError(fmt::format("expression of {} terms: name its parts first", size), where);
  }
  node.size = static_cast<int>(size);
  return Expr(std::make_shared<const Node>(std::move(node)));
}

Expr make_signal_expr(std::shared_ptr<Signal> signal) {
  Node node;
  node.kind = Kind::signal;
  node.width = signal->width;
  node.is_signed = signal->is_signed;
  node.text_sign = signal->is_signed ? TextSign::is_signed : TextSign::is_unsigned;
  node.signal = std::move(signal);
  return Expr(std::make_shared<const Node>(std::move(node)));
}

Expr make_genvar_expr(std::shared_ptr<Genvar> genvar) {
  Node node;
  node.kind = Kind::genvar;
  node.width = 32;
  node.linear = Linear{0, {{genvar.get(), 1}}};
  node.genvar = std::move(genvar);
  return Expr(std::make_shared<const Node>(std::move(node)));
}

Expr make_literal(std::int64_t value, const Width& width, Signed is_signed, const Location& where) {
  const int bits = width.value();
  const bool is_twos_complement = is_signed == Signed::yes;
  const int magnitude_bits = is_twos_complement ? bits - 1 : bits;
  const bool too_wide = magnitude_bits < 63 && (value >> magnitude_bits) != 0 &&
                        !(is_twos_complement && (value >> magnitude_bits) == -1);
  const bool negative = value < 0 && !is_twos_complement;
  if (bits < 1 || too_wide || negative) {
    throw HdlError(fmt::format("{} does not fit {} {} bits", value,
                               is_twos_complement ? "signed" : "unsigned", bits),
                   where);
  }
  Node node;
  node.kind = Kind::literal;
  node.width = width;
  node.value = value;
  node.is_signed = is_twos_complement;
  node.text_sign = is_twos_complement ? TextSign::is_signed : TextSign::is_unsigned;
  return finish_node(std::move(node), where);
}

void require_equal_width(const Expr& a, const Expr& b, const std::string& what,
                         const Location& where) {
  if (a.width() == b.width()) return;
  throw HdlError(
      fmt::format("{}: widths differ: '{}' has {} bits, '{}' has {} bits", what, quote(a.node()),
                  a.width().value(), quote(b.node()), b.width().value()),
      where);
}

}  // namespace detail

namespace {

Expr make_integer(const Width& value) {
  Node node;
  node.kind = Kind::integer;
  node.width = 32;
  node.number = value;
  node.linear = detail::Linear{value.value(), {}};
  return Expr(std::make_shared<const Node>(std::move(node)));
}

}  // namespace

Expr::Expr(detail::NodePtr node) : node_(std::move(node)) {}
const Width& Expr::width() const {
  return node_->width;
}
bool Expr::is_signed() const {
  return node_->is_signed;
}
bool Expr::is_genvar() const {
  return node_->kind == Kind::genvar || node_->kind == Kind::integer;
}

Operand::Operand(const Expr& expr, Location where) : expr_(expr), where_(where) {}
Operand::Operand(int value, Location where) : constant_(value), where_(where) {}
Operand::Operand(const Width& value, Location where) : constant_(value), where_(where) {}

Expr Operand::resolve(const Expr& like) const {
  if (expr_) return *expr_;
  if (like.is_genvar()) return make_integer(*constant_);
  return resolve(like.width(), Signed{like.is_signed()});
}

Expr Operand::resolve(const Width& width, Signed is_signed) const {
  if (expr_) return *expr_;
  if (!constant_->is_number()) {
    const Expr named = lit(*constant_, width, where_);
    return is_signed == Signed::yes ? as_signed(named) : named;
  }
  return detail::make_literal(constant_->value(), width, is_signed, where_);
}

Expr lit(std::int64_t value, const Width& width, Location where) {
  return detail::make_literal(value, width, Signed{value < 0}, where);
}

Expr lit(const Width& value, const Width& width, Location where) {
  const Expr plain = lit(std::int64_t{value.value()}, width, where);
  if (value.is_number()) return plain;
  Node node = plain.node();
  node.kind = Kind::named_number;
  node.text_sign = TextSign::unknown;
  node.number = value;
  return Expr(std::make_shared<const Node>(std::move(node)));
}

Expr lit_bin(std::int64_t value, const Width& width, Location where) {
  Node node = detail::make_literal(value, width, Signed::no, where).node();
  if (width.value() > 8) {
    throw HdlError(fmt::format("binary literal of {} bits, at most 8", width.value()), where);
  }
  node.is_binary_text = true;
  return Expr(std::make_shared<const Node>(std::move(node)));
}

Expr zeros(const Width& width, Location where) {
  return detail::make_literal(0, width, Signed::no, where);
}

Expr ones(const Width& width, Location where) {
  if (width.value() == 1) return lit(std::int64_t{1}, width, where);
  Node node = zeros(width, where).node();
  node.kind = Kind::fill;
  return Expr(std::make_shared<const Node>(std::move(node)));
}

}  // namespace hasse::hdl
