// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
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
using hdl::zext;

/// What distinguishes the accumulator of a lane from that of the column corrections.
struct Variant {
  const char* name;
  const char* unit;
  const char* doc;
  int rows;              ///< Rows accumulated side by side.
  int finished;          ///< Finished rows that may wait.
  int sum_bits;          ///< Bits of what is added.
  int bits;              ///< Bits of a sum.
  int lanes = 1;         ///< Lanes in lock step: each has columns in every group.
  bool in_turn = false;  ///< Sums come group after group through one port.
  int spare = 0;         ///< Finished rows on their way when full_o stops the next.
};

Variant variant(const Geometry& g, Accumulates what) {
  if (what == Accumulates::rows)
    return {
        "wide_accumulator",
        "accumulate_lanes",
        "Wide adders shared by column groups in turn, their memory, and the finished rows.\n"
        "A weight row is added once per sub-tile: group p of the columns in the p-th cycle, each\n"
        "through the same GroupColumns adders. In the last sub-tile along K the sums go to the\n"
        "memory of finished rows, which the drain empties in order.",
        g.derived.max_groups,
        g.derived.max_groups,
        g.derived.partial_bits,
        g.design.accumulator_bits};
  if (what == Accumulates::column_sums)
    return {"column_sum",
            "scaler",
            "Minus the sums of the activations of each column, which zero points are multiplied "
            "with.\n"
            "Built like a wide accumulator of a single row.",
            1,
            Geometry::kCorrectionRows,
            g.tile_sum_bits,
            g.column_sum_bits};
  if (what == Accumulates::streamed_rows)
    return {
        "wide_accumulator",
        "accumulate_lanes",
        "Wide adders of all lanes, which work in lock step, their memory, and the finished rows.\n"
        "A group of weight rows, one per lane, is added once per sub-tile: the first columns of\n"
        "every lane in the first cycle, its next columns in the next, through the same adders. In\n"
        "the last sub-tile along K the sums go to the memory of finished rows.",
        g.derived.max_groups,
        g.derived.max_groups + 1 + g.design.tree_stages,
        g.derived.partial_bits,
        g.design.accumulator_bits,
        g.design.lanes,
        true,
        1 + g.design.tree_stages};
  return {"column_correction",
          "drain",
          g.design.streams()
              ? "Sums along K what every result of an N-tile still lacks, as words are offset to "
                "be unsigned.\n"
                "Built like a wide accumulator of a single row."
              : "Sums the root values along K: what every result of an N-tile still lacks.\n"
                "The mirrored lattice computes with digits -1 and +1; adding the root value once "
                "per sub-tile\n"
                "turns its sums into products. Built like a wide accumulator of a single row.",
          1,
          Geometry::kCorrectionRows,
          g.correction_bits,
          g.design.accumulator_bits};
}

/// Builds the module, a section of it per function.
class WideAccumulator {
 public:
  WideAccumulator(const Geometry& g, Accumulates what) : g_(g), v_(variant(g, what)) {}

  Module build();

 private:
  struct Turn;
  struct Addition;
  struct Queue;

  Expr read(const Turn& turn);
  Expr row();
  Expr add(const Turn& turn, const Addition& addition);
  void follow(const Turn& turn, const Addition& addition);
  Expr choose(const Addition& addition);
  void finish(const Addition& addition, const Expr& sums);
  void count(const Queue& queue);
  void keep(const Addition& addition, const Queue& queue, const Expr& sums);

  /// Address {row, phase} without zero-width parts.
  Expr address(const Expr& row, const Expr& phase, int rows) const {
    if (rows > 1) return phases_ > 1 ? cat({row, phase}) : row;
    return phases_ > 1 ? phase : lit(0, 1);
  }
  Expr is_last(const Expr& phase) const { return phase == lit(phases_ - 1, g_.phase_bits); }

  const Geometry& g_;
  Variant v_;
  int phases_ = g_.design.columns_per_adder;
  int row_bits_ = address_bits_for(v_.rows);
  Module m_{v_.name, v_.doc};
  Width group_ = m_.localparam("GroupColumns", g_.beat_columns* v_.lanes, "Columns of a group.");
  Width phase_count_ = m_.localparam("Phases", phases_, "Column groups.");
  Width sum_bits_ = m_.localparam("SumBits", v_.sum_bits, "Bits of what is added.");
  Width wide_ = m_.localparam("AccumulatorBits", v_.bits, "Bits of an accumulator.");
  Width rows_ = m_.localparam("Rows", v_.rows, "Rows accumulated side by side.");
  Width finished_ = m_.localparam("FinishedRows", v_.finished, "Finished rows that may wait.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr valid_ =
      m_.input("valid_i", 1, "Add a row; the sums of group p are there p+1 cycles later.");
  Expr first_k_ = m_.input("first_k_i", 1, "Start the row anew.");
  Expr last_k_ = m_.input("last_k_i", 1, "The row is finished by this.");
  Expr row_ = v_.rows > 1 ? m_.input("row_i", row_bits_, "Which row.") : lit(0, 1);
  Expr sum_ = m_.input(
      "sum_i", (v_.in_turn ? Width(1) : phase_count_) * group_ * sum_bits_,
      v_.in_turn ? "What to add, the group whose turn it is." : "What to add, all columns.");
  Expr read_ = m_.input("read_i", 1, "Read a group of the oldest finished row.");
  Expr read_phase_ = m_.input("read_phase_i", g_.phase_bits, "Which group.");
  Expr pop_ = m_.input("pop_i", 1, "Done with the oldest finished row.");
};

/// The group being read.
struct WideAccumulator::Turn {
  const WideAccumulator& in;
  Module m = in.m_;
  Expr more_q = m.logic("more_q", 1, "Later groups are still to come.");
  Expr phase_q = m.logic("phase_q", in.g_.phase_bits, "Group to read.");
  Expr busy = m.let("busy", in.valid_ || more_q);
  Expr first_q = m.logic("first_k_q", 1);
  Expr last_q = m.logic("last_k_q", 1);
  Expr is_first = m.let("is_first", mux(in.valid_, in.first_k_, first_q));
  Expr is_last = m.let("is_last", mux(in.valid_, in.last_k_, last_q));
  Expr last_phase = m.let("last_phase", in.is_last(phase_q));
};

/// The group being added.
struct WideAccumulator::Addition {
  const WideAccumulator& in;
  Expr read_address;
  Module m = in.m_;
  Expr add_q = m.logic("add_q", 1);
  Expr first_q = m.logic("add_first_q", 1);
  Expr last_q = m.logic("add_last_q", 1);
  Expr address_q = m.logic("address_q", read_address.width());
  Expr phase_q = m.logic("add_phase_q", in.g_.phase_bits);
};

/// Where the finished rows stand.
struct WideAccumulator::Queue {
  const WideAccumulator& in;
  const Addition& addition;
  Module m = in.m_;
  int count_bits = bits_for(in.v_.finished);
  int slot_bits = address_bits_for(in.v_.finished);
  Expr reserved_q =
      m.logic("reserved_q", count_bits, "Finished rows, those being written included.");
  Expr available_q = m.logic("available_q", count_bits, "Finished rows that may be read.");
  Expr write_slot_q = m.logic("write_slot_q", slot_bits);
  Expr read_slot_q = m.logic("read_slot_q", slot_bits);
  Expr starts = m.let("starts", in.valid_&& in.last_k_, "A finished row is on its way.");
  Expr starts_q = m.logic("starts_q", 1);
  Expr ends = m.let("ends", addition.add_q&& addition.last_q&& in.is_last(addition.phase_q));

  Expr next(const Expr& slot) const {
    return mux(slot == lit(in.finished_ - 1, slot_bits), 0, slot + 1);
  }
};

Module WideAccumulator::build() {
  m_.set_unit(v_.unit);
  m_.section("Read: group p of the row in the p-th cycle");
  const Turn turn{*this};
  const Expr read_address = read(turn);

  m_.section("Add and write, a cycle later");
  const Addition addition{*this, read_address};
  const Expr sums = add(turn, addition);

  m_.section("Finished rows, first in first out");
  finish(addition, sums);
  return m_;
}

Expr WideAccumulator::read(const Turn& turn) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(turn.more_q, 0);
        b.assign(turn.phase_q, 0);
      },
      [&](Block& b) {
        b.assign(turn.more_q, turn.busy && !turn.last_phase);
        b.when(turn.busy, [&](Block& t) {
          t.assign(turn.phase_q, mux(turn.last_phase, 0, turn.phase_q + 1));
        });
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(turn.first_q, turn.is_first);
    b.assign(turn.last_q, turn.is_last);
  });
  return m_.let("read_address", address(row(), turn.phase_q, v_.rows));
}

/// The row being read: a later group's is the one its first group came with.
Expr WideAccumulator::row() {
  if (v_.rows == 1) return row_;
  const Expr kept = m_.logic("row_q", row_bits_);
  const Expr now = m_.let("this_row", mux(valid_, row_, kept));
  m_.always_ff(clk_, [&](Block& b) { b.assign(kept, now); });
  return now;
}

Expr WideAccumulator::add(const Turn& turn, const Addition& addition) {
  follow(turn, addition);
  const Expr before = m_.logic("sums_before", group_ * wide_, "The row's sums so far.");
  const Expr after = m_.logic("sums_after", group_ * wide_, "The row's sums with this sub-tile.");
  m_.instance("u_accumulators", hdl::ram_1r1w(),
              {{"clk_i", clk_},
               {"write_enable_i", m_.let("keep", addition.add_q && !addition.last_q)},
               {"write_address_i", addition.address_q},
               {"write_data_i", after},
               {"read_enable_i", m_.let("read_sums", turn.busy && !turn.is_first)},
               {"read_address_i", addition.read_address},
               {"read_data_o", before}},
              {{"Width", group_ * wide_}, {"Depth", rows_ * phase_count_}});
  const Expr chosen = choose(addition);
  m_.generate_for("column", group_, "gen_column", [&](Scope& s, const Expr& column) {
    const Expr addend = s.let("addend", chosen.lane(column, sum_bits_));
    const Expr base = s.let("base", before.lane(column, wide_) & repeat(wide_, !addition.first_q));
    s.assign(after.lane(column, wide_), base + sext(addend, wide_));
  });
  return after;
}

/// What is read in this cycle is added in the next.
void WideAccumulator::follow(const Turn& turn, const Addition& addition) {
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(addition.add_q, 0); },
      [&](Block& b) { b.assign(addition.add_q, turn.busy); });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(addition.first_q, turn.is_first);
    b.assign(addition.last_q, turn.is_last);
    b.assign(addition.address_q, addition.read_address);
    b.assign(addition.phase_q, turn.phase_q);
  });
}

Expr WideAccumulator::choose(const Addition& addition) {
  if (v_.in_turn) return sum_;
  const Width bits = group_ * sum_bits_;
  const Expr chosen = m_.logic("chosen", bits, "Sums of the group whose turn it is.");
  const Expr turn = m_.logic("turn", phase_count_, "One hot.");
  m_.generate_for("phase", phase_count_, "gen_turn", [&](Scope& s, const Expr& phase) {
    s.assign(turn.bit(phase), addition.phase_q == as_bits(phase, g_.phase_bits));
  });
  Expr masked = sum_.lane(0, bits) & repeat(bits, turn.bit(0));
  for (int p = 1; p < phases_; ++p)
    masked = masked | (sum_.lane(p, bits) & repeat(bits, turn.bit(p)));
  m_.assign(chosen, masked);
  return chosen;
}

void WideAccumulator::finish(const Addition& addition, const Expr& sums) {
  if (phases_ == 1) m_.unused(read_phase_, "unused_phase");
  const Queue queue{*this, addition};
  count(queue);
  m_.assign(m_.output("full_o", 1, "No room for another finished row."),
            v_.spare == 0 ? queue.reserved_q == lit(finished_, queue.count_bits)
                          : queue.reserved_q >= lit(v_.finished - v_.spare, queue.count_bits));
  m_.assign(m_.output("available_o", 1, "A finished row can be read."), queue.available_q != 0);
  keep(addition, queue, sums);
}

void WideAccumulator::count(const Queue& q) {
  const Expr pop = zext(pop_, q.count_bits);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r :
             {q.reserved_q, q.available_q, q.write_slot_q, q.read_slot_q, q.starts_q})
          b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(q.starts_q, q.starts);
        b.assign(q.reserved_q, q.reserved_q + zext(q.starts, q.count_bits) - pop);
        b.assign(q.available_q, q.available_q + zext(q.starts_q, q.count_bits) - pop);
        b.when(q.ends, [&](Block& t) { t.assign(q.write_slot_q, q.next(q.write_slot_q)); });
        b.when(pop_, [&](Block& t) { t.assign(q.read_slot_q, q.next(q.read_slot_q)); });
      });
}

void WideAccumulator::keep(const Addition& addition, const Queue& queue, const Expr& sums) {
  const auto at = [&](const Expr& slot, const Expr& phase) {
    return address(slot, phase, v_.finished);
  };
  m_.instance(
      "u_finished", hdl::ram_1r1w(),
      {{"clk_i", clk_},
       {"write_enable_i", m_.let("finish", addition.add_q && addition.last_q)},
       {"write_address_i", m_.let("finish_address", at(queue.write_slot_q, addition.phase_q))},
       {"write_data_i", sums},
       {"read_enable_i", read_},
       {"read_address_i", m_.let("drain_address", at(queue.read_slot_q, read_phase_))},
       {"read_data_o", m_.output("data_o", group_ * wide_, "The group, a cycle after read_i.")}},
      {{"Width", group_ * wide_}, {"Depth", finished_ * phase_count_}});
}

}  // namespace

Module wide_accumulator(const Geometry& g, Accumulates what) {
  return WideAccumulator(g, what).build();
}

}  // namespace hasse::units
