// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
#include "generator/units/olive.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::Scope;
using hdl::Width;
using hdl::zext;

/// Builds the module, a section of it per function.
class OliveRows {
 public:
  explicit OliveRows(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("drain");
    m_.section("Writing: column 0 first, the others a cycle each behind their neighbour");
    const Expr way = write_way();
    m_.section("Rows that can be read");
    const Expr read_address = rows(way);
    m_.section("Memories, one a column");
    memories(way, read_address);
    return m_;
  }

 private:
  Expr write_way();
  Expr next(const Expr& address) const { return mux(address == depth_ - 1, 0, address + 1); }
  Expr rows(const Expr& way);
  void memories(const Expr& way, const Expr& read_address);
  void choose_group(const Expr& data);

  const Geometry& g_;
  int depth_ = 2 * g_.design.lanes;
  int address_bits_ = address_bits_for(depth_), count_bits_ = bits_for(depth_);
  int way_bits_ = 1 + address_bits_;
  Module m_{
      pair_unit(g_, "rows"),
      "Keeps the sums that leave the array until they are sent: two tiles of rows.\n"
      "Column c delivers its sum of a row c cycles after column 0. A row can be read when its "
      "last\ncolumn is there."};
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Columns of the array.");
  Width sum_bits_ = m_.localparam("SumBits", g_.design.accumulator_bits, "Bits of a sum.");
  Width group_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a result beat.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr leave_ = m_.input("leave_i", 1, "The sums of a tile leave, from the next cycle on.");
  Expr tile_rows_ = m_.input("rows_i", g_.tile_row_bits, "Weight rows of that tile.");
  Expr sums_ = m_.input("column_sums_i", columns_* sum_bits_, "The sum that leaves every column.");
  Expr read_ = m_.input("read_i", 1, "Read a column group of the oldest row.");
  Expr phase_ = g_.design.columns_per_adder > 1
                    ? m_.input("read_phase_i", g_.phase_bits, "Which group.")
                    : read_;
  Expr pop_ = m_.input("pop_i", 1, "Done with the oldest row.");
};

/// {writes, address} of every column.
Expr OliveRows::write_way() {
  const Expr left_q = m_.logic("rows_left_q", g_.tile_row_bits, "Rows still to leave column 0.");
  const Expr address_q = m_.logic("write_address_q", address_bits_);
  const Expr writes = m_.let("writes", left_q != 0);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(left_q, 0);
        b.assign(address_q, 0);
      },
      [&](Block& b) {
        b.when(leave_, [&](Block& t) {
           t.assign(left_q, tile_rows_);
         }).else_when(writes, [&](Block& t) { t.assign(left_q, left_q - 1); });
        b.when(writes, [&](Block& t) { t.assign(address_q, next(address_q)); });
      });
  const Expr first = cat({writes, address_q});
  if (g_.design.columns == 1) return m_.let("way", first);
  const Width behind = (columns_ - 1) * way_bits_;
  const Expr behind_q = m_.logic("way_behind_q", behind);
  const Expr way = m_.let("way", cat({behind_q, first}), "{writes, address} of every column.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(behind_q, 0); },
      [&](Block& b) { b.assign(behind_q, way.slice(0, behind)); });
  return way;
}

/// The address of the oldest row.
Expr OliveRows::rows(const Expr& way) {
  const Expr written = m_.let("written", way.bit(g_.design.columns * way_bits_ - 1));
  const Expr count_q = m_.logic("rows_q", count_bits_);
  const Expr address_q = m_.logic("read_address_q", address_bits_);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(count_q, 0);
        b.assign(address_q, 0);
      },
      [&](Block& b) {
        b.assign(count_q, count_q + zext(written, count_bits_) - zext(pop_, count_bits_));
        b.when(pop_, [&](Block& t) { t.assign(address_q, next(address_q)); });
      });
  m_.assign(m_.output("available_o", 1, "A row can be read."), count_q != 0);
  return address_q;
}

void OliveRows::memories(const Expr& way, const Expr& read_address) {
  const Expr data = m_.logic("read_data", columns_ * sum_bits_);
  m_.generate_for("column", columns_, "gen_column", [&](Scope& s, const Expr& column) {
    const Expr own = s.let("own_way", way.lane(column, way_bits_));
    s.instance("u_memory", hdl::ram_1r1w(),
               {{"clk_i", clk_},
                {"write_enable_i", own.bit(address_bits_)},
                {"write_address_i", own.slice(0, address_bits_)},
                {"write_data_i", sums_.lane(column, sum_bits_)},
                {"read_enable_i", read_},
                {"read_address_i", read_address},
                {"read_data_o", data.lane(column, sum_bits_)}},
               {{"Width", sum_bits_}, {"Depth", depth_}});
  });
  choose_group(data);
}

void OliveRows::choose_group(const Expr& data) {
  const Width beat = group_ * sum_bits_;
  const Expr out = m_.output("data_o", beat, "The group, a cycle after read_i.");
  const int phases = g_.design.columns_per_adder;
  if (phases == 1) return m_.assign(out, data);
  const Expr phase_q = m_.logic("phase_q", g_.phase_bits);
  m_.always_ff(clk_,
               [&](Block& b) { b.when(read_, [&](Block& t) { t.assign(phase_q, phase_); }); });
  Expr chosen = data.lane(0, beat) & hdl::repeat(beat, phase_q == 0);
  for (int phase = 1; phase < phases; ++phase)
    chosen = chosen | (data.lane(phase, beat) & hdl::repeat(beat, phase_q == phase));
  m_.assign(out, chosen);
}

}  // namespace

Module olive_rows(const Geometry& g) {
  return OliveRows(g).build();
}

}  // namespace hasse::units
