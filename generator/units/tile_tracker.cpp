// SPDX-License-Identifier: Apache-2.0
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::Scope;
using hdl::Width;
using hdl::zext;

/// Number of set bits of `bits`, as a chain of one-bit additions (synthesis makes the tree).
Expr popcount(Module& m, const std::string& name, const Expr& bits, int width) {
  Expr sum = zext(bits.bit(0), width);
  for (int i = 1; i < bits.width().value(); ++i) sum = sum + zext(bits.bit(i), width);
  return m.let(name, sum);
}

/// Builds the module, a section of it per function.
class TileTracker {
 public:
  explicit TileTracker(const Geometry& g) : g_(g) {}

  Module build() {
    m_.set_unit("control");
    const Counts counts = events();
    if (g_.plans_ahead()) {
      open_numbers(counts);
      return m_;
    }
    const Halves pending = reads_to_come(counts);
    open_tiles(pending);
    return m_;
  }

 private:
  /// One value per half of the banks.
  struct Halves {
    Expr lower, upper;
  };
  /// What happens in this cycle.
  struct Counts {
    Expr pushed;
    Halves read;
  };

  Counts events();
  Halves reads_to_come(const Counts& counts);
  void open_tiles(const Halves& pending);
  void open_numbers(const Counts& counts);
  Expr numbers_pending(const Counts& counts, const Expr& oldest_q);

  const Geometry& g_;
  int lane_bits_ = bits_for(g_.design.lanes);
  int count_bits_ = bits_for(g_.design.rows);
  Module m_{
      "tile_tracker",
      "Knows when the last read of a sub-tile is over, so that its banks can be written again.\n"
      "Counts TransRows handed to the lanes against node reads, " +
          std::string(g_.plans_ahead() ? "for four sub-tiles. The oldest two\ncan be read."
                                       : "for each half of the banks.")};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr push_ = m_.input("push_i", lanes_, "Lane receives a TransRow.");
  Expr push_zero_ = m_.input("push_zero_i", lanes_, "The TransRow has no set bit.");
  Expr push_tile_ = g_.plans_ahead()
                        ? m_.input("push_number_i", Geometry::kNumberBits,
                                   "Sub-tile they belong to, modulo four.")
                        : m_.input("push_half_i", 1, "Half of the banks the TransRows belong to.");
  Expr complete_ = m_.input("tile_complete_i", 1, "They are the last of their sub-tile.");
  Expr tile_end_ = m_.input("tile_end_i", 1, "The last beat of a sub-tile is taken from the host.");
  Expr read_ = m_.input("read_i", lanes_, "Lane reads a node.");
  Expr read_half_ = m_.input("read_half_i", lanes_, "Half of the banks the node lies in.");
};

TileTracker::Counts TileTracker::events() {
  m_.section("TransRows handed out, reads made");
  const Expr pushed = popcount(m_, "pushed", push_, lane_bits_);
  m_.assign(m_.output("transrows_o", lane_bits_, "TransRows handed out in this cycle."), pushed);
  const Expr zero = m_.let("pushed_zero", push_ & push_zero_);
  m_.assign(m_.output("zero_transrows_o", lane_bits_, "Those without a set bit."),
            popcount(m_, "zero_count", zero, lane_bits_));
  const Expr lower = m_.let("read_lower", read_ & ~read_half_);
  const Expr upper = m_.let("read_upper", read_ & read_half_);
  return {pushed,
          {popcount(m_, "lower_count", lower, lane_bits_),
           popcount(m_, "upper_count", upper, lane_bits_)}};
}

TileTracker::Halves TileTracker::reads_to_come(const Counts& counts) {
  m_.section("Reads still to come, per half");
  const Halves pending{m_.logic("lower_pending_q", count_bits_),
                       m_.logic("upper_pending_q", count_bits_)};
  const auto after = [&](const Expr& before, const Expr& mine, const Expr& read) {
    return before + zext(mux(mine, counts.pushed, 0), count_bits_) - zext(read, count_bits_);
  };
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(pending.lower, 0);
        b.assign(pending.upper, 0);
      },
      [&](Block& b) {
        b.assign(pending.lower, after(pending.lower, !push_tile_, counts.read.lower));
        b.assign(pending.upper, after(pending.upper, push_tile_, counts.read.upper));
      });
  return pending;
}

void TileTracker::open_tiles(const Halves& pending) {
  m_.section("Sub-tiles taken, and handed out, completely that have not been read completely");
  const Expr taken_q = m_.logic("taken_q", 2);
  const Expr open_q = m_.logic("open_q", 2);
  const Expr half_q = m_.logic("oldest_half_q", 1, "Half of the oldest of them.");
  const Expr release =
      m_.let("release_oldest", open_q != 0 && mux(half_q, pending.upper, pending.lower) == 0);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {taken_q, open_q, half_q}) b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(taken_q, taken_q + zext(tile_end_, 2) - zext(release, 2));
        b.assign(open_q, open_q + zext(complete_, 2) - zext(release, 2));
        b.when(release, [&](Block& t) { t.assign(half_q, !half_q); });
      });
  m_.assign(m_.output("open_o", 1, "Another sub-tile may be taken."), !taken_q.bit(1));
  m_.assign(m_.output("release_o", 1, "The oldest sub-tile has been read completely."), release);
  m_.assign(m_.output("release_half_o", 1, "Half of the banks it leaves."), half_q);
}

/// TransRows of every open sub-tile that have not been read.
Expr TileTracker::numbers_pending(const Counts& counts, const Expr& oldest_q) {
  m_.section("Reads still to come, per sub-tile");
  const Width count_bits = m_.localparam("CountBits", count_bits_, "Counts TransRows.");
  const Expr pending_q = m_.logic("pending_q", Width(4) * count_bits);
  const Expr second = m_.let("second_oldest", oldest_q + 1);
  m_.generate_for("number", 4, "gen_number", [&](Scope& s, const Expr& number) {
    const Expr mine = s.let("mine", as_bits(number, Geometry::kNumberBits));
    const Expr before = pending_q.lane(number, count_bits);
    const Expr readable = s.let("readable", mine == oldest_q || mine == second);
    const Expr pushed = s.let("pushes", mux(push_tile_ == mine, counts.pushed, 0));
    const Expr in_half = s.let("in_half", mux(mine.bit(0), counts.read.upper, counts.read.lower));
    const Expr read = s.let("reads", mux(readable, in_half, 0));
    s.always_ff(
        clk_, rst_n_, [&](Block& b) { b.assign(before, 0); },
        [&](Block& b) {
          b.assign(before, before + zext(pushed, count_bits) - zext(read, count_bits));
        });
  });
  const auto pending = [&](int number) { return pending_q.lane(number, count_bits); };
  return mux(oldest_q.bit(1), mux(oldest_q.bit(0), pending(3), pending(2)),
             mux(oldest_q.bit(0), pending(1), pending(0)));
}

void TileTracker::open_numbers(const Counts& counts) {
  const Expr oldest_q = m_.logic("oldest_q", Geometry::kNumberBits, "Number of the oldest.");
  const Expr to_come = numbers_pending(counts, oldest_q);
  m_.section("Sub-tiles taken, and handed out, completely that have not been read completely");
  const Expr taken_q = m_.logic("taken_q", 3);
  const Expr open_q = m_.logic("open_q", 3);
  const Expr release = m_.let("release_oldest", open_q != 0 && to_come == 0);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {taken_q, open_q, oldest_q}) b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(taken_q, taken_q + zext(tile_end_, 3) - zext(release, 3));
        b.assign(open_q, open_q + zext(complete_, 3) - zext(release, 3));
        b.assign(oldest_q, oldest_q + zext(release, Geometry::kNumberBits));
      });
  m_.assign(m_.output("open_o", 1, "Another sub-tile may be taken."), !taken_q.bit(2));
  m_.assign(m_.output("release_o", 1, "The oldest sub-tile has been read completely."), release);
  m_.assign(m_.output("release_number_o", Geometry::kNumberBits, "Its number, modulo four."),
            oldest_q);
}

}  // namespace

Module tile_tracker(const Geometry& g) {
  return TileTracker(g).build();
}

}  // namespace hasse::units
