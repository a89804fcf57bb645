// SPDX-License-Identifier: Apache-2.0
#include "generator/units/selector.hpp"

#include <fmt/format.h>

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
using hdl::Width;
using hdl::zeros;
using hdl::zext;

constexpr int kDigitBits = SelectorGeometry::kDigitBits;
constexpr int kCounters = SelectorGeometry::kCounters;

/// What the top consists of.
struct Parts {
  Module narrow, mask, root;
  std::vector<Module> level;  ///< One where more than the first digit is counted as scores come.
  std::vector<Module> tally;  ///< One where scores have digits that are not counted as they come.
};

/// Builds the top, a section of it per function.
class Selector {
 public:
  Selector(const SelectorGeometry& g, const Parts& parts) : g_(g), parts_(parts) {}

  Module build() {
    m_.set_unit("selector");
    sequence();
    const Expr row = keep_rows();
    narrow(walk_counters(), scans() ? scan_counters(row) : zeros(kCounters * counter_));
    emit(row);
    return m_;
  }

 private:
  void sequence();
  Expr keep_rows();
  Expr walk_counters();
  Expr scan_counters(const Expr& row);
  void narrow(const Expr& walked, const Expr& scanned);
  void emit(const Expr& row);
  /// Field of every lane of a row: its score, whether it is forced, whether there is one.
  Expr scores_of(const Expr& row) const { return row.slice(0, g_.lanes * g_.score_bits); }
  Expr forced_of(const Expr& row) const { return row.slice(g_.lanes * g_.score_bits, g_.lanes); }
  Expr valid_of(const Expr& row) const {
    return row.slice(g_.lanes * (g_.score_bits + 1), g_.lanes);
  }
  Expr known_mask() const {
    std::vector<Expr> bits;
    for (int digit = 0; digit < g_.digits(); ++digit)
      bits.push_back(repeat(kDigitBits, known_q_.bit(digit)));
    return cat(bits);
  }
  Expr nibble(const Expr& score, int digit) const {
    return score.slice(g_.score_bits - kDigitBits * (digit + 1), kDigitBits);
  }
  bool scans() const { return g_.digits() > g_.levels(); }

  SelectorGeometry g_;
  const Parts& parts_;
  int sum_ = g_.sum_bits(), counter_ = g_.counter_bits();
  int row_bits_ = address_bits_for(g_.rows()), digit_bits_ = bits_for(g_.digits());
  Module m_{
      "selector",
      "Top-k and top-p by narrowing a threshold four bits at a time. Counters of the leading\n"
      "digits are kept while scores stream in; then the threshold is walked down their tree,\n"
      "two cycles a digit. What that leaves open takes a scan of all rows a digit. The last\n"
      "scan gives the list, a mask a row. Lowest index first among equals; top-p keeps a tie\n"
      "whole."};
  Width lanes_ = m_.localparam("Lanes", g_.lanes, "Scores of a row.");
  Width score_bits_ = m_.localparam("ScoreBits", g_.score_bits, "Bits of a score.");
  Width counter_bits_ = m_.localparam("CounterBits", counter_, "Bits of a sum of scores.");
  Width sum_bits_ = m_.localparam("SumBits", sum_, "Bits of a target.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "Scores of a new choice follow.");
  Expr by_mass_ = m_.input("by_mass_i", 1, "Top-p: until a sum is reached; else top-k.");
  Expr target_ = m_.input("target_i", sum_bits_, "The sum, or the places; both stay as they are.");
  Expr score_ = m_.input("score_i", score_bits_, "A score, unsigned.");
  Expr forced_ = m_.input("forced_i", 1, "It is kept whatever it is.");
  Expr last_ = m_.input("score_last_i", 1, "It is the last.");
  Expr valid_ = m_.input("score_valid_i", 1, "It is valid.");
  // One of these at a time.
  Expr fill_q_ = m_.logic("fill_q", 1, "Scores are taken.");
  Expr settle_q_ = m_.logic("settle_q", 2, "The last one is on its way into the counters.");
  Expr read_q_ = m_.logic("read_q", 1, "A node is read.");
  Expr compare_q_ = m_.logic("compare_q", 1, "And compared.");
  Expr rows_q_ = m_.logic("rows_q", 1, "Rows are read, to be counted or for their masks.");
  Expr tail_q_ = m_.logic("tail_q", 3, "The last row is on its way into the counters.");
  Expr take_ = m_.let("take", fill_q_&& valid_);
  Expr digit_q_ = m_.logic("digit_q", digit_bits_, "The digit that is next.");
  Expr row_q_ = m_.logic("row_q", row_bits_, "The row that is next.");
  Expr last_row_q_ = m_.logic("last_row_q", row_bits_, "The last that holds scores.");
  // The threshold.
  Expr threshold_q_ = m_.logic("threshold_q", score_bits_, "As far as it is known, else 0.");
  Expr known_q_ = m_.logic("known_q", g_.digits(), "Digits that are known, the first highest.");
  Expr missing_q_ =
      m_.logic("missing_q", sum_bits_, "What has yet to come from those on it, less one.");
  Expr whole_q_ = m_.logic("whole_q", 1, "All of them are kept.");
  Expr nothing_q_ = m_.logic("nothing_q", 1, "Only what is forced is kept.");
  Expr decided_ = m_.let("decided", whole_q_ || nothing_q_);
  Expr emitting_ = m_.let("emitting", decided_ || digit_q_ == lit(g_.digits(), digit_bits_),
                          "Rows are read for their masks.");
  Expr row_end_ = m_.let("row_end", row_q_ == last_row_q_);
  Expr narrowing_ = m_.let("narrowing", compare_q_ || tail_q_.bit(2), "A digit is found.");
  Expr total_q_ = m_.logic("total_q", counter_bits_, "What all that is not forced is worth.");
};

void Selector::sequence() {
  m_.section("What is done");
  const Expr walked = m_.let("walked", compare_q_ && digit_q_ == lit(g_.levels() - 1, digit_bits_));
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& state : {fill_q_, settle_q_, read_q_, compare_q_, rows_q_, tail_q_})
          b.assign(state, 0);
      },
      [&](Block& b) {
        b.assign(fill_q_, begin_ || (fill_q_ && !(take_ && last_)));
        b.assign(settle_q_, cat({settle_q_.bit(0), take_ && last_}));
        b.assign(read_q_, settle_q_.bit(1) || (compare_q_ && !walked));
        b.assign(compare_q_, read_q_);
        b.assign(rows_q_, walked || tail_q_.bit(2) || (rows_q_ && !row_end_));
        b.assign(tail_q_, cat({tail_q_.slice(0, 2), rows_q_ && row_end_ && !emitting_}));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) { t.assign(digit_q_, 0); }).else_when(narrowing_, [&](Block& t) {
      t.assign(digit_q_, digit_q_ + 1);
    });
    b.assign(row_q_, mux(rows_q_ && !row_end_, row_q_ + 1, zeros(row_bits_)));
  });
  m_.assign(m_.output("score_ready_o", 1, "The score is taken."), fill_q_);
}

/// Rows as they come, and the one that is read: {valid, forced, scores}, a bit or a score a lane.
Expr Selector::keep_rows() {
  m_.section("Rows of scores");
  const int lane_bits = address_bits_for(g_.lanes), word = g_.lanes * (g_.score_bits + 2);
  const Expr lane_q = m_.logic("lane_q", lane_bits, "Lane that the next score goes to.");
  const Expr valid_q = m_.logic("valid_q", lanes_, "Lanes of the row that have one.");
  const Expr forced_q = m_.logic("forced_q", lanes_);
  const Expr scores_q = m_.logic("scores_q", lanes_ * score_bits_);
  const Expr full_q = m_.logic("full_q", 1, "The row is written.");
  const Expr fill_row_q = m_.logic("fill_row_q", row_bits_);
  const Expr lane_end = m_.let("lane_end", last_ || lane_q == lit(g_.lanes - 1, lane_bits));
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(full_q, take_ && lane_end);
    b.when(take_, [&](Block& t) {
      t.assign(lane_q, mux(lane_end, 0, lane_q + 1));
      t.assign(valid_q, (valid_q & repeat(lanes_, lane_q != 0)) | cat([&] {
                          std::vector<Expr> own;
                          for (int lane = g_.lanes - 1; lane >= 0; --lane)
                            own.push_back(lane_q == lit(lane, lane_bits));
                          return own;
                        }()));
      t.assign(forced_q.bit(lane_q), forced_);
      for (int lane = 0; lane < g_.lanes; ++lane)
        t.when(lane_q == lit(lane, lane_bits),
               [&](Block& u) { u.assign(scores_q.lane(lane, score_bits_), score_); });
    });
    b.when(begin_, [&](Block& t) {
       t.assign(fill_row_q, 0);
       t.assign(lane_q, 0);
     }).else_when(full_q, [&](Block& t) {
      t.assign(fill_row_q, fill_row_q + 1);
      t.assign(last_row_q_, fill_row_q);
    });
  });
  const Expr row = m_.logic("row", word, "{valid, forced, scores}.");
  m_.instance("u_rows", hdl::ram_1r1w(),
              {{"clk_i", clk_},
               {"write_enable_i", full_q},
               {"write_address_i", fill_row_q},
               {"write_data_i", cat({valid_q, forced_q, scores_q})},
               {"read_enable_i", rows_q_},
               {"read_address_i", row_q_},
               {"read_data_o", row}},
              {{"Width", word}, {"Depth", g_.rows()}});
  return row;
}

/// Counters of the node that the threshold has come to.
Expr Selector::walk_counters() {
  m_.section("Counters of the leading digits");
  const Expr add_q = m_.logic("add_q", 1, "A score is counted.");
  const Expr latest_q = m_.logic("latest_q", score_bits_, "The one that was taken.");
  const Expr one = lit(1, g_.score_bits);
  const Expr worth =
      m_.let("worth", zext(m_.let("latest_worth", mux(by_mass_, latest_q, one)), counter_));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(add_q, 0); },
      [&](Block& b) { b.assign(add_q, take_ && !forced_); });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(take_, [&](Block& t) { t.assign(latest_q, score_); });
    b.when(begin_, [&](Block& t) { t.assign(total_q_, 0); }).else_when(add_q, [&](Block& t) {
      t.assign(total_q_, total_q_ + worth);
    });
  });
  Expr counters = zeros(kCounters * counter_);
  for (int level = 0; level < g_.levels(); ++level) {
    const std::string n = std::to_string(level);
    const Expr row = m_.logic("counters_" + n, Width(kCounters) * counter_bits_);
    hdl::PortMap ports = {{"clk_i", clk_},    {"begin_i", begin_},
                          {"add_i", add_q},   {"digit_i", nibble(latest_q, level)},
                          {"worth_i", worth}, {"counters_o", row}};
    if (level == 0) {
      m_.instance("u_root", parts_.root, ports);
    } else {
      const int bits = kDigitBits * level, low = g_.score_bits - bits;
      ports.emplace_back("read_i", m_.let("read_" + n, take_ || read_q_));
      ports.emplace_back("node_i", m_.let("node_" + n, mux(fill_q_, score_.slice(low, bits),
                                                           threshold_q_.slice(low, bits))));
      m_.instance("u_level_" + n, parts_.level.front(), ports, {{"Nodes", 1 << bits}});
    }
    counters = counters | (row & repeat(kCounters * counter_, digit_q_ == lit(level, digit_bits_)));
  }
  return m_.let("walk_counters", counters);
}

/// Counters of the digit that a scan counts.
Expr Selector::scan_counters(const Expr& row) {
  m_.section("Counters of a scan");
  const Expr scanned_q = m_.logic("scanned_q", 1, "The row is counted.");
  const Expr summed_q = m_.logic("summed_q", 1, "Its sums are added.");
  const Expr sums = m_.logic("row_sums", Width(kCounters) * counter_bits_);
  const Expr sums_q = m_.logic("sums_q", Width(kCounters) * counter_bits_);
  const Expr counters_q = m_.logic("counters_q", Width(kCounters) * counter_bits_);
  const Expr mask = m_.let("scan_known", known_mask());
  std::vector<Expr> undecided, digits, worths;
  for (int lane = g_.lanes - 1; lane >= 0; --lane) {
    const std::string n = std::to_string(lane);
    const Expr score =
        m_.let("scanned_" + n, scores_of(row).slice(lane * g_.score_bits, g_.score_bits));
    undecided.push_back(valid_of(row).bit(lane) && !forced_of(row).bit(lane) &&
                        (score & mask) == threshold_q_);
    Expr digit = zeros(kDigitBits);
    for (int d = g_.levels(); d < g_.digits(); ++d)
      digit = digit | (nibble(score, d) & repeat(kDigitBits, digit_q_ == lit(d, digit_bits_)));
    digits.push_back(digit);
    worths.push_back(mux(by_mass_, score, lit(1, g_.score_bits)));
  }
  m_.instance("u_tally", parts_.tally.front(),
              {{"undecided_i", m_.let("undecided", cat(undecided))},
               {"digit_i", m_.let("scan_digits", cat(digits))},
               {"worth_i", m_.let("scan_worths", cat(worths))},
               {"sums_o", sums}});
  std::vector<Expr> added;
  for (int d = kCounters - 1; d >= 0; --d)
    added.push_back(counters_q.slice(d * counter_, counter_) +
                    sums_q.slice(d * counter_, counter_));
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(scanned_q, 0);
        b.assign(summed_q, 0);
      },
      [&](Block& b) {
        b.assign(scanned_q, rows_q_ && !emitting_);
        b.assign(summed_q, scanned_q);
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(sums_q, sums);
    b.when(narrowing_, [&](Block& t) {
       t.assign(counters_q, 0);
     }).else_when(summed_q, [&](Block& t) { t.assign(counters_q, cat(added)); });
  });
  return counters_q;
}

void Selector::narrow(const Expr& walked, const Expr& scanned) {
  m_.section("Threshold");
  const Expr reached_q = m_.logic("reached_q", counter_bits_, "What is forced is worth.");
  const Expr forced_worth = m_.let("forced_worth", mux(by_mass_, score_, lit(1, g_.score_bits)));
  const Expr short_of =
      m_.let("short_of", target_ > zext(reached_q, sum_), "Forced scores are not enough.");
  // The total stands for digit 0: that of the first digit, and never decisive further down, where
  // a node's scores are known to reach what is missing.
  const Expr counters =
      m_.let("counters", cat({scans() ? mux(compare_q_, walked, scanned) : walked, total_q_}));
  const Expr found = m_.logic("found", 1), exact = m_.logic("exact", 1);
  const Expr digit = m_.logic("digit", kDigitBits), missing = m_.logic("missing", sum_bits_);
  m_.instance("u_narrow", parts_.narrow,
              {{"counters_i", counters},
               {"missing_i", missing_q_},
               {"reached_o", found},
               {"digit_o", digit},
               {"missing_o", missing},
               {"exact_o", exact}});
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(reached_q, 0);
       t.assign(threshold_q_, 0);
       t.assign(known_q_, 0);
       t.assign(whole_q_, 0);
       t.assign(nothing_q_, 0);
     }).otherwise([&](Block& t) {
      t.when(take_ && forced_,
             [&](Block& u) { u.assign(reached_q, reached_q + zext(forced_worth, counter_)); });
      t.when(settle_q_.bit(0), [&](Block& u) {
         u.assign(missing_q_, target_ + ~zext(reached_q, sum_));  // Their difference less one.
         u.assign(nothing_q_, !short_of);
       }).else_when(narrowing_ && !decided_, [&](Block& u) {
        u.assign(whole_q_, !found || (exact && !by_mass_));
        u.when(found, [&](Block& v) {
          v.assign(missing_q_, missing);
          for (int d = 0; d < g_.digits(); ++d)
            v.when(digit_q_ == lit(d, digit_bits_), [&](Block& w) {
              w.assign(known_q_.bit(d), 1);
              w.assign(nibble(threshold_q_, d), digit);
            });
        });
      });
    });
  });
}

void Selector::emit(const Expr& row) {
  m_.section("The list");
  const Expr valid_q = m_.logic("mask_valid_q", 1);
  const Expr last_q = m_.logic("mask_last_q", 1);
  const Expr places_q = m_.logic("places_q", sum_bits_, "For scores on the threshold.");
  const Expr places = m_.logic("places", sum_bits_);
  m_.instance("u_mask", parts_.mask,
              {{"valid_i", valid_of(row)},
               {"forced_i", forced_of(row)},
               {"scores_i", scores_of(row)},
               {"threshold_i", threshold_q_},
               {"known_i", m_.let("known", known_mask())},
               {"nothing_i", nothing_q_},
               {"whole_i", m_.let("whole", whole_q_ || by_mass_)},
               {"places_i", places_q},
               {"mask_o", m_.output("mask_o", lanes_, "Scores of the row that are kept.")},
               {"places_o", places}});
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, rows_q_ && emitting_); });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(last_q, row_end_);
    b.assign(places_q, mux(valid_q, places, missing_q_ + 1));
  });
  m_.assign(m_.output("mask_valid_o", 1, "It is valid; a row a cycle, not to be held back."),
            valid_q);
  m_.assign(m_.output("mask_last_o", 1, "The last row."), last_q);
}

}  // namespace

std::vector<Module> selector(const SelectorGeometry& g) {
  Parts parts{selector_narrow(g), selector_mask(g), selector_root(g), {}, {}};
  if (g.levels() > 1) parts.level.push_back(selector_level(g));
  if (g.digits() > g.levels()) parts.tally.push_back(selector_tally(g));
  std::vector<Module> modules = {parts.narrow, parts.mask, parts.root};
  modules.insert(modules.end(), parts.level.begin(), parts.level.end());
  modules.insert(modules.end(), parts.tally.begin(), parts.tally.end());
  modules.push_back(Selector(g, parts).build());
  return modules;
}

}  // namespace hasse::units
