// SPDX-License-Identifier: Apache-2.0
// How the top of the banked engine carries out a program.
#include "generator/units/banked_top.hpp"
#include "generator/units/program.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::mux;
using hdl::PortMap;
using hdl::Scope;
using hdl::Width;

void BankedTop::program() {
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

void BankedTop::program_reads() {
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

/// A lane's nodes come in order, column group after column group.
PortMap BankedTop::program_lane(Scope& s, const Expr& lane) {
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

}  // namespace hasse::units
