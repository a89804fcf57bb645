// SPDX-License-Identifier: Apache-2.0
#include "golden/attention/units/page_scorer.hpp"

#include <fmt/format.h>

#include "generator/units/attention.hpp"
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
using hdl::sext;
using hdl::Width;

constexpr int kBits = 8;  ///< Of a channel.
constexpr int kProductBits = 2 * kBits;

/// Builds the module, a section of it per function.
class PageScorer {
 public:
  explicit PageScorer(const KeyBeats& keys) : keys_(keys) {}

  Module build() {
    m_.set_unit("page_scorer");
    hold_query();
    accumulate(add_products());
    return m_;
  }

 private:
  void hold_query();
  Expr add_products();
  void accumulate(const Expr& sum);
  Expr turned(const Expr& latest) const;

  KeyBeats keys_;
  int score_bits_ = attention::units::score_bits(static_cast<std::size_t>(keys_.dim));
  Module m_{"page_scorer",
            "What a query scores in a page at the most: of every channel the query times the\n"
            "largest key where it is positive, else times the smallest. A score comes the cycle\n"
            "after a page's last beat, and pages follow each other without a gap."};
  Width channels_ = m_.localparam("Channels", keys_.channels, "Channels in a beat.");
  Width beats_ = m_.localparam("Beats", keys_.beats(), "Beats of a query and of a page's bounds.");
  Width bits_ = m_.localparam("ChannelBits", kBits, "Bits of a channel, two's complement.");
  Width sum_bits_ = m_.localparam("ScoreBits", score_bits_, "Bits of a score.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr query_ = m_.input("query_i", channels_* bits_,
                         "Channels of the query, beyond the last 0; the first lowest.");
  Expr query_valid_ = m_.input("query_valid_i", 1, "They are valid; no page may be under way.");
  Expr max_ = m_.input("max_i", channels_* bits_, "The page's largest keys, channel by channel.");
  Expr min_ = m_.input("min_i", channels_* bits_, "Its smallest.");
  Expr bounds_valid_ = m_.input("bounds_valid_i", 1, "Both are valid.");
  Expr score_ready_ = m_.input("score_ready_i", 1, "The score is taken.");
  Expr valid_q_ = m_.logic("valid_q", 1, "A score waits.");
  Expr ready_ = m_.let("ready", !valid_q_ || score_ready_, "A beat can be taken.");
  Expr take_ = m_.let("take", bounds_valid_&& ready_);
  Expr query_q_ = m_.logic("query_q", beats_* channels_* bits_, "Ring, next beat lowest.");
};

/// The ring with its lowest beat gone and `latest` on top.
Expr PageScorer::turned(const Expr& latest) const {
  const int word = keys_.channels * kBits;
  return keys_.beats() == 1 ? latest
                            : cat({latest, query_q_.slice(word, word * (keys_.beats() - 1))});
}

void PageScorer::hold_query() {
  m_.section("Query");
  const Expr head =
      m_.let("head", query_q_.slice(0, channels_ * bits_), "Of the beat that is next.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(query_valid_, [&](Block& t) {
       t.assign(query_q_, turned(query_));
     }).else_when(take_, [&](Block& t) { t.assign(query_q_, turned(head)); });
  });
}

/// The sum of the products of a beat, in two's complement.
Expr PageScorer::add_products() {
  m_.section("Products of a beat, and their sum");
  std::vector<Expr> terms;
  for (int c = 0; c < keys_.channels; ++c) {
    const std::string name = std::to_string(c);
    const Expr q = m_.let("query_" + name, query_q_.slice(c * kBits, kBits));
    const Expr bound =
        m_.let("bound_" + name, mux(q.bit(kBits - 1), min_.lane(c, bits_), max_.lane(c, bits_)));
    const Expr wide = m_.let("wide_" + name, sext(bound, kProductBits));
    terms.push_back(m_.let("product_" + name, shift_and_add(wide, q, true)));
  }
  for (int level = 0; terms.size() > 1; ++level) {
    std::vector<Expr> sums;
    for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
      const int width = terms[i].width().value() + 1;
      sums.push_back(m_.let(fmt::format("sum_{}_{}", level, i / 2),
                            sext(terms[i], width) + sext(terms[i + 1], width)));
    }
    if (terms.size() % 2 == 1)
      sums.push_back(m_.let(fmt::format("sum_{}_{}", level, terms.size() / 2),
                            sext(terms.back(), terms.back().width().value() + 1)));
    terms = std::move(sums);
  }
  const int width = terms.front().width().value();
  return width <= score_bits_ ? sext(terms.front(), score_bits_)
                              : terms.front().slice(0, score_bits_);
}

void PageScorer::accumulate(const Expr& sum) {
  m_.section("Score");
  const Expr beat_q = m_.logic("beat_q", bits_for(keys_.beats() - 1), "Beat that is next.");
  const Expr last = m_.let("last", beat_q == lit(keys_.beats() - 1, beat_q.width()));
  const Expr score_q = m_.logic("score_q", sum_bits_, "Sum of the beats so far.");
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(beat_q, 0);
        b.assign(valid_q_, 0);
      },
      [&](Block& b) {
        b.when(ready_, [&](Block& t) { t.assign(valid_q_, bounds_valid_ && last); });
        b.when(take_, [&](Block& t) { t.assign(beat_q, mux(last, 0, beat_q + 1)); });
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(take_,
           [&](Block& t) { t.assign(score_q, sum + (score_q & repeat(sum_bits_, beat_q != 0))); });
  });
  m_.assign(m_.output("bounds_ready_o", 1, "The beat is taken."), ready_);
  m_.assign(m_.output("score_o", sum_bits_, "The page's score, two's complement."), score_q);
  m_.assign(m_.output("score_valid_o", 1, "It is valid."), valid_q_);
}

}  // namespace

Module page_scorer(const KeyBeats& keys) {
  return PageScorer(keys).build();
}

}  // namespace hasse::units
