// SPDX-License-Identifier: Apache-2.0
#include "generator/units/planner_base.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::lit;
using hdl::zext;

PlannerBase::PlannerBase(const Geometry& g, const hdl::Module& walker, const std::string& name,
                         const std::string& doc)
    : g_(g),
      walker_(walker),
      depth_bits_(bits_for(g.design.tile_bits)),
      m_(name, doc),
      banks_(m_.localparam("Banks", g.design.banks_per_lane, "Prefix banks per lane.")),
      lanes_(m_.localparam("Lanes", g.engine.dimension(), "Prefix lanes.")),
      address_bits_(
          m_.localparam("AddressBits", g.bank_address_bits, "Bits of an address in a bank.")),
      clk_(m_.input("clk_i", 1, "Clock.")),
      rst_n_(m_.input("rst_ni", 1, "Asynchronous reset, active low.")),
      begin_(m_.input("begin_i", 1, "A product begins.")),
      n_(m_.input("n_i", g.n_bits, "Weight rows N.")),
      k_(m_.input("k_i", g.k_bits, "Inner dimension K.")),
      group_(g.scaled()
                 ? m_.input("group_i", g.k_bits, "Columns of the weights that share a scale.")
                 : k_),
      columns_(m_.input("m_i", g.m_bits, "Activation columns M.")),
      tile_rows_(m_.input("tile_rows_i", g.tile_row_bits, "Weight rows of a full sub-tile.")),
      valid_(m_.input("activation_valid_i", 1, "A row of activations is there.")),
      ready_(m_.output("activation_ready_o", 1, "The row is taken.")),
      release_(m_.input("release_i", 1, "A sub-tile has been read completely.")),
      released_(g.plans_ahead() ? m_.input("release_number_i", Geometry::kNumberBits,
                                           "Its number, modulo four.")
                                : m_.input("release_half_i", 1, "Half of the banks it leaves.")),
      correction_full_(m_.input("correction_full_i", 1, "No room for another correction.")) {}

PlannerBase::Place::Place(PlannerBase& in)
    : active(in.m_.logic("active", 1)),
      depth(in.m_.logic("depth", in.depth_bits_, "Operands within K.")),
      first_k(in.m_.logic("first_k", 1)),
      last_k(in.m_.logic("last_k", 1)) {}

void PlannerBase::walk(const Place& place, const Expr& built) {
  hdl::PortMap ports = {{"clk_i", clk_},
                        {"rst_ni", rst_n_},
                        {"begin_i", begin_},
                        {"n_i", n_},
                        {"k_i", k_},
                        {"m_i", columns_},
                        {"tile_rows_i", tile_rows_},
                        {"advance_i", built},
                        {"active_o", place.active},
                        {"depth_o", place.depth},
                        {"first_k_o", place.first_k},
                        {"last_k_o", place.last_k}};
  if (g_.scaled()) ports.emplace_back("group_i", group_);
  m_.instance("u_walker", walker_, ports);
}

PlannerBase::Load PlannerBase::load_rows(const Place& place, const Expr& building_q) {
  m_.section("Load: one operand row per cycle, zeros beyond K");
  const int load_bits = address_bits_for(g_.design.tile_bits);
  const Expr row_q = m_.logic("row_q", load_bits, "Row of the K-tile being loaded.");
  const Expr beyond = m_.let("beyond", zext(row_q, depth_bits_) >= place.depth);
  const Expr last_row = m_.let("last_row", row_q == lit(g_.design.tile_bits - 1, load_bits));
  m_.assign(ready_, place.active && !building_q && !beyond);
  const Expr load = m_.let("load", place.active && !building_q && (beyond || valid_));
  return {row_q, beyond, last_row, load};
}

void PlannerBase::send_load(const Load& load) {
  m_.assign(m_.output("load_o", 1, "Add the incoming row to the sums."), load.load);
  m_.assign(m_.output("load_first_o", 1, "The row is the first of its K-tile."), load.row_q == 0);
  m_.assign(m_.output("load_ring_o", 1, "Shift the row into the ring."),
            load.load && !load.last_row);
  m_.assign(m_.output("load_zero_o", 1, "The row lies beyond K."), load.beyond);
}

}  // namespace hasse::units
