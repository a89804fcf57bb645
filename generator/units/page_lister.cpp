// SPDX-License-Identifier: Apache-2.0
#include "generator/units/attention_engine.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Width;
using hdl::zeros;

Module page_lister(const AttentionGeometry& g) {
  const int lanes = g.selector().lanes, lane_bits = address_bits_for(lanes);
  Module m("page_lister",
           "The pages that any column keeps, in ascending order, a page a cycle.\n"
           "A row is a mask of pages per column; it is taken with its last page, or at once when\n"
           "nobody keeps any of it.");
  m.set_unit("pages");
  const Width lanes_wide = m.localparam("Lanes", lanes, "Pages of a row.");
  const Width columns = m.localparam("Columns", g.columns(), "Columns.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr active = m.input("active_i", columns, "Columns that count.");
  const Expr masks = m.input("masks_i", columns * lanes_wide, "A row, the first column lowest.");
  const Expr valid = m.input("masks_valid_i", 1, "It is valid.");
  m.section("What is left of the row");
  const Expr listed_q = m.logic("listed_q", lanes_wide, "Pages that have been listed.");
  std::vector<Expr> own;
  Expr any = zeros(lanes);
  for (int c = 0; c < g.columns(); ++c) {
    own.push_back(m.let("own_" + std::to_string(c),
                        masks.lane(c, lanes_wide) & repeat(lanes_wide, active.bit(c))));
    any = c == 0 ? own.back() : any | own.back();
  }
  const Expr left = m.let("left", any & ~listed_q);
  const Expr lowest = m.let("lowest", left & (zeros(lanes) - left), "One bit.");
  const Expr row_end = m.let("row_end", left == lowest, "There is no other.");
  m.always_ff(
      clk, rst_n, [&](Block& b) { b.assign(listed_q, 0); },
      [&](Block& b) {
        b.when(valid, [&](Block& t) {
          t.assign(listed_q, (listed_q | lowest) & repeat(lanes_wide, !row_end));
        });
      });
  m.section("Its lowest page");
  std::vector<Expr> keeps, place;
  for (int c = g.columns() - 1; c >= 0; --c)
    keeps.push_back(reduce_or(own[static_cast<std::size_t>(c)] & lowest));
  for (int bit = lane_bits - 1; bit >= 0; --bit) {
    std::vector<Expr> lanes_with;
    for (int lane = lanes - 1; lane >= 0; --lane)
      if (((lane >> bit) & 1) != 0) lanes_with.push_back(lowest.bit(lane));
    place.push_back(reduce_or(m.let("lanes_" + std::to_string(1 << bit), cat(lanes_with))));
  }
  m.assign(m.output("masks_ready_o", 1, "The row is taken."), row_end);
  m.assign(m.output("page_valid_o", 1, "There is a page."), valid && reduce_or(left));
  m.assign(m.output("lane_o", lane_bits, "Its place in the row."), cat(place));
  m.assign(m.output("own_o", columns, "Columns that keep it."), cat(keeps));
  return m;
}

}  // namespace hasse::units
