// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

/// Builds the module, a stretch of it per function.
class PrefixBanks {
 public:
  explicit PrefixBanks(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("prefix_banks");
    const Expr halves =
        m_.logic("half_data", banks_ * Width(2) * word_, "Per bank: lower half, upper half.");
    banks(halves);
    parent(halves);
    return m_;
  }

 private:
  void banks(const Expr& halves);
  void memory(Scope& s, const Expr& bank, const Expr& half, const Expr& data);
  void parent(const Expr& halves);

  const Geometry& g_;
  Module m_{
      "prefix_banks",
      "The nodes one prefix lane owns, in banks, double buffered.\n"
      "One half of every bank is built (write port, and the read port for parents) while the\n"
      "accumulate lanes read the other. A read for them names its half, since lanes may stand in\n"
      "different sub-tiles."};
  Width banks_ = m_.localparam("Banks", g_.design.banks_per_lane, "Banks of this lane.");
  Width word_ = m_.localparam(
      "WordBits", g_.bank_word_bits(),
      g_.bank_phases() > 1 ? "One node for a group of columns." : "One node for all columns.");
  Width address_bits_ =
      m_.localparam("AddressBits", g_.bank_address_bits, "Bits of an address in a bank.");
  Width depth_ = m_.localparam("Depth", g_.bank_depth, "Nodes in one half of a bank.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr write_ = m_.input("write_i", banks_, "Write the node to this bank.");
  Expr write_half_ = m_.input("write_half_i", 1, "Half being built, for the write.");
  Expr write_address_ = m_.input("write_address_i", address_bits_, "Where the node goes.");
  Expr node_ = m_.input("node_i", word_, "Node value of every column.");
  Expr parent_read_ = m_.input("parent_read_i", banks_, "Read a parent from this bank.");
  Expr parent_half_ = m_.input("parent_half_i", 1, "Half being built, for the read.");
  Expr parent_address_ = m_.input("parent_address_i", address_bits_, "Where the parent is.");
  Expr parent_ = m_.output("parent_o", word_, "Parent, a cycle after parent_read_i.");
  Expr read_ = m_.input("read_i", banks_, "Read for the accumulate lanes.");
  Expr read_half_ = m_.input("read_half_i", banks_, "Half each of these reads.");
  Expr read_address_ =
      m_.input("read_address_i", banks_* address_bits_, "Address of each of these reads.");
  Expr data_ = m_.output("data_o", banks_* word_, "Node of each bank, a cycle after read_i.");
};

void PrefixBanks::banks(const Expr& halves) {
  m_.generate_for("bank", banks_, "gen_bank", [&](Scope& s, const Expr& bank) {
    s.generate_for("half", 2, "gen_half", [&](Scope& t, const Expr& half) {
      memory(t, bank, half, halves.lane(bank * 2 + half, word_));
    });
    const Expr upper_q = s.logic("upper_q", 1, "The accumulate lanes read the upper half.");
    s.always_ff(clk_, [&](Block& b) { b.assign(upper_q, read_half_.bit(bank)); });
    s.assign(data_.lane(bank, word_),
             mux(upper_q, halves.lane(bank * 2 + 1, word_), halves.lane(bank * 2, word_)));
  });
}

void PrefixBanks::memory(Scope& s, const Expr& bank, const Expr& half, const Expr& data) {
  const Expr building = s.let("building", parent_half_ == as_bits(half, 1));
  const Expr reading =
      s.let("reading", read_.bit(bank) && read_half_.bit(bank) == as_bits(half, 1));
  const Expr fetching = s.let("fetching", parent_read_.bit(bank) && building);
  const Expr lane_address = read_address_.lane(bank, address_bits_);
  s.instance(
      "u_ram", hdl::ram_1r1w(),
      {{"clk_i", clk_},
       {"write_enable_i", s.let("writing", write_.bit(bank) && write_half_ == as_bits(half, 1))},
       {"write_address_i", write_address_},
       {"write_data_i", node_},
       {"read_enable_i", s.let("enable", reading || fetching)},
       {"read_address_i", s.let("address", mux(fetching, parent_address_, lane_address))},
       {"read_data_o", data}},
      {{"Width", word_}, {"Depth", depth_}});
}

void PrefixBanks::parent(const Expr& halves) {
  m_.section("Parent: the bank and the half it was read from");
  const Expr half_q = m_.logic("parent_half_q", 1);
  m_.always_ff(clk_, [&](Block& b) { b.assign(half_q, parent_half_); });
  const auto building = [&](int bank) {
    return mux(half_q, halves.lane(2 * bank + 1, word_), halves.lane(2 * bank, word_));
  };
  if (g_.design.banks_per_lane == 1) return m_.assign(parent_, building(0));
  const Expr bank_q = m_.logic("parent_bank_q", banks_, "Bank the parent was read from.");
  m_.always_ff(clk_, [&](Block& b) { b.assign(bank_q, parent_read_); });
  Expr chosen = repeat(word_, bank_q.bit(0)) & building(0);
  for (int bank = 1; bank < g_.design.banks_per_lane; ++bank)
    chosen = chosen | (repeat(word_, bank_q.bit(bank)) & building(bank));
  m_.assign(parent_, chosen);
}

}  // namespace

Module prefix_banks(const Geometry& g) {
  return PrefixBanks(g).build();
}

}  // namespace hasse::units
