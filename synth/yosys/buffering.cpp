// SPDX-License-Identifier: Apache-2.0
// Buffer trees, level by level from the sinks up.
#include "synth/yosys/buffering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace hasse::synth {
namespace {

using nlohmann::json;

/// A pin that loads a net: one bit of a cell's connection.
struct Sink {
  std::string cell;
  std::string port;
  std::size_t index = 0;
  double load = 0.0;
};

struct Net {
  double limit = 0.0;
  double load = 0.0;
  std::vector<Sink> sinks;
};

class Module {
 public:
  Module(json& module, const LoadModel& model, const std::map<std::string, PortLoads>& children)
      : module_(module), model_(model), children_(children) {
    read_input_ports();
    read_cells();
  }

  void insert_buffers() {
    for (auto& [bit, net] : nets_) {
      if (net.load > net.limit && !ideal_.contains(bit)) {
        grow_tree(bit, net);
      }
    }
  }

  PortLoads port_loads() const {
    PortLoads result;
    for (const auto& [name, port] : module_.at("ports").items()) {
      const bool input = port.at("direction") == "input";
      for (const json& bit : port.at("bits")) {
        const auto net = nets_.find(bit.is_number() ? bit.get<std::int64_t>() : -1);
        const double unknown = input ? 0.0 : model_.weakest_limit();
        result[name].push_back(net == nets_.end() ? unknown
                               : input            ? net->second.load
                                       : std::max(0.0, net->second.limit - net->second.load));
      }
    }
    return result;
  }

 private:
  void read_input_ports() {
    for (const auto& [name, port] : module_.at("ports").items()) {
      for (const json& bit : port.at("bits")) {
        if (!bit.is_number()) {
          continue;
        }
        const auto number = bit.get<std::int64_t>();
        next_bit_ = std::max(next_bit_, number + 1);
        if (port.at("direction") == "input") {
          nets_[number].limit = model_.weakest_limit();
        }
        if (name == "clk_i" || name == "rst_ni") {
          ideal_.insert(number);
        }
      }
    }
  }

  void read_cells() {
    for (const auto& [name, cell] : module_.at("cells").items()) {
      const std::string type = cell.at("type");
      for (const auto& [port, bits] : cell.at("connections").items()) {
        const bool output = cell.at("port_directions").at(port) == "output";
        for (std::size_t i = 0; i < bits.size(); ++i) {
          if (bits[i].is_number()) {
            add_pin(name, type, port, i, bits[i].get<std::int64_t>(), output);
          }
        }
      }
    }
  }

  void add_pin(const std::string& name, const std::string& type, const std::string& port,
               std::size_t index, std::int64_t bit, bool output) {
    next_bit_ = std::max(next_bit_, bit + 1);
    Net& net = nets_[bit];
    if (output) {
      net.limit = limit_of(type, port, index);
      return;
    }
    const double load = load_of(type, port, index);
    net.load += load;
    net.sinks.push_back({name, port, index, load});
  }

  double load_of(const std::string& type, const std::string& port, std::size_t index) const {
    const auto child = children_.find(type);
    if (child == children_.end()) {
      return model_.pin_load(type, port);
    }
    return child->second.at(port).at(index);
  }

  double limit_of(const std::string& type, const std::string& port, std::size_t index) const {
    const auto child = children_.find(type);
    if (child == children_.end()) {
      return model_.drive_limit(type, port);
    }
    return child->second.at(port).at(index);
  }

  /// Puts groups of sinks behind buffers, level by level, until the driver bears what remains.
  void grow_tree(std::int64_t bit, Net& net) {
    const BufferCell& buffer = *model_.buffer();
    while (net.load > net.limit) {
      const auto groups = static_cast<std::size_t>(std::ceil(net.load / buffer.limit));
      const bool helps =
          groups < net.sinks.size() && static_cast<double>(groups) * buffer.input_load < net.load;
      if (!helps) {
        return;
      }
      net.sinks = add_level(bit, net, groups);
      net.load = static_cast<double>(net.sinks.size()) * buffer.input_load;
    }
  }

  /// Splits the sinks of a net into groups of like load, one buffer each; returns the buffers.
  std::vector<Sink> add_level(std::int64_t bit, const Net& net, std::size_t groups) {
    std::vector<Sink> buffers;
    std::size_t at = 0;
    double driven = 0.0;
    for (std::size_t group = 1; group <= groups && at < net.sinks.size(); ++group) {
      const double until = net.load * static_cast<double>(group) / static_cast<double>(groups);
      const std::int64_t output = next_bit_++;
      do {
        driven += net.sinks[at].load;
        connect(net.sinks[at], output);
        ++at;
      } while (at < net.sinks.size() &&
               (group == groups || driven + net.sinks[at].load / 2.0 <= until));
      buffers.push_back(add_buffer(bit, output));
    }
    return buffers;
  }

  void connect(const Sink& sink, std::int64_t bit) {
    module_["cells"][sink.cell]["connections"][sink.port][sink.index] = bit;
  }

  Sink add_buffer(std::int64_t input, std::int64_t output) {
    const BufferCell& buffer = *model_.buffer();
    const std::string name = fmt::format("tree_buffer_{}", output);
    module_["cells"][name] = {
        {"hide_name", 0},
        {"type", buffer.cell},
        {"parameters", json::object()},
        {"attributes", json::object()},
        {"port_directions", {{buffer.input, "input"}, {buffer.output, "output"}}},
        {"connections",
         {{buffer.input, json::array({input})}, {buffer.output, json::array({output})}}}};
    module_["netnames"][fmt::format("tree_net_{}", output)] = {
        {"hide_name", 0}, {"bits", json::array({output})}, {"attributes", json::object()}};
    return {name, buffer.input, 0, buffer.input_load};
  }

  json& module_;
  const LoadModel& model_;
  const std::map<std::string, PortLoads>& children_;
  std::map<std::int64_t, Net> nets_;
  std::set<std::int64_t> ideal_;
  std::int64_t next_bit_ = 2;
};

}  // namespace

PortLoads buffer_module(json& module, const LoadModel& model,
                        const std::map<std::string, PortLoads>& children) {
  Module work(module, model, children);
  if (model.buffer()) {
    work.insert_buffers();
  }
  return work.port_loads();
}

}  // namespace hasse::synth
