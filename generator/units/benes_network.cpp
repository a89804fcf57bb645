// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <tuple>

#include "generator/units/benes.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::Width;

int BenesShape::switches() const {
  if (ports <= 2) return ports - 1;
  return 2 * pairs() - first_output_switch() + upper().switches() + lower().switches();
}

namespace {

/// Builds the module, a subnetwork per call.
class BenesNetwork {
 public:
  BenesNetwork(int ports, int row_bits) : shape_{ports}, row_bits_(row_bits) {}

  Module build();

 private:
  using Rows = std::vector<Expr>;

  Rows network(const BenesShape& shape, const std::string& name, const Rows& in);
  std::pair<Expr, Expr> exchange(const std::string& name, const Expr& first, const Expr& second);

  BenesShape shape_;
  int row_bits_;
  Module m_{
      "benes_network",
      "A Benes network: every permutation of its inputs is possible, and nothing else.\n"
      "An input stage of two-port switches, two networks of half the size, an output stage. One\n"
      "output switch of every network of an even size is left out, for the others make up for\n"
      "it; with an odd size one port is wired past the switches. Purely combinational."};
  Width ports_ = m_.localparam("Ports", shape_.ports, "Inputs, and outputs.");
  Width switches_ = m_.localparam("Switches", shape_.switches(), "Switches.");
  Width row_ = m_.localparam("RowBits", row_bits_, "Bits of a port.");
  Expr setting_ = m_.input("setting_i", switches_, "Switch exchanges its ports.");
  Expr in_ = m_.input("data_i", ports_* row_, "Inputs, port 0 lowest.");
  Expr out_ = m_.output("data_o", ports_* row_, "Outputs, port 0 lowest.");
  int next_ = 0;  ///< Switch to be built.
};

Module BenesNetwork::build() {
  m_.set_unit("operands");
  Rows in;
  for (int port = 0; port < shape_.ports; ++port) in.push_back(in_.lane(port, row_));
  const Rows out = network(shape_, "net", in);
  m_.section("Outputs");
  for (int port = 0; port < shape_.ports; ++port)
    m_.assign(out_.lane(port, row_), out[static_cast<std::size_t>(port)]);
  return m_;
}

std::pair<Expr, Expr> BenesNetwork::exchange(const std::string& name, const Expr& first,
                                             const Expr& second) {
  const Expr cross = setting_.bit(next_++);
  return {m_.let(name + "_0", mux(cross, second, first)),
          m_.let(name + "_1", mux(cross, first, second))};
}

BenesNetwork::Rows BenesNetwork::network(const BenesShape& shape, const std::string& name,
                                         const Rows& in) {
  const auto at = [](int index) { return static_cast<std::size_t>(index); };
  if (shape.ports == 1) return in;
  m_.section(fmt::format("{}: {} ports", name, shape.ports));
  if (shape.ports == 2) {
    const auto [first, second] = exchange(name, in[0], in[1]);
    return {first, second};
  }
  Rows upper(in.begin(), in.begin() + shape.odd()), lower, out(in.begin(), in.end());
  for (int pair = 0; pair < shape.pairs(); ++pair) {
    const auto [up, down] = exchange(fmt::format("{}_in_{}", name, pair), in[at(shape.first(pair))],
                                     in[at(shape.first(pair) + 1)]);
    upper.push_back(up);
    lower.push_back(down);
  }
  upper = network(shape.upper(), name + "_upper", upper);
  lower = network(shape.lower(), name + "_lower", lower);
  m_.section(fmt::format("{}: output stage", name));
  if (shape.odd() == 1) out[0] = upper[0];
  for (int pair = 0; pair < shape.pairs(); ++pair) {
    Expr& first = out[at(shape.first(pair))];
    Expr& second = out[at(shape.first(pair) + 1)];
    first = upper[at(shape.upper_port(pair))];
    second = lower[at(pair)];
    if (pair >= shape.first_output_switch())
      std::tie(first, second) = exchange(fmt::format("{}_out_{}", name, pair), first, second);
  }
  return out;
}

}  // namespace

Module benes_network(int ports, int row_bits) {
  return BenesNetwork(ports, row_bits).build();
}

}  // namespace hasse::units
