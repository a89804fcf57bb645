// SPDX-License-Identifier: Apache-2.0
// Instances: parameters and ports matched against the child module.
#include <fmt/format.h>

#include <algorithm>

#include "generator/hdl/names.hpp"
#include "generator/hdl/structure.hpp"

namespace hasse::hdl {

using detail::ModuleData;
using detail::ScopeData;
using detail::Signal;

namespace {

/// What an error message calls this instance.
struct Context {
  std::string text;
  Location where;
  [[noreturn]] void fail(const std::string& message) const {
    throw HdlError(text + ": " + message, where);
  }
};

ParamMap check_parameters(ScopeData& scope, const ModuleData& child, const ParamList& parameters,
                          const Context& context) {
  ParamMap overrides;
  for (const auto& [name, value] : parameters) {
    const auto found = child.constant_index.find(name);
    if (found == child.constant_index.end() || !child.constants[found->second].is_overridable) {
      context.fail(fmt::format("no parameter '{}'", name));
    }
    if (!overrides.emplace(name, value.value()).second)
      context.fail(fmt::format("parameter '{}' twice", name));
    detail::use_width(*scope.module, value, context.where);
  }
  return overrides;
}

void connect(detail::Process& process, const Signal& port, const Expr& value,
             const ParamMap& overrides, const Context& context) {
  const int width = port.width.evaluate(overrides);
  if (value.is_genvar()) context.fail(fmt::format("port '{}': genvar, use as_bits()", port.name));
  if (value.width().value() != width) {
    context.fail(fmt::format("port '{}' has {} bits, '{}' has {} bits", port.name, width,
                             detail::quote(value.node()), value.width().value()));
  }
  if (port.kind == detail::SignalKind::output) {
    detail::drive(process, value.node(), nullptr, context.where);
  } else {
    detail::use_expression(*process.scope, value.node(), context.where);
  }
}

const Expr& find_connection(const PortMap& ports, const Signal& port, const Context& context) {
  const auto matches = [&](const auto& entry) { return entry.first == port.name; };
  const auto found = std::ranges::find_if(ports, matches);
  if (found == ports.end()) {
    context.fail(
        fmt::format("port '{}' ({} bits) is not connected", port.name, port.width.value()));
  }
  if (std::any_of(std::next(found), ports.end(), matches))
    context.fail(fmt::format("port '{}' twice", port.name));
  return found->second;
}

}  // namespace

void Scope::instance(const std::string& name, const Module& child, const PortMap& ports,
                     const ParamList& parameters, const std::string& comment, Location where) {
  const ModuleData& data = *child.module_;
  const Context context{fmt::format("instance '{}' of '{}'", name, data.name), where};
  detail::check_name(name, detail::NameStyle::instance, "instance", where);
  detail::declare_name(*data_, name, "instance", where);
  for (const auto& connection : ports) {
    const bool is_known =
        std::ranges::any_of(data.ports, [&](const auto& p) { return p->name == connection.first; });
    if (!is_known) context.fail(fmt::format("no port '{}'", connection.first));
  }
  detail::InstanceItem item{name, data.name, comment, {}, {}};
  const ParamMap overrides = check_parameters(*data_, data, parameters, context);
  for (const detail::ConstantEntry& constant : data.constants) {
    for (const auto& override_ : parameters) {
      if (override_.first == constant.name) item.parameters.push_back(override_);
    }
  }
  detail::Process process = detail::open_process(*data_, false, where);
  for (const auto& port : data.ports) {
    const Expr& value = find_connection(ports, *port, context);
    connect(process, *port, value, overrides, context);
    item.ports.emplace_back(port->name, value.shared());
  }
  std::string path = name;
  for (const detail::ScopeData* scope = data_; scope->genvar != nullptr; scope = scope->parent)
    path = scope->label + "[0]." + path;
  data_->module->instances.push_back({name, data.name, data_->repetition(), path});
  data_->items.emplace_back(std::move(item));
}

}  // namespace hasse::hdl
