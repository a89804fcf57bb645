// SPDX-License-Identifier: Apache-2.0
// Walks the instance tree of a design.
#include "generator/emit/order.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "generator/emit/primitives.hpp"

namespace hasse::emit {
namespace {

void check_order(const std::vector<hdl::Module>& modules) {
  std::set<std::string> seen;
  for (const hdl::Module& module : modules) {
    for (const hdl::Instance& instance : module.instances()) {
      if (!seen.contains(instance.module)) {
        throw std::logic_error("module '" + module.name() + "' comes before '" + instance.module +
                               "', which it instantiates");
      }
    }
    if (!seen.insert(module.name()).second) {
      throw std::logic_error("two modules are called '" + module.name() + "'");
    }
  }
}

/// Visits `name` and everything below it, each module once.
class Walk {
 public:
  explicit Walk(const std::vector<hdl::Module>& compiled) : compiled_(compiled) {}

  void visit(const std::string& name) {
    const auto module = std::find_if(compiled_.begin(), compiled_.end(),
                                     [&](const hdl::Module& m) { return m.name() == name; });
    if (module == compiled_.end() || !seen_.insert(name).second) {
      return;
    }
    (module->is_external() ? external_ : generated_).push_back(*module);
    for (const hdl::Instance& instance : module->instances()) {
      visit(instance.module);
    }
  }

  std::vector<hdl::Module> result() const {
    std::vector<hdl::Module> all = generated_;
    all.insert(all.end(), external_.begin(), external_.end());
    return all;
  }

 private:
  const std::vector<hdl::Module>& compiled_;
  std::set<std::string> seen_;
  std::vector<hdl::Module> generated_;
  std::vector<hdl::Module> external_;
};

}  // namespace

std::vector<hdl::Module> compile_order(const std::vector<hdl::Module>& modules) {
  if (modules.empty()) {
    throw std::logic_error("a design has at least one module");
  }
  std::vector<hdl::Module> generated;
  std::copy_if(modules.begin(), modules.end(), std::back_inserter(generated),
               [](const hdl::Module& module) { return !module.is_external(); });
  std::vector<hdl::Module> all = primitives_of(generated);
  all.insert(all.end(), generated.begin(), generated.end());
  check_order(all);
  if (reading_order(all).size() != all.size()) {
    throw std::logic_error("module '" + all.back().name() + "' does not use all modules");
  }
  return all;
}

std::vector<hdl::Module> reading_order(const std::vector<hdl::Module>& compiled) {
  Walk walk(compiled);
  walk.visit(compiled.back().name());
  return walk.result();
}

std::string unit_of(const hdl::Module& module, const std::vector<hdl::Module>& compiled) {
  if (!module.unit().empty()) {
    return module.unit();
  }
  const auto user = std::find_if(compiled.begin(), compiled.end(), [&](const hdl::Module& m) {
    return instantiates(m, module.name());
  });
  return user == compiled.end() ? "control" : unit_of(*user, compiled);
}

bool instantiates(const hdl::Module& parent, const std::string& child) {
  const std::vector<hdl::Instance> instances = parent.instances();
  return std::any_of(instances.begin(), instances.end(),
                     [&](const hdl::Instance& instance) { return instance.module == child; });
}

}  // namespace hasse::emit
