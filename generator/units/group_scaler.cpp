// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "generator/hdl/primitives.hpp"
#include "generator/units/shift_and_add.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::Scope;
using hdl::sext;
using hdl::Width;

/// Builds the module, a stage of it per function.
class GroupScaler {
 public:
  GroupScaler(const Geometry& g, const Module& requantiser) : g_(g), requantiser_(requantiser) {}

  Module build();

 private:
  /// What accompanies the sums of a column group through a stage.
  struct Stage {
    Expr valid, first, final, last, address, rescale;
  };
  struct Output;

  Stage stage(const std::string& name, const Stage& before);
  Expr each_column(const std::string& name, const Expr& take,
                   const std::function<Expr(Scope&, const Expr&)>& value);
  Expr subtract_zero_points();
  Expr read_outer(const Stage& reading, const Stage& adding, const Expr& sums);
  Expr add(const Expr& scaled_q, const Stage& reading, const Stage& adding, const Output& out);
  void hold(const Expr& sums, const Stage& adding, const Output& out);
  void finish(const Stage& adding, const Output& out);

  /// Field of `row_scales`, lowest first: scale, zero point, multiplier, shift.
  Expr scale(const Expr& row_scales) const { return row_scales.slice(0, Geometry::kScaleBits); }
  Expr zero_point(const Expr& row_scales) const {
    return row_scales.slice(Geometry::kScaleBits, g_.zero_bits());
  }

  const Geometry& g_;
  const Module& requantiser_;
  int turns_ = g_.beat_columns + Geometry::kRequantiseCycles;
  int turn_bits_ = bits_for(turns_);
  Module m_{
      "group_scaler",
      "Multiplies the sums of groups by their scales, and adds them up along K.\n"
      "Sums come a column group at a time, row after row, all rows of an N-tile for every group:\n"
      "outer sum += scale * (sum - zero point * column sum). Multiplications are sums of shifted\n"
      "values; this one scaler serves all lanes, as it is needed once per group only.\n"
      "Results leave with the last group, as they are or, the columns taking turns, requantised."};
  Width columns_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a column group.");
  Width wide_ = m_.localparam("AccumulatorBits", g_.design.accumulator_bits, "Bits of a sum.");
  Width column_sum_bits_ = m_.localparam("ColumnSumBits", g_.column_sum_bits,
                                         "Bits of a column sum of the activations.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr requantise_ = m_.input("requantise_i", 1, "Results of eight bits.");
  Expr sums_ = m_.input("sums_i", columns_* wide_, "Sums of a group, lowest column lowest.");
  Expr column_sums_ =
      m_.input("column_sums_i", columns_* column_sum_bits_, "Minus the sums of the activations.");
  Expr row_scales_ = m_.input("row_scales_i", g_.row_scales_bits(),
                              "{shift, multiplier, zero point, scale} of the row.");
  Stage incoming_ = {
      m_.input("valid_i", 1, "Sums are valid."),
      m_.input("first_group_i", 1, "First group of their row."),
      m_.input("last_group_i", 1, "Last group of their row."),
      m_.input("last_i", 1, "Last sums of the product."),
      m_.input("address_i", address_bits_for(g_.outer_depth),
               "Row of the N-tile, and column group."),
      row_scales_.slice(g_.row_scales_bits() - Geometry::kRescaleBits, Geometry::kRescaleBits)};
  Expr result_ready_ = m_.input("result_ready_i", 1, "Results are taken.");
  Expr go_ = m_.logic("go", 1, "All stages move on.");
};

/// The outer sums just made, and what becomes of them when they are final.
struct GroupScaler::Output {
  const GroupScaler& in;
  Module m = in.m_;
  Expr sums_q = m.logic("outer_sums_q", in.columns_* in.wide_);
  Expr final_q = m.logic("final_q", 1, "They are results.");
  Expr last_q = m.logic("last_q", 1, "The product's last results.");
  Expr rescale_q = m.logic("rescale_q", Geometry::kRescaleBits, "{shift, multiplier}.");
  Expr turns_q = m.logic("turns_q", in.turn_bits_, "Turns until they are requantised.");
  Expr turning = m.let("turning", turns_q != 0);
};

Module GroupScaler::build() {
  m_.set_unit("scaler");
  m_.assign(m_.output("ready_o", 1, "Sums are taken."), go_);
  m_.section("First stage: without zero points");
  const Expr centred_q = subtract_zero_points();
  const Stage centred = stage("centred", incoming_);
  m_.section("Second stage: times the scale");
  const Expr scale_q = m_.logic("scale_q", Geometry::kScaleBits);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(go_, [&](Block& t) { t.assign(scale_q, scale(row_scales_)); });
  });
  const Expr scaled_q = each_column("scaled", go_, [&](Scope& s, const Expr& column) {
    return shift_and_add(s.let("centred", centred_q.lane(column, wide_)), scale_q);
  });
  const Stage scaled = stage("scaled", centred);
  m_.section("Third stage: added to the outer sums");
  const Output out{*this};
  hold(add(scaled_q, centred, scaled, out), scaled, out);
  m_.section("Results");
  finish(scaled, out);
  return m_;
}

/// A register for every part of `before`.
GroupScaler::Stage GroupScaler::stage(const std::string& name, const Stage& before) {
  const Expr valid = m_.logic(name + "_valid_q", 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid, 0); },
      [&](Block& b) { b.when(go_, [&](Block& t) { t.assign(valid, before.valid); }); });
  const auto part = [&](const char* what, const Expr& value) {
    const Expr kept = m_.logic(name + "_" + what + "_q", value.width());
    m_.always_ff(clk_, [&](Block& b) { b.when(go_, [&](Block& t) { t.assign(kept, value); }); });
    return kept;
  };
  return {valid,
          part("first", before.first),
          part("final", before.final),
          part("last", before.last),
          part("address", before.address),
          part("rescale", before.rescale)};
}

/// A register of `value` for every column.
Expr GroupScaler::each_column(const std::string& name, const Expr& take,
                              const std::function<Expr(Scope&, const Expr&)>& value) {
  const Expr result = m_.logic(name + "_q", columns_ * wide_);
  m_.generate_for("column", columns_, "gen_" + name, [&](Scope& s, const Expr& column) {
    const Expr next = value(s, column);
    s.always_ff(clk_, [&](Block& b) {
      b.when(take, [&](Block& t) { t.assign(result.lane(column, wide_), next); });
    });
  });
  return result;
}

Expr GroupScaler::subtract_zero_points() {
  return each_column("centred", go_, [&](Scope& s, const Expr& column) {
    const Expr column_sum =
        s.let("column_sum", sext(column_sums_.lane(column, column_sum_bits_), wide_));
    return sums_.lane(column, wide_) + shift_and_add(column_sum, zero_point(row_scales_), true);
  });
}

/// What the memory holds of the outer sums that are added to next. Sums just made are not in it
/// yet.
Expr GroupScaler::read_outer(const Stage& reading, const Stage& adding, const Expr& sums) {
  const Expr stored = m_.logic("outer_stored", columns_ * wide_);
  m_.instance("u_outer_sums", hdl::ram_1r1w(),
              {{"clk_i", clk_},
               {"write_enable_i", m_.let("keep", go_ && adding.valid && !adding.final)},
               {"write_address_i", adding.address},
               {"write_data_i", sums},
               {"read_enable_i", m_.let("read", go_ && reading.valid && !reading.first)},
               {"read_address_i", reading.address},
               {"read_data_o", stored}},
              {{"Width", columns_ * wide_}, {"Depth", g_.outer_depth}});
  return stored;
}

/// A group of a single row and beat follows its predecessor at once: its outer sums are those just
/// made.
Expr GroupScaler::add(const Expr& scaled_q, const Stage& reading, const Stage& adding,
                      const Output& out) {
  const Expr again_q = m_.logic("again_q", 1, "The sums just made are those so far.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(go_,
           [&](Block& t) { t.assign(again_q, adding.valid && adding.address == reading.address); });
  });
  const Expr sums = m_.logic("outer_sums", columns_ * wide_);
  const Expr stored = read_outer(reading, adding, sums);
  const Expr older = m_.let("take_stored", !adding.first && !again_q);
  const Expr latest = m_.let("take_latest", !adding.first && again_q);
  m_.generate_for("column", columns_, "gen_outer", [&](Scope& s, const Expr& column) {
    const Expr so_far =
        s.let("so_far", (stored.lane(column, wide_) & repeat(wide_, older)) |
                            (out.sums_q.lane(column, wide_) & repeat(wide_, latest)));
    s.assign(sums.lane(column, wide_), so_far + scaled_q.lane(column, wide_));
  });
  return sums;
}

/// The columns' sums go round, the lowest through the requantiser and back in on top.
void GroupScaler::hold(const Expr& sums, const Stage& adding, const Output& out) {
  const Expr requantised = m_.logic("requantised", Geometry::kRequantisedBits);
  const Expr lowest = m_.let("lowest", out.sums_q.lane(0, wide_));
  m_.instance("u_requantiser", requantiser_,
              {{"clk_i", clk_},
               {"value_i", lowest},
               {"multiplier_i", out.rescale_q.slice(0, Geometry::kMultiplierBits)},
               {"shift_i", out.rescale_q.slice(Geometry::kMultiplierBits, Geometry::kShiftBits)},
               {"value_o", requantised}});
  const Expr on_top = sext(requantised, wide_);
  const Expr turned = g_.beat_columns == 1
                          ? on_top
                          : cat({on_top, out.sums_q.slice(wide_, (columns_ - 1) * wide_)});
  m_.always_ff(clk_, [&](Block& b) {
    b.when(go_, [&](Block& t) {
       t.assign(out.sums_q, sums);
       t.assign(out.last_q, adding.last);
       t.assign(out.rescale_q, adding.rescale);
     }).else_when(out.turning, [&](Block& t) { t.assign(out.sums_q, turned); });
  });
}

void GroupScaler::finish(const Stage& adding, const Output& out) {
  const Expr final = m_.let("results_made", adding.valid && adding.final);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(out.final_q, 0);
        b.assign(out.turns_q, 0);
      },
      [&](Block& b) {
        b.when(go_, [&](Block& t) {
           t.assign(out.final_q, final);
           t.assign(out.turns_q, mux(final && requantise_, lit(turns_, turn_bits_), 0));
         }).else_when(out.turning, [&](Block& t) { t.assign(out.turns_q, out.turns_q - 1); });
      });
  const Expr valid = m_.let("result_valid", out.final_q && !out.turning);
  const Expr taken = m_.let("taken", valid && result_ready_);
  m_.assign(go_, !out.final_q || taken);
  m_.assign(m_.output("result_data_o", columns_ * wide_,
                      "Results of one column group, lowest column lowest."),
            out.sums_q);
  m_.assign(m_.output("result_valid_o", 1, "Results are valid."), valid);
  m_.assign(m_.output("result_last_o", 1, "The product's last results."), out.last_q);
  m_.assign(m_.output("finished_o", 1, "The product's last results are taken."),
            taken && out.last_q);
}

}  // namespace

Module group_scaler(const Geometry& g, const Module& requantiser) {
  return GroupScaler(g, requantiser).build();
}

}  // namespace hasse::units
