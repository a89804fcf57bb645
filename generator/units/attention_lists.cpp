// SPDX-License-Identifier: Apache-2.0
// Where the list of pages comes from.
#include "generator/units/attention_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::mux;
using hdl::repeat;
using hdl::zeros;
using hdl::zext;

/// The list of pages, from one of three sources, and which columns read them.
void AttentionTop::list() {
  m_.section("List of pages");
  const int c = g_.columns();
  const Expr begin = enters(gather);
  const Expr by_window = m_.let("by_window", at("source_i") == lit(0, 2));
  const Expr by_stream = m_.let("by_stream", at("source_i") == lit(1, 2));
  window(m_.let("window_begins", begin && by_window));
  slots(m_.let("slots_begin", begin && by_stream));
  rows(m_.let("rows_begin", begin && !by_window && !by_stream));
  const Expr valid = m_.let(
      "listed", in_phase(gather) && mux(by_window, at("window_valid"),
                                        mux(by_stream, at("slot_valid"), at("row_page_valid"))));
  const Expr number = let("listed_page", mux(by_window, at("window_page"),
                                             mux(by_stream, at("slot_page"), at("row_page"))));
  const Expr last =
      m_.let("listed_last", mux(by_stream, at("slot_last"), number == at("last_page")));
  const Expr everyone = by_window || by_stream || (at("unite_i") && !at("prune_i"));
  const Expr own = m_.let("listed_own", at("row_own") | repeat(c, m_.let("everyone", everyone)));
  const Expr count = at("list_count_q");
  const Expr full = m_.let("list_full", count == lit(g_.max_listed, count_bits()));
  const Expr take = let("list_write", valid && !full);
  net_.emplace("listed_word", cat({last, own}));
  const Expr end = mux(by_window, at("window_end"), mux(by_stream, at("slot_end"), at("rows_end")));
  const Expr ends = m_.let("list_ends", in_phase(gather) && !at("first_q") && end);
  let("list_end", ends && count != 0);
  let("list_fails", (valid && full) || (ends && count == 0), "Too long, or empty.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin, [&](Block& t) { t.assign(count, 0); }).else_when(take, [&](Block& t) {
      t.assign(count, count + 1);
    });
  });
}

/// All pages, or the first and last ones: the blocks that a prompt's block sees.
void AttentionTop::window(const Expr& begin) {
  const int page = g_.page_bits();
  for (const char* name :
       {"window_offered", "window_values", "window_causal", "window_done", "window_list"})
    wire(name, 1);
  wire("window_page", page);
  wire("window_tokens", g_.token_bits());
  m_.instance("u_walker", parts_.walker,
              clocked({{"begin_i", begin},
                       {"prefill_i", lit(1, 1)},
                       {"block_i", at("last_page")},
                       {"sink_i", at("sink_i")},
                       {"local_i", at("local_i")},
                       {"last_page_i", at("last_page")},
                       {"last_tokens_i", lit(g_.page, g_.token_bits())},
                       {"list_page_i", zeros(page)},
                       {"list_last_i", lit(0, 1)},
                       {"list_valid_i", lit(0, 1)},
                       {"ready_i", lit(1, 1)},
                       {"valid_o", at("window_offered")},
                       {"values_o", at("window_values")},
                       {"page_o", at("window_page")},
                       {"tokens_o", at("window_tokens")},
                       {"causal_o", at("window_causal")},
                       {"last_o", at("window_done")},
                       {"list_ready_o", at("window_list")}}),
              {}, "Its descriptors of keys are the list; those of values come from the list.");
  m_.unused(cat({at("window_tokens"), at("window_causal"), at("window_done"), at("window_list")}),
            "unused_window");
  let("window_valid", at("window_offered") && !at("window_values"));
  let("window_end", at("window_offered") && at("window_values"));
}

/// The slots of a streaming head, in the order of their tokens.
void AttentionTop::slots(const Expr& begin) {
  wire("slot", bits_for(g_.sink + g_.ring));
  for (const char* name : {"slot_last", "slot_valid"}) wire(name, 1);
  m_.instance("u_addresser", parts_.addresser,
              clocked({{"clear_i", at("stream_clear_i")},
                       {"advance_i", at("stream_advance_i")},
                       {"list_i", begin},
                       {"list_ready_i", lit(1, 1)},
                       {"slot_o", at("stream_slot_o")},
                       {"list_slot_o", at("slot")},
                       {"list_last_o", at("slot_last")},
                       {"list_valid_o", at("slot_valid")}}));
  let("slot_page", zext(at("slot"), g_.page_bits()));
  let("slot_end", !at("slot_valid"));
}

/// The pages that the selector chose for any column.
void AttentionTop::rows(const Expr& begin) {
  const int lanes = g_.selector().lanes, lane_bits = address_bits_for(lanes),
            row_bits = address_bits_for(kept_rows()), page = g_.page_bits();
  const Expr last_row =
      m_.let("last_row", page > lane_bits
                             ? zext(at("last_page").slice(lane_bits, page - lane_bits), row_bits)
                             : zeros(row_bits));
  const Expr active = m_.logic("rows_active_q", 1, "There are rows to read.");
  const Expr valid = m_.logic("row_valid_q", 1, "A row is on offer.");
  const Expr next = m_.logic("row_next_q", row_bits, "The row that is read next.");
  const Expr row = m_.logic("row_q", row_bits, "The row on offer.");
  wire("row_taken", 1);
  const Expr read = let("row_read", active && (!valid || at("row_taken")));
  net_.emplace("row_next_q", next);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(active, 0);
        b.assign(valid, 0);
      },
      [&](Block& b) {
        b.assign(active, begin || (active && !(read && next == last_row)));
        b.assign(valid, !begin && (read || (valid && !at("row_taken"))));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin, [&](Block& t) { t.assign(next, 0); }).else_when(read, [&](Block& t) {
      t.assign(next, next + 1);
      t.assign(row, next);
    });
  });
  wire("row_page_valid", 1);
  wire("row_lane", lane_bits);
  wire("row_own", g_.columns());
  m_.instance("u_lister", parts_.lister,
              clocked({{"active_i", at("active_i")},
                       {"masks_i", at("kept")},
                       {"masks_valid_i", valid},
                       {"masks_ready_o", at("row_taken")},
                       {"page_valid_o", at("row_page_valid")},
                       {"lane_o", at("row_lane")},
                       {"own_o", at("row_own")}}));
  const Expr number = cat({row, at("row_lane")});
  const int bits = row_bits + lane_bits;
  if (bits <= page) {
    let("row_page", zext(number, page));
  } else {
    const Expr wide = m_.let("row_number", number);
    m_.unused(wide.slice(page, bits - page), "unused_row_number");
    let("row_page", wide.slice(0, page));
  }
  let("rows_end", !active && !valid);
}

}  // namespace hasse::units
