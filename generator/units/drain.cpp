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
  void scale(const Position& at, const Stage& stage);
  void beside(const std::string& name, const Expr& value, const Stage& stage,
              const std::string& doc);

  Expr with_scales(const Expr& can_issue, const Expr& phase_q, const Expr& last_group);

  const Geometry& g_;
  const Module& walker_;
  int lane_bits_ = address_bits_for(g_.row_sources());
  int column_bits_ = bits_for(g_.design.columns);
  Module m_{
      "drain",
      (g_.corrected()
           ? "Sends finished rows out in order, corrected per column.\n"
             "Row r of an N-tile is in lane r mod Lanes. Every row takes as many beats as "
             "it has column\n"
             "groups within M; the column correction of the N-tile is added on the way."
           : "Sends finished rows out in order.\n"
             "Every row takes as many beats as it has column groups within M.") +
          std::string(g_.scaled() ? "\nN-tiles come once for every group along K, to be scaled "
                                    "and added up."
                                  : "")};
  Width lanes_ = m_.localparam("Lanes", g_.row_sources(), "Accumulate lanes.");
  Width beat_columns_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a beat.");
  Width wide_ = m_.localparam("AccumulatorBits", g_.design.accumulator_bits, "Bits of a result.");
  Width beat_ = beat_columns_ * wide_;
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = g_.scaled() ? m_.input("k_i", g_.k_bits, "Inner dimension K.") : n_;
  Expr group_ = g_.scaled()
                    ? m_.input("group_i", g_.k_bits, "Columns of the weights that share a scale.")
                    : n_;
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr tile_rows_ = m_.input("tile_rows_i", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  Expr available_ = m_.input("row_available_i", lanes_, "The lane has a finished row.");
  Expr row_data_ = m_.input("row_data_i", lanes_* beat_, "Column group read from each lane.");
  Expr corrected_ =
      g_.corrected() ? m_.input("correction_available_i", 1, "The N-tile's correction is complete.")
                     : begin_;
  Expr correction_ = g_.corrected()
                         ? m_.input("correction_data_i", beat_, "Column group of the correction.")
                         : row_data_;
  Expr ready_ = m_.input("result_ready_i", 1, "The host takes the beat.");
};

/// The row and the column group to be sent next.
struct Drain::Position {
  Drain& in;
  Module m = in.m_;
  Expr active = m.logic("active", 1);
  Expr rows = m.logic("rows", in.g_.tile_row_bits);
  Expr tile_columns = m.logic("tile_columns", in.column_bits_);
  Expr last_tile = m.logic("last_tile", 1);
  Expr first_group = in.g_.scaled() ? m.logic("first_group", 1) : last_tile;
  Expr last_group = in.g_.scaled() ? m.logic("last_group", 1) : last_tile;
  Expr lane_q = m.logic("lane_q", in.lane_bits_, "Lane of the row.");
  Expr row_q = m.logic("row_q", in.g_.tile_row_bits, "Row of the N-tile.");
  Expr phase_q = m.logic("phase_q", in.g_.phase_bits, "Column group.");
  Expr free = m.logic("stage_free", 1, "The next group can be read.");
  Expr available = in.available_.bit(lane_q);
  Expr can_issue = in.g_.corrected() ? active && in.corrected_ && available && free
                                     : active && available && free;
  Expr issue =
      m.let("issue", in.g_.scaled() ? in.with_scales(can_issue, phase_q, last_group) : can_issue);
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
  m_.assign(at.sent, at.sent_q + lit(beat_columns_, column_bits_));
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
  if (g_.scaled()) scale(at, stage);
  return m_;
}

void Drain::walk(const Position& at, const Ends& ends) {
  hdl::PortMap ports = {{"clk_i", clk_},          {"rst_ni", rst_n_},
                        {"begin_i", begin_},      {"n_i", n_},
                        {"m_i", columns_},        {"tile_rows_i", tile_rows_},
                        {"advance_i", ends.tile}, {"active_o", at.active},
                        {"rows_o", at.rows},      {"columns_o", at.tile_columns},
                        {"last_o", at.last_tile}};
  if (g_.scaled())
    ports.insert(ports.end(), {{"k_i", k_},
                               {"group_i", group_},
                               {"first_k_o", at.first_group},
                               {"last_k_o", at.last_group}});
  m_.instance("u_walker", walker_, ports);
}

void Drain::advance(const Position& at, const Ends& ends) {
  const Expr last_lane = at.lane_q == lit(g_.row_sources() - 1, lane_bits_);
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
  for (int lane = g_.row_sources() - 1; lane >= 0; --lane)
    parts.push_back(at.lane_q == lit(lane, lane_bits_));
  return m_.let("chosen_lane", cat(parts), "One hot.");
}

void Drain::read(const Position& at, const Ends& ends, const Expr& chosen) {
  m_.assign(m_.output("row_read_o", lanes_, "Read a column group of the lane's oldest row."),
            chosen & repeat(lanes_, at.issue));
  m_.assign(m_.output("row_pop_o", lanes_, "Done with the lane's oldest row."),
            chosen & repeat(lanes_, ends.row));
  m_.assign(m_.output("phase_o", g_.phase_bits, "Column group to read."), at.phase_q);
  if (!g_.corrected())
    return m_.assign(m_.output("tile_pop_o", 1, "Done with the tile."), ends.tile);
  m_.assign(m_.output("correction_read_o", 1, "Read a column group of the correction."), at.issue);
  m_.assign(m_.output("correction_pop_o", 1, "Done with the correction."), ends.tile);
}

Expr Drain::row_sums(const Stage& stage) {
  Expr row = row_data_.lane(0, beat_) & repeat(beat_, stage.from_q.bit(0));
  for (int lane = 1; lane < g_.row_sources(); ++lane)
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
  m_.generate_for("column", beat_columns_, "gen_column", [&](Scope& s, const Expr& column) {
    s.always_ff(clk_, [&](Block& b) {
      b.when(stage.move, [&](Block& t) {
        const Expr sum = sums.lane(column, wide_);
        t.assign(result.data_q.lane(column, wide_),
                 g_.corrected() ? sum + correction_.lane(column, wide_) : sum);
      });
    });
  });
}

void Drain::send(const Stage& stage, const Result& result) {
  m_.assign(m_.output("result_data_o", beat_, "Results of one column group, lowest column lowest."),
            result.data_q);
  m_.assign(m_.output("result_valid_o", 1, "Results are valid."), stage.valid_q);
  m_.assign(m_.output("result_last_o", 1, "The product's last results."), result.last_q);
  if (g_.scaled()) return;
  m_.assign(m_.output("finished_o", 1, "The product's last results are taken."),
            stage.valid_q && ready_ && result.last_q);
}

/// A row begins only when its scales are there.
Expr Drain::with_scales(const Expr& can_issue, const Expr& phase_q, const Expr& last_group) {
  const Expr begins = m_.let("row_begins", can_issue && phase_q == 0);
  m_.assign(m_.output("row_last_group_o", 1, "With its last group."), last_group);
  m_.assign(m_.output("row_begins_o", 1, "A row can begin, once its scales are there."), begins);
  const Expr scales = m_.input("scales_i", 1, "The scales of the row that can begin are there.");
  return can_issue && (!begins || scales);
}

/// Sums take along to the scaler where they belong and how they are scaled: a register while they
/// arrive, and one beside the output register.
void Drain::scale(const Position& at, const Stage& stage) {
  m_.section("What accompanies the sums to the scaler");
  const auto later = [&](const std::string& name, const Expr& value, const Expr& take,
                         const std::string& doc) {
    const Expr arrived_q = m_.logic("arrived_" + name + "_q", value.width());
    m_.always_ff(clk_,
                 [&](Block& b) { b.when(take, [&](Block& t) { t.assign(arrived_q, value); }); });
    beside(name, arrived_q, stage, doc);
  };
  const Expr row = trunc(at.row_q, g_.outer_row_bits);
  later("first_group", at.first_group, at.issue, "First group of the row.");
  later("last_group", at.last_group, at.issue, "Last group of the row.");
  later("address", g_.design.columns_per_adder > 1 ? cat({row, at.phase_q}) : row, at.issue,
        "Row of the N-tile, and column group.");
  later("row_scales",
        m_.input("row_scales_i", g_.row_scales_bits(), "How the row that begins is scaled."),
        m_.let("row_issue", at.issue && at.phase_q == 0), "How the row is scaled.");
  beside("column_sums",
         m_.input("column_sum_data_i", beat_columns_ * Width(g_.column_sum_bits),
                  "Column group of the negated column sums."),
         stage, "Negated column sums of the activations.");
}

/// A register of `value`, beside the output register.
void Drain::beside(const std::string& name, const Expr& value, const Stage& stage,
                   const std::string& doc) {
  const Expr value_q = m_.logic(name + "_q", value.width());
  m_.always_ff(clk_,
               [&](Block& b) { b.when(stage.move, [&](Block& t) { t.assign(value_q, value); }); });
  m_.assign(m_.output(name + "_o", value.width(), doc), value_q);
}

}  // namespace

Module drain(const Geometry& g, const Module& walker) {
  return Drain(g, walker).build();
}

}  // namespace hasse::units
