// SPDX-License-Identifier: Apache-2.0
#include "synth/activity/netlist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/process/process.hpp"

namespace hasse::synth {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Nets that turn out to be the same one, such as a port that a module only passes on.
class SameNets {
 public:
  SameNets() : parent_{kConstantZero, kConstantOne} {}

  Net fresh() {
    parent_.push_back(static_cast<Net>(parent_.size()));
    return parent_.back();
  }
  Net find(Net net) {
    while (parent_[net] != net) net = parent_[net] = parent_[parent_[net]];
    return net;
  }
  /// The lower number stands for both, so that constants stay constants.
  void join(Net a, Net b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }
  std::size_t size() const { return parent_.size(); }

 private:
  std::vector<Net> parent_;
};

class Flattener {
 public:
  Flattener(const json& document, const Library& library, const std::string& source)
      : modules_(document.at("modules")), library_(library), source_(source) {}

  Netlist run(const std::string& top) {
    if (!modules_.contains(top)) fail(fmt::format("has no module '{}'", top));
    const json& module = modules_.at(top);
    Locals locals;
    for (const auto& [name, port] : module.at("ports").items())
      netlist_.ports.push_back(
          {name, port.at("direction") == "input", nets(port.at("bits"), locals)});
    place(top, locals);
    for (const auto& [name, net] : module.at("netnames").items())
      netlist_.top_nets[name] = nets(net.at("bits"), locals);
    number_nets();
    return std::move(netlist_);
  }

 private:
  /// Nets by the numbers that a module's file gives to its bits.
  using Locals = std::map<std::int64_t, Net>;

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}: {}", source_, what));
  }

  Net net(const json& bit, Locals& locals) {
    if (bit.is_string()) return bit == "1" ? kConstantOne : kConstantZero;
    const auto [at, is_new] = locals.try_emplace(bit.get<std::int64_t>());
    if (is_new) at->second = same_.fresh();
    return at->second;
  }
  std::vector<Net> nets(const json& bits, Locals& locals) {
    std::vector<Net> result;
    for (const json& bit : bits) result.push_back(net(bit, locals));
    return result;
  }

  std::uint32_t module_index(const std::string& name) {
    const auto [at, is_new] =
        module_indices_.try_emplace(name, static_cast<std::uint32_t>(netlist_.modules.size()));
    if (is_new) netlist_.modules.push_back(name);
    return at->second;
  }

  void place(const std::string& module, Locals& locals) {
    const std::uint32_t index = module_index(module);
    for (const auto& [name, cell] : modules_.at(module).at("cells").items()) {
      const std::string& type = cell.at("type").get_ref<const std::string&>();
      const json& connections = cell.at("connections");
      if (const LibertyCell* known = library_.find(type))
        place_cell(*known, index, connections, locals);
      else if (modules_.contains(type))
        place_module(type, connections, locals);
      else
        place_memory(type, connections, locals);
    }
  }

  void place_cell(const LibertyCell& cell, std::uint32_t module, const json& connections,
                  Locals& locals) {
    const auto [at, is_new] =
        type_indices_.try_emplace(&cell, static_cast<std::uint32_t>(netlist_.types.size()));
    if (is_new) netlist_.types.push_back(&cell);
    netlist_.cells.push_back(
        {at->second, module, static_cast<std::uint32_t>(netlist_.pins.size())});
    for (const LibertyPin& pin : cell.pins) {
      const auto bits = connections.find(pin.name);
      const bool connected = bits != connections.end() && !bits->empty();
      netlist_.pins.push_back(connected ? net(bits->front(), locals) : kNoNet);
    }
  }

  void place_module(const std::string& type, const json& connections, Locals& locals) {
    Locals inner;
    for (const auto& [name, port] : modules_.at(type).at("ports").items()) {
      const auto outside = connections.find(name);
      if (outside == connections.end()) continue;
      const json& bits = port.at("bits");
      for (std::size_t i = 0; i < bits.size() && i < outside->size(); ++i)
        same_.join(net(bits[i], inner), net((*outside)[i], locals));
    }
    place(type, inner);
  }

  void place_memory(const std::string& type, const json& connections, Locals& locals) {
    NetlistMemory memory;
    if (std::sscanf(type.c_str(), "ram_1r1w_%dx%d", &memory.width, &memory.depth) != 2)
      fail(fmt::format("'{}' is neither a module, a memory nor a cell of {}", type,
                       library_.source()));
    const auto all = [&](const char* name) { return nets(connections.at(name), locals); };
    memory.clock = all("clk_i").front();
    memory.write_enable = all("write_enable_i").front();
    memory.read_enable = all("read_enable_i").front();
    memory.write_address = all("write_address_i");
    memory.write_data = all("write_data_i");
    memory.read_address = all("read_address_i");
    memory.read_data = all("read_data_o");
    netlist_.memories.push_back(std::move(memory));
  }

  /// Numbers the nets that are left, one after the other.
  void number_nets() {
    std::vector<Net> numbers(same_.size(), kNoNet);
    numbers[kConstantZero] = kConstantZero;
    numbers[kConstantOne] = kConstantOne;
    const auto number = [&](Net& net) {
      if (net == kNoNet) return;
      Net& mine = numbers[same_.find(net)];
      if (mine == kNoNet) mine = static_cast<Net>(netlist_.nets++);
      net = mine;
    };
    const auto number_all = [&](std::vector<Net>& bits) { std::ranges::for_each(bits, number); };
    number_all(netlist_.pins);
    for (NetlistPort& port : netlist_.ports) number_all(port.bits);
    for (auto& [name, bits] : netlist_.top_nets) number_all(bits);
    for (NetlistMemory& memory : netlist_.memories) {
      for (Net* one : {&memory.clock, &memory.write_enable, &memory.read_enable}) number(*one);
      for (auto* bits :
           {&memory.write_address, &memory.write_data, &memory.read_address, &memory.read_data})
        number_all(*bits);
    }
  }

  const json& modules_;
  const Library& library_;
  const std::string& source_;
  Netlist netlist_;
  SameNets same_;
  std::map<std::string, std::uint32_t> module_indices_;
  std::map<const LibertyCell*, std::uint32_t> type_indices_;
};

}  // namespace

const NetlistPort* Netlist::port(std::string_view name) const {
  const auto found = std::ranges::find(ports, name, &NetlistPort::name);
  return found == ports.end() ? nullptr : &*found;
}

Netlist flatten(const json& document, const std::string& top, const Library& library,
                const std::string& source) {
  try {
    return Flattener(document, library, source).run(top);
  } catch (const json::exception& error) {
    throw InputError(fmt::format("{}: not a netlist of Yosys: {}", source, error.what()));
  }
}

Netlist read_netlist(const fs::path& file, const std::string& top, const Library& library,
                     const fs::path& work) {
  write_file(work / "cells.lib", library.text());
  write_file(work / "read.ys", fmt::format("read_liberty -lib -ignore_miss_func cells.lib\n"
                                           "read_verilog {}\n"
                                           "write_json netlist.json\n",
                                           fs::absolute(file).string()));
  run_checked({{"yosys", "-q", "-s", "read.ys"}, work, work / "read.log"});
  return flatten(json::parse(read_file(work / "netlist.json")), top, library, file.string());
}

}  // namespace hasse::synth
