// SPDX-License-Identifier: Apache-2.0
#include "generator/units/attention.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::Width;

/// Builds the module, a section of it per function.
class StreamAddresser {
 public:
  StreamAddresser(int sink, int ring) : sink_(sink), ring_(ring) {}

  Module build() {
    m_.set_unit("pages");
    place();
    walk();
    return m_;
  }

 private:
  void place();
  void walk();
  Expr next_listed(const Expr& at, const Expr& oldest) const;
  /// The ring's slot after `slot`.
  Expr after(const Expr& slot) const {
    return mux(slot == lit(sink_ + ring_ - 1, bits_), lit(sink_, bits_), slot + 1);
  }

  int sink_, ring_;
  int bits_ = bits_for(sink_ + ring_);
  Module m_{"stream_addresser",
            "Where the blocks of a streaming head lie: the first stay, the others follow each\n"
            "other round a ring. Two counters, no division."};
  Width slot_bits_ = m_.localparam("SlotBits", bits_, "Bits of a slot, and of a number of blocks.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr clear_ = m_.input("clear_i", 1, "A new sequence, without blocks.");
  Expr advance_ = m_.input("advance_i", 1, "A block begins; not while slots are listed.");
  Expr list_ = m_.input("list_i", 1, "List the slots of all blocks; not while that goes on.");
  Expr list_ready_ = m_.input("list_ready_i", 1, "The slot is taken.");
  Expr blocks_q_ = m_.logic("blocks_q", slot_bits_, "Blocks that are there.");
  Expr turn_q_ = m_.logic("turn_q", slot_bits_, "Slot of the ring that is written next.");
};

void StreamAddresser::place() {
  m_.section("The next block's slot");
  const Expr full = m_.let("full", blocks_q_ == lit(sink_ + ring_, bits_), "Every slot is in use.");
  const Expr in_sink = sink_ == 0 ? lit(0, 1) : m_.let("in_sink", blocks_q_ < lit(sink_, bits_));
  const Expr slot = sink_ == 0 ? turn_q_ : m_.let("slot", mux(in_sink, blocks_q_, turn_q_));
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(blocks_q_, 0);
        b.assign(turn_q_, lit(sink_, bits_));
      },
      [&](Block& b) {
        b.when(clear_, [&](Block& t) {
           t.assign(blocks_q_, 0);
           t.assign(turn_q_, lit(sink_, bits_));
         }).else_when(advance_, [&](Block& t) {
          t.when(!full, [&](Block& u) { u.assign(blocks_q_, blocks_q_ + 1); });
          const auto turn = [&](Block& u) { u.assign(turn_q_, after(turn_q_)); };
          if (sink_ == 0)
            turn(t);
          else
            t.when(!in_sink, turn);
        });
      });
  m_.assign(m_.output("slot_o", slot_bits_, "Where the next block goes; what lay there is gone."),
            slot);
}

/// What follows `at` in the list.
Expr StreamAddresser::next_listed(const Expr& at, const Expr& oldest) const {
  if (sink_ == 0) return after(at);
  const Expr behind_sink = mux(at == lit(sink_ - 1, bits_), oldest, after(at));
  return sink_ == 1 ? behind_sink : mux(at < lit(sink_ - 1, bits_), at + 1, behind_sink);
}

/// Sink first, then the ring from its oldest block on: the order of the tokens.
void StreamAddresser::walk() {
  m_.section("The slots of all blocks, in the order of their tokens");
  const Expr left_q = m_.logic("left_q", slot_bits_, "Slots still to be listed.");
  const Expr at_q = m_.logic("at_q", slot_bits_, "The next of them.");
  const Expr oldest =
      m_.let("oldest", mux(blocks_q_ == lit(sink_ + ring_, bits_), turn_q_, lit(sink_, bits_)));
  const Expr next = next_listed(at_q, oldest);
  const Expr valid = m_.let("valid", left_q != 0);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(left_q, 0); },
      [&](Block& b) {
        b.when(list_, [&](Block& t) {
           t.assign(left_q, blocks_q_);
         }).else_when(valid && list_ready_, [&](Block& t) { t.assign(left_q, left_q - 1); });
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(list_, [&](Block& t) {
       t.assign(at_q, sink_ == 0 ? oldest : lit(0, bits_));
     }).else_when(valid && list_ready_, [&](Block& t) { t.assign(at_q, next); });
  });
  m_.assign(m_.output("list_slot_o", slot_bits_, "A block's slot."), at_q);
  m_.assign(m_.output("list_last_o", 1, "It is the newest block's."), left_q == lit(1, bits_));
  m_.assign(m_.output("list_valid_o", 1, "There is one."), valid);
}

}  // namespace

Module stream_addresser(int sink, int ring) {
  return StreamAddresser(sink, ring).build();
}

}  // namespace hasse::units
