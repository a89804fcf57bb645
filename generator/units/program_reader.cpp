// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
#include "generator/units/program.hpp"
#include "generator/units/transrow.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;
using hdl::zext;

/// Builds the module, a section of it per function.
class ProgramReader {
 public:
  explicit ProgramReader(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Head;
  /// The oldest word's reads by lane, lane 0 lowest.
  struct Reads {
    Expr valid, bank, address, negate, row, first, last;
  };

  void queue(const Head& head);
  Reads take_apart(const Head& head);
  void planes(const Head& head, const Reads& reads);
  Expr waits(const Head& head, const Reads& reads);
  void follow_tiles(const Head& head);
  Expr delayed(const std::string& name, const Expr& now);
  void read_banks(const Head& head, const Reads& reads);
  Expr send(const Head& head, const Reads& reads);
  void send_banks(const Head& head, const Reads& reads);
  void count(const Head& head, const Reads& reads, const Expr& valid_q);
  void release(const Head& head);

  const Geometry& g_;
  const transitive::ProgramLayout& layout_ = g_.program;
  int phases_ = g_.design.columns_per_adder;
  Module m_{"program_reader",
            "Makes the reads of a compiled program and sends the nodes to the accumulate lanes.\n"
            "A word holds a read or nothing for every lane, and never two addresses of one bank.\n"
            "Words wait until the nodes of their sub-tile are built, and until the lanes can take\n"
            "what they read. Column group p is read p cycles after group 0, so that the groups\n"
            "take turns on the wide adders."};
  Width lanes_ = m_.localparam("Lanes", g_.design.lanes, "Accumulate lanes.");
  Width banks_ = m_.localparam("Banks", g_.derived.banks, "Prefix banks.");
  Width bank_bits_ =
      m_.localparam("BankBits", layout_.bank_bits, "Number of a bank, or of none: Banks.");
  Width select_bits_ = m_.localparam("SelectBits", g_.bank_bits, "Number of a bank.");
  Width address_bits_ =
      m_.localparam("AddressBits", g_.bank_address_bits, "Bits of an address in a bank.");
  Width entry_bits_ = m_.localparam("EntryBits", layout_.entry_bits, "What a lane reads.");
  Width plane_bits_ = m_.localparam("PlaneBits", g_.weight_bits_bits, "Number of a plane.");
  Width flag_bits_ = m_.localparam("FlagBits", kFlagBits, "What accompanies a TransRow.");
  Width phase_count_ = m_.localparam("Phases", phases_, "Column groups, one cycle apart.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr weight_bits_ = m_.input("weight_bits_i", plane_bits_, "Bits of every weight.");
  Expr read_valid_ = m_.input("read_valid_i", 1, "Reads of a word of the program are taken.");
  Expr read_ = m_.input("read_i", program_read_bits(g_),
                        "{entry of every lane, last read, last_k, first_k}.");
  Expr tile_built_ = m_.input("tile_built_i", 1, "The last step of a sub-tile is made.");
  Expr rows_full_ = m_.input("rows_full_i", lanes_, "Lane has no room for another finished row.");
};

/// The oldest word.
struct ProgramReader::Head {
  const ProgramReader& in;
  Module m = in.m_;
  Expr valid = m.logic("there", 1, "There are reads.");
  Expr word = m.logic("word", program_read_bits(in.g_), "Those of the oldest word.");
  Expr fire = m.logic("fire", 1, "They are made in this cycle.");
  Expr built_q = m.logic("built_q", 1, "The last node of a sub-tile is being written.");
  Expr tiles_q = m.logic("tiles_q", 2, "Sub-tiles that can be read.");
  Expr half_q = m.logic("half_q", 1, "Half of the banks that holds the oldest.");
  Expr finish = m.let("finish", fire&& word.bit(kReadLast), "It is read completely.");
};

Module ProgramReader::build() {
  m_.set_unit("look_ahead");
  m_.section("Reads that have been taken");
  const Head head{*this};
  queue(head);
  const Reads reads = take_apart(head);
  planes(head, reads);
  m_.section("Whether they can be made");
  m_.assign(head.fire, head.valid && head.tiles_q != 0 && !waits(head, reads));
  follow_tiles(head);
  read_banks(head, reads);
  count(head, reads, send(head, reads));
  release(head);
  return m_;
}

void ProgramReader::queue(const Head& head) {
  m_.instance("u_reads", hdl::stream_fifo(),
              {{"clk_i", clk_},
               {"rst_ni", rst_n_},
               {"valid_i", read_valid_},
               {"ready_o", m_.output("reads_ready_o", 1, "There is room for those of a word.")},
               {"data_i", read_},
               {"valid_o", head.valid},
               {"ready_i", head.fire},
               {"data_o", head.word}},
              {{"Width", program_read_bits(g_)}, {"Depth", layout_.read_queue}});
}

/// The entries of the lanes, each {row, negate, address, bank}.
ProgramReader::Reads ProgramReader::take_apart(const Head& head) {
  const int row_bits = layout_.row_bits;
  const Reads reads{m_.logic("reads", lanes_, "Lane reads."),
                    m_.logic("bank", lanes_ * bank_bits_, "From this bank."),
                    m_.logic("address", lanes_ * address_bits_),
                    m_.logic("negate", lanes_, "The code's top bit."),
                    row_bits > 0 ? m_.logic("row", lanes_ * row_bits, "Row of the lane.") : clk_,
                    m_.logic("first", lanes_, "First plane of the row."),
                    m_.logic("last", lanes_, "Last plane of the row.")};
  m_.generate_for("lane", lanes_, "gen_entry", [&](Scope& s, const Expr& lane) {
    const Expr entry =
        s.let("entry", head.word.slice(kReadEntries, lanes_ * entry_bits_).lane(lane, entry_bits_));
    const Expr bank = s.let("entry_bank", entry.slice(0, bank_bits_));
    s.assign(reads.bank.lane(lane, bank_bits_), bank);
    s.assign(reads.valid.bit(lane), bank != lit(banks_, bank_bits_));
    s.assign(reads.address.lane(lane, address_bits_), entry.slice(bank_bits_, address_bits_));
    s.assign(reads.negate.bit(lane), entry.bit(layout_.bank_bits + layout_.address_bits));
    if (row_bits > 0)
      s.assign(reads.row.lane(lane, row_bits),
               entry.slice(layout_.bank_bits + layout_.address_bits + 1, row_bits));
  });
  return reads;
}

/// A lane reads the planes of a row one after the other.
void ProgramReader::planes(const Head& head, const Reads& reads) {
  m_.section("Plane that every lane reads next");
  const Expr top = m_.let("top_plane", weight_bits_ - 1);
  m_.generate_for("lane", lanes_, "gen_plane", [&](Scope& s, const Expr& lane) {
    const Expr plane_q = s.logic("plane_q", plane_bits_);
    s.assign(reads.first.bit(lane), plane_q == top);
    s.assign(reads.last.bit(lane), plane_q == 0);
    s.always_ff(clk_, [&](Block& b) {
      b.when(begin_, [&](Block& t) {
         t.assign(plane_q, top);
       }).else_when(head.fire && reads.valid.bit(lane), [&](Block& t) {
        t.assign(plane_q, mux(reads.last.bit(lane), top, plane_q - 1));
      });
    });
  });
}

/// A row that is complete needs the wide adder, and after the last sub-tile along K a place.
Expr ProgramReader::waits(const Head& head, const Reads& reads) {
  const Expr ends = m_.let("ends", reads.valid & reads.last, "Lane completes a row.");
  const Expr full = ends & rows_full_ & repeat(lanes_, head.word.bit(kReadLastK));
  if (phases_ == 1) return m_.let("waits", reduce_or(full));
  const Expr busy = m_.logic("busy", lanes_, "The lane's wide adder is still taking a row.");
  const int bits = bits_for(phases_ - 1);
  m_.generate_for("lane", lanes_, "gen_gap", [&](Scope& s, const Expr& lane) {
    const Expr gap_q = s.logic("gap_q", bits, "Cycles until it takes another.");
    s.assign(busy.bit(lane), gap_q != 0);
    s.always_ff(
        clk_, rst_n_, [&](Block& b) { b.assign(gap_q, 0); },
        [&](Block& b) {
          b.when(head.fire && ends.bit(lane), [&](Block& t) {
             t.assign(gap_q, phases_ - 1);
           }).else_when(gap_q != 0, [&](Block& t) { t.assign(gap_q, gap_q - 1); });
        });
  });
  return m_.let("waits", reduce_or((ends & busy) | full));
}

void ProgramReader::follow_tiles(const Head& head) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {head.built_q, head.tiles_q, head.half_q}) b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(head.built_q, tile_built_);
        b.assign(head.tiles_q, head.tiles_q + zext(head.built_q, 2) - zext(head.finish, 2));
        b.assign(head.half_q, head.half_q ^ head.finish);
      });
}

/// What group 0 sees now and group p p cycles later, group 0 lowest.
Expr ProgramReader::delayed(const std::string& name, const Expr& now) {
  if (phases_ == 1) return now;
  const Width bits = now.width(), later = Width(phases_ - 1) * bits;
  const Expr later_q = m_.logic(name + "_later_q", later, "For the later column groups.");
  const Expr all = m_.let(name + "_phases", cat({later_q, now}));
  m_.always_ff(clk_, [&](Block& b) { b.assign(later_q, all.slice(0, later)); });
  return all;
}

void ProgramReader::read_banks(const Head& head, const Reads& reads) {
  m_.section("Banks: no two lanes ask one for different addresses");
  const Expr read = m_.logic("bank_read", banks_), at = m_.logic("bank_at", banks_ * address_bits_);
  m_.generate_for("index", banks_, "gen_bank", [&](Scope& s, const Expr& index) {
    const Expr asks = s.logic("asks", lanes_, "Lane reads this bank.");
    s.generate_for("lane", lanes_, "gen_ask", [&](Scope& t, const Expr& lane) {
      t.assign(asks.bit(lane),
               reads.bank.lane(lane, bank_bits_) == as_bits(index, layout_.bank_bits));
    });
    Expr address = reads.address.lane(0, address_bits_) & repeat(address_bits_, asks.bit(0));
    for (int lane = 1; lane < g_.design.lanes; ++lane)
      address = address |
                (reads.address.lane(lane, address_bits_) & repeat(address_bits_, asks.bit(lane)));
    s.assign(read.bit(index), head.fire && reduce_or(asks));
    s.assign(at.lane(index, address_bits_), address);
  });
  m_.assign(m_.output("read_o", phase_count_ * banks_, "Read this bank, group 0 lowest."),
            delayed("read", read));
  m_.assign(m_.output("read_half_o", phase_count_, "Half of the banks that group p reads."),
            delayed("half", head.half_q));
  m_.assign(m_.output("read_address_o", phase_count_ * banks_ * address_bits_,
                      "Address in each bank, group 0 lowest."),
            delayed("address", at));
}

Expr ProgramReader::send(const Head& head, const Reads& reads) {
  m_.section("To the lanes, with the nodes of group 0");
  const Expr valid_q = m_.logic("valid_q", lanes_);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, reads.valid & repeat(lanes_, head.fire)); });
  m_.assign(m_.output("data_valid_o", lanes_, "Lane receives a node."), valid_q);
  const Expr flags = m_.output("flags_o", lanes_ * flag_bits_, kFlagsDoc);
  m_.generate_for("lane", lanes_, "gen_flags", [&](Scope& s, const Expr& lane) {
    const Expr flags_q = s.logic("flags_q", flag_bits_);
    s.always_ff(clk_, [&](Block& b) {
      b.assign(flags_q, cat({reads.negate.bit(lane) ^ reads.first.bit(lane),
                             head.word.bit(kReadLastK), head.word.bit(kReadFirstK), lit(0, 1),
                             reads.last.bit(lane), reads.first.bit(lane)}));
    });
    s.assign(flags.lane(lane, flag_bits_), flags_q);
  });
  if (layout_.row_bits > 0) {
    const Expr row_q = m_.logic("row_q", reads.row.width());
    m_.always_ff(clk_, [&](Block& b) { b.assign(row_q, reads.row); });
    m_.assign(m_.output("row_o", row_q.width(), "Row of the lane in the sub-tile."), row_q);
  }
  send_banks(head, reads);
  return valid_q;
}

/// Where the nodes of each group come from, in the cycle in which they do.
void ProgramReader::send_banks(const Head& head, const Reads& reads) {
  const Expr bank_q = m_.logic("bank_q", lanes_ * select_bits_);
  const Expr half_q = m_.logic("data_half_q", 1);
  m_.generate_for("lane", lanes_, "gen_from", [&](Scope& s, const Expr& lane) {
    s.always_ff(clk_, [&](Block& b) {
      b.assign(bank_q.lane(lane, select_bits_),
               reads.bank.lane(lane, bank_bits_).slice(0, select_bits_));
    });
  });
  m_.always_ff(clk_, [&](Block& b) { b.assign(half_q, head.half_q); });
  m_.assign(m_.output("data_bank_o", phase_count_ * lanes_ * select_bits_,
                      "Bank that every lane's node comes from, group 0 lowest."),
            delayed("from", bank_q));
  m_.assign(m_.output("data_half_o", phase_count_, "Half of the banks, group 0 lowest."),
            delayed("from_half", half_q));
}

/// Only the root lies at address 0 of bank 0: it is what a zero code reads.
void ProgramReader::count(const Head& head, const Reads& reads, const Expr& valid_q) {
  m_.section("Counts");
  const Expr zero = m_.logic("zero", lanes_, "Lane reads what a zero code asks for.");
  m_.generate_for("lane", lanes_, "gen_zero", [&](Scope& s, const Expr& lane) {
    s.assign(zero.bit(lane), head.fire && reads.bank.lane(lane, bank_bits_) == 0 &&
                                 reads.address.lane(lane, address_bits_) == 0 &&
                                 !reads.negate.bit(lane));
  });
  const Expr zero_q = m_.logic("zero_q", lanes_);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(zero_q, 0); },
      [&](Block& b) { b.assign(zero_q, zero); });
  const int bits = bits_for(g_.design.lanes);
  const auto sum = [&](const Expr& ones) {
    Expr total = zext(ones.bit(0), bits);
    for (int lane = 1; lane < g_.design.lanes; ++lane) total = total + zext(ones.bit(lane), bits);
    return total;
  };
  m_.assign(m_.output("transrows_o", bits, "TransRows read, a cycle later."), sum(valid_q));
  m_.assign(m_.output("zero_transrows_o", bits, "Those of them without a set bit."), sum(zero_q));
}

/// The last column group has been read, too.
void ProgramReader::release(const Head& head) {
  m_.section("Release of a sub-tile");
  const Expr release = m_.output("release_o", 1, "A sub-tile has been read completely.");
  const Expr half = m_.output("release_half_o", 1, "Half of the banks it leaves.");
  if (phases_ == 1) {
    m_.assign(release, head.finish);
    m_.assign(half, head.half_q);
    return;
  }
  const int stages = phases_ - 1;
  const Expr finish_q = m_.logic("finish_q", stages), which_q = m_.logic("finish_half_q", stages);
  const auto shifted = [&](const Expr& stages_q, const Expr& in) {
    return stages == 1 ? in : cat({stages_q.slice(0, stages - 1), in});
  };
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(finish_q, 0); },
      [&](Block& b) { b.assign(finish_q, shifted(finish_q, head.finish)); });
  m_.always_ff(clk_, [&](Block& b) { b.assign(which_q, shifted(which_q, head.half_q)); });
  m_.assign(release, finish_q.bit(stages - 1));
  m_.assign(half, which_q.bit(stages - 1));
}

}  // namespace

Module program_reader(const Geometry& g) {
  return ProgramReader(g).build();
}

}  // namespace hasse::units
