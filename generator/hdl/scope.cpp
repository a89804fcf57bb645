// SPDX-License-Identifier: Apache-2.0
// Declarations and statements of a module or generate body.
#include "generator/hdl/scope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "generator/hdl/names.hpp"
#include "generator/hdl/structure.hpp"

namespace hasse::hdl {

namespace detail {

bool ScopeData::encloses(const ScopeData* other) const {
  while (other != nullptr && other != this) other = other->parent;
  return other == this;
}

int ScopeData::repetition() const {
  int product = 1;
  for (const ScopeData* s = this; s != nullptr; s = s->parent) {
    if (s->genvar) product *= s->genvar->count.value();
  }
  return product;
}

void declare_name(ScopeData& scope, const std::string& name, const std::string& what,
                  const Location& where) {
  const std::string folded = fold_case(name);
  const auto refuse = [&](const std::unordered_map<std::string, Location>& names) {
    const auto found = names.find(folded);
    if (found == names.end()) return;
    throw HdlError(fmt::format("{} '{}' clashes with a name of module '{}' declared at {}", what,
                               name, scope.module->name, describe(found->second)),
                   where);
  };
  refuse(scope.nested);
  for (const ScopeData* s = &scope; s != nullptr; s = s->parent) refuse(s->names);
  scope.names.emplace(folded, where);
  for (ScopeData* s = scope.parent; s != nullptr; s = s->parent) s->nested.emplace(folded, where);
}

void use_width(const ModuleData& module, const Width& width, const Location& where) {
  if (width.is_number()) return;
  for (const auto& [name, value] : width.symbols()) {
    const auto found = module.constant_index.find(name);
    if (found == module.constant_index.end()) {
      throw HdlError(fmt::format("'{}' is no parameter of module '{}'", name, module.name), where);
    }
    const ConstantEntry& constant = module.constants[found->second];
    if (constant.value.value() != value) {
      throw HdlError(fmt::format("'{}' is {} here, but {} in module '{}'", name, value,
                                 constant.value.value(), module.name),
                     where);
    }
  }
}

Expr checked_value(const Expr& target, const Operand& value) {
  const Expr resolved = value.resolve(target);
  if (resolved.is_genvar() || target.is_genvar()) {
    throw HdlError(fmt::format("'{}' is a genvar: use as_bits()", quote(resolved.node())),
                   value.where());
  }
  require_equal_width(target, resolved, "assignment", value.where());
  return resolved;
}

namespace {

Expr declare_signal(ScopeData& scope, Signal&& signal) {
  const int width = signal.width.value();
  if (width < 1) throw HdlError(fmt::format("'{}' has {} bits", signal.name, width), signal.where);
  use_width(*scope.module, signal.width, signal.where);
  signal.scope = &scope;
  signal.driver.assign(static_cast<std::size_t>(width), 0);
  signal.is_read.assign(static_cast<std::size_t>(width), false);
  auto shared = std::make_shared<Signal>(std::move(signal));
  scope.module->signals.push_back(shared);
  if (shared->kind == SignalKind::internal || shared->kind == SignalKind::constant) {
    scope.items.emplace_back(DeclareItem{shared});
  }
  return make_signal_expr(shared);
}

AlwaysItem open_always(ScopeData& scope, bool is_clocked, const Location& where) {
  AlwaysItem item;
  item.process = std::make_unique<Process>(open_process(scope, is_clocked, where));
  return item;
}

NodePtr use_edge(ScopeData& scope, const Expr& signal, const std::string& what,
                 const Location& where) {
  if (signal.node().kind != Kind::signal || signal.width().value() != 1) {
    throw HdlError(fmt::format("{} '{}' must be a one-bit signal", what, quote(signal.node())),
                   where);
  }
  use_expression(scope, signal.node(), where);
  return signal.shared();
}

std::unique_ptr<BlockData> fill_block(Process& process, const BlockBody& body) {
  auto data = std::make_unique<BlockData>(process);
  Block block(*data);
  body(block);
  if (data->items.empty()) throw HdlError("always block without statements", process.where);
  return data;
}

}  // namespace
}  // namespace detail

using namespace detail;

Expr Scope::logic(const std::string& name, const Width& width, const std::string& doc,
                  Signed is_signed, Location where) {
  check_name(name, NameStyle::signal, "signal", where);
  declare_name(*data_, name, "signal", where);
  return declare_signal(*data_, Signal{name,
                                       width,
                                       is_signed == Signed::yes,
                                       SignalKind::internal,
                                       doc,
                                       nullptr,
                                       where,
                                       0,
                                       false,
                                       {},
                                       {}});
}

Expr Scope::let(const std::string& name, const Expr& value, const std::string& doc,
                Location where) {
  const Expr signal = logic(name, value.width(), doc, Signed{value.is_signed()}, where);
  assign(signal, Operand(value, where));
  return signal;
}

Expr Scope::constant(const std::string& name, const Width& width, std::int64_t value,
                     const std::string& doc, Location where) {
  check_name(name, NameStyle::constant, "constant", where);
  declare_name(*data_, name, "constant", where);
  make_literal(value, width, Signed::no, where);
  return declare_signal(
      *data_,
      Signal{name, width, false, SignalKind::constant, doc, nullptr, where, value, false, {}, {}});
}

void Scope::assign(const Expr& target, Operand value) {
  const Expr checked = checked_value(target, value);
  use_expression(*data_, checked.node(), value.where());
  Process process = open_process(*data_, false, value.where());
  drive(process, target.node(), nullptr, value.where());
  data_->items.emplace_back(AssignItem{target.shared(), checked.shared()});
}

void Scope::always_ff(const Expr& clock, const Expr& reset_n, const BlockBody& reset,
                      const BlockBody& body, Location where) {
  AlwaysItem item = open_always(*data_, true, where);
  item.clock = use_edge(*data_, clock, "clock", where);
  item.reset_n = use_edge(*data_, reset_n, "reset", where);
  item.reset = fill_block(*item.process, reset);
  const BitSet after_reset = item.process->touched;
  item.process->touched = {};
  item.body = fill_block(*item.process, body);
  if (const Signal* missing = item.process->touched.first_missing(item.reset->definite)) {
    throw HdlError(fmt::format("'{}' ({} bits) is written but not fully reset", missing->name,
                               missing->width.value()),
                   where);
  }
  if (const Signal* missing = after_reset.first_missing(item.process->touched)) {
    throw HdlError(fmt::format("'{}' ({} bits) is reset but not written", missing->name,
                               missing->width.value()),
                   where);
  }
  data_->items.emplace_back(std::move(item));
}

void Scope::always_ff(const Expr& clock, const BlockBody& body, Location where) {
  AlwaysItem item = open_always(*data_, true, where);
  item.clock = use_edge(*data_, clock, "clock", where);
  item.body = fill_block(*item.process, body);
  data_->items.emplace_back(std::move(item));
}

void Scope::always_comb(const BlockBody& body, Location where) {
  AlwaysItem item = open_always(*data_, false, where);
  item.body = fill_block(*item.process, body);
  if (const Signal* latch = item.process->touched.first_missing(item.body->definite)) {
    throw HdlError(
        fmt::format(
            "'{}' ({} bits) keeps its value on some path of always_comb: assign a default first",
            latch->name, latch->width.value()),
        where);
  }
  data_->items.emplace_back(std::move(item));
}

void Scope::generate_for(const std::string& genvar_name, const Width& count,
                         const std::string& label, const GenerateBody& body, Location where) {
  check_name(label, NameStyle::label, "generate label", where);
  check_name(genvar_name, NameStyle::signal, "genvar", where);
  if (count.value() < 1) {
    throw HdlError(fmt::format("generate loop '{}' runs {} times", label, count.value()), where);
  }
  declare_name(*data_, label, "generate label", where);
  use_width(*data_->module, count, where);
  auto inner = std::make_unique<ScopeData>();
  inner->module = data_->module;
  inner->parent = data_;
  inner->label = label;
  inner->genvar = std::make_shared<Genvar>(Genvar{genvar_name, count, inner.get()});
  declare_name(*inner, genvar_name, "genvar", where);
  Scope scope(*inner);
  body(scope, make_genvar_expr(inner->genvar));
  data_->items.emplace_back(GenerateItem{std::move(inner)});
}

void Scope::unused(const Expr& value, const std::string& name, Location where) {
  const Node& node = value.node();
  std::string own = name;
  if (own.empty()) {
    if (node.kind != Kind::signal && node.kind != Kind::range) {
      throw HdlError(fmt::format("unused('{}') needs a name", quote(node)), where);
    }
    own = "unused_" + node.signal->name;
    if (node.kind == Kind::range) {
      const int low = node.number.value();
      const int high = low + node.width.value() - 1;
      own += high == low ? fmt::format("_{}", low) : fmt::format("_{}_{}", high, low);
    }
  } else if (!own.starts_with("unused")) {
    throw HdlError(fmt::format("the name '{}' of ignored bits must start with 'unused'", own),
                   where);
  }
  const Expr sink = logic(own, 1, "", Signed::no, where);
  assign(sink, Operand(value.width().value() == 1 ? value : reduce_xor(value, where), where));
}

void Scope::section(const std::string& title) {
  data_->items.emplace_back(SectionItem{title});
}
void Scope::comment(const std::string& text) {
  data_->items.emplace_back(CommentItem{text});
}

}  // namespace hasse::hdl
