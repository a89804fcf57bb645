// SPDX-License-Identifier: Apache-2.0
// Ports, wires, and what follows what.
#include "generator/units/attention_top.hpp"

#include "generator/units/units.hpp"
#include "golden/attention/units/softmax_unit.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::mux;
using hdl::Width;

Expr AttentionTop::clocked_bit(const std::string& name, const Expr& set, const Expr& clear) {
  const Expr bit = m_.logic(name, 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(bit, 0); },
      [&](Block& b) { b.assign(bit, !clear && (set || bit)); });
  return bit;
}

Expr AttentionTop::counter(const std::string& name, int bits, const Expr& clear, const Expr& step,
                           const std::string& doc) {
  const Expr count = m_.logic(name, bits, doc);
  net_.emplace(name, count);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(clear, [&](Block& t) { t.assign(count, 0); }).else_when(step, [&](Block& t) {
      t.assign(count, count + 1);
    });
  });
  return count;
}

MemoryWords AttentionTop::walk(const MemoryUse& use) {
  const int bits = address_bits_for(use.depth), lap = use.last_lap.width().value();
  const MemoryWords walk{m_.logic(use.name + "_word", use.width), m_.logic(use.name + "_valid", 1),
                         m_.logic(use.name + "_address", bits), m_.logic(use.name + "_lap", lap),
                         m_.logic(use.name + "_last", 1)};
  m_.instance("u_" + use.name, parts_.stream,
              clocked({{"write_enable_i", use.write},
                       {"write_address_i", use.write_address},
                       {"write_data_i", use.write_data},
                       {"begin_i", use.begin},
                       {"last_address_i", use.last_address},
                       {"last_lap_i", use.last_lap},
                       {"ready_i", use.ready},
                       {"data_o", walk.data},
                       {"valid_o", walk.valid},
                       {"address_o", walk.address},
                       {"lap_o", walk.lap},
                       {"last_o", walk.last}}),
              {{"Width", use.width}, {"Depth", use.depth}, {"LapBits", lap}});
  return walk;
}

/// A step, and what it reads.
void AttentionTop::task_ports() {
  const int pages = bits_for(g_.max_pages);
  in("start_i", 1, "A step begins. What follows stays as it is until done_o.");
  in("source_i", 2, "Pages: 0 the first and last ones, 1 of a streaming head, 2 by their scores.");
  in("pages_i", pages, "Pages of the sequence, 1 or more; by window, up to the queries' own.");
  in("active_i", columns_, "Columns that are used.");
  in("visible_i", columns_ * token_bits_, "Per column, tokens of the last page that it sees.");
  in("sink_i", page_bits_, "By window: first pages that are read.");
  in("local_i", page_bits_, "By window: last pages that are read; 0: all.");
  in("logical_i", logical_bits(), "By scores: logical pages of the sequence.");
  in("places_i", pages, "By scores: pages that a column reads, the forced one included.");
  in("force_last_i", 1, "By scores: the last page is one of them.");
  in("page_shift_i", 5, "By scores: places they are shifted to the right.");
  in("prune_i", 1, "Top-p: only the tokens of the largest probabilities.");
  in("mass_i", AG::kProbabilityBits + 1,
     "Top-p: the sum that they have to reach, U1.16; 0 is the least, 2^-16.");
  in("unite_i", 1, "All columns read what any of them keeps.");
  in("short_i", 1, "Codes of keys and values have four bits, else eight.");
  in("key_shift_i", 6, "Places that scores are shifted to the right, 1 or more.");
  in("step_i", attention::units::kStepFraction + 4, "What a score of 1 is worth, U4.16.");
  in("value_shift_i", 5, "1 to 16: ranges of values lie below 2^value_shift_i.");
  in("clear_i", 1, "A new sequence begins; not during a step.");
  in("stream_clear_i", 1, "The same for the streaming head's slots.");
  in("stream_advance_i", 1, "A page of the streaming head begins; not during a step.");
  out("stream_slot_o", bits_for(g_.sink + g_.ring), "Its slot.");
}

void AttentionTop::stream_ports() {
  in("query_data_i", columns_ * query_bits_,
     "Some elements per column: column 0 and its first element lowest.");
  in("query_valid_i", 1, "They are valid.");
  out("query_ready_o", 1, "They are taken.");
  out("read_kind_o", 2, "What is read: 0 bounds, 1 keys, 2 scales of values, 3 values.");
  out("read_page_o", page_bits_, "Of this page; bounds: of these 16 logical pages.");
  out("read_part_o", part_bits(), "Values: of the channels of this N-tile.");
  out("read_valid_o", 1, "They are valid.");
  in("read_ready_i", 1, "They are taken.");
  in("memory_data_i", word_bits_, "What was read, in order.");
  in("memory_valid_i", 1, "It is valid.");
  out("memory_ready_o", 1, "It is taken.");
  out("out_data_o", columns_ * out_bits_, "A channel of all columns, the first lowest.");
  out("out_valid_o", 1, "It is valid.");
  in("out_ready_i", 1, "It is taken.");
  out("busy_o", 1, "A step is under way.");
  out("done_o", 1, "The step is complete, or refused: one cycle.");
  out("error_o", 1,
      "With done_o: no pages, by scores no logical ones or places, or too many pages.");
}

void AttentionTop::name_phases() {
  const auto named = [&](Phase which, const char* name, const char* doc) {
    phases_.push_back(m_.constant(name, kPhaseBits, which, doc));
  };
  m_.section("What is done, in this order");
  named(idle, "PhaseIdle", "Nothing.");
  named(load, "PhaseLoad", "Queries are taken.");
  named(score, "PhaseScore", "Bounds times queries: scores of pages.");
  named(select, "PhaseSelect", "Pages are chosen, column by column.");
  named(gather, "PhaseGather", "The list of pages is made.");
  named(attend, "PhaseAttend", "Keys times queries: scores of tokens.");
  named(mass, "PhaseMass", "Top-p: tokens are chosen, column by column.");
  named(recount, "PhaseRecount", "Top-p: the softmax of those alone.");
  named(weights, "PhaseWeights", "Probabilities times the scales of values.");
  named(values, "PhaseValues", "Values times these weights: outputs.");
}

/// What one stretch drives and another, before it, reads.
void AttentionTop::wires() {
  const int c = g_.columns();
  wire("phase_q", kPhaseBits, "What is done.");
  wire("first_q", 1, "The phase, or its turn for a column, begins.");
  wire("column_q", column_bits(), "The column that is chosen for.");
  for (const char* name :
       {"weight_ready", "activation_ready", "result_valid", "result_ready", "result_last",
        "array_done", "data_to_weights", "scales_ready", "page_ready", "token_ready", "mask_valid",
        "mask_last", "chosen_ready", "softmax_ready", "probability_valid", "probability_ready",
        "score_write", "weights_end"})
    wire(name, 1);
  wire("results", Width(c * g_.array.design.accumulator_bits));
  wire("mask", g_.selector().lanes);
  wire("probabilities", Width(c * AG::kProbabilityBits));
  let("chosen_in_turn", in_phase(select) || in_phase(mass));
  let("last_page", at("pages_i").slice(0, g_.page_bits()) - 1, "The sequence's.");
  let("active_column", of_column(at("active_i"), 1));
}

/// Whether pages have to be scored, or the list of an earlier step still holds.
void AttentionTop::reuse() {
  m_.section("Lists that are kept");
  const Expr by_score = let("by_score", at("source_i") == lit(2, 2));
  const Expr held = m_.logic("held_q", 1, "The list is one of scored pages.");
  const Expr miss = m_.logic("miss", 1);
  const Expr stored = m_.let("list_stored", at("list_end") && by_score);
  m_.instance("u_reuse", parts_.reuse,
              clocked({{"clear_i", at("clear_i")},
                       {"advance_i", m_.let("position_end", at("values_end") && by_score)},
                       {"stored_i", stored},
                       {"miss_o", miss}}));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(held, 0); },
      [&](Block& b) {
        b.when(at("list_end") || at("clear_i"), [&](Block& t) { t.assign(held, stored); });
      });
  let("choose", by_score && (miss || !held), "The pages are scored.");
}

/// What follows what.
void AttentionTop::phases() {
  m_.section("Phases");
  const Expr unscored = at("places_i") == 0 || at("logical_i") == 0;
  let("refused", at("pages_i") == 0 || at("source_i") == lit(3, 2) || (at("by_score") && unscored));
  const Expr turns = m_.let("turns_end", at("column_q") == lit(g_.columns() - 1, column_bits()));
  const Expr moves = m_.logic("moves", 1, "The phase ends."),
             next = m_.logic("next_phase", kPhaseBits);
  const Expr after_queries =
      mux(at("choose"), phase(score), mux(at("by_score"), phase(attend), phase(gather)));
  const Expr after_scores = mux(at("prune_i"), phase(mass), phase(weights));
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> cases;
  const auto on = [&](Phase p, const Expr& end, const Expr& following) {
    cases.emplace_back(phase(p), [=](Block& b) {
      b.assign(moves, end);
      b.assign(next, following);
    });
  };
  on(idle, at("start_i") && !at("refused"), phase(load));
  on(load, at("queries_end"), after_queries);
  on(score, at("bounds_end"), phase(select));
  on(select, at("choice_end") && turns, phase(gather));
  on(gather, at("list_end") || at("list_fails"), mux(at("list_fails"), phase(idle), phase(attend)));
  on(attend, at("scores_end"), after_scores);
  on(mass, at("choice_end") && turns, phase(recount));
  on(recount, at("recount_end"), phase(weights));
  on(weights, at("weights_end"), phase(values));
  m_.always_comb([&](Block& b) {
    b.select(at("phase_q"), cases, [&](Block& t) {
      t.assign(moves, at("values_end"));
      t.assign(next, phase(idle));
    });
  });
  const Expr turn = m_.let("turn", at("choice_end") && !turns);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(at("phase_q"), phase(idle));
        b.assign(at("first_q"), 0);
        b.assign(at("column_q"), 0);
      },
      [&](Block& b) {
        b.when(moves, [&](Block& t) { t.assign(at("phase_q"), next); });
        b.assign(at("first_q"), moves || turn);
        b.when(at("choice_end"),
               [&](Block& t) { t.assign(at("column_q"), mux(turns, 0, at("column_q") + 1)); });
      });
}

void AttentionTop::finish() {
  m_.section("The end of a step");
  const Expr ended = m_.let("step_end", at("values_end") || at("list_fails") ||
                                            (at("start_i") && at("refused") && in_phase(idle)));
  const Expr done = m_.logic("done_q", 1), error = m_.logic("error_q", 1);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(done, 0);
        b.assign(error, 0);
      },
      [&](Block& b) {
        b.assign(done, ended);
        b.assign(error, ended && !at("values_end"));
      });
  drive("busy_o", !in_phase(idle));
  drive("done_o", done);
  drive("error_o", error);
}

}  // namespace hasse::units
