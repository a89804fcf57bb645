// SPDX-License-Identifier: Apache-2.0
// The combinational parts of a selector, and its counters.
#include <fmt/format.h>

#include "generator/hdl/primitives.hpp"
#include "generator/units/selector.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::address_bits;
using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_and;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Width;
using hdl::zeros;
using hdl::zext;

namespace {

constexpr int kDigits = SelectorGeometry::kDigits, kDigitBits = SelectorGeometry::kDigitBits;
constexpr int kCounters = SelectorGeometry::kCounters;

std::string numbered(const char* name, int number) {
  return fmt::format("{}_{}", name, number);
}

/// The row of a node's counters with those of `digit` and of all below it increased.
Expr increased(Module& m, const Expr& row, const Expr& digit, const Expr& worth) {
  const int bits = worth.width().value();
  std::vector<Expr> counters;
  for (int d = 1; d < kDigits; ++d)
    counters.push_back(m.let(
        numbered("counter", d),
        row.slice((d - 1) * bits, bits) + (worth & repeat(bits, digit >= lit(d, kDigitBits)))));
  return cat({counters.rbegin(), counters.rend()});
}

}  // namespace

int SelectorGeometry::counter_bits() const {
  return score_bits + bits_for(capacity - 1);
}

Module selector_narrow(const SelectorGeometry& g) {
  const int bits = g.counter_bits(), sum = g.sum_bits();
  Module m("selector_narrow",
           "The highest digit whose counter reaches what is missing, and what is missing of it\n"
           "then. Missing stands less one, so that the sign of a difference says who reaches it,\n"
           "and the difference of the digit above is what is left.");
  m.set_unit("selector");
  const Width counter_bits = m.localparam("CounterBits", bits, "Bits of a counter.");
  const Width sum_bits = m.localparam("SumBits", sum, "Bits of a target.");
  const Expr counters = m.input("counters_i", Width(kDigits) * counter_bits, "Digit 0 lowest.");
  const Expr missing = m.input("missing_i", sum_bits, "What is missing, less one.");
  m.section("What would be missing below a digit");
  std::vector<Expr> left, reached;
  for (int d = 0; d < kDigits; ++d)
    left.push_back(m.let(numbered("left", d), cat({lit(0, 1), missing}) -
                                                  zext(counters.slice(d * bits, bits), sum + 1)));
  m.section("The digit");
  for (int d = kDigits - 1; d >= 0; --d)
    reached.push_back(left[static_cast<std::size_t>(d)].bit(sum));
  const Expr reaches = m.let("reaches", cat(reached), "Digits whose counters reach it.");
  const Expr highest = m.let("highest", reaches & ~cat({lit(0, 1), reaches.slice(1, kDigits - 1)}),
                             "One hot, or none.");
  std::vector<Expr> digit;
  for (int bit = kDigitBits - 1; bit >= 0; --bit) {
    std::vector<Expr> with_bit;
    for (int d = 0; d < kDigits; ++d)
      if (((d >> bit) & 1) != 0) with_bit.push_back(highest.bit(d));
    digit.push_back(reduce_or(cat(with_bit)));
  }
  Expr rest = missing & repeat(sum, highest.bit(kDigits - 1));
  for (int d = 0; d + 1 < kDigits; ++d)
    rest =
        rest | (left[static_cast<std::size_t>(d + 1)].slice(0, sum) & repeat(sum, highest.bit(d)));
  std::vector<Expr> even;
  for (int d = kDigits - 1; d >= 0; --d)
    even.push_back(reduce_and(left[static_cast<std::size_t>(d)]));
  m.assign(m.output("reached_o", 1, "Some digit reaches it."), reaches.bit(0));
  m.assign(m.output("digit_o", kDigitBits, "The highest of them."), cat(digit));
  m.assign(m.output("missing_o", sum_bits, "What the digit itself has to give, less one."), rest);
  m.assign(m.output("exact_o", 1, "It gives no more than that."),
           reduce_or(m.let("even", cat(even), "Counters of just what is missing.") & highest));
  return m;
}

namespace {

/// What the counters of a row have in common, wherever the row is kept.
struct Counting {
  Counting(Module& m, const SelectorGeometry& g)
      : counter_bits(m.localparam("CounterBits", g.counter_bits(), "Bits of a counter.")),
        clk(m.input("clk_i", 1, "Clock.")),
        begin(m.input("begin_i", 1, "All counters become 0.")),
        add(m.input("add_i", 1, "Count in the row that was read in the cycle before.")),
        digit(m.input("digit_i", kDigitBits, "The digit; its counter and those below count.")),
        worth(m.input("worth_i", counter_bits, "How much.")),
        counters(
            m.output("counters_o", Width(kCounters) * counter_bits, "The row, digit 1 lowest.")) {
    m.set_unit("selector");
  }
  Width counter_bits;
  Expr clk, begin, add, digit, worth, counters;
};

}  // namespace

Module selector_root(const SelectorGeometry& g) {
  Module m("selector_root",
           "Counters of the first digit: counter d, of 1 to 15, is of the scores whose digit is d\n"
           "or more.");
  const Counting c(m, g);
  const Expr row_q = m.logic("row_q", kCounters * g.counter_bits());
  const Expr row = m.let("row", increased(m, row_q, c.digit, c.worth));
  m.always_ff(c.clk, [&](Block& b) {
    b.when(c.begin, [&](Block& t) { t.assign(row_q, 0); }).else_when(c.add, [&](Block& t) {
      t.assign(row_q, row);
    });
  });
  m.assign(c.counters, row_q);
  return m;
}

Module selector_level(const SelectorGeometry& g) {
  const int row_bits = kCounters * g.counter_bits();
  Module m("selector_level",
           "Counters of a digit, fifteen for every node of the digits before: counter d, of 1 to\n"
           "15, is of the scores whose digit is d or more.\n"
           "A row is read in one cycle and counted in the next; the row that was just\n"
           "written is passed on. Rows that were not written since the beginning are 0.");
  const Width nodes = m.parameter("Nodes", kDigits, "Nodes, each a row.");
  const Counting c(m, g);
  const Expr read = m.input("read_i", 1, "Read a row.");
  const Expr node = m.input("node_i", address_bits(nodes), "Its node.");
  m.section("The row");
  const Expr node_q = m.logic("node_q", address_bits(nodes));
  const Expr set_q = m.logic("set_q", nodes, "Rows that have been written.");
  const Expr known_q = m.logic("known_q", 1, "The row is one of them.");
  const Expr latest_q = m.logic("latest_q", 1, "A row was written in the cycle before.");
  const Expr latest_node_q = m.logic("latest_node_q", address_bits(nodes));
  const Expr latest_row_q = m.logic("latest_row_q", row_bits);
  const Expr stored = m.logic("stored", row_bits);
  const Expr known = m.let("known", stored & repeat(row_bits, known_q));
  const Expr row = m.let("row", mux(latest_q && latest_node_q == node_q, latest_row_q, known));
  const Expr counted = m.let("counted", increased(m, row, c.digit, c.worth));
  m.instance("u_rows", hdl::ram_1r1w(),
             {{"clk_i", c.clk},
              {"write_enable_i", c.add},
              {"write_address_i", node_q},
              {"write_data_i", counted},
              {"read_enable_i", read},
              {"read_address_i", node},
              {"read_data_o", stored}},
             {{"Width", row_bits}, {"Depth", nodes}});
  m.always_ff(c.clk, [&](Block& b) {
    b.when(read, [&](Block& t) {
      t.assign(node_q, node);
      t.assign(known_q, set_q.bit(node));
    });
    b.assign(latest_q, c.add);
    b.assign(latest_node_q, node_q);
    b.assign(latest_row_q, counted);
    b.when(c.begin, [&](Block& t) { t.assign(set_q, 0); }).else_when(c.add, [&](Block& t) {
      t.assign(set_q.bit(node_q), 1);
    });
  });
  m.assign(c.counters, row);
  return m;
}

Module selector_tally(const SelectorGeometry& g) {
  const int bits = g.counter_bits();
  Module m(
      "selector_tally",
      "What a row's undecided scores add to the counters of a digit: a score to its digit's and\n"
      "all below.");
  m.set_unit("selector");
  const Width counter_bits = m.localparam("CounterBits", bits, "Bits of a counter.");
  const Expr undecided =
      m.input("undecided_i", g.lanes, "Scores that lie at the threshold so far.");
  const Expr digit = m.input("digit_i", g.lanes * kDigitBits, "Their next digits.");
  const Expr worth = m.input("worth_i", g.lanes * g.score_bits, "And what they are worth.");
  const Expr sums = m.output("sums_o", Width(kCounters) * counter_bits, "Digit 1 lowest.");
  for (int d = 1; d < kDigits; ++d) {
    std::vector<Expr> terms;
    for (int lane = 0; lane < g.lanes; ++lane) {
      const Expr lies = undecided.bit(lane), own = digit.slice(lane * kDigitBits, kDigitBits);
      const Expr counts = lies && own >= lit(d, kDigitBits);
      terms.push_back(
          m.let(fmt::format("term_{}_{}", d, lane),
                worth.slice(lane * g.score_bits, g.score_bits) & repeat(g.score_bits, counts)));
    }
    for (int step = 0; terms.size() > 1; ++step) {
      std::vector<Expr> wider;
      const int wide = g.score_bits + step + 1;
      for (std::size_t i = 0; i + 1 < terms.size(); i += 2)
        wider.push_back(m.let(fmt::format("sum_{}_{}_{}", d, step, i / 2),
                              zext(terms[i], wide) + zext(terms[i + 1], wide)));
      if (terms.size() % 2 == 1)
        wider.push_back(m.let(fmt::format("sum_{}_{}_{}", d, step, terms.size() / 2),
                              zext(terms.back(), wide)));
      terms = wider;
    }
    m.assign(sums.slice((d - 1) * bits, bits), zext(terms.front(), bits));
  }
  return m;
}

Module selector_mask(const SelectorGeometry& g) {
  const int bits = g.score_bits, rank_bits = bits_for(g.lanes), sum = g.sum_bits();
  Module m(
      "selector_mask",
      "Which of a row's scores are kept: those above the threshold as far as it is known, and\n"
      "of those on it all, or as many of the first as there are places.");
  m.set_unit("selector");
  const Width score_bits = m.localparam("ScoreBits", bits, "Bits of a score.");
  const Width lanes = m.localparam("Lanes", g.lanes, "Scores of a row.");
  const Expr valid = m.input("valid_i", lanes, "Lanes that hold a score.");
  const Expr forced = m.input("forced_i", lanes, "Scores that are kept whatever they are.");
  const Expr scores = m.input("scores_i", lanes * score_bits, "Lane 0 lowest.");
  const Expr threshold = m.input("threshold_i", score_bits, "0 where it is not known.");
  const Expr known = m.input("known_i", score_bits, "Where it is.");
  const Expr nothing = m.input("nothing_i", 1, "Only what is forced.");
  const Expr whole = m.input("whole_i", 1, "All scores on the threshold.");
  const Expr places = m.input("places_i", sum, "Or so many of the first.");
  const Expr mask = m.output("mask_o", lanes, "Scores that are kept.");
  Expr before = zeros(rank_bits);
  std::vector<Expr> on;
  for (int lane = 0; lane < g.lanes; ++lane) {
    const std::string n = std::to_string(lane);
    const Expr leading = m.let("leading_" + n, scores.slice(lane * bits, bits) & known);
    const Expr free = m.let("free_" + n, valid.bit(lane) && !forced.bit(lane) && !nothing);
    const Expr equal = m.let("equal_" + n, free && leading == threshold);
    const Expr fits = whole || zext(before, sum) < places;
    m.assign(mask.bit(lane), (valid.bit(lane) && forced.bit(lane)) ||
                                 (free && leading > threshold) || (equal && fits));
    before = m.let("on_" + n, before + zext(equal, rank_bits), "On the threshold so far.");
  }
  const Expr wide = m.let("wide", zext(before, sum));
  m.assign(m.output("places_o", sum, "Places left."),
           mux(wide < places, places - wide, zeros(sum)));
  return m;
}

}  // namespace hasse::units
