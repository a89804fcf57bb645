// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
#include "generator/units/transrow.hpp"
#include "generator/units/units.hpp"

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

/// Builds the module, a section of it per function.
class ReorderBuffer {
 public:
  explicit ReorderBuffer(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Head;

  void flags_memory(const Head& head);
  void retire(const Head& head);
  void accompany(const Head& head);
  void stagger(const Head& head, const Expr& reads, const Expr& heads);
  void node_memories(const Head& head);

  const Geometry& g_;
  int phases_ = g_.design.columns_per_adder;
  Module m_{
      "reorder_buffer",
      "Puts one lane's node values back into the order of its TransRows.\n"
      "An entry is allocated when a TransRow enters the window, filled when its node arrives, and\n"
      "retired in order, one per cycle. The columns are split into Phases groups; group p is read\n"
      "p cycles after group 0, so that the groups can take turns on one wide adder."};
  Width depth_ = m_.localparam("Depth", g_.reorder_depth, "Entries.");
  Width phase_count_ = m_.localparam("Phases", phases_, "Column groups.");
  Width group_bits_ = m_.localparam("GroupBits", g_.beat_columns* g_.derived.node_bits,
                                    "Node values of one column group.");
  Width group_ = m_.localparam("GroupColumns", g_.beat_columns, "Columns of a group.");
  Width tag_bits_ = m_.localparam("TagBits", g_.tag_bits, "Bits of an entry's number.");
  Width flag_bits_ = m_.localparam("FlagBits", kFlagBits, "What accompanies a TransRow.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr alloc_ = m_.input("alloc_i", 1, "Allocate an entry.");
  Expr alloc_tag_ = m_.input("alloc_tag_i", tag_bits_, "Which one.");
  Expr alloc_flags_ = m_.input("alloc_flags_i", flag_bits_, kFlagsDoc);
  Expr fill_ = m_.input("fill_i", 1, "A node value arrives.");
  Expr fill_tag_ = m_.input("fill_tag_i", tag_bits_, "For this entry.");
  Expr node_ = m_.input("node_i", phase_count_* group_bits_, "The node value of every column.");
  Expr odd_ = m_.input("odd_i", phase_count_* group_, "Odd bit of every column in its sub-tile.");
  Expr rows_full_ = m_.input("rows_full_i", 1, "No room for another finished row.");
};

/// The entry to be retired next.
struct ReorderBuffer::Head {
  const ReorderBuffer& in;
  Module m = in.m_;
  Expr tag_q = m.logic("head_q", in.tag_bits_);
  Expr next = m.let("head_next", mux(tag_q == lit(in.depth_ - 1, in.tag_bits_), 0, tag_q + 1));
  Expr filled_q = m.logic("filled_q", in.depth_, "Entries whose node has arrived.");
  Expr flags = m.logic("flags", in.flag_bits_, "What accompanies the head.");
  Expr gap_q =
      m.logic("gap_q", bits_for(in.phases_), "Cycles until the wide adder takes another row.");
  Expr finishes =
      m.let("finishes", flags.bit(kLast) && flags.bit(kLastK), "The row's result is complete.");
  Expr retire = m.let("retire", filled_q.bit(tag_q) && !(flags.bit(kLast) && gap_q != 0) &&
                                    !(finishes && in.rows_full_));
  Expr after = m.let("head_after", mux(retire, next, tag_q));
};

Module ReorderBuffer::build() {
  m_.set_unit("reorder");
  m_.section("Entry to be retired next");
  const Head head{*this};
  flags_memory(head);
  retire(head);
  accompany(head);
  node_memories(head);
  return m_;
}

void ReorderBuffer::flags_memory(const Head& head) {
  m_.instance("u_flags", hdl::ram_1r1w(),
              {{"clk_i", clk_},
               {"write_enable_i", alloc_},
               {"write_address_i", alloc_tag_},
               {"write_data_i", alloc_flags_},
               {"read_enable_i", lit(1, 1)},
               {"read_address_i", head.after},
               {"read_data_o", head.flags}},
              {{"Width", flag_bits_}, {"Depth", depth_}});
}

void ReorderBuffer::retire(const Head& head) {
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& r : {head.tag_q, head.filled_q, head.gap_q}) b.assign(r, 0);
      },
      [&](Block& b) {
        b.assign(head.tag_q, head.after);
        b.when(head.retire, [&](Block& t) { t.assign(head.filled_q.bit(head.tag_q), 0); });
        b.when(fill_, [&](Block& t) { t.assign(head.filled_q.bit(fill_tag_), 1); });
        b.when(head.retire && head.flags.bit(kLast), [&](Block& t) {
           t.assign(head.gap_q, phases_ - 1);
         }).else_when(head.gap_q != 0, [&](Block& t) { t.assign(head.gap_q, head.gap_q - 1); });
      });
  m_.assign(m_.output("credit_o", 1, "An entry is free again."), head.retire);
}

void ReorderBuffer::accompany(const Head& head) {
  m_.section("What the accumulate lane must know, a cycle later, with the first column group");
  const Expr valid_q = m_.logic("valid_q", 1);
  const Expr flags_q = m_.logic("flags_q", flag_bits_);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, head.retire); });
  m_.always_ff(clk_, [&](Block& b) { b.assign(flags_q, head.flags); });
  m_.assign(m_.output("valid_o", 1, "A TransRow is accumulated."), valid_q);
  m_.assign(m_.output("flags_o", flag_bits_, "What accompanies it."), flags_q);
}

void ReorderBuffer::node_memories(const Head& head) {
  m_.section("Node values, one memory per column group");
  const Expr sorted = m_.output("node_o", phase_count_ * group_bits_,
                                "Node values in order, group p after p cycles.");
  const Expr sorted_odd = m_.output("odd_o", phase_count_ * group_, "Their odd bits.");
  const Expr reads = m_.logic("reads", phase_count_, "Group p reads.");
  const Expr heads = m_.logic("heads", phase_count_ * tag_bits_, "Entry that group p reads.");
  stagger(head, reads, heads);
  m_.generate_for("phase", phase_count_, "gen_phase", [&](Scope& s, const Expr& phase) {
    const Expr entry = s.logic("entry", group_bits_ + group_, "{odd bits, node values}.");
    s.instance(
        "u_ram", hdl::ram_1r1w(),
        {{"clk_i", clk_},
         {"write_enable_i", fill_},
         {"write_address_i", fill_tag_},
         {"write_data_i",
          s.let("arriving", cat({odd_.lane(phase, group_), node_.lane(phase, group_bits_)}))},
         {"read_enable_i", reads.bit(phase)},
         {"read_address_i", heads.lane(phase, tag_bits_)},
         {"read_data_o", entry}},
        {{"Width", group_bits_ + group_}, {"Depth", depth_}});
    s.assign(sorted.lane(phase, group_bits_), entry.slice(0, group_bits_));
    s.assign(sorted_odd.lane(phase, group_), entry.slice(group_bits_, group_));
  });
}

/// Group p reads what group 0 read, p cycles later.
void ReorderBuffer::stagger(const Head& head, const Expr& reads, const Expr& heads) {
  if (phases_ == 1) {
    m_.assign(reads, head.retire);
    m_.assign(heads, head.tag_q);
    return;
  }
  const Width later = phase_count_ - 1;
  const Expr reads_q = m_.logic("reads_q", later);
  const Expr heads_q = m_.logic("heads_q", later * tag_bits_);
  m_.assign(reads, cat({reads_q, head.retire}));
  m_.assign(heads, cat({heads_q, head.tag_q}));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(reads_q, 0); },
      [&](Block& b) { b.assign(reads_q, reads.slice(0, later)); });
  m_.always_ff(clk_, [&](Block& b) { b.assign(heads_q, heads.slice(0, later * tag_bits_)); });
}

}  // namespace

Module reorder_buffer(const Geometry& g) {
  return ReorderBuffer(g).build();
}

}  // namespace hasse::units
