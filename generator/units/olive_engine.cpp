// SPDX-License-Identifier: Apache-2.0
// The top of the systolic arrays, of plain operands and of outlier-victim pairs.
#include <fmt/format.h>

#include "generator/hdl/primitives.hpp"
#include "generator/units/gemm_top.hpp"
#include "generator/units/olive.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::PortMap;
using hdl::Width;

/// The finished units that the top instantiates.
struct Parts {
  Module control, sequencer, array, rows, drain;
};

std::string top_doc(const design::Design& d) {
  if (!d.decodes_pairs())
    return fmt::format(
        "Y[N x M] = W[N x K] * X[K x M] by multipliers: {}-bit weights, {}-bit activations.\n"
        "A systolic array keeps the sums of a tile of {} x {} results while operands pass, pairs "
        "of "
        "them\nalong K. Streams and their order: doc/index.md.",
        d.weight_bits, d.activation_bits, d.lanes, d.columns);
  return fmt::format(
      "Y[N x M] = W[N x K] * X[K x M] of outlier-victim pairs: {} weights, {} activations.\n"
      "A systolic array keeps the sums of a tile of {} x {} results while pairs of codes along K "
      "pass.\nStreams and their order: doc/index.md.",
      d.weight_pairs, d.activation_pairs, d.lanes, d.columns);
}

/// Builds the top level, a stretch of the data path per function.
class Top : public GemmTop {
 public:
  Top(const Geometry& g, const Parts& parts)
      : GemmTop(g, pair_unit(g, "gemm"), top_doc(g.design)), parts_(parts) {}

  Module build() {
    const Width lanes = m_.localparam("Lanes", g_.design.lanes, "Weight rows side by side.");
    const Width columns = m_.localparam("Columns", g_.design.columns, "Activation columns.");
    const std::string pair = g_.design.decodes_pairs() ? "A pair of codes" : "A pair";
    declare_ports({lanes * pair_bits("WeightPairBits", g_.design.weight_bits),
                   pair + " per row of the array, row 0's left one lowest."},
                  {columns * pair_bits("ActivationPairBits", g_.design.activation_bits),
                   pair + " per column, column 0's left one lowest."},
                  m_.localparam("BeatBits", g_.beat_bits, "Results of one column group."));
    m_.section("Control");
    add("waits", 1, "There is room for pairs that have not come.");
    const Expr stall =
        m_.let("stall", at("waits") || (at("result_valid_o") && !at("result_ready_i")),
               "A stream waits for the host.");
    const int count = bits_for(g_.design.lanes);
    add_control(parts_.control, stall,
                {{"zero_transrows_i", m_.let("none_counted", lit(0, count))},
                 {"tile_built_i", m_.let("never_built", lit(0, 1))}});
    m_.unused(at("weight_bits"), "unused_weight_bits");
    pairs();
    array();
    results();
    return m_;
  }

 private:
  Width pair_bits(const std::string& name, int bits) {
    return m_.localparam(name, 2 * bits, "Bits of a pair.");
  }
  void pairs();
  void array();
  void results();

  const Parts& parts_;
};

void Top::pairs() {
  m_.section("Pairs and waves");
  for (const char* name : {"take", "send", "second", "wave", "leave", "tile_pop"}) add(name, 1);
  add("leave_rows", g_.tile_row_bits, "Weight rows of the tile that leaves.");
  m_.instance("u_sequencer", parts_.sequencer,
              clocked({{"begin_i", at("begin_product")},
                       {"n_i", at("shape_n")},
                       {"k_i", at("shape_k")},
                       {"m_i", at("shape_m")},
                       {"tile_rows_i", at("tile_rows")},
                       {"weight_valid_i", at("weight_valid_i")},
                       {"activation_valid_i", at("activation_valid_i")},
                       {"weight_ready_o", at("weight_ready_o")},
                       {"activation_ready_o", at("activation_ready_o")},
                       {"tile_pop_i", at("tile_pop")},
                       {"waits_o", at("waits")},
                       {"take_o", at("take")},
                       {"send_o", at("send")},
                       {"second_o", at("second")},
                       {"wave_o", at("wave")},
                       {"leave_o", at("leave")},
                       {"leave_rows_o", at("leave_rows")},
                       {"subtile_done_o", at("subtile_done_o")},
                       {"transrows_o", at("transrow_count")}}));
}

void Top::array() {
  m_.section("Array");
  add("column_sums", g_.design.columns * g_.design.accumulator_bits,
      "The sum that leaves every column.");
  m_.instance("u_array", parts_.array,
              {{"clk_i", clk_},
               {"take_i", at("take")},
               {"weight_pairs_i", at("weight_data_i")},
               {"activation_pairs_i", at("activation_data_i")},
               {"send_i", at("send")},
               {"second_i", at("second")},
               {"wave_i", at("wave")},
               {"column_sums_o", at("column_sums")}});
}

void Top::results() {
  m_.section("Results");
  for (const char* name : {"row_available", "row_read", "row_pop"}) add(name, 1);
  add("row_data", g_.beat_bits);
  add("drain_phase", g_.phase_bits);
  PortMap rows = clocked({{"leave_i", at("leave")},
                          {"rows_i", at("leave_rows")},
                          {"column_sums_i", at("column_sums")},
                          {"read_i", at("row_read")},
                          {"pop_i", at("row_pop")},
                          {"available_o", at("row_available")},
                          {"data_o", at("row_data")}});
  if (g_.design.columns_per_adder > 1)
    rows.emplace_back("read_phase_i", at("drain_phase"));
  else
    m_.unused(at("drain_phase"), "unused_drain_phase");
  m_.instance("u_rows", parts_.rows, rows);
  m_.instance("u_drain", parts_.drain,
              clocked({{"begin_i", at("begin_product")},
                       {"n_i", at("shape_n")},
                       {"m_i", at("shape_m")},
                       {"tile_rows_i", at("tile_rows")},
                       {"row_available_i", at("row_available")},
                       {"row_data_i", at("row_data")},
                       {"result_ready_i", at("result_ready_i")},
                       {"row_read_o", at("row_read")},
                       {"row_pop_o", at("row_pop")},
                       {"phase_o", at("drain_phase")},
                       {"tile_pop_o", at("tile_pop")},
                       {"result_data_o", at("result_data_o")},
                       {"result_valid_o", at("result_valid_o")},
                       {"result_last_o", at("result_last_o")},
                       {"finished_o", at("finished")}}));
}

}  // namespace

std::vector<Module> build_olive(const design::Design& design) {
  const Geometry g(design);
  const PairDatapath path(g);
  std::vector<Module> modules = {hdl::ram_1r1w()};
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const auto decoder = [&](const std::string& name) -> std::optional<Module> {
    if (!design.decodes_pairs()) return std::nullopt;
    const quant::OliveFormat& format = quant::olive_format(name);
    return keep(olive_decoder(format, keep(olive_value(format))));
  };
  const Module control = keep(gemm_control(g));
  const Module sequencer = keep(olive_sequencer(g, keep(tile_walker(g, Walk::weights))));
  const std::optional<Module> weights = decoder(design.weight_pairs);
  const std::optional<Module> activations =
      design.activation_pairs == design.weight_pairs ? weights : decoder(design.activation_pairs);
  const Module weight_border = keep(olive_border(g, Border::weights, weights));
  const Module activation_border = keep(olive_border(g, Border::activations, activations));
  const Module pe =
      keep(design.decodes_pairs() ? olive_pe(path, keep(olive_product(path))) : systolic_pe(path));
  const Module array =
      keep(olive_array(g, weight_border, activation_border, pe, keep(olive_column(g))));
  const Module rows = keep(olive_rows(g));
  const Module out = keep(drain(g, keep(tile_walker(g, Walk::results))));
  modules.push_back(Top(g, {control, sequencer, array, rows, out}).build());
  return modules;
}

}  // namespace hasse::units
