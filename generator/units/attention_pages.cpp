// SPDX-License-Identifier: Apache-2.0
// Pages: their scores, the choice, the list, and the list read in turn.
#include "generator/hdl/primitives.hpp"
#include "generator/units/attention_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::mux;
using hdl::Scope;
using hdl::Width;
using hdl::zeros;
using hdl::zext;

/// The scores of pages as codes, a word of all columns a page.
void AttentionTop::bounds() {
  m_.section("Scores of pages");
  const int block_log = design::ceil_log2(AG::kBoundsBlock);
  const Expr up =
      m_.let("logical_up", zext(at("logical_i"), logical_bits() + 1) + (AG::kBoundsBlock - 1));
  m_.unused(up.slice(0, block_log), "unused_logical_up");
  drive("blocks", up.slice(block_log, count_bits_of_blocks()));
  const Expr taken = m_.let("bound_taken", at("result_valid") && in_phase(score));
  const Expr row = counter("bound_row_q", logical_bits() + 1, enters(score), taken,
                           "Logical pages whose scores have been taken.");
  const Expr inside =
      m_.let("bound_inside", taken && row < zext(at("logical_i"), row.width()), "It is there.");
  const Expr last =
      m_.let("bound_last", row + 1 == zext(at("logical_i"), row.width()), "The last that is.");
  const Expr codes = page_codes(inside, last);
  const Expr place = counter("page_place_q", g_.page_bits(), enters(score), at("page_scored"),
                             "The page whose code is kept next.");
  const Expr codes_end =
      clocked_bit("codes_end_q", at("page_scored") && at("pages_scored"), enters(score));
  const Expr rows_end = clocked_bit("rows_end_q", at("array_done"), enters(score));
  let("bounds_end", in_phase(score) && !at("first_q") && codes_end && rows_end);
  const MemoryWords code =
      walk({"codes", g_.columns() * AG::kCodeBits, g_.max_pages, at("page_scored"), place, codes,
            enters(select), at("last_page"), at("chosen_ready")});
  m_.unused(code.address);
  m_.unused(code.lap);
  net_.emplace("code_word", code.data);
  net_.emplace("code_valid", code.valid);
  net_.emplace("code_last", code.last);
}

/// Of every column, the code of a page once all of its logical pages have been taken.
Expr AttentionTop::page_codes(const Expr& inside, const Expr& last) {
  const int bits = g_.bound_score_bits(), wide = g_.array.design.accumulator_bits;
  const Expr codes = m_.logic("codes", columns_ * AG::kCodeBits);
  const Expr ready = m_.logic("reducer_ready", columns_), valid = m_.logic("code_made", columns_);
  const Expr end = m_.logic("code_end", columns_);
  m_.generate_for("column", columns_, "gen_code", [&](Scope& s, const Expr& column) {
    const Expr sum = s.let("sum", at("results").lane(column, wide));
    s.unused(sum.slice(bits, wide - bits), "unused_sum");
    const Expr best = s.logic("best", bits, "The page's score.");
    s.instance("u_reducer", parts_.reducer,
               clocked({{"logical_i", sum.slice(0, bits)},
                        {"logical_last_i", last},
                        {"logical_valid_i", inside},
                        {"score_ready_i", lit(1, 1)},
                        {"logical_ready_o", ready.bit(column)},
                        {"score_o", best},
                        {"score_last_o", end.bit(column)},
                        {"score_valid_o", valid.bit(column)}}));
    s.instance("u_coder", parts_.coder,
               {{"score_i", best},
                {"shift_i", at("page_shift_i")},
                {"code_o", codes.lane(column, AG::kCodeBits)}});
  });
  m_.unused(ready);
  net_.emplace("page_scored", in_step(valid));
  net_.emplace("pages_scored", in_step(end));
  return codes;
}

/// Top-k of the pages' codes and top-p of the tokens' probabilities, one column after another.
void AttentionTop::selection() {
  m_.section("Choice");
  const int lanes = g_.selector().lanes, sum_bits = g_.selector().sum_bits();
  const Expr prunes = m_.let("chooses_tokens", in_phase(mass));
  const Expr page_code = m_.let("page_code", of_column(at("code_word"), AG::kCodeBits));
  const Expr probability =
      m_.let("probability", of_column(at("probabilities"), AG::kProbabilityBits));
  wire("probability_end", 1, "The list's last token.");
  const Expr forced = at("force_last_i") && at("code_last") && !prunes;
  // Of no mass at all nothing would be left.
  const Expr mass_target = zext(at("mass_i"), sum_bits) | zext(at("mass_i") == 0, sum_bits);
  m_.instance(
      "u_selector", parts_.selector,
      clocked(
          {{"begin_i", m_.let("choice_begins", at("first_q") && at("chosen_in_turn"))},
           {"by_mass_i", prunes},
           {"target_i", m_.let("target", mux(prunes, mass_target, zext(at("places_i"), sum_bits)))},
           {"score_i", m_.let("candidate", mux(prunes, probability, page_code))},
           {"forced_i", m_.let("forced", forced)},
           {"score_last_i",
            m_.let("candidates_end", mux(prunes, at("probability_end"), at("code_last")))},
           {"score_valid_i", m_.let("candidate_valid", mux(prunes, at("probability_valid"),
                                                           at("code_valid") && in_phase(select)))},
           {"score_ready_o", at("chosen_ready")},
           {"mask_o", at("mask")},
           {"mask_valid_o", at("mask_valid")},
           {"mask_last_o", at("mask_last")}}));
  const int rows = kept_rows(), row_bits = address_bits_for(rows);
  const Expr row = counter("mask_row_q", row_bits, at("first_q"), at("mask_valid"),
                           "Row of the choice that is kept next.");
  let("choice_end", at("chosen_in_turn") && ((at("first_q") && !at("active_column")) ||
                                             (at("mask_valid") && at("mask_last"))));
  wire("kept_read", 1);
  wire("kept_address", row_bits);
  const Expr kept = m_.logic("kept", g_.columns() * lanes, "A row of every column's choice.");
  net_.emplace("kept", kept);
  m_.generate_for("column", columns_, "gen_kept", [&](Scope& s, const Expr& column) {
    const Expr own = s.let("own", at("column_q") == as_bits(column, column_bits()));
    s.instance("u_kept", hdl::ram_1r1w(),
               {{"clk_i", clk_},
                {"write_enable_i", at("mask_valid") && own},
                {"write_address_i", row},
                {"write_data_i", at("mask")},
                {"read_enable_i", at("kept_read")},
                {"read_address_i", at("kept_address")},
                {"read_data_o", kept.lane(column, lanes)}},
               {{"Width", lanes}, {"Depth", rows}});
  });
}

int AttentionTop::count_bits_of_blocks() const {
  return logical_bits() + 1 - design::ceil_log2(AG::kBoundsBlock);
}

/// The list, read as often as it takes; of the values only what top-p left.
void AttentionTop::pages() {
  m_.section("Pages of the list in turn");
  const int page = g_.page_bits(), index = listed_bits(), parts = part_bits();
  const Expr list_at = m_.let("list_place", at("list_count_q").slice(0, index));
  const Expr begin = at("first_q") && (in_phase(attend) || in_phase(mass) || in_phase(recount) ||
                                       in_phase(weights) || in_phase(values));
  const Expr begins = m_.let("pages_begin", begin);
  const Expr part = mux(at("short_i"), lit(g_.parts(4) - 1, parts), lit(g_.parts(8) - 1, parts));
  const Expr last_part = m_.let("last_part", mux(in_phase(values), part, zeros(parts)));
  const Expr pruned = m_.let("pruned", at("prune_i") && (in_phase(weights) || in_phase(values)));
  const Expr list_last = m_.let("list_bound", list_at - 1);
  const MemoryWords listed =
      walk({"list", page, g_.max_listed, at("list_write"), list_at, at("listed_page"), begins,
            list_last, at("page_ready"), last_part});
  wire("value_write", 1, "The page's values are read.");
  wire("value_page", page + index);
  const Expr kept_count = m_.logic("kept_count_q", count_bits(), "Pages that top-p left.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(enters(recount), [&](Block& t) {
       t.assign(kept_count, 0);
     }).else_when(at("value_write"), [&](Block& t) { t.assign(kept_count, kept_count + 1); });
  });
  net_.emplace("kept_count_q", kept_count);
  drive("value_count", mux(at("prune_i"), kept_count, at("list_count_q")));
  const Expr kept_at = m_.let("kept_place", kept_count.slice(0, index));
  const MemoryWords kept =
      walk({"kept_pages", page + index, g_.max_listed, at("value_write"), kept_at, at("value_page"),
            begins, m_.let("kept_bound", kept_at - 1), at("page_ready"), last_part});
  m_.unused(kept.address);
  let("page_valid", mux(pruned, kept.valid, listed.valid));
  let("page", mux(pruned, kept.data.slice(0, page), listed.data), "Its number.");
  let("page_index", mux(pruned, kept.data.slice(page, index), listed.address),
      "Its place in the list.");
  let("page_part", mux(pruned, kept.lap, listed.lap));
  let("page_last", mux(pruned, kept.last, listed.last));
}

}  // namespace hasse::units
