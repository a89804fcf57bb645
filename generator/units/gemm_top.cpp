// SPDX-License-Identifier: Apache-2.0
#include "generator/units/gemm_top.hpp"

#include "generator/units/extend_activations.hpp"
#include "generator/units/ports.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::PortMap;
using hdl::Width;

GemmTop::GemmTop(const Geometry& g, const std::string& name, const std::string& doc)
    : g_(g),
      m_(name, doc),
      clk_(m_.input("clk_i", 1, "Clock.")),
      rst_n_(m_.input("rst_ni", 1, "Asynchronous reset, active low.")),
      core_rst_n_(rst_n_) {
  m_.set_unit("control");
}

PortMap GemmTop::clocked(PortMap ports) const {
  ports.insert(ports.begin(), {{"clk_i", clk_}, {"rst_ni", core_rst_n_}});
  return ports;
}

void GemmTop::declare_ports(const StreamPort& weights, const StreamPort& activations,
                            const Width& result_bits) {
  in("start_i", 1, "Take the shape and begin.");
  in("n_i", g_.n_bits, "Weight rows N.");
  in("k_i", g_.k_bits, "Inner dimension K.");
  in("m_i", g_.m_bits, "Activation columns M.");
  in("weight_bits_i", g_.weight_bits_bits,
     g_.least_weight_bits() == g_.design.weight_bits
         ? "Bits of every weight."
         : "Bits of every weight, 2 to the most generated.");
  for (const Signal& mode : modes(g_)) in(mode.name + "_i", mode.bits, mode.doc);
  out("busy_o", 1, "A product is under way.");
  out("done_o", 1, "The product is complete, or refused: one cycle.");
  out("error_o", 1,
      g_.takes_programs()
          ? "With done_o: shape or weight bits out of range, or a wrong program; results are void."
          : "With done_o: shape or weight bits out of range, nothing was computed.");
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
  for (const Signal& stream : side_streams(g_)) {
    in(stream.name + "_data_i", stream.bits, stream.doc);
    in(stream.name + "_valid_i", 1, "They are valid.");
    out(stream.name + "_ready_o", 1, "They are taken.");
  }
  for (const Signal& counter : counters(g_)) out(counter.name + "_o", counter.bits, counter.doc);
  out("subtile_done_o", 1,
      g_.design.streams() ? "The last weights of a sub-tile were taken: one cycle."
                          : "All reads of a sub-tile have been made: one cycle.");
}

void GemmTop::add_control(const Module& control, const Expr& stall, const PortMap& others) {
  add("begin_product", 1, "A product begins.");
  add("shape_n", g_.n_bits);
  add("shape_k", g_.k_bits);
  add("shape_m", g_.m_bits);
  add("weight_bits", g_.weight_bits_bits);
  add("tile_rows", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  add("finished", 1, "The last result is taken.");
  add("transrow_count", bits_for(g_.design.lanes),
      g_.design.streams() ? "Lanes with a row in this beat." : "TransRows taken in this cycle.");
  PortMap ports = clocked({{"begin_o", at("begin_product")},
                           {"n_o", at("shape_n")},
                           {"k_o", at("shape_k")},
                           {"m_o", at("shape_m")},
                           {"weight_bits_o", at("weight_bits")},
                           {"tile_rows_o", at("tile_rows")},
                           {"finished_i", at("finished")},
                           {"transrows_i", at("transrow_count")},
                           {"stall_i", stall}});
  ports.insert(ports.end(), others.begin(), others.end());
  for (const char* name :
       {"start_i", "n_i", "k_i", "m_i", "weight_bits_i", "busy_o", "done_o", "error_o", "cycles_o",
        "transrows_o", "zero_transrows_o", "nodes_built_o", "stall_cycles_o"})
    ports.emplace_back(name, at(name));
  add_modes(ports);
  m_.instance("u_control", control, ports);
}

/// What only some designs let a product state.
void GemmTop::add_modes(PortMap& control) {
  for (const Signal& mode : modes(g_)) control.emplace_back(mode.name + "_i", at(mode.name + "_i"));
  if (g_.takes_unsigned()) {
    add("unsigned_activations", 1, "Activations are unsigned.");
    control.emplace_back("unsigned_activations_o", at("unsigned_activations"));
  }
  if (!g_.scaled()) return;
  add("shape_group", g_.k_bits);
  add("scaled", 1, "Groups have scales and zero points.");
  add("requantise", 1, "Results of eight bits.");
  control.insert(control.end(), {{"group_o", at("shape_group")},
                                 {"scaled_o", at("scaled")},
                                 {"requantise_o", at("requantise")}});
}

Expr GemmTop::host_stall() {
  Expr waits = (at("weight_ready_o") && !at("weight_valid_i")) ||
               (at("activation_ready_o") && !at("activation_valid_i")) ||
               (at("result_valid_o") && !at("result_ready_i"));
  for (const Signal& stream : side_streams(g_))
    waits = waits || (at(stream.name + "_ready_o") && !at(stream.name + "_valid_i"));
  return m_.let("stall", waits, "A stream waits for the host.");
}

Expr GemmTop::operands_in() {
  const Expr& data = at("activation_data_i");
  return g_.takes_unsigned() ? extend_activations(m_, g_, data, at("unsigned_activations")) : data;
}

void GemmTop::add_results(const ResultUnits& units, const TileSums& sums, const PortMap& rows) {
  for (const char* name : {"correction_available", "correction_read", "correction_pop"})
    add(name, 1);
  add("correction_data", g_.beat_bits);
  if (g_.scaled()) add("column_sum_data", Width(g_.beat_columns * g_.column_sum_bits));
  add_corrections(units, sums);
  PortMap ports = clocked({{"begin_i", at("begin_product")},
                           {"n_i", at("shape_n")},
                           {"m_i", at("shape_m")},
                           {"tile_rows_i", at("tile_rows")},
                           {"correction_available_i", at("correction_available")},
                           {"correction_data_i", at("correction_data")},
                           {"phase_o", at("drain_phase")},
                           {"correction_read_o", at("correction_read")},
                           {"correction_pop_o", at("correction_pop")}});
  ports.insert(ports.end(), rows.begin(), rows.end());
  const PortMap to_host = {{"result_ready_i", at("result_ready_i")},
                           {"result_data_o", at("result_data_o")},
                           {"result_valid_o", at("result_valid_o")},
                           {"result_last_o", at("result_last_o")},
                           {"finished_o", at("finished")}};
  const PortMap out = units.scaling ? to_scaler() : to_host;
  ports.insert(ports.end(), out.begin(), out.end());
  m_.instance("u_drain", units.drain, ports);
  if (units.scaling) add_scaler(*units.scaling);
}

void GemmTop::add_corrections(const ResultUnits& units, const TileSums& sums) {
  const auto accumulate = [&](const char* name, const Module& module, const Expr& sum,
                              const Expr& full, const Expr& available, const Expr& data) {
    PortMap ports = clocked(sums.when);
    ports.insert(ports.end(), {{"sum_i", sum},
                               {"read_i", at("correction_read")},
                               {"read_phase_i", at("drain_phase")},
                               {"pop_i", at("correction_pop")},
                               {"full_o", full},
                               {"available_o", available},
                               {"data_o", data}});
    m_.instance(name, module, ports);
  };
  accumulate("u_correction", units.correction, sums.correction, at("correction_full"),
             at("correction_available"), at("correction_data"));
  if (!units.scaling) return;
  const Expr full = m_.logic("column_sums_full", 1);
  const Expr available = m_.logic("column_sums_available", 1);
  m_.unused(cat({full, available}), "unused_as_of_corrections");
  accumulate("u_column_sums", units.scaling->column_sums, sums.column_sum, full, available,
             at("column_sum_data"));
}

/// What the drain sends to the scaler, and what it needs for it.
PortMap GemmTop::to_scaler() {
  for (const char* name : {"ready", "valid", "last", "first_group", "last_group"})
    add(std::string("sums_") + name, 1);
  add("sums_data", g_.beat_bits, "Corrected sums of a group.");
  add("sums_address", address_bits_for(g_.outer_depth));
  add("sums_row_scales", g_.row_scales_bits());
  add("sums_column_sums", Width(g_.beat_columns * g_.column_sum_bits));
  add("row_begins", 1, "A row can begin, once its scales are there.");
  add("row_last_group", 1, "With its last group.");
  add("row_scales_there", 1, "They are.");
  add("row_scales", g_.row_scales_bits(), "{shift, multiplier, zero point, scale}.");
  return {{"k_i", at("shape_k")},
          {"group_i", at("shape_group")},
          {"scales_i", at("row_scales_there")},
          {"row_scales_i", at("row_scales")},
          {"column_sum_data_i", at("column_sum_data")},
          {"result_ready_i", at("sums_ready")},
          {"row_begins_o", at("row_begins")},
          {"row_last_group_o", at("row_last_group")},
          {"result_data_o", at("sums_data")},
          {"result_valid_o", at("sums_valid")},
          {"result_last_o", at("sums_last")},
          {"first_group_o", at("sums_first_group")},
          {"last_group_o", at("sums_last_group")},
          {"address_o", at("sums_address")},
          {"row_scales_o", at("sums_row_scales")},
          {"column_sums_o", at("sums_column_sums")}};
}

void GemmTop::add_scaler(const ResultUnits::Scaling& units) {
  m_.section("Scales of the groups");
  m_.instance("u_scale_feed", units.feed,
              {{"scaled_i", at("scaled")},
               {"requantise_i", at("requantise")},
               {"row_begins_i", at("row_begins")},
               {"last_group_i", at("row_last_group")},
               {"scale_data_i", at("scale_data_i")},
               {"scale_valid_i", at("scale_valid_i")},
               {"rescale_data_i", at("rescale_data_i")},
               {"rescale_valid_i", at("rescale_valid_i")},
               {"scale_ready_o", at("scale_ready_o")},
               {"rescale_ready_o", at("rescale_ready_o")},
               {"scales_o", at("row_scales_there")},
               {"row_scales_o", at("row_scales")}});
  m_.instance("u_group_scaler", units.scaler,
              clocked({{"requantise_i", at("requantise")},
                       {"sums_i", at("sums_data")},
                       {"column_sums_i", at("sums_column_sums")},
                       {"row_scales_i", at("sums_row_scales")},
                       {"valid_i", at("sums_valid")},
                       {"first_group_i", at("sums_first_group")},
                       {"last_group_i", at("sums_last_group")},
                       {"last_i", at("sums_last")},
                       {"address_i", at("sums_address")},
                       {"result_ready_i", at("result_ready_i")},
                       {"ready_o", at("sums_ready")},
                       {"result_data_o", at("result_data_o")},
                       {"result_valid_o", at("result_valid_o")},
                       {"result_last_o", at("result_last_o")},
                       {"finished_o", at("finished")}}));
}

ResultUnits result_units(const Geometry& g, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module correction = keep(wide_accumulator(g, Accumulates::corrections));
  const Module out = keep(drain(g, keep(tile_walker(g, Walk::results))));
  if (!g.scaled()) return {correction, out, {}};
  const Module column_sums = keep(wide_accumulator(g, Accumulates::column_sums));
  const Module feed = keep(scale_feed(g));
  return {correction, out,
          ResultUnits::Scaling{column_sums, feed, keep(group_scaler(g, keep(requantiser(g))))}};
}

}  // namespace hasse::units
