// SPDX-License-Identifier: Apache-2.0
// How operands become nodes in the top of the banked engine.
#include "generator/units/banked_top.hpp"
#include "generator/units/benes.hpp"
#include "generator/units/dynamic.hpp"

namespace hasse::units {

using hdl::cat;
using hdl::Expr;
using hdl::PortMap;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

void BankedTop::operands() {
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

PortMap BankedTop::planner_ports() const {
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
Expr BankedTop::lane_operands(const Width& row) {
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
Expr BankedTop::permuted_operands(const Width& row) {
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

void BankedTop::nodes() {
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
void BankedTop::banks(Scope& s, const Expr& lane, const Expr& node, const Expr& parent) {
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

}  // namespace hasse::units
