// SPDX-License-Identifier: Apache-2.0
// The top of the engines whose weights stream past stationary operands.
#include <string>

#include "generator/hdl/primitives.hpp"
#include "generator/units/array.hpp"
#include "generator/units/axi.hpp"
#include "generator/units/engine.hpp"
#include "generator/units/gemm_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::PortMap;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

/// The finished units that the top instantiates.
struct Parts {
  Module control, sequencer, loader, tile, lane, accumulator;
  ResultUnits results;
};

std::string top_doc(const std::string& engine) {
  const std::string first =
      engine == "split" ? "Y[N x M] = W[N x K] * X[K x M] without a multiplier: split lattices.\n"
                        : "Y[N x M] = W[N x K] * X[K x M] by adder trees: engine " + engine + ".\n";
  return first +
         "The operands of a K-tile stand still, double buffered, while the weights of many rows "
         "stream\n"
         "past. All lanes work in lock step. Streams and their order: doc/index.md.";
}

/// Builds the top level, a stretch of the data path per function.
class Top : public GemmTop {
 public:
  Top(const Geometry& g, const Parts& parts)
      : GemmTop(g, "transitive_gemm", top_doc(g.design.engine)), parts_(parts) {}

  Module build() {
    declare_ports({lanes_ * code_bits_, weights_doc()},
                  {columns_ * activation_bits_, operands_doc()}, beat_);
    m_.section("Control");
    add("swap", 1, "The next K-tile's operands move into place.");
    const int count = bits_for(g_.design.lanes);
    add_control(parts_.control, host_stall(),
                {{"zero_transrows_i", m_.let("none_counted", lit(0, count))},
                 {"tile_built_i", at("swap")}});
    weights();
    operands();
    lanes();
    results();
    return m_;
  }

 private:
  std::string weights_doc() const;
  std::string operands_doc() const;
  void weights();
  void operands();
  void stand(Scope& s, const Expr& incoming, const Expr& column);
  void lanes();
  Expr row();
  void results();
  Expr later(const std::string& name);

  const Parts& parts_;
  bool dot_ = g_.engine.datapath == transitive::Datapath::dot_product;
  bool grouped_ = g_.engine.datapath == transitive::Datapath::bitvert;
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Weight rows side by side.");
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width code_bits_ = m_.localparam("CodeBits", g_.code_bits, "Weight bits of a lane in a beat.");
  Width activation_bits_ =
      m_.localparam("ActivationBits", g_.design.operand_rows* g_.design.activation_bits,
                    "Bits of a column's activations in a beat.");
  Width operand_bits_ =
      g_.takes_unsigned()
          ? m_.localparam("OperandBits", g_.design.operand_rows* g_.design.operand_bits(),
                          "Bits of the same as signed operands.")
          : activation_bits_;
  Width words_ = m_.localparam("WordsBits", g_.stationary_bits, "Stationary words of a column.");
  Width group_bits_ = m_.localparam("GroupBits", g_.beat_columns* g_.derived.partial_bits,
                                    "Sums of one column group.");
  Width beat_ = m_.localparam("BeatBits", g_.beat_bits, "Results of one column group.");
};

std::string Top::weights_doc() const {
  if (dot_) return "A whole weight per lane and element, lane 0 and its element 0 lowest.";
  return g_.design.planes == 1
             ? "One plane: a bit per lane and element, lane 0 and its element 0 lowest."
             : "Planes: a bit per lane, plane and element; lane 0, its lowest plane and element 0 "
               "lowest.";
}

std::string Top::operands_doc() const {
  return g_.design.operand_rows == 1 ? "One activation per column, column 0 lowest."
                                     : "Some rows per column: column 0 and its first row lowest.";
}

void Top::weights() {
  m_.section("Weights: what every beat is");
  for (const char* name : {"loaded", "rows_full", "beat_valid", "beat_first", "complete",
                           "row_first_k", "row_last_k", "first_row"})
    add(name, 1);
  PortMap ports = clocked({{"begin_i", at("begin_product")},
                           {"n_i", at("shape_n")},
                           {"k_i", at("shape_k")},
                           {"m_i", at("shape_m")},
                           {"tile_rows_i", at("tile_rows")},
                           {"loaded_i", at("loaded")},
                           {"rows_full_i", at("rows_full")},
                           {"weight_valid_i", at("weight_valid_i")},
                           {"weight_ready_o", at("weight_ready_o")},
                           {"swap_o", at("swap")},
                           {"subtile_done_o", at("subtile_done_o")},
                           {"valid_o", at("beat_valid")},
                           {"first_o", at("beat_first")},
                           {"complete_o", at("complete")},
                           {"first_k_o", at("row_first_k")},
                           {"last_k_o", at("row_last_k")},
                           {"first_row_o", at("first_row")},
                           {"transrows_o", at("transrow_count")}});
  if (dot_)
    m_.unused(at("weight_bits"), "unused_weight_bits");
  else
    ports.emplace_back("weight_bits_i", at("weight_bits"));
  if (g_.scaled()) ports.emplace_back("group_i", at("shape_group"));
  if (g_.opens()) {
    add("beat_opens", 1);
    ports.emplace_back("opens_o", at("beat_opens"));
  }
  m_.instance("u_sequencer", parts_.sequencer, ports);
  if (dot_) m_.unused(at("beat_valid"), "unused_beat_valid");
  if (dot_) m_.unused(at("beat_first"), "unused_beat_first");
}

void Top::operands() {
  m_.section("Operands: loaded behind the scenes, then stationary");
  for (const char* name : {"load", "load_first", "tile_first_k", "tile_last_k", "correction_full"})
    add(name, 1);
  add("load_zero", g_.design.operand_rows);
  add("words", columns_ * words_, "Stationary words of every column.");
  add("correction", columns_ * g_.correction_bits, "What the K-tile's results lack.");
  if (g_.start_bits > 0) add("start", columns_ * g_.start_bits, "What a row's sum starts with.");
  if (grouped_)
    add("totals", columns_ * g_.design.tables * g_.group_total_bits, "Sums of groups of operands.");
  if (g_.tables_wait()) add("load_table", 1);
  if (g_.scaled())
    add("column_sum", columns_ * Width(g_.tile_sum_bits),
        "Minus the sums of the K-tile's operands.");
  PortMap ports = clocked({{"begin_i", at("begin_product")},
                           {"n_i", at("shape_n")},
                           {"k_i", at("shape_k")},
                           {"m_i", at("shape_m")},
                           {"tile_rows_i", at("tile_rows")},
                           {"activation_valid_i", at("activation_valid_i")},
                           {"activation_ready_o", at("activation_ready_o")},
                           {"swap_i", at("swap")},
                           {"correction_full_i", at("correction_full")},
                           {"load_o", at("load")},
                           {"load_first_o", at("load_first")},
                           {"load_zero_o", at("load_zero")},
                           {"loaded_o", at("loaded")},
                           {"first_k_o", at("tile_first_k")},
                           {"last_k_o", at("tile_last_k")}});
  if (g_.tables_wait()) ports.emplace_back("load_table_o", at("load_table"));
  if (g_.scaled()) ports.emplace_back("group_i", at("shape_group"));
  m_.instance("u_loader", parts_.loader, ports);
  const Expr incoming = operands_in();
  m_.generate_for("column", columns_, "gen_column",
                  [&](Scope& s, const Expr& column) { stand(s, incoming, column); });
}

/// What stands in one column.
void Top::stand(Scope& s, const Expr& incoming, const Expr& column) {
  PortMap ports = {{"clk_i", clk_},
                   {"load_i", at("load")},
                   {"load_first_i", at("load_first")},
                   {"load_zero_i", at("load_zero")},
                   {"data_i", incoming.lane(column, operand_bits_)},
                   {"swap_i", at("swap")},
                   {"words_o", at("words").lane(column, words_)},
                   {"correction_o", at("correction").lane(column, g_.correction_bits)}};
  if (g_.tables_wait()) ports.emplace_back("load_table_i", at("load_table"));
  if (g_.start_bits > 0) ports.emplace_back("start_o", at("start").lane(column, g_.start_bits));
  if (grouped_)
    ports.emplace_back("totals_o",
                       at("totals").lane(column, g_.design.tables * g_.group_total_bits));
  if (g_.scaled())
    ports.emplace_back("column_sum_o", at("column_sum").lane(column, g_.tile_sum_bits));
  s.instance("u_column", parts_.tile, ports);
}

void Top::lanes() {
  m_.section("Lanes");
  add("lane_sums", lanes_ * group_bits_, "Sums of the column group whose turn it is.");
  for (const char* name : {"complete", "row_first_k", "row_last_k", "first_row"})
    this->name(std::string("sum_") + name, later(name));
  const bool turns = g_.design.columns_per_adder > 1;
  if (turns) {
    add("take_q", 1, "The rows' sums are complete.");
    m_.always_ff(clk_, [&](Block& b) { b.assign(at("take_q"), at("sum_complete")); });
  }
  m_.generate_for("lane", lanes_, "gen_lane", [&](Scope& s, const Expr& lane) {
    PortMap ports = {{"clk_i", clk_},
                     {"code_i", at("weight_data_i").lane(lane, code_bits_)},
                     {"words_i", at("words")},
                     {"sum_o", at("lane_sums").lane(lane, group_bits_)}};
    if (turns) ports.emplace_back("take_i", at("take_q"));
    if (grouped_) ports.emplace_back("totals_i", at("totals"));
    if (!dot_) {
      ports.emplace_back("valid_i", at("beat_valid"));
      ports.emplace_back("first_i", at("beat_first"));
    }
    if (g_.start_bits > 0) ports.emplace_back("start_i", at("start"));
    if (g_.opens()) ports.emplace_back("opens_i", at("beat_opens"));
    s.instance("u_lane", parts_.lane, ports);
  });
}

/// What is said of a beat, as late as its sums leave the trees.
Expr Top::later(const std::string& name) {
  if (g_.design.tree_stages == 0) return at(name);
  const Expr value_q = m_.logic(name + "_q", 1, "A cycle later.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(value_q, 0); },
      [&](Block& b) { b.assign(value_q, at(name)); });
  return value_q;
}

/// Row of the lanes within the sub-tile; counts up with every complete row.
Expr Top::row() {
  const Expr row_q = m_.logic("row_q", g_.row_bits);
  const Expr row = m_.let("row", mux(at("sum_first_row"), 0, row_q));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(at("sum_complete"), [&](Block& t) { t.assign(row_q, row + 1); });
  });
  return row;
}

void Top::results() {
  m_.section("Results");
  add("rows_available", 1);
  add("row_data", lanes_ * beat_);
  add("row_read", lanes_);
  add("row_pop", lanes_);
  add("drain_phase", g_.phase_bits);
  const TileSums lacking = {
      {{"valid_i", at("swap")}, {"first_k_i", at("tile_first_k")}, {"last_k_i", at("tile_last_k")}},
      at("correction"),
      at(g_.scaled() ? "column_sum" : "correction")};
  add_results(parts_.results, lacking,
              {{"row_available_i", repeat(lanes_, at("rows_available"))},
               {"row_data_i", at("row_data")},
               {"row_read_o", at("row_read")},
               {"row_pop_o", at("row_pop")}});
  const Expr read = m_.let("rows_read", hdl::reduce_or(at("row_read")));
  const Expr pop =
      m_.let("rows_pop", at("row_pop").bit(g_.design.lanes - 1) || at("correction_pop"),
             "The last row of a group, or of the N-tile.");
  if (g_.design.lanes > 1) m_.unused(at("row_pop").slice(0, g_.design.lanes - 1), "unused_row_pop");
  PortMap rows = clocked({{"valid_i", at("sum_complete")},
                          {"first_k_i", at("sum_row_first_k")},
                          {"last_k_i", at("sum_row_last_k")},
                          {"sum_i", at("lane_sums")},
                          {"read_i", read},
                          {"read_phase_i", at("drain_phase")},
                          {"pop_i", pop},
                          {"full_o", at("rows_full")},
                          {"available_o", at("rows_available")},
                          {"data_o", at("row_data")}});
  if (g_.derived.max_groups > 1)
    rows.emplace_back("row_i", row());
  else
    m_.unused(at("sum_first_row"), "unused_first_row");
  m_.instance("u_accumulator", parts_.accumulator, rows);
}

}  // namespace

std::vector<Module> build_streamed(const design::Design& design) {
  const Geometry g(design);
  std::vector<Module> modules = {hdl::ram_1r1w()};
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module control = keep(gemm_control(g));
  const Module sequencer = keep(weight_sequencer(g, keep(tile_walker(g, Walk::weights))));
  const Module loader = keep(operand_loader(g, keep(tile_walker(g, Walk::activations))));
  const Module tile = keep(stationary_column(g));
  const Module lane = keep(stream_lane(g, keep(stream_column(g))));
  const Module accumulator = keep(wide_accumulator(g, Accumulates::streamed_rows));
  const ResultUnits results = result_units(g, modules);
  modules.push_back(Top(g, {control, sequencer, loader, tile, lane, accumulator, results}).build());
  if (design.units > 1) add_array(g, modules);
  if (design.bus == "axi") add_axi(g, modules);
  return modules;
}

}  // namespace hasse::units
