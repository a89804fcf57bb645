// SPDX-License-Identifier: Apache-2.0
// A mapped netlist without its hierarchy: cells, memories, and the nets between them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "synth/liberty/library.hpp"

namespace hasse::synth {

/// A wire of one bit. The first two are the constants.
using Net = std::uint32_t;
inline constexpr Net kConstantZero = 0, kConstantOne = 1;
/// What an unconnected pin is connected to.
inline constexpr Net kNoNet = ~Net{0};

/// An instance of a library cell.
struct NetlistCell {
  std::uint32_t type = 0;       ///< Index into Netlist::types.
  std::uint32_t module = 0;     ///< Index into Netlist::modules: the module it stands in.
  std::uint32_t first_pin = 0;  ///< Its pins' nets, in the order of the library's pins.
};

/// An instance of ram_1r1w.
struct NetlistMemory {
  int width = 0, depth = 0;
  Net clock = kNoNet, write_enable = kNoNet, read_enable = kNoNet;
  std::vector<Net> write_address, write_data, read_address, read_data;  ///< Lowest bits first.
};

/// A port of the top module.
struct NetlistPort {
  std::string name;
  bool is_input = false;
  std::vector<Net> bits;  ///< Lowest first.
};

/// All of it.
struct Netlist {
  std::vector<const LibertyCell*> types;
  std::vector<std::string> modules;
  std::vector<NetlistCell> cells;
  std::vector<Net> pins;
  std::vector<NetlistMemory> memories;
  std::vector<NetlistPort> ports;
  std::map<std::string, std::vector<Net>> top_nets;  ///< Of the top module, by their names.
  std::size_t nets = 2;

  const LibertyCell& type_of(const NetlistCell& cell) const { return *types[cell.type]; }
  /// Nets of the pins of `cell`.
  std::span<const Net> pins_of(const NetlistCell& cell) const {
    return {pins.data() + cell.first_pin, type_of(cell).pins.size()};
  }
  /// The port of that name, or nullptr.
  const NetlistPort* port(std::string_view name) const;
};

/// Flattens `document`, as Yosys's write_json writes it, from module `top` down. Cells are those of
/// `library`, which must outlive the netlist, and memories ram_1r1w_<width>x<depth>. Throws
/// InputError, naming `source`, for anything else.
Netlist flatten(const nlohmann::json& document, const std::string& top, const Library& library,
                const std::string& source);

/// Reads the Verilog netlist `file` by Yosys, in the folder `work`, and flattens it. Throws
/// ToolError as well.
Netlist read_netlist(const std::filesystem::path& file, const std::string& top,
                     const Library& library, const std::filesystem::path& work);

}  // namespace hasse::synth
