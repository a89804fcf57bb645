// SPDX-License-Identifier: Apache-2.0
#include "generator/emit/waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace hasse::emit {
namespace {

using hdl::Direction;
using hdl::Module;

/// How GTKWave shows what follows: a title, a bit, a hexadecimal number.
constexpr const char *kTitle = "@200", *kBit = "@28", *kHexadecimal = "@22";

/// The path of every module's first instance, in the names of Verilator's traces.
std::map<std::string, std::string> paths(const std::vector<Module>& compiled) {
  std::map<std::string, std::string> found;
  found[compiled.back().name()] = "TOP." + compiled.back().name();
  // A module comes after all that it instantiates.
  for (auto module = compiled.rbegin(); module != compiled.rend(); ++module) {
    const auto parent = found.find(module->name());
    if (parent == found.end()) continue;
    for (const hdl::Instance& instance : module->instances())
      found.try_emplace(instance.module, parent->second + "." + instance.path);
  }
  return found;
}

std::string signals(const Module& module, const std::string& path, Direction direction) {
  std::string text = fmt::format("{}\n-{}s\n", kTitle, to_string(direction));
  for (const hdl::Port& port : module.ports()) {
    if (port.direction != direction) continue;
    const int bits = port.width.value();
    text += fmt::format("{}\n{}.{}{}\n", bits == 1 ? kBit : kHexadecimal, path, port.name,
                        bits == 1 ? "" : fmt::format("[{}:0]", bits - 1));
  }
  return text;
}

}  // namespace

std::vector<File> waves(const std::vector<Module>& compiled) {
  std::vector<File> files;
  const std::map<std::string, std::string> known = paths(compiled);
  for (const Module& module : compiled) {
    const auto path = known.find(module.name());
    if (module.is_external() || path == known.end()) continue;
    files.push_back({fmt::format("waves/{}.gtkw", module.name()),
                     fmt::format("[timestart] 0\n[treeopen] {}.\n{}-{}: {}\n", path->second,
                                 fmt::format("{}\n", kTitle), module.name(),
                                 module.doc().substr(0, module.doc().find('\n'))) +
                         signals(module, path->second, Direction::input) +
                         signals(module, path->second, Direction::output)});
  }
  return files;
}

}  // namespace hasse::emit
