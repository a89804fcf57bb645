// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>
#include <string>

#include "generator/units/axi.hpp"
#include "generator/units/ports.hpp"
#include "generator/units/register_map.hpp"

namespace hasse::units {
namespace {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::PortMap;

/// Signals of AXI4-Lite that the registers have.
constexpr const char* kLitePorts[] = {
    "awaddr", "awvalid", "awready", "wdata",   "wstrb", "wvalid", "wready", "bresp", "bvalid",
    "bready", "araddr",  "arvalid", "arready", "rdata", "rresp",  "rvalid", "rready"};

/// Builds the top level, a port group per function.
class AxiTop {
 public:
  AxiTop(const Geometry& g, const Module& core, const Module& registers)
      : g_(g), core_(core), registers_(registers) {}

  Module build() {
    m_.set_unit("control");
    m_.section("Registers");
    lite();
    m_.section("Streams");
    sink("weight");
    sink("activation");
    for (const Signal& stream : side_streams(g_)) sink(stream.name);
    source();
    core_ports_.emplace_back("subtile_done_o",
                             m_.output("subtile_done_o", width("subtile_done_o"),
                                       "All reads of a sub-tile have been made: one cycle."));
    m_.section("Core");
    m_.instance("u_registers", registers_, register_ports_);
    m_.instance("u_core", core_, core_ports_);
    return m_;
  }

 private:
  void lite();
  void core_control();
  void sink(const std::string& name);
  void source();
  /// A port of AXI4-Lite, on to the registers.
  void pass(const hdl::Port& port);

  /// Bits of a port of the core.
  int width(const std::string& name) const {
    for (const hdl::Port& port : core_.ports())
      if (port.name == name) return port.width.value();
    throw std::logic_error("the core has no port " + name);
  }
  static int whole_bytes(int bits) { return (bits + 7) / 8 * 8; }

  const Geometry& g_;
  const Module& core_;
  const Module& registers_;
  Module m_{"transitive_axi",
            "A core with AXI ports: operands and results on AXI4-Stream, control on AXI4-Lite.\n"
            "Streams are the core's own, rounded up to bytes; registers: doc/registers.md."};
  Expr clk_ = m_.input("clk_i", 1, "Clock: ACLK of every port.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low: ARESETn of every port.");
  PortMap register_ports_ = {{"clk_i", clk_}, {"rst_ni", rst_n_}};
  PortMap core_ports_ = register_ports_;
};

void AxiTop::lite() {
  m_.unused(m_.input("s_axil_awprot_i", 3, "Ignored."), "unused_awprot");
  m_.unused(m_.input("s_axil_arprot_i", 3, "Ignored."), "unused_arprot");
  for (const hdl::Port& port : registers_.ports()) {
    const std::string end = port.name.substr(port.name.size() - 2);
    const std::string name = port.name.substr(0, port.name.size() - 2);
    const bool is_lite = std::any_of(std::begin(kLitePorts), std::end(kLitePorts),
                                     [&](const char* lite) { return name == lite; });
    if (is_lite && (end == "_i" || end == "_o")) pass(port);
  }
  core_control();
}

void AxiTop::pass(const hdl::Port& port) {
  const std::string name = "s_axil_" + port.name;
  register_ports_.emplace_back(port.name, port.direction == hdl::Direction::input
                                              ? m_.input(name, port.width, port.doc)
                                              : m_.output(name, port.width, port.doc));
}

/// What the registers tell the core, and the other way round.
void AxiTop::core_control() {
  const auto join = [&](const std::string& name, bool to_core) {
    // "group" by itself is a reserved word of VHDL.
    const Expr net =
        m_.logic(name == "group" ? "scale_group" : name, width(name + (to_core ? "_i" : "_o")));
    register_ports_.emplace_back(name + (to_core ? "_o" : "_i"), net);
    core_ports_.emplace_back(name + (to_core ? "_i" : "_o"), net);
  };
  for (const char* name : {"start", "n", "k", "m", "weight_bits"}) join(name, true);
  for (const Signal& mode : modes(g_)) join(mode.name, true);
  for (const char* name : {"busy", "done", "error"}) join(name, false);
  for (const Signal& counter : counters(g_)) join(counter.name, false);
}

void AxiTop::sink(const std::string& name) {
  const std::string axis = "s_axis_" + name + "_";
  const int bits = width(name + "_data_i"), bytes = whole_bytes(bits);
  const Expr data = m_.input(axis + "tdata_i", bytes, "Beat of the " + name + " stream.");
  if (bytes != bits) m_.unused(data.slice(bits, bytes - bits), "unused_" + name + "_tdata");
  core_ports_.emplace_back(name + "_data_i", bytes == bits ? data : data.slice(0, bits));
  core_ports_.emplace_back(name + "_valid_i", m_.input(axis + "tvalid_i", 1, "There is a beat."));
  core_ports_.emplace_back(name + "_ready_o", m_.output(axis + "tready_o", 1, "It is taken."));
}

void AxiTop::source() {
  const int bits = width("result_data_o"), bytes = whole_bytes(bits);
  const Expr data = m_.output("m_axis_result_tdata_o", bytes, "Beat of the result stream.");
  const Expr result = m_.logic("result", bits);
  m_.assign(data, zext(result, bytes));
  core_ports_.emplace_back("result_data_o", result);
  core_ports_.emplace_back("result_valid_o",
                           m_.output("m_axis_result_tvalid_o", 1, "There is a beat."));
  core_ports_.emplace_back("result_ready_i", m_.input("m_axis_result_tready_i", 1, "It is taken."));
  core_ports_.emplace_back("result_last_o",
                           m_.output("m_axis_result_tlast_o", 1, "The product's last beat."));
}

}  // namespace

void add_axi(const Geometry& g, std::vector<Module>& modules) {
  const Module core = modules.back();
  const Module registers = axi_registers(g);
  modules.push_back(registers);
  modules.push_back(AxiTop(g, core, registers).build());
}

}  // namespace hasse::units
