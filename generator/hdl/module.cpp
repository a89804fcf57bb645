// SPDX-License-Identifier: Apache-2.0
// Modules: ports, parameters and accessors.
#include "generator/hdl/module.hpp"

#include <fmt/format.h>

#include "generator/hdl/emit.hpp"
#include "generator/hdl/names.hpp"
#include "generator/hdl/structure.hpp"

namespace hasse::hdl {

using detail::ModuleData;
using detail::Signal;
using detail::SignalKind;

namespace {

std::shared_ptr<ModuleData> make_data(const std::string& name, const std::string& doc,
                                      const Location& where) {
  detail::check_name(name, detail::NameStyle::signal, "module", where);
  if (doc.empty()) throw HdlError("module '" + name + "' needs a purpose line", where);
  auto data = std::make_shared<ModuleData>();
  data->name = name;
  data->doc = doc;
  data->where = where;
  data->body.module = data.get();
  return data;
}

Expr add_port(ModuleData& module, SignalKind kind, const std::string& name, const Width& width,
              const std::string& doc, Signed is_signed, const Location& where) {
  detail::check_name(name, detail::NameStyle::signal, "port", where);
  if (doc.empty())
    throw HdlError("port '" + name + "' of '" + module.name + "' needs a doc line", where);
  detail::declare_name(module.body, name, "port", where);
  if (width.value() < 1)
    throw HdlError(fmt::format("port '{}' has {} bits", name, width.value()), where);
  detail::use_width(module, width, where);
  const auto bits = static_cast<std::size_t>(width.value());
  auto signal = std::make_shared<Signal>(Signal{name, width, is_signed == Signed::yes, kind, doc,
                                                &module.body, where, 0, false,
                                                std::vector<int>(bits), std::vector<bool>(bits)});
  module.ports.push_back(signal);
  module.signals.push_back(signal);
  return detail::make_signal_expr(signal);
}

Width add_constant(ModuleData& module, const std::string& name, const Width& value,
                   const std::string& doc, bool is_overridable, const Location& where) {
  detail::check_name(name, detail::NameStyle::constant, "parameter", where);
  if (doc.empty())
    throw HdlError("parameter '" + name + "' of '" + module.name + "' needs a doc line", where);
  detail::declare_name(module.body, name, "parameter", where);
  detail::use_width(module, value, where);
  module.constant_index.emplace(name, module.constants.size());
  module.constants.push_back({name, value, doc, is_overridable, where});
  return is_overridable ? Width(value.value(), name) : value.named(name);
}

}  // namespace

const char* to_string(Direction direction) {
  return direction == Direction::input ? "input" : "output";
}

Module::Module(std::shared_ptr<ModuleData> data) : Scope(data->body), module_(std::move(data)) {}

Module::Module(const std::string& name, const std::string& doc, Location where)
    : Module(make_data(name, doc, where)) {}

Module Module::external(const std::string& name, const std::string& doc, Location where) {
  Module module(make_data(name, doc, where));
  module.module_->is_external = true;
  return module;
}

Expr Module::input(const std::string& name, const Width& width, const std::string& doc,
                   Signed is_signed, Location where) {
  return add_port(*module_, SignalKind::input, name, width, doc, is_signed, where);
}

Expr Module::output(const std::string& name, const Width& width, const std::string& doc,
                    Signed is_signed, Location where) {
  return add_port(*module_, SignalKind::output, name, width, doc, is_signed, where);
}

Width Module::parameter(const std::string& name, int value, const std::string& doc,
                        Location where) {
  return add_constant(*module_, name, value, doc, true, where);
}

Width Module::localparam(const std::string& name, const Width& value, const std::string& doc,
                         Location where) {
  return add_constant(*module_, name, value, doc, false, where);
}

void Module::set_unit(const std::string& unit) {
  module_->unit = unit;
}
void Module::mark_memory() {
  module_->is_memory = true;
}

const std::string& Module::name() const {
  return module_->name;
}
const std::string& Module::doc() const {
  return module_->doc;
}
const std::string& Module::unit() const {
  return module_->unit;
}
bool Module::is_memory() const {
  return module_->is_memory;
}
bool Module::is_external() const {
  return module_->is_external;
}

std::vector<Port> Module::ports() const {
  std::vector<Port> ports;
  for (const auto& signal : module_->ports) {
    const Direction direction =
        signal->kind == SignalKind::input ? Direction::input : Direction::output;
    ports.push_back({signal->name, direction, signal->width, signal->is_signed, signal->doc});
  }
  return ports;
}

std::vector<Parameter> Module::parameters() const {
  std::vector<Parameter> parameters;
  for (const detail::ConstantEntry& constant : module_->constants) {
    if (constant.is_overridable)
      parameters.push_back({constant.name, constant.value.value(), constant.doc});
  }
  return parameters;
}

std::vector<Instance> Module::instances() const {
  return module_->instances;
}

void Module::finish() const {
  if (!module_->is_external) to_string();
}

std::string Module::to_string(const std::vector<std::string>& header) const {
  if (module_->is_external) {
    throw HdlError("module '" + name() + "' is external: nothing to emit", module_->where);
  }
  detail::check_signals(*module_);
  std::string text = detail::emit_module(*module_, header);
  detail::check_parameters(*module_, text);
  return text;
}

}  // namespace hasse::hdl
