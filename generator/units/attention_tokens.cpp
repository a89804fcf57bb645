// SPDX-License-Identifier: Apache-2.0
// Tokens: their scores, the softmax, top-p.
#include "generator/hdl/primitives.hpp"
#include "generator/units/attention_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;
using hdl::zeros;
using hdl::zext;

/// Scores of the list's tokens: on their way into memory they are added up by the softmax.
void AttentionTop::keys() {
  m_.section("Scores of tokens");
  const int c = g_.columns(), sum_bits = g_.array.design.accumulator_bits;
  const int place_bits = in_page_bits(), sums = g_.query_sum_bits();
  const Expr list_last = m_.let("owner_bound", at("list_count_q").slice(0, listed_bits()) - 1);
  wire("owner_ready", 1);
  const MemoryWords owner = walk({"owners", c + 1, g_.max_listed, at("list_write"),
                                  at("list_count_q").slice(0, listed_bits()), at("listed_word"),
                                  enters(attend), list_last, at("owner_ready")});
  m_.unused(owner.address);
  m_.unused(owner.lap);
  const Expr taken = m_.let(
      "key_taken", in_phase(attend) && at("result_valid") && at("scale_valid") && owner.valid);
  net_.emplace("key_taken", taken);
  const Expr place =
      counter("key_place_q", place_bits, enters(attend), taken, "The token of the page.");
  const Expr place_end = m_.let("key_place_end", place == lit(g_.page - 1, place_bits));
  drive("owner_ready", taken && place_end);
  const Expr token = zext(place, g_.token_bits());
  const Expr masked = m_.let("key_masked", columns([&](int i) {
                               const Expr visible =
                                   at("visible_i").slice(i * g_.token_bits(), g_.token_bits());
                               return !at("active_i").bit(i) || !owner.data.bit(i) ||
                                      (owner.data.bit(c) && token >= visible);
                             }));
  const Expr scores = m_.logic("key_scores", c * AG::kScoreBits);
  m_.generate_for("column", columns_, "gen_key_scaler", [&](Scope& s, const Expr& column) {
    s.instance("u_key_scaler", parts_.keys,
               {{"clk_i", clk_},
                {"short_i", at("short_i")},
                {"shift_i", at("key_shift_i")},
                {"sum_i", at("results").lane(column, sum_bits)},
                {"query_sum_i", at("query_sums_q").lane(column, sums)},
                {"low_i", at("scale").slice(0, 16)},
                {"range_i", at("scale").slice(16, 16)},
                {"score_o", scores.lane(column, AG::kScoreBits)}});
  });
  const Expr valid = m_.logic("key_valid_q", AG::kKeyCycles, "Scores on their way.");
  const Expr ends = m_.logic("key_end_q", AG::kKeyCycles, "The list's last.");
  const Expr masks = m_.logic("key_masks_q", AG::kKeyCycles * c, "Columns that do not see them.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid, 0); },
      [&](Block& b) {
        b.assign(valid, cat({valid.slice(0, AG::kKeyCycles - 1), taken}));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(ends, cat({ends.slice(0, AG::kKeyCycles - 1), place_end && owner.last}));
    b.assign(masks, cat({masks.slice(0, (AG::kKeyCycles - 1) * c), masked}));
  });
  drive("score_write", valid.bit(AG::kKeyCycles - 1));
  net_.emplace("score_end", ends.bit(AG::kKeyCycles - 1));
  net_.emplace("score_masked", masks.slice((AG::kKeyCycles - 1) * c, c));
  net_.emplace("key_scores", scores);
  let("scores_end", at("score_write") && at("score_end"));
}

/// Scores read again, page by page: of the whole list, or of the pages whose values are read.
void AttentionTop::tokens() {
  m_.section("Tokens in turn");
  const int index = listed_bits(), place_bits = in_page_bits();
  const Expr queued = m_.logic("queued_page", index, "Its place in the list.");
  const Expr queued_valid = m_.logic("queued_valid", 1), used = m_.logic("queued_used", 1);
  m_.instance("u_indices", hdl::stream_fifo(),
              clocked({{"data_i", at("page_index")},
                       {"valid_i", m_.let("index_offered", in_phase(weights) && at("page_taken"))},
                       {"ready_o", at("index_ready")},
                       {"data_o", queued},
                       {"valid_o", queued_valid},
                       {"ready_i", used}}),
              {{"Width", index}, {"Depth", 16}}, "Pages whose scales have been asked for.");
  const Expr again = let("reads_list", in_phase(mass) || in_phase(recount));
  const Expr source_valid =
      m_.let("tokens_there", mux(again, at("page_valid") && !at("first_q"), queued_valid));
  const Expr source = m_.let("tokens_of", mux(again, at("page_index"), queued));
  const Expr valid = m_.logic("token_valid_q", 1, "A token is on offer.");
  net_.emplace("token_valid", valid);
  const Expr read = m_.let("token_read", source_valid && (!valid || at("token_ready")));
  const Expr next = counter("token_next_q", place_bits, at("first_q"), read,
                            "The token of the page that is read next.");
  const Expr page_end = m_.let("tokens_end", next == lit(g_.page - 1, place_bits));
  m_.assign(used, read && page_end && !again);
  drive("page_ready", mux(again, read && page_end, at("page_taken")));
  const int lane_bits = address_bits_for(g_.selector().lanes);
  const Expr lane = m_.logic("token_lane_q", lane_bits, "Its place in a row of the choice.");
  const Expr last = m_.logic("token_last_q", 1, "The last of all, where the list is read.");
  const Expr page_last = m_.logic("token_page_last_q", 1, "The last of its page.");
  net_.emplace("token_last", last);
  net_.emplace("token_page_last", page_last);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid, 0); },
      [&](Block& b) {
        b.assign(valid, !at("first_q") && (read || (valid && !at("token_ready"))));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(read, [&](Block& t) {
      t.assign(lane, next.slice(0, lane_bits));
      t.assign(page_last, page_end);
      t.assign(last, page_end && at("page_last"));
    });
  });
  net_.emplace("token_lane", lane);
  net_.emplace("token_read", read);
  let("token_address", cat({source, next}));
  stored_scores();
  token_masks();
}

/// The memory of scores, a word a token.
void AttentionTop::stored_scores() {
  const int c = g_.columns(), address_bits = token_index_bits(), word = c * (AG::kScoreBits + 1);
  const Expr write_at = counter("score_place_q", address_bits, enters(attend), at("score_write"),
                                "Where the next score goes.");
  const Expr stored = m_.logic("score_word", word, "{masks, scores}.");
  m_.instance("u_scores", hdl::ram_1r1w(),
              {{"clk_i", clk_},
               {"write_enable_i", at("score_write")},
               {"write_address_i", write_at},
               {"write_data_i", cat({at("score_masked"), at("key_scores")})},
               {"read_enable_i", at("token_read")},
               {"read_address_i", at("token_address").slice(0, address_bits)},
               {"read_data_o", stored}},
              {{"Width", word}, {"Depth", g_.max_listed * g_.page}});
  net_.emplace("stored_scores", stored.slice(0, c * AG::kScoreBits));
  net_.emplace("stored_masked", m_.let("stored_masked", stored.slice(c * AG::kScoreBits, c)));
}

/// Who does not see the token: as its score was stored, or after top-p by what was kept.
void AttentionTop::token_masks() {
  const int lanes = g_.selector().lanes, lane_bits = address_bits_for(lanes);
  const int row_bits = address_bits_for(kept_rows());
  drive("kept_read", mux(in_phase(gather), at("row_read"), at("token_read")));
  drive("kept_address",
        mux(in_phase(gather), at("row_next_q"),
            zext(at("token_address").slice(lane_bits, token_index_bits() - lane_bits), row_bits)));
  const Expr hidden = at("stored_masked");
  const Expr keeps =
      m_.let("token_kept", columns([&](int i) {
               return m_.let("kept_row_" + std::to_string(i), at("kept").lane(i, lanes))
                          .bit(at("token_lane")) &&
                      !hidden.bit(i);
             }));
  const Expr any = m_.let("anyone_keeps", at("unite_i") && reduce_or(keeps));
  const Expr pruned = (~keeps | ~at("active_i")) & ~(repeat(g_.columns(), any) & at("active_i"));
  let("token_masked", mux(at("prune_i") && !in_phase(mass), pruned, hidden),
      "Columns that do not see it.");
}

/// One unit a column, all at the same token: its sum while scores come, or while the tokens that
/// top-p left are counted again; its probability afterwards.
void AttentionTop::softmax() {
  m_.section("Softmax");
  const Expr fresh = m_.let("fresh", in_phase(attend), "Scores come from the array.");
  const Expr valid = m_.let("softmax_valid", mux(fresh, at("score_write"), at("token_valid")));
  const Expr last = m_.let("softmax_last", mux(fresh, at("score_end"), at("token_last")));
  const Expr scores = m_.let("softmax_scores", mux(fresh, at("key_scores"), at("stored_scores")));
  const Expr masked = m_.let("softmax_masked", mux(fresh, at("score_masked"), at("token_masked")));
  const Expr begin = m_.let("softmax_begins", enters(attend) || enters(recount));
  const Expr ready = m_.logic("column_ready", columns_), given = m_.logic("column_gives", columns_);
  m_.generate_for("column", columns_, "gen_softmax", [&](Scope& s, const Expr& column) {
    s.instance("u_softmax", parts_.softmax,
               clocked({{"step_i", at("step_i")},
                        {"begin_i", begin},
                        {"score_i", scores.lane(column, AG::kScoreBits)},
                        {"masked_i", masked.bit(column)},
                        {"score_last_i", last},
                        {"score_valid_i", valid},
                        {"probability_ready_i", at("probability_ready")},
                        {"probability_o", at("probabilities").lane(column, AG::kProbabilityBits)},
                        {"score_ready_o", ready.bit(column)},
                        {"probability_valid_o", given.bit(column)}}));
  });
  drive("softmax_ready", in_step(ready));
  drive("probability_valid", in_step(given));
  drive("token_ready", at("softmax_ready") && !fresh);
  const Expr out = m_.let("probability_taken", at("probability_valid") && at("probability_ready"));
  const Expr count = counter("probability_count_q", token_index_bits(), at("first_q"), out,
                             "Tokens whose probabilities have left.");
  const int page_log = design::ceil_log2(g_.page);
  const int bits_of_pages = token_index_bits() - page_log;
  const Expr pages =
      m_.let("probability_pages", mux(in_phase(mass), at("list_count_q").slice(0, bits_of_pages),
                                      at("value_count").slice(0, bits_of_pages)));
  const Expr all = m_.let("probability_tokens", cat({pages, zeros(page_log)}) - 1);
  drive("probability_end", count == all);
}

/// After top-p: the softmax's sum is made anew, and pages that nobody needs are left out.
void AttentionTop::prune() {
  m_.section("What top-p left");
  const Expr taken =
      m_.let("recounted", in_phase(recount) && at("token_valid") && at("token_ready"));
  const Expr seen = m_.let("token_seen", reduce_or(~at("token_masked")));
  const Expr needed = m_.logic("page_needed_q", 1, "A token of the page before this one.");
  const Expr page_end = m_.let("recounted_page", taken && at("token_page_last"));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(enters(recount) || page_end, [&](Block& t) {
       t.assign(needed, 0);
     }).else_when(taken, [&](Block& t) { t.assign(needed, needed || seen); });
  });
  let("recount_end", taken && at("token_last"));
  // The product of the values needs a page.
  const Expr only = at("token_last") && at("kept_count_q") == 0;
  drive("value_write", page_end && (needed || seen || only));
  const Expr word = m_.logic("recounted_q", g_.page_bits() + listed_bits(), "{place, page}.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(at("page_ready"), [&](Block& t) {
      t.assign(word, cat({at("page_index"), at("page")}));
    });
  });
  drive("value_page", word);
}

}  // namespace hasse::units
