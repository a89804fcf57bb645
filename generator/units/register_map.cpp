// SPDX-License-Identifier: Apache-2.0
#include "generator/units/register_map.hpp"

namespace hasse::units {
namespace {

/// The two registers that hold a counter.
void add_counter(std::vector<Register>& map, const std::string& name, const std::string& doc) {
  const int offset = map.back().offset + 4;
  map.push_back({name + "_low",
                 offset,
                 Access::read_only,
                 doc + " Low bits.",
                 {{name + "_low", 0, 32, doc + " Low bits."}}});
  const int high = Geometry::kCounterBits - 32;
  map.push_back({name + "_high",
                 offset + 4,
                 Access::read_only,
                 doc + " High bits.",
                 {{name + "_high", 0, high, doc + " High bits."}}});
}

}  // namespace

const char* to_string(Access access) {
  if (access == Access::read_only) return "read";
  return access == Access::write_only ? "write" : "read, write";
}

std::vector<Register> register_map(const Geometry& g) {
  std::vector<Register> map = {
      {"id",
       0x00,
       Access::read_only,
       "What is behind the port.",
       {{"version", 0, 16, "Version of this register map."}, {"magic", 16, 16, "0x4853."}}},
      {"control",
       0x04,
       Access::write_only,
       "Begins a product.",
       {{"start", 0, 1, "1 takes the shape and begins; done and error are cleared."}}},
      {"status",
       0x08,
       Access::read_only,
       "How the last product stands.",
       {{"busy", 0, 1, "A product is under way."},
        {"done", 1, 1, "The product is complete, or refused."},
        {"error", 2, 1, "The shape or the weight bits were out of range, nothing was computed."}}},
      {"n", 0x0c, Access::read_write, "Weight rows N.", {{"n", 0, g.n_bits, "Weight rows N."}}},
      {"k",
       0x10,
       Access::read_write,
       "Inner dimension K.",
       {{"k", 0, g.k_bits, "Inner dimension K."}}},
      {"m",
       0x14,
       Access::read_write,
       "Activation columns M.",
       {{"m", 0, g.m_bits, "Activation columns M."}}},
      {"mode",
       0x18,
       Access::read_write,
       "How operands are read.",
       {{"weight_bits", 0, g.weight_bits_bits, "Bits of every weight, 2 to the most generated."}}},
  };
  map.push_back({"units",
                 0x1c,
                 Access::read_only,
                 "Engines behind the port.",
                 {{"units", 0, 8, "Engines that share a product."}}});
  add_counter(map, "cycles", "Cycles from start to the last result.");
  add_counter(map, "transrows", "TransRows taken.");
  add_counter(map, "zero_transrows", "TransRows without a set bit among them.");
  add_counter(map, "nodes_built", "Nodes built.");
  add_counter(map, "stall_cycles", "Cycles in which the host was waited for.");
  return map;
}

}  // namespace hasse::units
