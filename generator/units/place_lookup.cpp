// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "generator/units/dynamic.hpp"

namespace hasse::units {
namespace {

using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::Width;
using transitive::Code;

/// Builds the module, a section of it per function.
class PlaceLookup {
 public:
  explicit PlaceLookup(const Geometry& g) : g_(g), order_(g.engine.dimension()) {}

  Module build() {
    m_.set_unit("planner");
    const Expr lane_of = lane();
    place(lane_of, slot(lane_of));
    return m_;
  }

 private:
  Expr lane();
  int fixed_lane(Code node) const;
  Expr slot(const Expr& lane);
  void place(const Expr& lane, const Expr& slot);

  const Geometry& g_;
  DynamicOrder order_;
  int d_ = order_.dimension();
  Module m_{
      "place_lookup",
      "From a node to its bank and address, for one accumulate lane.\n"
      "The prefix lane of a node comes from the table of its half; without the bit of that\n"
      "lane its code is the slot. The root has the slot of the one node that its lane leaves\n"
      "out. Roots of trees are where they always are."};
  Width lane_bits_ = m_.localparam("LaneBits", order_.lane_bits(), "Number of a prefix lane.");
  Width nodes_ = m_.localparam("Nodes", order_.nodes(), "Nodes of two bits and more.");
  Expr node_ = m_.input("node_i", d_, "Node.");
  Expr half_ = m_.input("half_i", 1, "Half of the banks.");
  Expr lanes_ = m_.input("lane_i", Width(2) * nodes_ * lane_bits_,
                         "Prefix lane per node, by picker; lower half lowest.");
  Expr bank_ = m_.output("bank_o", g_.bank_bits, "Bank that keeps it.");
  Expr address_ = m_.output("address_o", g_.bank_address_bits, "Address in the bank.");
};

/// Lane of a node that is built in the same lane in every plan.
int PlaceLookup::fixed_lane(Code node) const {
  return node == 0 ? transitive::dynamic_root_lane(d_) : std::countr_zero(node);
}

Expr PlaceLookup::lane() {
  m_.section("Prefix lane");
  std::vector<std::vector<Expr>> hits(static_cast<std::size_t>(order_.lane_bits()));
  const Expr asked = m_.logic("asked", nodes_, "The node, one hot.");
  for (int number = 0; number < order_.nodes(); ++number)
    m_.assign(asked.bit(number), node_ == lit(static_cast<int>(order_.node(number)), d_));
  const Expr table = m_.let("half_lanes", mux(half_, lanes_.lane(1, nodes_ * lane_bits_),
                                              lanes_.lane(0, nodes_ * lane_bits_)));
  Expr lane = table.lane(0, lane_bits_) & repeat(lane_bits_, asked.bit(0));
  for (int number = 1; number < order_.nodes(); ++number)
    lane = lane | (table.lane(number, lane_bits_) & repeat(lane_bits_, asked.bit(number)));
  for (Code node = 0; node < Code{1} << d_; ++node)
    if (transitive::level(node) < 2 && fixed_lane(node) != 0)
      lane = lane | (lit(fixed_lane(node), lane_bits_) &
                     repeat(lane_bits_, node_ == lit(static_cast<int>(node), d_)));
  return m_.let("lane", lane);
}

Expr PlaceLookup::slot(const Expr& lane) {
  m_.section("Slot: the code without the bit of the lane, its parity in place of its lowest bit");
  const Code left_out = Code{1} | Code{1} << (d_ - 1);
  const Expr stored =
      m_.let("stored", node_ | (lit(static_cast<int>(left_out), d_) & repeat(d_, node_ == 0)));
  const Expr bare = m_.logic("bare", d_ - 1);
  for (int bit = 0; bit + 1 < d_; ++bit)
    m_.assign(bare.bit(bit),
              mux(lane > lit(bit, lane_bits_), stored.bit(bit), stored.bit(bit + 1)));
  return m_.let("slot", slot_of(bare));
}

void PlaceLookup::place(const Expr& lane, const Expr& slot) {
  const int low = std::countr_zero(static_cast<unsigned>(g_.design.banks_per_lane));
  m_.assign(bank_, low == 0 ? lane : cat({lane, slot.slice(0, low)}));
  m_.assign(address_, slot.slice(low, d_ - 1 - low));
}

}  // namespace

Expr slot_of(const Expr& bare) {
  return cat({bare.slice(1, bare.width() - 1), reduce_xor(bare)});
}

std::optional<Expr> node_lanes_input(const Geometry& g, Module& module) {
  if (!g.places_nodes()) return std::nullopt;
  const DynamicOrder order(g.engine.dimension());
  return module.input("lane_i", 2 * order.nodes() * order.lane_bits(),
                      "Prefix lane per node, by picker; lower half lowest.");
}

Module place_lookup(const Geometry& g) {
  return PlaceLookup(g).build();
}

}  // namespace hasse::units
