// SPDX-License-Identifier: Apache-2.0
// Finds the hand-written modules a design needs.
#include "generator/emit/primitives.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "generator/hdl/primitives.hpp"

namespace hasse::emit {
namespace {

const hdl::Module& primitive(const std::string& name) {
  for (const hdl::Module* module : {&hdl::ram_1r1w(), &hdl::stream_fifo(), &hdl::stream_skid()}) {
    if (module->name() == name) {
      return *module;
    }
  }
  throw std::logic_error("module '" + name + "' is instantiated, but neither built nor in rtl/");
}

}  // namespace

std::string_view primitive_source(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.module == name) {
      return file.text;
    }
  }
  throw std::logic_error("rtl/" + std::string(name) + ".v is not embedded");
}

std::vector<hdl::Module> primitives_of(const std::vector<hdl::Module>& modules) {
  std::set<std::string> built;
  std::set<std::string> needed;
  for (const hdl::Module& module : modules) {
    built.insert(module.name());
    for (const hdl::Instance& instance : module.instances()) {
      needed.insert(instance.module);
    }
  }
  std::vector<hdl::Module> result;
  for (const std::string& name : needed) {
    if (!built.contains(name)) {
      result.push_back(primitive(name));
    }
  }
  return result;
}

}  // namespace hasse::emit
