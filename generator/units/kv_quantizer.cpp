// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/attention.hpp"
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
using hdl::zeros;
using hdl::zext;

constexpr int kBits = 16;          ///< Of an element.
constexpr int kCodeBits = 8;       ///< Of the longer codes.
constexpr int kShortBits = 4;      ///< Of the shorter ones.
constexpr int kDividendBits = 26;  ///< 2 * 65535 * 255 + 65535 fits.
constexpr int kPartBits = 24;      ///< 2 * 65535 * 2^7 fits.

/// Builds the module, a section of it per function.
class KvQuantizer {
 public:
  explicit KvQuantizer(const KeyBeats& keys) : keys_(keys) {}

  Module build() {
    m_.set_unit("kv_quantizer");
    find_range(sequence());
    divide();
    return m_;
  }

 private:
  Expr sequence();
  void find_range(const Expr& first);
  Expr extreme(const std::string& name, bool smallest);
  void divide();

  KeyBeats keys_;
  int word_ = keys_.channels * kBits;
  Module m_{"kv_quantizer",
            "Codes of a cached vector: element d is worth low + code * range / (2^bits - 1).\n"
            "Takes a vector, then divides beat after beat, a quotient bit a cycle; halves are\n"
            "rounded up. No multiplier: 2^bits - 1 times a number is a shift and a difference."};
  Width channels_ = m_.localparam("Channels", keys_.channels, "Elements in a beat.");
  Width beats_ = m_.localparam("Beats", keys_.beats(), "Beats of a vector.");
  Width bits_ = m_.localparam("ElementBits", kBits, "Bits of an element, two's complement.");
  Width code_bits_ = m_.localparam("CodeBits", kCodeBits, "Bits of a code; short ones fill four.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr short_ = m_.input("short_i", 1, "Codes have four bits; the same for a whole vector.");
  Expr element_ = m_.input("element_i", channels_* bits_, "Elements, the first lowest.");
  Expr element_valid_ = m_.input("element_valid_i", 1, "They are valid.");
  Expr code_ready_ = m_.input("code_ready_i", 1, "The codes are taken.");
  // One of these at a time.
  Expr take_q_ = m_.logic("take_q", 1, "Elements are taken.");
  Expr begin_q_ = m_.logic("begin_q", 1, "A beat's division begins.");
  Expr divide_q_ = m_.logic("divide_q", 1, "A quotient bit a cycle.");
  Expr give_q_ = m_.logic("give_q", 1, "A beat's codes are given.");
  Expr taken_ = m_.let("taken", take_q_&& element_valid_);
  Expr given_ = m_.let("given", give_q_&& code_ready_);
  Expr step_q_ = m_.logic("step_q", 3, "Quotient bits after this one.");
  Expr ring_q_ = m_.logic("ring_q", beats_* channels_* bits_, "The vector, next beat lowest.");
  Expr low_q_ = m_.logic("low_q", bits_, "Smallest element.");
  Expr high_q_ = m_.logic("high_q", bits_, "Largest element.");
  Expr range_ = m_.let("spread", high_q_ - low_q_);
};

/// Whether the vector's first beat is next.
Expr KvQuantizer::sequence() {
  m_.section("What is done");
  const Expr beat_q = m_.logic("beat_q", bits_for(keys_.beats() - 1), "Beat that is next.");
  const Expr last = m_.let("last", beat_q == lit(keys_.beats() - 1, beat_q.width()));
  const Expr moves = m_.let("moves", taken_ || given_);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(beat_q, 0);
        b.assign(take_q_, 1);
        b.assign(begin_q_, 0);
        b.assign(divide_q_, 0);
        b.assign(give_q_, 0);
      },
      [&](Block& b) {
        b.when(moves, [&](Block& t) { t.assign(beat_q, mux(last, 0, beat_q + 1)); });
        b.assign(take_q_, mux(moves && last, give_q_, take_q_));
        b.assign(begin_q_, (taken_ && last) || (given_ && !last));
        b.assign(divide_q_, begin_q_ || (divide_q_ && step_q_ != 0));
        b.assign(give_q_, (divide_q_ && step_q_ == 0) || (give_q_ && !code_ready_));
      });
  const Expr head = ring_q_.slice(0, word_);
  const Expr latest = m_.let("latest", mux(take_q_, element_, head));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(moves, [&](Block& t) {
      t.assign(ring_q_, keys_.beats() == 1
                            ? latest
                            : cat({latest, ring_q_.slice(word_, word_ * (keys_.beats() - 1))}));
    });
    b.assign(step_q_, mux(begin_q_, mux(short_, lit(kShortBits - 1, 3), lit(kCodeBits - 1, 3)),
                          step_q_ - 1));
  });
  m_.assign(m_.output("element_ready_o", 1, "The elements are taken."), take_q_);
  m_.assign(m_.output("code_valid_o", 1, "Codes, low and range are valid."), give_q_);
  m_.assign(m_.output("code_last_o", 1, "They are the vector's last."), last);
  m_.assign(m_.output("low_o", bits_, "Smallest element of the vector."), low_q_);
  m_.assign(m_.output("range_o", bits_, "Largest minus smallest, unsigned."), range_);
  return m_.let("first", beat_q == 0);
}

/// The smallest or the largest element of a beat.
Expr KvQuantizer::extreme(const std::string& name, bool smallest) {
  std::vector<Expr> rest;
  for (int c = 0; c < keys_.channels; ++c) rest.push_back(element_.slice(c * kBits, kBits));
  for (int level = 0; rest.size() > 1; ++level) {
    std::vector<Expr> kept;
    for (std::size_t i = 0; i + 1 < rest.size(); i += 2) {
      const Expr less = as_signed(rest[i]) < as_signed(rest[i + 1]);
      kept.push_back(
          m_.let(fmt::format("{}_{}_{}", name, level, i / 2),
                 smallest ? mux(less, rest[i], rest[i + 1]) : mux(less, rest[i + 1], rest[i])));
    }
    if (rest.size() % 2 == 1) kept.push_back(rest.back());
    rest = std::move(kept);
  }
  return rest.front();
}

void KvQuantizer::find_range(const Expr& first) {
  m_.section("Smallest and largest element");
  const Expr least = extreme("least", true), most = extreme("most", false);
  const Expr lower = m_.let("lower", first || as_signed(least) < as_signed(low_q_));
  const Expr higher = m_.let("higher", first || as_signed(high_q_) < as_signed(most));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(taken_ && lower, [&](Block& t) { t.assign(low_q_, least); });
    b.when(taken_ && higher, [&](Block& t) { t.assign(high_q_, most); });
  });
}

/// A restoring division an element: the remainder loses the divisor, shifted to the quotient bit's
/// place, where it can.
void KvQuantizer::divide() {
  m_.section("Division");
  const Expr part_q = m_.logic("part_q", kPartBits, "Divisor, 2 * spread, at the quotient's bit.");
  const Expr divisor = m_.let("divisor", cat({zeros(kPartBits - kBits - 1), range_, lit(0, 1)}));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_q_, [&](Block& t) {
       t.assign(part_q, mux(short_, divisor << (kShortBits - 1), divisor << (kCodeBits - 1)));
     }).else_when(divide_q_, [&](Block& t) { t.assign(part_q, part_q >> 1); });
  });
  const Expr some = m_.let("some", range_ != 0, "Not all elements are alike.");
  const Expr codes = m_.output("code_o", channels_ * code_bits_, "Codes, the first lowest.");
  m_.generate_for("lane", channels_, "gen_lane", [&](Scope& s, const Expr& lane) {
    const Expr element = s.let("element", ring_q_.slice(0, channels_ * bits_).lane(lane, bits_));
    const Expr above = s.let("above", element - low_q_, "At least 0.");
    const Expr once = s.let("once", zext(above, kDividendBits - 1));
    const Expr levels = s.let("levels", mux(short_, once << kShortBits, once << kCodeBits) - once,
                              "2^bits - 1 times.");
    const Expr dividend = s.let("dividend", cat({levels, lit(0, 1)}) + zext(range_, kDividendBits));
    const Expr rest_q = s.logic("rest_q", kDividendBits, "What is left to divide.");
    const Expr code_q = s.logic("code_q", kCodeBits);
    const Expr part = s.let("part", zext(part_q, kDividendBits));
    const Expr fits = s.let("fits", rest_q >= part && some);
    s.always_ff(clk_, [&](Block& b) {
      b.when(begin_q_, [&](Block& t) {
         t.assign(rest_q, dividend);
         t.assign(code_q, 0);
       }).else_when(divide_q_, [&](Block& t) {
        t.when(fits, [&](Block& u) { u.assign(rest_q, rest_q - part); });
        t.assign(code_q, cat({code_q.slice(0, kCodeBits - 1), fits}));
      });
    });
    s.assign(codes.lane(lane, code_bits_), code_q);
  });
}

}  // namespace

Module kv_quantizer(const KeyBeats& keys) {
  return KvQuantizer(keys).build();
}

}  // namespace hasse::units
