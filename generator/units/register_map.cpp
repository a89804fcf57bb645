// SPDX-License-Identifier: Apache-2.0
#include "generator/units/register_map.hpp"

#include "generator/units/ports.hpp"

namespace hasse::units {
namespace {

constexpr int kModeFlags = 8;       ///< Lowest bit of the flags in `mode`.
constexpr int kGroupOffset = 0x60;  ///< Counters lie before.
constexpr int kTileRowsOffset = 0x64;

/// The two registers that hold a counter, at `offset` and after it.
void add_counter(std::vector<Register>& map, int offset, const Signal& counter) {
  const auto half = [&](const char* which, int at, int bits) {
    const std::string name = counter.name + "_" + which;
    const std::string doc = counter.doc + (at == 0 ? " Low bits." : " High bits.");
    map.push_back({name, offset + at, Access::read_only, doc, {{name, 0, bits, doc}}});
  };
  half("low", 0, 32);
  half("high", 4, counter.bits - 32);
}

/// How operands are read: what fits beside the weight bits.
Register mode(const Geometry& g) {
  Register mode{
      "mode",
      0x18,
      Access::read_write,
      "How operands are read.",
      {{"weight_bits", 0, g.weight_bits_bits, "Bits of every weight, 2 to the most generated."}}};
  int low = kModeFlags;
  for (const Signal& flag : modes(g))
    if (flag.bits == 1) mode.fields.push_back({flag.name, low++, 1, flag.doc});
  return mode;
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
        {"error", 2, 1,
         g.takes_programs()
             ? "The shape or the weight bits were out of range, or the program was wrong."
             : "The shape or the weight bits were out of range, nothing was computed."}}},
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
      mode(g),
  };
  map.push_back({"units",
                 0x1c,
                 Access::read_only,
                 "Engines behind the port.",
                 {{"units", 0, 8, "Engines that share a product."}}});
  int offset = 0x20;
  for (const Signal& counter : counters(g)) {
    add_counter(map, offset, counter);
    offset += 8;
  }
  const std::pair<const char*, int> numbers[] = {{"group", kGroupOffset},
                                                 {"tile_rows", kTileRowsOffset}};
  for (const auto& [name, at] : numbers)
    for (const Signal& mode : modes(g))
      if (mode.name == name)
        map.push_back({name, at, Access::read_write, mode.doc, {{name, 0, mode.bits, mode.doc}}});
  return map;
}

}  // namespace hasse::units
