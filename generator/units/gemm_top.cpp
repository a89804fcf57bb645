// SPDX-License-Identifier: Apache-2.0
#include "generator/units/gemm_top.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::PortMap;
using hdl::Width;

GemmTop::GemmTop(const Geometry& g, const std::string& name, const std::string& doc)
    : g_(g),
      m_(name, doc),
      clk_(m_.input("clk_i", 1, "Clock.")),
      rst_n_(m_.input("rst_ni", 1, "Asynchronous reset, active low.")) {
  m_.set_unit("control");
}

PortMap GemmTop::clocked(PortMap ports) const {
  ports.insert(ports.begin(), {{"clk_i", clk_}, {"rst_ni", rst_n_}});
  return ports;
}

void GemmTop::declare_ports(const StreamPort& weights, const StreamPort& activations,
                            const Width& result_bits) {
  in("start_i", 1, "Take the shape and begin.");
  in("n_i", g_.n_bits, "Weight rows N.");
  in("k_i", g_.k_bits, "Inner dimension K.");
  in("m_i", g_.m_bits, "Activation columns M.");
  in("weight_bits_i", g_.weight_bits_bits, "Bits of every weight.");
  out("busy_o", 1, "A product is under way.");
  out("done_o", 1, "The product is complete, or refused: one cycle.");
  out("error_o", 1, "With done_o: shape or weight bits out of range, nothing was computed.");
  in("weight_data_i", weights.bits, weights.doc);
  in("weight_valid_i", 1, "Weights are valid.");
  out("weight_ready_o", 1, "Weights are taken.");
  in("activation_data_i", activations.bits, activations.doc);
  in("activation_valid_i", 1, "Activations are valid.");
  out("activation_ready_o", 1, "Activations are taken.");
  out("result_data_o", result_bits, "Results of one column group, lowest column lowest.");
  out("result_valid_o", 1, "Results are valid.");
  in("result_ready_i", 1, "Results are taken.");
  out("result_last_o", 1, "The product's last results.");
  out("cycles_o", Geometry::kCounterBits, "Cycles from start to the last result.");
  out("transrows_o", Geometry::kCounterBits, "Weight rows' beats taken.");
  out("zero_transrows_o", Geometry::kCounterBits, "Not counted by this engine: zero.");
  out("nodes_built_o", Geometry::kCounterBits, "Stationary words made, per column.");
  out("stall_cycles_o", Geometry::kCounterBits, "Cycles in which the engine waited for the host.");
  out("subtile_done_o", 1, "The last weights of a sub-tile were taken: one cycle.");
}

void GemmTop::add_control(const Module& control, const Expr& stall, const Expr& built) {
  const int count = bits_for(g_.design.lanes);
  add("begin_product", 1, "A product begins.");
  add("shape_n", g_.n_bits);
  add("shape_k", g_.k_bits);
  add("shape_m", g_.m_bits);
  add("weight_bits", g_.weight_bits_bits);
  add("tile_rows", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  add("finished", 1, "The last result is taken.");
  add("transrow_count", count, "Lanes with a row in this beat.");
  PortMap ports = clocked({{"begin_o", at("begin_product")},
                           {"n_o", at("shape_n")},
                           {"k_o", at("shape_k")},
                           {"m_o", at("shape_m")},
                           {"weight_bits_o", at("weight_bits")},
                           {"tile_rows_o", at("tile_rows")},
                           {"finished_i", at("finished")},
                           {"transrows_i", at("transrow_count")},
                           {"zero_transrows_i", m_.let("none_counted", lit(0, count))},
                           {"tile_built_i", built},
                           {"stall_i", stall}});
  for (const char* name :
       {"start_i", "n_i", "k_i", "m_i", "weight_bits_i", "busy_o", "done_o", "error_o", "cycles_o",
        "transrows_o", "zero_transrows_o", "nodes_built_o", "stall_cycles_o"})
    ports.emplace_back(name, at(name));
  m_.instance("u_control", control, ports);
}

}  // namespace hasse::units
