// SPDX-License-Identifier: Apache-2.0
// Statements of always blocks, and the latch rule.
#include "generator/hdl/block.hpp"

#include <fmt/format.h>

#include <set>

#include "generator/hdl/structure.hpp"

namespace hasse::hdl {

using detail::BlockData;

namespace {

std::unique_ptr<BlockData> fill(detail::Process& process, const BlockBody& body) {
  auto data = std::make_unique<BlockData>(process);
  Block block(*data);
  body(block);
  return data;
}

void use_condition(BlockData& data, const Expr& condition, const Location& where) {
  if (condition.is_genvar() || condition.width().value() != 1) {
    throw HdlError(fmt::format("condition '{}' has {} bits, needs one",
                               detail::quote(condition.node()), condition.width().value()),
                   where);
  }
  detail::use_expression(*data.process->scope, condition.node(), where);
}

}  // namespace

Expr CaseLabel::resolve(const Expr& selector, const Location& where) const {
  if (!constant_)
    return detail::make_literal(value_, selector.width(), Signed{selector.is_signed()}, where);
  const detail::Node& node = constant_->node();
  const bool is_constant = node.kind == detail::Kind::literal ||
                           (node.signal && node.signal->kind == detail::SignalKind::constant);
  if (!is_constant)
    throw HdlError("case label '" + detail::quote(node) + "' is no constant", where);
  detail::require_equal_width(selector, *constant_, "case label", where);
  return *constant_;
}

void Block::assign(const Expr& target, Operand value) {
  const Expr checked = detail::checked_value(target, value);
  detail::use_expression(*data_->process->scope, checked.node(), value.where());
  detail::drive(*data_->process, target.node(), &data_->definite, value.where());
  data_->items.emplace_back(detail::BlockAssign{target.shared(), checked.shared()});
}

void Block::comment(const std::string& text) {
  data_->items.emplace_back(detail::CommentItem{text});
}

When Block::when(const Expr& condition, const BlockBody& body, Location where) {
  auto chain = std::make_unique<detail::IfChain>();
  When when(*data_, *chain);
  data_->items.emplace_back(std::move(chain));
  when.else_when(condition, body, where);
  return when;
}

When& When::else_when(const Expr& condition, const BlockBody& body, Location where) {
  if (chain_->otherwise) throw HdlError("else_when after otherwise", where);
  use_condition(*parent_, condition, where);
  chain_->branches.emplace_back(condition.shared(), fill(*parent_->process, body));
  return *this;
}

void When::otherwise(const BlockBody& body, Location where) {
  if (chain_->otherwise) throw HdlError("otherwise stands twice", where);
  chain_->otherwise = fill(*parent_->process, body);
  detail::BitSet common = chain_->otherwise->definite;
  for (const auto& branch : chain_->branches) common = common.intersect(branch.second->definite);
  parent_->definite.merge(common);
}

void Block::select(const Expr& selector, const std::vector<std::pair<CaseLabel, BlockBody>>& cases,
                   const BlockBody& default_body, Location where) {
  detail::use_expression(*data_->process->scope, selector.node(), where);
  auto table = std::make_unique<detail::CaseTable>();
  table->selector = selector.shared();
  table->otherwise = fill(*data_->process, default_body);
  detail::BitSet common = table->otherwise->definite;
  std::set<std::int64_t> seen;
  for (const auto& [label, body] : cases) {
    const Expr value = label.resolve(selector, where);
    const detail::Node& node = value.node();
    if (!seen.insert(node.signal ? node.signal->value : node.value).second) {
      throw HdlError(fmt::format("case label {} of '{}' stands twice", value.str(),
                                 detail::quote(selector.node())),
                     where);
    }
    detail::use_expression(*data_->process->scope, node, where);
    table->items.emplace_back(value.shared(), fill(*data_->process, body));
    common = common.intersect(table->items.back().second->definite);
  }
  data_->definite.merge(common);
  data_->items.emplace_back(std::move(table));
}

}  // namespace hasse::hdl
