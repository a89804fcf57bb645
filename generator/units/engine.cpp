// SPDX-License-Identifier: Apache-2.0
#include "generator/units/engine.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "generator/hdl/primitives.hpp"
#include "generator/units/array.hpp"
#include "generator/units/axi.hpp"
#include "generator/units/benes.hpp"
#include "generator/units/dynamic.hpp"
#include "generator/units/extend_activations.hpp"
#include "generator/units/olive.hpp"
#include "generator/units/ports.hpp"
#include "generator/units/program.hpp"
#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::PortMap;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

/// The finished units that the top instantiates.
struct Parts {
  /// Those of a design that scales groups.
  struct Scaling {
    Module column_sums, feed, scaler;
  };
  std::optional<Scaling> scaling;
  std::optional<Module> presence;  ///< Of a planner that looks at codes ahead.
  std::optional<Module> operands;  ///< Of one that chooses operands for every lane: a lane's
                                   ///< selector, or the network to all of them.
  std::optional<Module> table;     ///< Of one that is given nodes to build.
  /// What brings TransRows and their nodes to the lanes: codes that look for banks...
  struct Codes {
    Module dispatch, tracker, scheduler, reorder;
  };
  std::optional<Codes> codes;
  /// ... or a program that knows them.
  struct Program {
    Module checker, reader;
  };
  std::optional<Program> program;
  Module control, ring, planner, lane, banks, select, accumulate, correction, drain;
};

/// Builds the top level, a stretch of the data path per function.
class Top {
 public:
  Top(const Geometry& g, const Parts& parts) : g_(g), parts_(parts) {}

  Module build() {
    m_.set_unit("control");
    declare_ports();
    control();
    if (g_.takes_programs())
      program();
    else
      weights();
    operands();
    nodes();
    if (g_.takes_programs())
      program_reads();
    else
      reads();
    lanes();
    if (g_.scaled()) column_sums();
    if (g_.scaled()) scale();
    results();
    return m_;
  }

 private:
  Expr wire(const std::string& name, const Width& width, const std::string& doc = "") {
    return m_.logic(name, width, doc);
  }
  PortMap clocked(PortMap ports) const {
    ports.insert(ports.begin(), {{"clk_i", clk_}, {"rst_ni", core_rst_n_}});
    return ports;
  }

  /// Ports of a unit that walks tiles.
  PortMap grouped(PortMap ports) const {
    if (g_.scaled()) ports.emplace_back("group_i", at("shape_group"));
    return clocked(ports);
  }

  void declare_ports();
  void declare_side_ports();
  void control();
  void weights();
  void program();
  Expr codes_ahead();
  Expr table();
  void operands();
  Expr operands_in();
  PortMap planner_ports() const;
  Expr lane_operands(const Width& row);
  Expr permuted_operands(const Width& row);
  void nodes();
  void banks(Scope& s, const Expr& lane, const Expr& node, const Expr& parent);
  void reads();
  void program_reads();
  void lanes();
  PortMap ordered_lane(Scope& s, const Expr& lane);
  PortMap program_lane(Scope& s, const Expr& lane);
  void results();
  PortMap results_to_send() const;
  PortMap sums_to_scale() const;
  void column_sums();
  void scale();

  const Geometry& g_;
  const Parts& parts_;
  Module m_{
      "transitive_gemm",
      "Y[N x M] = W[N x K] * X[K x M] without a multiplier: transitive GEMM, banked engine.\n"
      "Weights are cut into bit planes and planes into TransRows. Prefix lanes build the node of\n"
      "every possible TransRow, one addition each; accumulate lanes add the nodes that the "
      "weights\n"
      "name. Streams and their order: doc/index.md."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Width prefix_ = m_.localparam("PrefixLanes", g_.derived.prefix_lanes, "Prefix lanes.");
  Width lane_banks_ =
      m_.localparam("LaneBanks", g_.design.banks_per_lane, "Prefix banks of a prefix lane.");
  Width tile_bits_ = of_codes("TileBits", g_.design.tile_bits, "Bits of a TransRow.");
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns.");
  Width activation_bits_ =
      m_.localparam("ActivationBits", g_.design.activation_bits, "Bits of an activation.");
  Width operand_bits_ = g_.takes_unsigned()
                            ? m_.localparam("OperandBits", g_.design.operand_bits(),
                                            "Bits of an operand: an activation of either sign.")
                            : activation_bits_;
  Width node_bits_ = m_.localparam("NodeBits", g_.derived.node_bits, "Bits of a node value.");
  Width word_ = m_.localparam("WordBits", columns_* node_bits_, "One node for all columns.");
  Width address_ =
      m_.localparam("AddressBits", g_.bank_address_bits, "Bits of an address in a bank.");
  Width bank_ = m_.localparam("BankBits", g_.bank_bits, "Number of a bank.");
  Width tag_ = of_codes("TagBits", g_.tag_bits, "Entry of a reorder buffer.");
  Width flags_ = m_.localparam("FlagBits", kFlagBits, "What accompanies a TransRow.");
  Width beat_ = m_.localparam("BeatBits", g_.beat_bits, "Results of one column group.");
  Width banks_ = prefix_ * lane_banks_;
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr core_rst_n_ = rst_n_;  ///< Also active when a wrong program is given up.
  std::map<std::string, Expr>
      net_;  ///< Every net by name: ports of the top and wires between units.

  /// A parameter that a design without codes has no use for.
  Width of_codes(const std::string& name, int value, const std::string& doc) {
    return g_.takes_programs() ? Width(value) : m_.localparam(name, value, doc);
  }
  const Expr& at(const std::string& name) const { return net_.at(name); }
  void add(const std::string& name, const Width& width, const std::string& doc = "") {
    net_.emplace(name, wire(name, width, doc));
  }
  void add_input(const std::string& name, const Width& width, const std::string& doc) {
    net_.emplace(name, m_.input(name, width, doc));
  }
  void add_output(const std::string& name, const Width& width, const std::string& doc) {
    net_.emplace(name, m_.output(name, width, doc));
  }
};

void Top::declare_ports() {
  add_input("start_i", 1, "Take the shape and begin.");
  add_input("n_i", g_.n_bits, "Weight rows N.");
  add_input("k_i", g_.k_bits, "Inner dimension K.");
  add_input("m_i", g_.m_bits, "Activation columns M.");
  add_input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight, 2 to the most generated.");
  add_output("busy_o", 1, "A product is under way.");
  add_output("done_o", 1, "The product is complete, or refused: one cycle.");
  const bool program = g_.takes_programs();
  add_output("error_o", 1,
             program
                 ? "With done_o: shape or weight bits out of range, or a wrong program; results "
                   "are void."
                 : "With done_o: shape or weight bits out of range, nothing was computed.");
  add_input("weight_data_i", program ? Width(g_.program.word_bits) : lanes_ * tile_bits_,
            program ? "A word of the compiled program." : "One code per lane, lane 0 lowest.");
  add_input("weight_valid_i", 1, program ? "It is valid." : "Codes are valid.");
  add_output("weight_ready_o", 1, program ? "It is taken." : "Codes are taken.");
  add_input("activation_data_i", columns_ * activation_bits_,
            "One activation per column, column 0 lowest.");
  add_input("activation_valid_i", 1, "Activations are valid.");
  add_output("activation_ready_o", 1, "Activations are taken.");
  add_output("result_data_o", beat_, "Results of one column group, lowest column lowest.");
  add_output("result_valid_o", 1, "Results are valid.");
  add_input("result_ready_i", 1, "Results are taken.");
  add_output("result_last_o", 1, "The product's last results.");
  for (const Signal& counter : counters(g_))
    if (counter.name != "si_misses") add_output(counter.name + "_o", counter.bits, counter.doc);
  add_output("subtile_done_o", 1, "All reads of a sub-tile have been made: one cycle.");
  declare_side_ports();
}

/// Ports that only some designs have.
void Top::declare_side_ports() {
  for (const Signal& mode : modes(g_)) add_input(mode.name + "_i", mode.bits, mode.doc);
  for (const Signal& stream : side_streams(g_)) {
    add_input(stream.name + "_data_i", stream.bits, stream.doc);
    add_input(stream.name + "_valid_i", 1, "They are valid.");
    add_output(stream.name + "_ready_o", 1, "They are taken.");
  }
  if (g_.lists_nodes()) add_output("si_misses_o", Geometry::kCounterBits, counters(g_).back().doc);
}

void Top::control() {
  m_.section("Control");
  const int count = bits_for(g_.design.lanes);
  add("begin_product", 1, "A product begins.");
  add("shape_n", g_.n_bits);
  add("shape_k", g_.k_bits);
  add("shape_m", g_.m_bits);
  add("weight_bits", g_.weight_bits_bits);
  add("tile_rows", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  add("finished", 1, "The last result is taken.");
  add("transrow_count", count, "TransRows taken in this cycle.");
  add("zero_count", count, "Zero TransRows among them.");
  if (g_.steps_by_lane())
    add("nodes_built", bits_for(g_.derived.prefix_lanes), "Nodes written in this cycle.");
  if (!g_.plans_ahead()) add("tile_built", 1, "The last node of a sub-tile is on its way.");
  Expr waits = (at("weight_ready_o") && !at("weight_valid_i")) ||
               (at("activation_ready_o") && !at("activation_valid_i")) ||
               (at("result_valid_o") && !at("result_ready_i"));
  for (const Signal& stream : side_streams(g_))
    waits = waits || (at(stream.name + "_ready_o") && !at(stream.name + "_valid_i"));
  const Expr stall = m_.let("stall", waits, "A stream waits for the host.");
  PortMap ports = clocked({{"begin_o", at("begin_product")},
                           {"n_o", at("shape_n")},
                           {"k_o", at("shape_k")},
                           {"m_o", at("shape_m")},
                           {"weight_bits_o", at("weight_bits")},
                           {"tile_rows_o", at("tile_rows")},
                           {"finished_i", at("finished")},
                           {"transrows_i", at("transrow_count")},
                           {"zero_transrows_i", at("zero_count")},
                           {"stall_i", stall}});
  ports.emplace_back(g_.steps_by_lane() ? PortMap::value_type{"nodes_built_i", at("nodes_built")}
                                        : PortMap::value_type{"tile_built_i", at("tile_built")});
  for (const char* name :
       {"start_i", "n_i", "k_i", "m_i", "weight_bits_i", "busy_o", "done_o", "error_o", "cycles_o",
        "transrows_o", "zero_transrows_o", "nodes_built_o", "stall_cycles_o"})
    ports.emplace_back(name, at(name));
  if (g_.lists_nodes()) {
    add("misses", bits_for(g_.lattice.nodes()), "Nodes missed by the table.");
    ports.insert(ports.end(), {{"misses_i", at("misses")}, {"si_misses_o", at("si_misses_o")}});
  }
  if (g_.scaled()) {
    add("shape_group", g_.k_bits);
    add("scaled", 1, "Groups have scales and zero points.");
    add("requantise", 1, "Results of eight bits.");
    ports.insert(ports.end(), {{"group_i", at("group_i")},
                               {"requantise_i", at("requantise_i")},
                               {"group_o", at("shape_group")},
                               {"scaled_o", at("scaled")},
                               {"requantise_o", at("requantise")}});
  }
  if (g_.design.units > 1) ports.emplace_back("tile_rows_i", at("tile_rows_i"));
  if (g_.takes_unsigned()) {
    add("unsigned_activations", 1, "Activations are unsigned.");
    ports.insert(ports.end(), {{"unsigned_activations_i", at("unsigned_activations_i")},
                               {"unsigned_activations_o", at("unsigned_activations")}});
  }
  if (g_.takes_programs()) {
    add("fault", 1, "The program is wrong.");
    add("clear", 1, "The product is given up.");
    ports.insert(ports.end(), {{"fault_i", at("fault")},
                               {"result_held_i", at("result_valid_o") && !at("result_ready_i")},
                               {"clear_o", at("clear")}});
  }
  m_.instance("u_control", parts_.control, ports);
  if (g_.takes_programs())
    core_rst_n_ = m_.let("core_rst_n", rst_n_ && !at("clear"), "Reset of all other units.");
}

void Top::program() {
  m_.section("Program: its words are checked before they are carried out");
  add("step_valid", 1, "A step is taken.");
  add("step", program_step_bits(g_), "{last step, a step of every prefix lane}.");
  add("steps_ready", 1);
  add("read_valid", 1, "Reads are taken.");
  add("word_reads", program_read_bits(g_), "{entry of every lane, last read, last_k, first_k}.");
  add("reads_ready", 1);
  add("checked", 1, "A sub-tile is complete and right.");
  add("release_half", 1, "Half of the banks that is free again.");
  m_.instance("u_checker", parts_.program->checker,
              grouped({{"begin_i", at("begin_product")},
                       {"n_i", at("shape_n")},
                       {"k_i", at("shape_k")},
                       {"m_i", at("shape_m")},
                       {"weight_bits_i", at("weight_bits")},
                       {"tile_rows_i", at("tile_rows")},
                       {"weight_data_i", at("weight_data_i")},
                       {"weight_valid_i", at("weight_valid_i")},
                       {"weight_ready_o", at("weight_ready_o")},
                       {"steps_ready_i", at("steps_ready")},
                       {"reads_ready_i", at("reads_ready")},
                       {"step_valid_o", at("step_valid")},
                       {"step_o", at("step")},
                       {"read_valid_o", at("read_valid")},
                       {"read_o", at("word_reads")},
                       {"checked_o", at("checked")},
                       {"fault_o", at("fault")}}));
}

void Top::weights() {
  m_.section("Weights: codes to lanes, and the sub-tiles they are in");
  add("code_valid", lanes_, "Lane receives a TransRow.");
  add("code_zero", lanes_, "It has no set bit.");
  add("code", lanes_ * tile_bits_);
  add("code_tag", code_tag_bits(g_), code_tag_doc(g_));
  add("dispatch_end", 1, "Last beat of a sub-tile is taken.");
  add("dispatch_complete", 1, "Last TransRows of a sub-tile.");
  add("dispatch_open", 1, "Another sub-tile may be dispatched.");
  if (g_.plans_ahead())
    add("release_number", Geometry::kNumberBits, "Number of the sub-tile that has been read.");
  else
    add("release_half", 1, "Half of the banks that are free again.");
  add("lane_read", lanes_, "Lane reads a node.");
  add("lane_half", lanes_, "Half of the banks it reads from.");
  m_.instance("u_dispatch", parts_.codes->dispatch,
              grouped({{"begin_i", at("begin_product")},
                       {"n_i", at("shape_n")},
                       {"k_i", at("shape_k")},
                       {"m_i", at("shape_m")},
                       {"weight_bits_i", at("weight_bits")},
                       {"tile_rows_i", at("tile_rows")},
                       {"open_i", g_.plans_ahead() ? codes_ahead() : at("dispatch_open")},
                       {"weight_data_i", at("weight_data_i")},
                       {"weight_valid_i", at("weight_valid_i")},
                       {"weight_ready_o", at("weight_ready_o")},
                       {"tile_end_o", at("dispatch_end")},
                       {"tile_complete_o", at("dispatch_complete")},
                       {"code_valid_o", at("code_valid")},
                       {"code_zero_o", at("code_zero")},
                       {"code_o", at("code")},
                       {"tag_o", at("code_tag")}}));
  PortMap tracker = {{"push_i", at("code_valid")},
                     {"push_zero_i", at("code_zero")},
                     {"tile_complete_i", at("dispatch_complete")},
                     {"tile_end_i", at("dispatch_end")},
                     {"read_i", at("lane_read")},
                     {"read_half_i", at("lane_half")},
                     {"transrows_o", at("transrow_count")},
                     {"zero_transrows_o", at("zero_count")},
                     {"open_o", at("dispatch_open")},
                     {"release_o", at("subtile_done_o")}};
  if (g_.plans_ahead())
    tracker.insert(tracker.end(),
                   {{"push_number_i", at("code_tag").slice(kHalf, Geometry::kNumberBits)},
                    {"release_number_o", at("release_number")}});
  else
    tracker.insert(tracker.end(), {{"push_half_i", at("code_tag").bit(kHalf)},
                                   {"release_half_o", at("release_half")}});
  m_.instance("u_tracker", parts_.codes->tracker, clocked(tracker));
}

/// What the codes ask for, on their way to the lanes' queues. Whether another beat may be taken.
Expr Top::codes_ahead() {
  add("presence_hold", 1, "The planner is not ready for further codes.");
  add("plan_take", 1, "The planner takes a sub-tile.");
  add("plan_free", 1, "The planner can take one.");
  add("present", Width(g_.lattice.nodes()), "Nodes that it asks for.");
  m_.instance("u_presence", *parts_.presence,
              clocked({{"code_valid_i", at("code_valid")},
                       {"code_i", at("code")},
                       {"tile_complete_i", at("dispatch_complete")},
                       {"free_i", g_.lists_nodes() ? table() : at("plan_free")},
                       {"take_o", at("plan_take")},
                       {"present_o", at("present")},
                       {"hold_o", at("presence_hold")}}));
  return m_.let("codes_open", at("dispatch_open") && !at("presence_hold"),
                "Another beat may be taken.");
}

void Top::operands() {
  m_.section("Operands and the plan by which they become nodes");
  const bool ahead = g_.plans_ahead();
  const Width steps =
      g_.steps_by_lane() ? prefix_ : Width(1);  // One for each lane, or one for all.
  for (const char* name : {"load", "load_first", "load_ring", "load_zero"}) add(name, 1);
  if (!g_.selects_operands()) add("advance", 1);
  for (const char* name : {"tile_begin", "tile_half", "first_k", "last_k", "correction_full"})
    add(name, 1);
  add("from_root", steps);
  if (g_.permutes_operands())
    add("operand_setting", BenesShape{g_.derived.prefix_lanes}.switches(),
        "Settings of the network that brings them to the prefix lanes.");
  if (g_.selects_operands() && !g_.permutes_operands())
    add("operand_select", prefix_ * prefix_, "Operand of every prefix lane, one hot.");
  else
    add("at_root", 1);
  if (g_.places_nodes()) {
    const DynamicOrder order(g_.engine.dimension());
    add("node_lanes", 2 * order.nodes() * order.lane_bits(), "Prefix lane of every node.");
  }
  add("write_half", 1);
  if (!g_.takes_programs())
    add("built", 1 << g_.number_bits(),
        ahead ? "Sub-tiles whose nodes can be read."
              : "Halves of the banks whose nodes can be read.");
  add("parent_read", steps * lane_banks_);
  add("parent_address", steps * address_);
  add("write", steps * lane_banks_);
  if (!g_.steps_by_lane()) add("write_lanes", prefix_);
  add("write_address", steps * address_);
  add("operand", prefix_ * columns_ * operand_bits_,
      g_.selects_operands() ? "Operands of the K-tile." : "Operand of every prefix lane.");
  add("root", word_, "Root value of every column.");
  add("odd", Width(2) * columns_, "Odd bit of every column, per half of the banks.");
  m_.instance("u_planner", parts_.planner, planner_ports());
  PortMap ring = {{"clk_i", clk_},
                  {"load_i", at("load")},
                  {"load_first_i", at("load_first")},
                  {"load_ring_i", at("load_ring")},
                  {"load_zero_i", at("load_zero")},
                  {"data_i", operands_in()},
                  {"capture_odd_i", at("tile_begin")},
                  {"half_i", at("tile_half")},
                  {"operand_o", at("operand")},
                  {"root_o", at("root")},
                  {"odd_o", at("odd")}};
  if (!g_.selects_operands()) ring.emplace_back("advance_i", at("advance"));
  if (g_.scaled()) {
    add("root_odd", columns_, "Odd bit of every column's sum so far.");
    ring.emplace_back("root_odd_o", at("root_odd"));
  }
  m_.instance("u_ring", parts_.ring, ring);
}

Expr Top::operands_in() {
  const Expr& data = at("activation_data_i");
  return g_.takes_unsigned() ? extend_activations(m_, g_, data, at("unsigned_activations")) : data;
}

/// Adds the listed nodes to those asked for. Whether the planner can take a sub-tile.
Expr Top::table() {
  add("table_loaded", 1, "The table is complete.");
  add("wanted", Width(g_.lattice.nodes()), "Nodes that are asked for or listed.");
  m_.instance("u_table", *parts_.table,
              clocked({{"begin_i", at("begin_product")},
                       {"table_data_i", at("table_data_i")},
                       {"table_valid_i", at("table_valid_i")},
                       {"table_ready_o", at("table_ready_o")},
                       {"take_i", at("plan_take")},
                       {"present_i", at("present")},
                       {"loaded_o", at("table_loaded")},
                       {"wanted_o", at("wanted")},
                       {"misses_o", at("misses")}}));
  return m_.let("table_free", at("plan_free") && at("table_loaded"),
                "The planner is free and knows its table.");
}

PortMap Top::planner_ports() const {
  PortMap ports = {{"begin_i", at("begin_product")},
                   {"n_i", at("shape_n")},
                   {"k_i", at("shape_k")},
                   {"m_i", at("shape_m")},
                   {"release_i", at("subtile_done_o")},
                   {"tile_rows_i", at("tile_rows")}};
  const auto connect = [&](std::initializer_list<const char*> names, const char* direction) {
    for (const std::string name : names) ports.emplace_back(name + direction, at(name));
  };
  for (const char* name : {"activation_valid_i", "activation_ready_o"})
    ports.emplace_back(name, at(name));
  connect({"correction_full"}, "_i");
  if (!g_.takes_programs()) connect({"built"}, "_o");
  connect({"load", "load_first", "load_ring", "load_zero", "tile_begin", "tile_half", "first_k",
           "last_k", "parent_read", "parent_address", "write", "write_address", "write_half",
           "from_root"},
          "_o");
  if (g_.places_nodes()) ports.emplace_back("lane_o", at("node_lanes"));
  if (g_.permutes_operands())
    connect({"operand_setting", "at_root"}, "_o");
  else if (g_.selects_operands())
    connect({"operand_select"}, "_o");
  else
    connect({"at_root", "advance"}, "_o");
  if (g_.plans_ahead()) {
    connect({"release_number"}, "_i");
    ports.emplace_back("present_i", at(g_.lists_nodes() ? "wanted" : "present"));
    connect({"nodes_built", "plan_free"}, "_o");
    ports.emplace_back("take_i", at("plan_take"));
  } else {
    connect({"release_half"}, "_i");
    connect({"tile_built"}, "_o");
  }
  if (g_.takes_programs()) {
    connect({"step_valid", "step", "checked"}, "_i");
    connect({"steps_ready", "nodes_built"}, "_o");
  } else if (!g_.plans_ahead()) {
    connect({"write_lanes"}, "_o");
  }
  return grouped(ports);
}

/// What every prefix lane adds.
Expr Top::lane_operands(const Width& row) {
  const Expr& operand = at("operand");
  if (!g_.selects_operands())
    return m_.let("lane_operand",
                  g_.derived.prefix_lanes == 1
                      ? operand & repeat(row, !at("at_root"))
                      : cat({operand.slice(row, (prefix_ - 1) * row),
                             operand.lane(0, row) & repeat(row, !at("at_root"))}),
                  "Lane 0 keeps the root value itself, in the step that has no operand.");
  if (g_.permutes_operands()) return permuted_operands(row);
  const Expr chosen = m_.logic("lane_operand", prefix_ * row, "Operand of every prefix lane.");
  m_.generate_for("lane", prefix_, "gen_operand", [&](Scope& s, const Expr& lane) {
    s.instance("u_select", *parts_.operands,
               {{"select_i", at("operand_select").lane(lane, prefix_)},
                {"operand_i", operand},
                {"operand_o", chosen.lane(lane, row)}});
  });
  return chosen;
}

/// Operands through the network; the last lane keeps the root value itself, without one.
Expr Top::permuted_operands(const Width& row) {
  const int others = g_.derived.prefix_lanes - 1;
  const Expr permuted =
      m_.logic("permuted_operand", prefix_ * row, "Operand of every prefix lane.");
  m_.instance(
      "u_network", *parts_.operands,
      {{"setting_i", at("operand_setting")}, {"data_i", at("operand")}, {"data_o", permuted}});
  return m_.let("lane_operand",
                cat({permuted.lane(others, row) & repeat(row, !at("at_root")),
                     permuted.slice(0, others * row)}),
                "The same, none in the step of the root.");
}

void Top::nodes() {
  m_.section("Nodes: one adder and its banks per prefix lane and column");
  const int phases = g_.bank_phases();
  add("read", phases * banks_, "Read this bank for the accumulate lanes.");
  add("read_half", g_.takes_programs() ? Width(phases) : banks_);
  add("read_address", phases * banks_ * address_);
  add("bank_data", banks_ * word_, "Node of every bank.");
  const Width row = columns_ * operand_bits_;
  const Expr operands = lane_operands(row);
  const bool own_steps = g_.steps_by_lane();
  m_.generate_for("lane", prefix_, "gen_prefix", [&](Scope& s, const Expr& lane) {
    const Expr parent = s.logic("parent", word_);
    const Expr node = s.logic("node", word_);
    s.instance("u_lane", parts_.lane,
               {{"from_root_i", own_steps ? at("from_root").bit(lane) : at("from_root")},
                {"root_i", at("root")},
                {"parent_i", parent},
                {"operand_i", operands.lane(lane, row)},
                {"node_o", node}});
    banks(s, lane, node, parent);
  });
}

/// The banks of a prefix lane; column groups that are read one after the other have their own.
void Top::banks(Scope& s, const Expr& lane, const Expr& node, const Expr& parent) {
  // What every lane has for itself, or shares with the others.
  const auto own = [&](const char* name, const Width& width) {
    return g_.steps_by_lane() ? at(name).lane(lane, width) : at(name);
  };
  const Expr write =
      g_.steps_by_lane()
          ? own("write", lane_banks_)
          : s.let("lane_write", at("write") & repeat(lane_banks_, at("write_lanes").bit(lane)));
  PortMap ports = {{"clk_i", clk_},
                   {"write_i", write},
                   {"write_half_i", at("write_half")},
                   {"write_address_i", own("write_address", address_)},
                   {"parent_read_i", own("parent_read", lane_banks_)},
                   {"parent_half_i", at("tile_half")},
                   {"parent_address_i", own("parent_address", address_)}};
  const auto connect = [&](Scope& to, const Expr& group, const Expr& half, const Expr& in,
                           const Expr& out, const Expr& data) {
    PortMap all = ports;
    all.insert(all.end(),
               {{"node_i", in},
                {"parent_o", out},
                {"read_i", at("read").lane(group, lane_banks_)},
                {"read_half_i", half},
                {"read_address_i", at("read_address").lane(group, lane_banks_ * address_)},
                {"data_o", data}});
    to.instance("u_banks", parts_.banks, all);
  };
  const Width word = g_.takes_programs() ? Width(g_.bank_word_bits()) : word_;
  const auto data = [&](const Expr& group) {
    return at("bank_data").lane(group, lane_banks_ * word);
  };
  if (!g_.takes_programs())
    return connect(s, lane, at("read_half").lane(lane, lane_banks_), node, parent, data(lane));
  s.generate_for("phase", g_.bank_phases(), "gen_phase", [&](Scope& t, const Expr& group) {
    const Expr place = group * prefix_ + lane;
    connect(t, place, repeat(lane_banks_, at("read_half").bit(group)), node.lane(group, word),
            parent.lane(group, word), data(place));
  });
}

void Top::reads() {
  m_.section("Reads: every lane claims a bank per cycle");
  add("credit", lanes_);
  add("alloc", lanes_);
  add("alloc_tag", lanes_ * tag_);
  add("alloc_flags", lanes_ * flags_);
  add("data_valid", lanes_, "Lane receives a node.");
  add("data_tag", lanes_ * tag_);
  add("data_bank", lanes_ * bank_);
  add("data_half", lanes_);
  PortMap ports = clocked({{"code_valid_i", at("code_valid")},
                           {"code_i", at("code")},
                           {"tag_i", at("code_tag")},
                           {"built_i", at("built")},
                           {"credit_i", at("credit")},
                           {"alloc_o", at("alloc")},
                           {"alloc_tag_o", at("alloc_tag")},
                           {"alloc_flags_o", at("alloc_flags")},
                           {"read_o", at("read")},
                           {"read_half_o", at("read_half")},
                           {"read_address_o", at("read_address")},
                           {"lane_read_o", at("lane_read")},
                           {"lane_half_o", at("lane_half")},
                           {"data_valid_o", at("data_valid")},
                           {"data_tag_o", at("data_tag")},
                           {"data_bank_o", at("data_bank")},
                           {"data_half_o", at("data_half")}});
  if (g_.places_nodes()) ports.emplace_back("lane_i", at("node_lanes"));
  m_.instance("u_scheduler", parts_.codes->scheduler, ports);
}

void Top::program_reads() {
  m_.section("Reads: what the program says");
  const int phases = g_.bank_phases();
  add("data_valid", lanes_, "Lane receives a node.");
  add("data_flags", lanes_ * flags_);
  if (g_.program.row_bits > 0) add("data_row", lanes_ * g_.program.row_bits, "Row of the lane.");
  add("data_bank", phases * lanes_ * bank_, "Bank it comes from, column group 0 lowest.");
  add("data_half", phases, "Half of the banks, column group 0 lowest.");
  add("rows_full", lanes_, "Lane has no room for another finished row.");
  PortMap ports = clocked({{"begin_i", at("begin_product")},
                           {"weight_bits_i", at("weight_bits")},
                           {"read_valid_i", at("read_valid")},
                           {"read_i", at("word_reads")},
                           {"tile_built_i", at("tile_built")},
                           {"rows_full_i", at("rows_full")},
                           {"reads_ready_o", at("reads_ready")},
                           {"read_o", at("read")},
                           {"read_half_o", at("read_half")},
                           {"read_address_o", at("read_address")},
                           {"data_valid_o", at("data_valid")},
                           {"flags_o", at("data_flags")},
                           {"data_bank_o", at("data_bank")},
                           {"data_half_o", at("data_half")},
                           {"transrows_o", at("transrow_count")},
                           {"zero_transrows_o", at("zero_count")},
                           {"release_o", at("subtile_done_o")},
                           {"release_half_o", at("release_half")}});
  if (g_.program.row_bits > 0) ports.emplace_back("row_o", at("data_row"));
  m_.instance("u_reader", parts_.program->reader, ports);
}

void Top::lanes() {
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

/// A lane's nodes come as they are read, and are put back into order.
PortMap Top::ordered_lane(Scope& s, const Expr& lane) {
  const Expr arriving = s.logic("arriving", word_, "Node from the banks.");
  const Expr node = s.logic("node", word_, "Nodes in the order of the TransRows.");
  const Expr arriving_odd = s.let(
      "arriving_odd",
      mux(at("data_half").bit(lane), at("odd").lane(1, columns_), at("odd").lane(0, columns_)),
      "Odd bits of its sub-tile.");
  const Expr odd = s.logic("node_odd", columns_, "Their odd bits.");
  const Expr valid = s.logic("valid", 1);
  const Expr flags = s.logic("flags", flags_);
  const Expr full = s.logic("rows_full", 1);
  s.instance("u_select", parts_.select,
             {{"bank_i", at("data_bank").lane(lane, bank_)},
              {"data_i", at("bank_data")},
              {"node_o", arriving}});
  s.instance("u_reorder", parts_.codes->reorder,
             clocked({{"alloc_i", at("alloc").bit(lane)},
                      {"alloc_tag_i", at("alloc_tag").lane(lane, tag_)},
                      {"alloc_flags_i", at("alloc_flags").lane(lane, flags_)},
                      {"fill_i", at("data_valid").bit(lane)},
                      {"fill_tag_i", at("data_tag").lane(lane, tag_)},
                      {"node_i", arriving},
                      {"odd_i", arriving_odd},
                      {"rows_full_i", full},
                      {"credit_o", at("credit").bit(lane)},
                      {"valid_o", valid},
                      {"flags_o", flags},
                      {"node_o", node},
                      {"odd_o", odd}}));
  return {
      {"valid_i", valid}, {"flags_i", flags}, {"node_i", node}, {"odd_i", odd}, {"full_o", full}};
}

/// A lane's nodes come in order, column group after column group.
PortMap Top::program_lane(Scope& s, const Expr& lane) {
  const Expr node = s.logic("node", word_, "Nodes from the banks, group p p cycles later.");
  const Expr odd = s.logic("node_odd", columns_, "Their odd bits.");
  const int phases = g_.bank_phases();
  const Width word = g_.bank_word_bits(), columns = g_.design.columns / phases;
  s.generate_for("phase", phases, "gen_phase", [&](Scope& t, const Expr& group) {
    t.instance("u_select", parts_.select,
               {{"bank_i", at("data_bank").lane(group * lanes_ + lane, bank_)},
                {"data_i", at("bank_data").lane(group, banks_ * word)},
                {"node_o", node.lane(group, word)}});
    t.assign(odd.lane(group, columns),
             mux(at("data_half").bit(group), at("odd").lane(group + phases, columns),
                 at("odd").lane(group, columns)));
  });
  PortMap ports = {{"valid_i", at("data_valid").bit(lane)},
                   {"flags_i", at("data_flags").lane(lane, flags_)},
                   {"node_i", node},
                   {"odd_i", odd},
                   {"full_o", at("rows_full").bit(lane)}};
  if (g_.program.row_bits > 0)
    ports.emplace_back("row_i", at("data_row").lane(lane, g_.program.row_bits));
  return ports;
}

void Top::results() {
  m_.section("Results");
  add("correction_available", 1);
  if (!g_.scaled()) add("correction_read", 1);
  if (!g_.scaled()) add("correction_pop", 1);
  add("correction_data", beat_);
  m_.instance("u_correction", parts_.correction,
              clocked({{"valid_i", at("tile_begin")},
                       {"first_k_i", at("first_k")},
                       {"last_k_i", at("last_k")},
                       {"sum_i", at("root")},
                       {"read_i", at("correction_read")},
                       {"read_phase_i", at("drain_phase")},
                       {"pop_i", at("correction_pop")},
                       {"full_o", at("correction_full")},
                       {"available_o", at("correction_available")},
                       {"data_o", at("correction_data")}}));
  PortMap ports = clocked({{"begin_i", at("begin_product")},
                           {"n_i", at("shape_n")},
                           {"m_i", at("shape_m")},
                           {"tile_rows_i", at("tile_rows")},
                           {"row_available_i", at("row_available")},
                           {"row_data_i", at("row_data")},
                           {"correction_available_i", at("correction_available")},
                           {"correction_data_i", at("correction_data")},
                           {"result_ready_i", at(g_.scaled() ? "sums_ready" : "result_ready_i")},
                           {"row_read_o", at("row_read")},
                           {"row_pop_o", at("row_pop")},
                           {"phase_o", at("drain_phase")},
                           {"correction_read_o", at("correction_read")},
                           {"correction_pop_o", at("correction_pop")}});
  const PortMap out = g_.scaled() ? sums_to_scale() : results_to_send();
  ports.insert(ports.end(), out.begin(), out.end());
  m_.instance("u_drain", parts_.drain, ports);
}

/// What the drain sends to the host.
PortMap Top::results_to_send() const {
  return {{"result_data_o", at("result_data_o")},
          {"result_valid_o", at("result_valid_o")},
          {"result_last_o", at("result_last_o")},
          {"finished_o", at("finished")}};
}

/// What the drain sends to the scaler, and what it needs for it.
PortMap Top::sums_to_scale() const {
  return {{"k_i", at("shape_k")},
          {"group_i", at("shape_group")},
          {"scales_i", at("row_scales_there")},
          {"row_scales_i", at("row_scales")},
          {"column_sum_data_i", at("column_sum_data")},
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

void Top::column_sums() {
  m_.section("Column sums of the activations, by which zero points are multiplied");
  add("column_sum_data", Width(g_.beat_columns * g_.column_sum_bits));
  add("correction_read", 1);
  add("correction_pop", 1);
  const Width bits = node_bits_ + 1;
  const Expr sums = m_.logic("column_sums", columns_ * bits, "Minus the sums over a sub-tile.");
  m_.generate_for("column", columns_, "gen_column_sum", [&](Scope& s, const Expr& column) {
    s.assign(sums.lane(column, bits),
             cat({at("root").lane(column, node_bits_), at("root_odd").bit(column)}));
  });
  const Expr full = m_.logic("column_sums_full", 1);
  const Expr available = m_.logic("column_sums_available", 1);
  m_.unused(cat({full, available}), "unused_as_of_corrections");
  m_.instance("u_column_sums", parts_.scaling->column_sums,
              clocked({{"valid_i", at("tile_begin")},
                       {"first_k_i", at("first_k")},
                       {"last_k_i", at("last_k")},
                       {"sum_i", sums},
                       {"read_i", at("correction_read")},
                       {"read_phase_i", at("drain_phase")},
                       {"pop_i", at("correction_pop")},
                       {"full_o", full},
                       {"available_o", available},
                       {"data_o", at("column_sum_data")}}));
}

void Top::scale() {
  m_.section("Scales of the groups");
  add("row_begins", 1, "A row can begin, once its scales are there.");
  add("row_last_group", 1, "With its last group.");
  add("row_scales_there", 1, "They are.");
  add("row_scales", g_.row_scales_bits(), "{shift, multiplier, zero point, scale}.");
  m_.instance("u_scale_feed", parts_.scaling->feed,
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
  for (const char* name : {"ready", "valid", "last", "first_group", "last_group"})
    add(std::string("sums_") + name, 1);
  add("sums_data", beat_, "Corrected sums of a group.");
  add("sums_address", address_bits_for(g_.outer_depth));
  add("sums_row_scales", g_.row_scales_bits());
  add("sums_column_sums", Width(g_.beat_columns * g_.column_sum_bits));
  m_.instance("u_group_scaler", parts_.scaling->scaler,
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

}  // namespace

namespace {

/// The dynamic planner; what it consists of is added to `modules`.
Module dynamic_planner_of(const Geometry& g, const Module& walker, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const ScoreboardParts parts = {keep(prefix_search(g)),
                                 keep(wavefront_arbiter(g.engine.dimension()))};
  std::optional<Module> router;
  if (g.permutes_operands()) router = keep(benes_router(g.engine.dimension()));
  return dynamic_planner(g, walker, {keep(scoreboard(g, parts)), keep(place_table(g)), router});
}

/// The planner; what it consists of is added to `modules`.
Module planner_of(const Geometry& g, const Module& walker, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  switch (g.engine.planner) {
    case transitive::Planner::lattice:
      return lattice_planner(g, walker);
    case transitive::Planner::orbit:
    case transitive::Planner::listed:
      return orbit_planner(g, walker, keep(orbit_lane(g)));
    case transitive::Planner::dynamic:
      return dynamic_planner_of(g, walker, modules);
    case transitive::Planner::compiled:
      return compiled_planner(g, walker);
  }
  throw std::logic_error("unknown planner");
}

/// What brings codes to the lanes, and their nodes.
Parts::Codes codes_of(const Geometry& g, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module dispatch = keep(weight_dispatch(g, keep(tile_walker(g, Walk::weights))));
  const Module tracker = keep(tile_tracker(g));
  const Module lookup = keep(g.places_nodes() ? place_lookup(g) : node_lookup(g));
  const Module scheduler = keep(read_scheduler(g, keep(look_ahead(g, lookup))));
  return {dispatch, tracker, scheduler, keep(reorder_buffer(g))};
}

/// The same for programs.
Parts::Program program_of(const Geometry& g, std::vector<Module>& modules) {
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module checker = keep(program_checker(g, keep(tile_walker(g, Walk::programs))));
  return {checker, keep(program_reader(g))};
}

}  // namespace

std::vector<Module> build(const design::Design& design) {
  if (design.takes_pairs()) return build_olive(design);
  if (design.streams()) return build_streamed(design);
  const Geometry g(design);
  std::vector<Module> modules = {hdl::ram_1r1w(), hdl::stream_fifo()};
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module control = keep(gemm_control(g));
  std::optional<Parts::Codes> codes;
  std::optional<Parts::Program> program;
  if (g.takes_programs())
    program = program_of(g, modules);
  else
    codes = codes_of(g, modules);
  const Module walker = keep(tile_walker(g, Walk::activations));
  std::optional<Module> presence;
  if (g.plans_ahead()) presence = keep(code_presence(g));
  std::optional<Module> table;
  if (g.lists_nodes()) table = keep(static_table(g));
  const Module planner = keep(planner_of(g, walker, modules));
  std::optional<Module> operands;
  if (g.permutes_operands())
    operands =
        keep(benes_network(g.engine.dimension(), g.design.columns * g.design.activation_bits));
  else if (g.selects_operands())
    operands = keep(operand_select(g));
  const Module ring = keep(operand_ring(g));
  const Module lane = keep(prefix_lane(g));
  const Module banks = keep(prefix_banks(g));
  const Module select = keep(bank_select(g));
  const Module sums = keep(partial_sums(g));
  const Module wide = keep(wide_accumulator(g, Accumulates::rows));
  const Module accumulate = keep(accumulate_lane(g, sums, wide));
  const Module correction = keep(wide_accumulator(g, Accumulates::corrections));
  const Module out = keep(drain(g, keep(tile_walker(g, Walk::results))));
  std::optional<Parts::Scaling> scaling;
  if (g.scaled())
    scaling = {keep(wide_accumulator(g, Accumulates::column_sums)), keep(scale_feed(g)),
               keep(group_scaler(g, keep(requantiser(g))))};
  const Parts parts{scaling, presence, operands, table,  codes,      program,    control, ring,
                    planner, lane,     banks,    select, accumulate, correction, out};
  modules.push_back(Top(g, parts).build());
  if (design.units > 1) add_array(g, modules);
  if (design.bus == "axi") add_axi(g, modules);
  return modules;
}

}  // namespace hasse::units
