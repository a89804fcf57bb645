// SPDX-License-Identifier: Apache-2.0
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
using hdl::Width;

/// Builds the module, a section of it per function.
class Drain {
 public:
  Drain(const Geometry& g, const Module& walker) : g_(g), walker_(walker) {}

  Module build();

 private:
  struct Position;
  struct Ends;
  struct Stage;
  struct Result;

  void walk(const Position& at, const Ends& ends);
  void advance(const Position& at, const Ends& ends);
  Expr chosen_lane(const Position& at);
  void read(const Position& at, const Ends& ends, const Expr& chosen);
  Expr row_sums(const Stage& stage);
  void move(const Position& at, const Ends& ends, const Expr& chosen, const Stage& stage,
            const Result& result);
  void add(const Stage& stage, const Expr& sums, const Result& result);
  void send(const Stage& stage, const Result& result);

  const Geometry& g_;
  const Module& walker_;
  int lane_bits_ = address_bits_for(g_.design.lanes);
  int column_bits_ = bits_for(g_.design.columns);
  Module m_{
      "drain",
      "Sends finished rows out in order, corrected per column.\n"
      "Row r of an N-tile is in lane r mod Lanes. Every row takes as many beats as it has column\n"
      "groups within M; the column correction of the N-tile is added on the way."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Width group_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a beat.");
  Width wide_ = m_.localparam("AccumulatorBits", g_.design.accumulator_bits, "Bits of a result.");
  Width beat_ = group_ * wide_;
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr tile_rows_ = m_.input("tile_rows_i", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  Expr available_ = m_.input("row_available_i", lanes_, "The lane has a finished row.");
  Expr row_data_ = m_.input("row_data_i", lanes_* beat_, "Column group read from each lane.");
  Expr corrected_ = m_.input("correction_available_i", 1, "The N-tile's correction is complete.");
  Expr correction_ = m_.input("correction_data_i", beat_, "Column group of the correction.");
  Expr ready_ = m_.input("result_ready_i", 1, "The host takes the beat.");
};

/// The row and the column group to be sent next.
struct Drain::Position {
  const Drain& in;
  Module m = in.m_;
  Expr active = m.logic("active", 1);
  Expr rows = m.logic("rows", in.g_.tile_row_bits);
  Expr tile_columns = m.logic("tile_columns", in.column_bits_);
  Expr last_tile = m.logic("last_tile", 1);
  Expr lane_q = m.logic("lane_q", in.lane_bits_, "Lane of the row.");
  Expr row_q = m.logic("row_q", in.g_.tile_row_bits, "Row of the N-tile.");
  Expr phase_q = m.logic("phase_q", in.g_.phase_bits, "Column group.");
  Expr free = m.logic("stage_free", 1, "The next group can be read.");
  Expr issue = m.let("issue", active&& in.corrected_&& in.available_.bit(lane_q) && free);
  Expr sent = m.logic("columns_sent", in.column_bits_, "Columns of earlier groups and this one.");
  Expr sent_q = m.logic("columns_sent_q", in.column_bits_, "Columns of earlier groups.");
};

/// What ends with the group to be sent next.
struct Drain::Ends {
  const Drain& in;
  const Position& at;
  Module m = in.m_;
  Expr last_phase = m.let("last_phase", at.sent >= at.tile_columns);
  Expr last_row = m.let("last_row", at.row_q == at.rows - 1);
  Expr row = m.let("row_end", at.issue&& last_phase);
  Expr tile = m.let("tile_end", row&& last_row);
};

/// The group read in the cycle before, on its way to the output register.
struct Drain::Stage {
  const Drain& in;
  Module m = in.m_;
  Expr arrived_q = m.logic("arrived_q", 1, "Read data wait to be added.");
  Expr from_q = m.logic("from_q", in.lanes_, "Lane they come from, one hot.");
  Expr last_q = m.logic("arrived_last_q", 1);
  Expr valid_q = m.logic("result_valid_q", 1);
  Expr move = m.let("move", !valid_q || in.ready_, "The output register takes them.");
};

/// The output register.
struct Drain::Result {
  const Drain& in;
  Module m = in.m_;
  Expr data_q = m.logic("result_q", in.beat_);
  Expr last_q = m.logic("result_last_q", 1);
};

Module Drain::build() {
  m_.set_unit("drain");
  m_.section("The row and the column group to be sent next");
  const Position at{*this};
  m_.assign(at.sent, at.sent_q + lit(group_, column_bits_));
  const Ends ends{*this, at};
  walk(at, ends);
  advance(at, ends);
  const Expr chosen = chosen_lane(at);
  read(at, ends, chosen);

  m_.section("Data arrive from the lane and the correction, and are added");
  const Stage stage{*this};
  m_.assign(at.free, !stage.arrived_q || stage.move);
  const Expr sums = row_sums(stage);
  const Result result{*this};
  move(at, ends, chosen, stage, result);
  add(stage, sums, result);
  send(stage, result);
  return m_;
}

void Drain::walk(const Position& at, const Ends& ends) {
  m_.instance("u_walker", walker_,
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"begin_i", begin_},
               {"n_i", n_},
               {"m_i", columns_},
               {"tile_rows_i", tile_rows_},
               {"advance_i", ends.tile},
               {"active_o", at.active},
               {"rows_o", at.rows},
               {"columns_o", at.tile_columns},
               {"last_o", at.last_tile}});
}

void Drain::advance(const Position& at, const Ends& ends) {
  const Expr last_lane = at.lane_q == lit(g_.design.lanes - 1, lane_bits_);
  const bool one_phase = g_.design.columns_per_adder == 1;
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {at.lane_q, at.row_q, at.phase_q, at.sent_q}) b.assign(r, 0);
      },
      [&](Block& b) {
        b.when(at.issue, [&](Block& t) {
          t.assign(at.phase_q,
                   one_phase ? hdl::zeros(g_.phase_bits) : mux(ends.last_phase, 0, at.phase_q + 1));
          t.assign(at.sent_q, mux(ends.last_phase, 0, at.sent));
        });
        b.when(ends.row, [&](Block& t) {
          t.assign(at.row_q, mux(ends.last_row, 0, at.row_q + 1));
          t.assign(at.lane_q, mux(ends.last_row || last_lane, 0, at.lane_q + 1));
        });
      });
}

Expr Drain::chosen_lane(const Position& at) {
  std::vector<Expr> parts;
  for (int lane = g_.design.lanes - 1; lane >= 0; --lane)
    parts.push_back(at.lane_q == lit(lane, lane_bits_));
  return m_.let("chosen_lane", parts.size() == 1 ? parts[0] : cat(parts), "One hot.");
}

void Drain::read(const Position& at, const Ends& ends, const Expr& chosen) {
  m_.assign(m_.output("row_read_o", lanes_, "Read a column group of the lane's oldest row."),
            chosen & repeat(lanes_, at.issue));
  m_.assign(m_.output("row_pop_o", lanes_, "Done with the lane's oldest row."),
            chosen & repeat(lanes_, ends.row));
  m_.assign(m_.output("phase_o", g_.phase_bits, "Column group to read."), at.phase_q);
  m_.assign(m_.output("correction_read_o", 1, "Read a column group of the correction."), at.issue);
  m_.assign(m_.output("correction_pop_o", 1, "Done with the correction."), ends.tile);
}

Expr Drain::row_sums(const Stage& stage) {
  Expr row = row_data_.lane(0, beat_) & repeat(beat_, stage.from_q.bit(0));
  for (int lane = 1; lane < g_.design.lanes; ++lane)
    row = row | (row_data_.lane(lane, beat_) & repeat(beat_, stage.from_q.bit(lane)));
  return m_.let("row_sums", row);
}

void Drain::move(const Position& at, const Ends& ends, const Expr& chosen, const Stage& stage,
                 const Result& result) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(stage.arrived_q, 0);
        b.assign(stage.valid_q, 0);
      },
      [&](Block& b) {
        b.when(at.free, [&](Block& t) { t.assign(stage.arrived_q, at.issue); });
        b.when(stage.move, [&](Block& t) { t.assign(stage.valid_q, stage.arrived_q); });
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(at.issue, [&](Block& t) {
      t.assign(stage.from_q, chosen);
      t.assign(stage.last_q, ends.tile && at.last_tile);
    });
    b.when(stage.move, [&](Block& t) { t.assign(result.last_q, stage.last_q); });
  });
}

void Drain::add(const Stage& stage, const Expr& sums, const Result& result) {
  m_.generate_for("column", group_, "gen_column", [&](Scope& s, const Expr& column) {
    s.always_ff(clk_, [&](Block& b) {
      b.when(stage.move, [&](Block& t) {
        t.assign(result.data_q.lane(column, wide_),
                 sums.lane(column, wide_) + correction_.lane(column, wide_));
      });
    });
  });
}

void Drain::send(const Stage& stage, const Result& result) {
  m_.assign(m_.output("result_data_o", beat_, "Results of one column group, lowest column lowest."),
            result.data_q);
  m_.assign(m_.output("result_valid_o", 1, "Results are valid."), stage.valid_q);
  m_.assign(m_.output("result_last_o", 1, "The product's last results."), result.last_q);
  m_.assign(m_.output("finished_o", 1, "The product's last results are taken."),
            stage.valid_q && ready_ && result.last_q);
}

}  // namespace

Module drain(const Geometry& g, const Module& walker) {
  return Drain(g, walker).build();
}

}  // namespace hasse::units
