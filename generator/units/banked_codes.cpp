// SPDX-License-Identifier: Apache-2.0
// How the top of the banked engine brings codes, and then their nodes, to the lanes.
#include "generator/units/banked_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::mux;
using hdl::PortMap;
using hdl::Scope;
using hdl::Width;

void BankedTop::weights() {
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
Expr BankedTop::codes_ahead() {
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

/// Adds the listed nodes to those asked for. Whether the planner can take a sub-tile.
Expr BankedTop::table() {
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

void BankedTop::reads() {
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

/// A lane's nodes come as they are read, and are put back into order.
PortMap BankedTop::ordered_lane(Scope& s, const Expr& lane) {
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

}  // namespace hasse::units
