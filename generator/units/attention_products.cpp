// SPDX-License-Identifier: Apache-2.0
// The three products: their operands, and the memory that they read.
#include <algorithm>

#include "generator/hdl/primitives.hpp"
#include "generator/units/attention_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::Expr;
using hdl::lit;
using hdl::mux;
using hdl::PortMap;
using hdl::repeat;
using hdl::Scope;
using hdl::sext;
using hdl::Width;
using hdl::zext;

/// Elements of the queries, as the array takes them: for the bounds those above 0 first, which meet
/// the largest keys, then those below, which meet the smallest.
void AttentionTop::queries() {
  m_.section("Queries");
  constexpr int kLapBits = 16, kBits = AG::kQueryBits;
  const int rows = g_.operand_rows(), words = g_.dim / rows, elements = g_.columns() * rows;
  const Expr taken = let("query_taken", at("query_valid_i") && in_phase(load));
  drive("query_ready_o", in_phase(load));
  const Expr count = counter("query_count_q", address_bits_for(words), at("start_i"), taken,
                             "Words that have been taken.");
  let("queries_end", taken && count == lit(words - 1, count.width()));
  const MemoryWords query =
      walk({"queries", elements * kBits, words, taken, count, at("query_data_i"),
            let("multiply", enters(score) || enters(attend)), lit(words - 1, count.width()),
            at("activation_ready"), hdl::ones(kLapBits)});
  m_.unused(query.address);
  m_.unused(query.last);
  m_.unused(query.lap.slice(1, kLapBits - 1), "unused_queries_lap");
  const Expr below = m_.let("below", in_phase(score) && query.lap.bit(0), "Those below 0.");
  const Expr above = m_.let("above", in_phase(score) && !query.lap.bit(0), "Those above.");
  const int operand = elements * AG::kProbabilityBits;
  const Expr operands = m_.logic("query_operands", operand);
  net_.emplace("query_operands", operands);
  net_.emplace("query_offered", query.valid);
  m_.generate_for("element", elements, "gen_element", [&](Scope& s, const Expr& element) {
    const Expr q = s.let("q", query.data.lane(element, kBits));
    const Expr gone = s.let("gone", mux(q.msb(), above, below));
    s.assign(operands.lane(element, AG::kProbabilityBits),
             sext(q, AG::kProbabilityBits) & repeat(AG::kProbabilityBits, !gone));
  });
  query_sums();
}

/// Of every column, while its elements are taken.
void AttentionTop::query_sums() {
  const int bits = g_.query_sum_bits(), rows = g_.operand_rows(), c = g_.columns();
  const Expr sums = m_.logic("query_sums_q", c * bits, "Sums of the columns' elements.");
  net_.emplace("query_sums_q", sums);
  m_.generate_for("column", c, "gen_query_sum", [&](Scope& s, const Expr& column) {
    const Expr word = s.let("word", at("query_data_i").lane(column, rows * AG::kQueryBits));
    const Expr so_far = s.let("so_far", sums.lane(column, bits));
    Expr sum = so_far;
    for (int row = 0; row < rows; ++row) sum = sum + sext(word.lane(row, AG::kQueryBits), bits);
    s.always_ff(clk_, [&](Block& b) {
      b.when(at("start_i"), [&](Block& t) {
         t.assign(sums.lane(column, bits), 0);
       }).else_when(at("query_taken"), [&](Block& t) { t.assign(sums.lane(column, bits), sum); });
    });
  });
}

/// Three products: bounds x queries, keys x queries, values x weights.
void AttentionTop::array() {
  m_.section("The array");
  const Geometry& a = g_.array;
  const auto size = [&](const Expr& count, int places, int bits) {
    const Expr wide = zext(count, bits);
    return wide << places;
  };
  const int page_log = design::ceil_log2(g_.page), block_log = design::ceil_log2(AG::kBoundsBlock);
  wire("blocks", count_bits_of_blocks(), "Sixteens of logical pages.");
  wire("list_count_q", count_bits(), "Pages of the list.");
  wire("value_count", count_bits(), "Pages whose values are read.");
  const Expr listed = m_.let("listed_tokens", size(at("list_count_q"), page_log, a.n_bits));
  const Expr valued = m_.let("valued_tokens", size(at("value_count"), page_log, a.k_bits));
  const Expr bounded = m_.let("bounded_pages", size(at("blocks"), block_log, a.n_bits));
  const Expr dim_n = lit(g_.dim, a.n_bits), dim_k = lit(g_.dim, a.k_bits);
  const Expr n = m_.let("n", mux(in_phase(score), bounded, mux(in_phase(attend), listed, dim_n)));
  const Expr k = m_.let(
      "k", mux(in_phase(score), lit(2 * g_.dim, a.k_bits), mux(in_phase(attend), dim_k, valued)));
  const int bits = a.weight_bits_bits;
  const Expr weight_bits =
      m_.let("weight_bits", mux(at("short_i") && !in_phase(score), lit(4, bits), lit(8, bits)));
  PortMap ports = clocked(
      {{"start_i", m_.let("product", at("multiply") || enters(values))},
       {"n_i", n},
       {"k_i", k},
       {"m_i", lit(g_.columns(), a.m_bits)},
       {"weight_bits_i", weight_bits},
       {"unsigned_activations_i", in_phase(values)},
       {"weight_data_i", at("memory_data_i")},
       {"weight_valid_i", m_.let("weight_valid", at("data_to_weights") && at("memory_valid_i"))},
       {"weight_ready_o", at("weight_ready")},
       {"activation_ready_o", at("activation_ready")},
       {"result_data_o", at("results")},
       {"result_valid_o", at("result_valid")},
       {"result_ready_i", at("result_ready")},
       {"result_last_o", at("result_last")},
       {"done_o", at("array_done")}});
  wire("weight_operands", g_.columns() * g_.operand_rows() * AG::kProbabilityBits);
  wire("weights_offered", 1);
  ports.emplace_back(
      "activation_data_i",
      m_.let("operands", mux(in_phase(values), at("weight_operands"), at("query_operands"))));
  ports.emplace_back("activation_valid_i",
                     m_.let("operands_offered",
                            mux(in_phase(values), at("weights_offered"), at("query_offered"))));
  for (const hdl::Port& port : parts_.array.ports()) {
    const auto same = [&](const auto& connected) { return connected.first == port.name; };
    if (std::ranges::any_of(ports, same)) continue;
    const Expr unused = m_.logic("unused_" + port.name, port.width.value());
    ports.emplace_back(port.name, unused);
  }
  m_.instance("u_array", parts_.array, ports);
}

/// What is read, and what becomes of it: weights of the array, or scales of tokens.
void AttentionTop::memory() {
  m_.section("Memory");
  const int page = g_.page_bits();
  wire("block_left", 1, "Bounds are still to be read.");
  const Expr block = counter("block_q", count_bits_of_blocks(), enters(score),
                             m_.let("block_taken", at("block_left") && at("read_ready_i")),
                             "Bounds that are read next.");
  drive("block_left", in_phase(score) && !at("first_q") && block < at("blocks"));
  const Expr reads_pages =
      m_.let("reads_pages", in_phase(attend) || in_phase(weights) || in_phase(values));
  wire("index_ready", 1);
  const Expr page_read = m_.let("page_read", reads_pages && !at("first_q") && at("page_valid") &&
                                                 (!in_phase(weights) || at("index_ready")));
  drive("read_valid_o", at("block_left") || page_read);
  const int kind_bits = 2;
  drive("read_kind_o", mux(in_phase(score), lit(0, kind_bits),
                           mux(in_phase(attend), lit(1, kind_bits),
                               mux(in_phase(weights), lit(2, kind_bits), lit(3, kind_bits)))));
  const int blocks = count_bits_of_blocks();
  const Expr block_page = blocks > page ? block.slice(0, page) : zext(block, page);
  drive("read_page_o", mux(in_phase(score), block_page, at("page")));
  drive("read_part_o", at("page_part"));
  let("page_taken", page_read && at("read_ready_i"));
  scales();
}

/// The scales of a page come first where keys are read, and alone where weights are made.
void AttentionTop::scales() {
  const int most = g_.scale_words() + g_.code_words(8), bits = address_bits_for(most);
  const int short_words = g_.scale_words() + g_.code_words(4);
  const Expr word = m_.logic("word_q", bits, "Word of a page's keys.");
  const Expr in_scales = m_.let(
      "in_scales", in_phase(weights) || (in_phase(attend) && word < lit(g_.scale_words(), bits)));
  const Expr page_end =
      m_.let("page_words_end",
             word == mux(at("short_i"), lit(short_words - 1, bits), lit(most - 1, bits)));
  const Expr busy = m_.let(
      "takes_words", in_phase(score) || in_phase(attend) || in_phase(weights) || in_phase(values));
  drive("data_to_weights", busy && !in_scales);
  const Expr ready = m_.let("scales_wanted", in_scales && at("scales_ready"));
  const Expr wanted = m_.let("words_wanted", mux(in_scales, ready, busy && at("weight_ready")));
  drive("memory_ready_o", wanted);
  const Expr taken = m_.let("memory_taken", at("memory_valid_i") && wanted);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(enters(attend), [&](Block& t) {
       t.assign(word, 0);
     }).else_when(in_phase(attend) && taken, [&](Block& t) {
      t.assign(word, mux(page_end, 0, word + 1));
    });
  });
  const Expr scales = m_.logic("scale_word", g_.word_bits(), "Scales of some tokens.");
  wire("scale_valid", 1);
  wire("scale_used", 1, "A token's scales.");
  const int lanes = g_.scale_lanes(), lane_bits = address_bits_for(lanes);
  const Expr lane = lanes == 1 ? lit(0, 1)
                               : counter("scale_lane_q", lane_bits, at("first_q"), at("scale_used"),
                                         "The token of the word.");
  const Expr lane_end = lanes == 1 ? lit(1, 1) : lane == lit(lanes - 1, lane_bits);
  m_.instance("u_scales", hdl::stream_fifo(),
              clocked({{"data_i", at("memory_data_i")},
                       {"valid_i", m_.let("scales_offered", in_scales && at("memory_valid_i"))},
                       {"ready_o", at("scales_ready")},
                       {"data_o", scales},
                       {"valid_o", at("scale_valid")},
                       {"ready_i", m_.let("scales_taken", at("scale_used") && lane_end)}}),
              {{"Width", g_.word_bits()}, {"Depth", 4 * g_.scale_words()}});
  Expr scale = scales.slice(0, AG::kScaleBits);
  for (int i = 1; i < lanes; ++i)
    scale = mux(lane == lit(i, lane_bits), scales.slice(i * AG::kScaleBits, AG::kScaleBits), scale);
  let("scale", scale, "Of the token: range above smallest element.");
}

}  // namespace hasse::units
