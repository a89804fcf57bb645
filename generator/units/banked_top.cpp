// SPDX-License-Identifier: Apache-2.0
#include "generator/units/banked_top.hpp"

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::PortMap;
using hdl::Scope;
using hdl::Width;

BankedTop::BankedTop(const Geometry& g, const BankedUnits& units)
    : GemmTop(
          g, "transitive_gemm",
          "Y[N x M] = W[N x K] * X[K x M] without a multiplier: transitive GEMM, banked engine.\n"
          "Weights are cut into bit planes and planes into TransRows. Prefix lanes build the node "
          "of\n"
          "every possible TransRow, one addition each; accumulate lanes add the nodes that the "
          "weights\n"
          "name. Streams and their order: doc/index.md."),
      parts_(units) {}

Module BankedTop::build() {
  const bool program = g_.takes_programs();
  declare_ports({program ? Width(g_.program.word_bits) : lanes_ * tile_bits_,
                 program ? "A word of the compiled program." : "One code per lane, lane 0 lowest."},
                {columns_ * activation_bits_, "One activation per column, column 0 lowest."},
                beat_);
  control();
  program ? this->program() : weights();
  operands();
  nodes();
  program ? program_reads() : reads();
  lanes();
  results();
  return m_;
}

PortMap BankedTop::grouped(PortMap ports) const {
  if (g_.scaled()) ports.emplace_back("group_i", at("shape_group"));
  return clocked(ports);
}

void BankedTop::control() {
  m_.section("Control");
  add("zero_count", bits_for(g_.design.lanes), "Zero TransRows among them.");
  if (g_.steps_by_lane())
    add("nodes_built", bits_for(g_.derived.prefix_lanes), "Nodes written in this cycle.");
  if (!g_.plans_ahead()) add("tile_built", 1, "The last node of a sub-tile is on its way.");
  PortMap others = {{"zero_transrows_i", at("zero_count")}};
  others.emplace_back(g_.steps_by_lane() ? PortMap::value_type{"nodes_built_i", at("nodes_built")}
                                         : PortMap::value_type{"tile_built_i", at("tile_built")});
  if (g_.lists_nodes()) {
    add("misses", bits_for(g_.lattice.nodes()), "Nodes missed by the table.");
    others.insert(others.end(), {{"misses_i", at("misses")}, {"si_misses_o", at("si_misses_o")}});
  }
  if (g_.takes_programs()) {
    add("fault", 1, "The program is wrong.");
    add("clear", 1, "The product is given up.");
    others.insert(others.end(), {{"fault_i", at("fault")},
                                 {"result_held_i", at("result_valid_o") && !at("result_ready_i")},
                                 {"clear_o", at("clear")}});
  }
  add_control(parts_.control, host_stall(), others);
  if (g_.takes_programs())
    core_rst_n_ = m_.let("core_rst_n", rst_n_ && !at("clear"), "Reset of all other units.");
}

void BankedTop::lanes() {
  m_.section("Accumulate lanes, each behind its port of the result crossbar");
  add("row_available", lanes_);
  add("row_data", lanes_ * beat_);
  add("row_read", lanes_);
  add("row_pop", lanes_);
  add("drain_phase", g_.phase_bits);
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    PortMap ports = g_.takes_programs() ? program_lane(s, lane) : ordered_lane(s, lane);
    ports.insert(ports.end(), {{"available_o", at("row_available").bit(lane)},
                               {"read_i", at("row_read").bit(lane)},
                               {"read_phase_i", at("drain_phase")},
                               {"pop_i", at("row_pop").bit(lane)},
                               {"data_o", at("row_data").lane(lane, beat_)}});
    ports = clocked(ports);
    s.instance("u_accumulate", parts_.accumulate, ports);
  });
}

void BankedTop::results() {
  m_.section("Results");
  const TileSums lacking = {
      {{"valid_i", at("tile_begin")}, {"first_k_i", at("first_k")}, {"last_k_i", at("last_k")}},
      at("root"),
      g_.scaled() ? column_sums() : at("root")};
  add_results(parts_.results, lacking,
              {{"row_available_i", at("row_available")},
               {"row_data_i", at("row_data")},
               {"row_read_o", at("row_read")},
               {"row_pop_o", at("row_pop")}});
}

/// Minus the sums of the activations, by which zero points are multiplied: the ring has them as
/// root values and odd bits.
Expr BankedTop::column_sums() {
  const Width bits = node_bits_ + 1;
  const Expr sums = m_.logic("column_sums", columns_ * bits, "Minus the sums over a sub-tile.");
  m_.generate_for("column", columns_, "gen_column_sum", [&](Scope& s, const Expr& column) {
    s.assign(sums.lane(column, bits),
             cat({at("root").lane(column, node_bits_), at("root_odd").bit(column)}));
  });
  return sums;
}

}  // namespace hasse::units
