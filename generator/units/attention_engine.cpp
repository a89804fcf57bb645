// SPDX-License-Identifier: Apache-2.0
// The top of the attention engine: phases, and what every unit does in them.
#include "generator/units/attention_engine.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "generator/hdl/primitives.hpp"
#include "generator/units/attention.hpp"
#include "generator/units/engine.hpp"
#include "generator/units/units.hpp"
#include "golden/attention/units/softmax_unit.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::PortMap;
using hdl::reduce_or;
using hdl::repeat;
using hdl::Scope;
using hdl::sext;
using hdl::Width;
using hdl::zeros;
using hdl::zext;

using AG = AttentionGeometry;

/// The finished units that the top instantiates.
struct Parts {
  Module array, selector, reducer, coder, softmax, walker, addresser, reuse, keys, values, lister,
      stream;
};

/// A memory_stream's outputs.
struct Walk {
  Expr data, valid, address, lap, last;
};

/// How one is written and read.
struct WalkUse {
  std::string name;
  Width width;
  int depth;
  Expr write, write_address, write_data, begin, last_address, ready;
  Expr last_lap = lit(0, 1);
};

/// Builds the module, a stretch of the way per function.
class Engine {
 public:
  Engine(const AG& g, const Parts& parts) : g_(g), parts_(parts) {}

  Module build() {
    m_.set_unit("control");
    declare();
    queries();
    array();
    bounds();
    selection();
    list();
    pages();
    memory();
    keys();
    tokens();
    softmax();
    prune();
    weigh();
    outputs();
    phases();
    return m_;
  }

 private:
  enum Phase { idle, load, score, select, gather, attend, mass, recount, weights, values };

  void declare();
  void queries();
  void query_sums();
  void array();
  int count_bits_of_blocks() const;
  void bounds();
  void selection();
  void list();
  void window(const Expr& begin);
  void slots(const Expr& begin);
  void rows(const Expr& begin);
  void pages();
  void memory();
  void scales();
  void keys();
  void tokens();
  void softmax();
  void prune();
  void weigh();
  void gather_weights(const Expr& made, const Expr& valid);
  void outputs();
  void phases();

  /// A signal that is driven further down.
  void wire(const std::string& name, const Width& width, const std::string& doc = "") {
    net_.emplace(name, m_.logic(name, width, doc));
  }
  void in(const std::string& name, const Width& width, const std::string& doc) {
    net_.emplace(name, m_.input(name, width, doc));
  }
  Expr out(const std::string& name, const Width& width, const std::string& doc) {
    net_.emplace(name, m_.output(name, width, doc));
    return net_.at(name);
  }
  const Expr& at(const std::string& name) const { return net_.at(name); }
  void drive(const std::string& name, const Expr& value) { m_.assign(at(name), value); }
  /// `value` under a name.
  const Expr& let(const std::string& name, const Expr& value, const std::string& doc = "") {
    return net_.emplace(name, m_.let(name, value, doc)).first->second;
  }
  Expr in_phase(Phase phase) const { return at("phase_q") == lit(phase, kPhaseBits); }
  /// The first cycle of a phase.
  Expr enters(Phase phase) const { return at("first_q") && in_phase(phase); }
  Expr clocked_bit(const std::string& name, const Expr& set, const Expr& clear);
  Expr counter(const std::string& name, int bits, const Expr& clear, const Expr& step,
               const std::string& doc);
  Walk walk(const WalkUse& use);
  PortMap clocked(PortMap ports) const {
    ports.insert(ports.begin(), {{"clk_i", clk_}, {"rst_ni", rst_n_}});
    return ports;
  }
  /// Per column something, the first lowest.
  template <class F>
  Expr columns(F part) const {
    std::vector<Expr> parts;
    for (int c = g_.columns() - 1; c >= 0; --c) parts.push_back(part(c));
    return cat(parts);
  }
  /// The part of the column that is being chosen for.
  Expr of_column(const Expr& all, int bits) const {
    Expr part = all.slice(0, bits);
    for (int c = 1; c < g_.columns(); ++c)
      part = mux(at("column_q") == lit(c, column_bits()), all.slice(c * bits, bits), part);
    return part;
  }
  int column_bits() const { return address_bits_for(g_.columns()); }
  int token_index_bits() const { return address_bits_for(g_.max_listed * g_.page); }
  int listed_bits() const { return address_bits_for(g_.max_listed); }
  int count_bits() const { return bits_for(g_.max_listed); }
  int in_page_bits() const { return address_bits_for(g_.page); }
  int logical_bits() const { return bits_for(g_.max_pages * g_.logical_pages); }
  int kept_rows() const { return g_.selector().rows(); }
  int part_bits() const { return address_bits_for(g_.parts(8)); }

  static constexpr int kPhaseBits = 4;
  const AG& g_;
  const Parts& parts_;
  std::map<std::string, Expr> net_{};
  Module m_{"attention_engine",
            "Attention of one KV head's query heads, a decode step or a prompt's block at a time.\n"
            "Bounds of pages times queries score the pages, the selector chooses, keys of the\n"
            "chosen times queries are scores, their softmax times values the output: three\n"
            "products on one array, which reads pages as its weights."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
};

Expr Engine::clocked_bit(const std::string& name, const Expr& set, const Expr& clear) {
  const Expr bit = m_.logic(name, 1);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(bit, 0); },
      [&](Block& b) { b.assign(bit, !clear && (set || bit)); });
  return bit;
}

Expr Engine::counter(const std::string& name, int bits, const Expr& clear, const Expr& step,
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

Walk Engine::walk(const WalkUse& use) {
  const int bits = address_bits_for(use.depth), lap = use.last_lap.width().value();
  const Walk walk{m_.logic(use.name + "_word", use.width), m_.logic(use.name + "_valid", 1),
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

void Engine::declare() {
  const int c = g_.columns(), page = g_.page_bits(), pages = bits_for(g_.max_pages);
  in("start_i", 1, "A step begins. What follows stays as it is until done_o.");
  in("source_i", 2, "Pages: 0 the first and last ones, 1 of a streaming head, 2 by their scores.");
  in("pages_i", pages, "Pages of the sequence, 1 or more; by window, up to the queries' own.");
  in("active_i", c, "Columns that are used.");
  in("visible_i", c * g_.token_bits(), "Per column, tokens of the last page that it sees.");
  in("sink_i", page, "By window: first pages that are read.");
  in("local_i", page, "By window: last pages that are read; 0: all.");
  in("logical_i", logical_bits(), "By scores: logical pages of the sequence.");
  in("places_i", pages, "By scores: pages that a column reads, the forced one included.");
  in("force_last_i", 1, "By scores: the last page is one of them.");
  in("page_shift_i", 5, "By scores: places they are shifted to the right.");
  in("prune_i", 1, "Top-p: only the tokens of the largest probabilities.");
  in("mass_i", AG::kProbabilityBits + 1, "Top-p: the sum that they have to reach, U1.16.");
  in("unite_i", 1, "All columns read what any of them keeps.");
  in("short_i", 1, "Codes of keys and values have four bits, else eight.");
  in("key_shift_i", 6, "Places that scores are shifted to the right, 1 or more.");
  in("step_i", attention::units::kStepFraction + 4, "What a score of 1 is worth, U4.16.");
  in("value_shift_i", 5, "1 to 16: ranges of values lie below 2^value_shift_i.");
  in("clear_i", 1, "A new sequence begins; not during a step.");
  in("stream_clear_i", 1, "The same for the streaming head's slots.");
  in("stream_advance_i", 1, "A page of the streaming head begins; not during a step.");
  out("stream_slot_o", bits_for(g_.sink + g_.ring), "Its slot.");
  in("query_data_i", Width(c * g_.operand_rows() * AG::kQueryBits),
     "Some elements per column: column 0 and its first element lowest.");
  in("query_valid_i", 1, "They are valid.");
  out("query_ready_o", 1, "They are taken.");
  out("read_kind_o", 2, "What is read: 0 bounds, 1 keys, 2 scales of values, 3 values.");
  out("read_page_o", page, "Of this page; bounds: of these 16 logical pages.");
  out("read_part_o", part_bits(), "Values: of the channels of this N-tile.");
  out("read_valid_o", 1, "They are valid.");
  in("read_ready_i", 1, "They are taken.");
  in("memory_data_i", g_.word_bits(), "What was read, in order.");
  in("memory_valid_i", 1, "It is valid.");
  out("memory_ready_o", 1, "It is taken.");
  out("out_data_o", Width(c * AG::kOutBits), "A channel of all columns, the first lowest.");
  out("out_valid_o", 1, "It is valid.");
  in("out_ready_i", 1, "It is taken.");
  out("busy_o", 1, "A step is under way.");
  out("done_o", 1, "The step is complete, or refused: one cycle.");
  out("error_o", 1, "With done_o: no pages, no places, or more pages than a step reads.");
  wire("phase_q", kPhaseBits, "What is done.");
  wire("first_q", 1, "The phase, or its turn for a column, begins.");
  wire("column_q", column_bits(), "The column that is chosen for.");
  for (const char* name : {"memory_taken", "weight_ready", "activation_ready", "result_valid",
                           "result_ready", "result_last", "array_done", "data_to_weights",
                           "scales_ready", "page_ready", "token_ready", "mask_valid", "mask_last",
                           "chosen_ready", "softmax_ready", "probability_valid",
                           "probability_ready", "score_write", "weights_end"})
    wire(name, 1);
  wire("results", Width(c * g_.array.design.accumulator_bits));
  wire("mask", g_.selector().lanes);
  wire("probabilities", Width(c * AG::kProbabilityBits));
  let("chosen_in_turn", in_phase(select) || in_phase(mass));
  let("last_page", at("pages_i").slice(0, page) - 1, "The sequence's.");
  let("active_column", of_column(at("active_i"), 1));
}

/// Elements of the queries, as the array takes them: for the bounds those above 0 first, which meet
/// the largest keys, then those below, which meet the smallest.
void Engine::queries() {
  m_.section("Queries");
  constexpr int kLapBits = 16, kBits = AG::kQueryBits;
  const int rows = g_.operand_rows(), words = g_.dim / rows, elements = g_.columns() * rows;
  const Expr taken = let("query_taken", at("query_valid_i") && in_phase(load));
  drive("query_ready_o", in_phase(load));
  const Expr count = counter("query_count_q", address_bits_for(words), at("start_i"), taken,
                             "Words that have been taken.");
  let("queries_end", taken && count == lit(words - 1, count.width()));
  const Walk query =
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
void Engine::query_sums() {
  const int bits = g_.query_sum_bits(), rows = g_.operand_rows(), c = g_.columns();
  const Expr sums = m_.logic("query_sums_q", c * bits, "Sums of the columns' elements.");
  net_.emplace("query_sums_q", sums);
  m_.generate_for("column", c, "gen_query_sum", [&](Scope& s, const Expr& column) {
    const Expr word =
        s.let("word", at("query_data_i").lane(column, rows * AG::kQueryBits));
    const Expr so_far = s.let("so_far", sums.lane(column, bits));
    Expr sum = so_far;
    for (int row = 0; row < rows; ++row)
      sum = sum + sext(word.lane(row, AG::kQueryBits), bits);
    s.always_ff(clk_, [&](Block& b) {
      b.when(at("start_i"), [&](Block& t) {
         t.assign(sums.lane(column, bits), 0);
       }).else_when(at("query_taken"), [&](Block& t) { t.assign(sums.lane(column, bits), sum); });
    });
  });
}

/// Three products: bounds x queries, keys x queries, values x weights.
void Engine::array() {
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
  const Expr weight_bits = m_.let(
      "weight_bits", mux(at("short_i") && !in_phase(score), lit(4, bits), lit(8, bits)));
  PortMap ports = clocked({{"start_i", m_.let("product", at("multiply") || enters(values))},
                           {"n_i", n},
                           {"k_i", k},
                           {"m_i", lit(g_.columns(), a.m_bits)},
                           {"weight_bits_i", weight_bits},
                           {"unsigned_activations_i", in_phase(values)},
                           {"weight_data_i", at("memory_data_i")},
                           {"weight_valid_i", m_.let("weight_valid", at("data_to_weights") &&
                                                                         at("memory_valid_i"))},
                           {"weight_ready_o", at("weight_ready")},
                           {"activation_ready_o", at("activation_ready")},
                           {"result_data_o", at("results")},
                           {"result_valid_o", at("result_valid")},
                           {"result_ready_i", at("result_ready")},
                           {"result_last_o", at("result_last")},
                           {"done_o", at("array_done")}});
  wire("weight_operands", g_.columns() * g_.operand_rows() * AG::kProbabilityBits);
  wire("weights_offered", 1);
  ports.emplace_back("activation_data_i",
                     m_.let("operands", mux(in_phase(values), at("weight_operands"),
                                            at("query_operands"))));
  ports.emplace_back("activation_valid_i",
                     m_.let("operands_offered", mux(in_phase(values), at("weights_offered"),
                                                    at("query_offered"))));
  for (const hdl::Port& port : parts_.array.ports()) {
    const auto same = [&](const auto& connected) { return connected.first == port.name; };
    if (std::ranges::any_of(ports, same)) continue;
    const Expr unused = m_.logic("unused_" + port.name, port.width.value());
    ports.emplace_back(port.name, unused);
  }
  m_.instance("u_array", parts_.array, ports);
}

int Engine::count_bits_of_blocks() const {
  return logical_bits() + 1 - design::ceil_log2(AG::kBoundsBlock);
}

/// The scores of pages as codes, a word of all columns a page.
void Engine::bounds() {
  m_.section("Scores of pages");
  const int bits = g_.bound_score_bits(), wide = g_.array.design.accumulator_bits;
  const int block_log = design::ceil_log2(AG::kBoundsBlock);
  const Expr up = m_.let("logical_up", zext(at("logical_i"), logical_bits() + 1) +
                                           (AG::kBoundsBlock - 1));
  m_.unused(up.slice(0, block_log), "unused_logical_up");
  drive("blocks", up.slice(block_log, count_bits_of_blocks()));
  const Expr taken = m_.let("bound_taken", at("result_valid") && in_phase(score));
  const Expr row = counter("bound_row_q", logical_bits() + 1, enters(score), taken,
                           "Logical pages whose scores have been taken.");
  const Expr inside = m_.let("bound_inside", taken && row < zext(at("logical_i"), row.width()),
                             "It is there.");
  const Expr last =
      m_.let("bound_last", row + 1 == zext(at("logical_i"), row.width()), "The last that is.");
  std::vector<Expr> codes;
  for (int c = 0; c < g_.columns(); ++c) {
    const std::string n = std::to_string(c);
    const Expr sum = m_.let("bound_sum_" + n, at("results").slice(c * wide, bits));
    const Expr best = m_.logic("page_score_" + n, bits);
    const Expr ready = m_.logic("reducer_ready_" + n, 1), valid = m_.logic("page_valid_" + n, 1);
    const Expr end = m_.logic("page_end_" + n, 1);
    m_.instance("u_reducer_" + n, parts_.reducer,
                clocked({{"logical_i", sum},
                         {"logical_last_i", last},
                         {"logical_valid_i", inside},
                         {"score_ready_i", lit(1, 1)},
                         {"logical_ready_o", ready},
                         {"score_o", best},
                         {"score_last_o", end},
                         {"score_valid_o", valid}}));
    m_.unused(ready, "unused_reducer_ready_" + n);
    if (c == 0) {
      net_.emplace("page_scored", valid);
      net_.emplace("pages_scored", end);
    } else {
      m_.unused(cat({valid, end}), "unused_reducer_" + n);
    }
    const Expr code = m_.logic("code_" + n, AG::kCodeBits);
    m_.instance("u_coder_" + n, parts_.coder,
                {{"score_i", best}, {"shift_i", at("page_shift_i")}, {"code_o", code}});
    codes.insert(codes.begin(), code);
  }
  const Expr place = counter("page_place_q", g_.page_bits(), enters(score), at("page_scored"),
                             "The page whose code is kept next.");
  const Expr codes_end = clocked_bit("codes_end_q", at("page_scored") && at("pages_scored"),
                                     enters(score));
  const Expr rows_end = clocked_bit("rows_end_q", at("array_done"), enters(score));
  let("bounds_end", in_phase(score) && !at("first_q") && codes_end && rows_end);
  const Walk code = walk({"codes", g_.columns() * AG::kCodeBits, g_.max_pages, at("page_scored"),
                          place, m_.let("codes", cat(codes)), enters(select), at("last_page"),
                          at("chosen_ready")});
  m_.unused(code.address);
  m_.unused(code.lap);
  net_.emplace("code_word", code.data);
  net_.emplace("code_valid", code.valid);
  net_.emplace("code_last", code.last);
}

/// Top-k of the pages' codes and top-p of the tokens' probabilities, one column after another.
void Engine::selection() {
  m_.section("Choice");
  const int lanes = g_.selector().lanes, sum_bits = g_.selector().sum_bits();
  const Expr prunes = m_.let("chooses_tokens", in_phase(mass));
  const Expr page_code = m_.let("page_code", of_column(at("code_word"), AG::kCodeBits));
  const Expr probability =
      m_.let("probability", of_column(at("probabilities"), AG::kProbabilityBits));
  wire("probability_end", 1, "The list's last token.");
  const Expr forced = at("force_last_i") && at("code_last") && !prunes;
  m_.instance("u_selector", parts_.selector,
              clocked({{"begin_i", m_.let("choice_begins", at("first_q") && at("chosen_in_turn"))},
                       {"by_mass_i", prunes},
                       {"target_i", m_.let("target", mux(prunes, zext(at("mass_i"), sum_bits),
                                                         zext(at("places_i"), sum_bits)))},
                       {"score_i", m_.let("candidate", mux(prunes, probability, page_code))},
                       {"forced_i", m_.let("forced", forced)},
                       {"score_last_i", m_.let("candidates_end", mux(prunes, at("probability_end"),
                                                                     at("code_last")))},
                       {"score_valid_i",
                        m_.let("candidate_valid", mux(prunes, at("probability_valid"),
                                                      at("code_valid") && in_phase(select)))},
                       {"score_ready_o", at("chosen_ready")},
                       {"mask_o", at("mask")},
                       {"mask_valid_o", at("mask_valid")},
                       {"mask_last_o", at("mask_last")}}));
  const int rows = kept_rows(), row_bits = address_bits_for(rows);
  const Expr row = counter("mask_row_q", row_bits, at("first_q"), at("mask_valid"),
                           "Row of the choice that is kept next.");
  let("choice_end", at("chosen_in_turn") &&
                        ((at("first_q") && !at("active_column")) ||
                         (at("mask_valid") && at("mask_last"))));
  wire("kept_read", 1);
  wire("kept_address", row_bits);
  const Expr kept = m_.logic("kept", g_.columns() * lanes, "A row of every column's choice.");
  net_.emplace("kept", kept);
  for (int c = 0; c < g_.columns(); ++c) {
    const std::string n = std::to_string(c);
    m_.instance("u_kept_" + n, hdl::ram_1r1w(),
                {{"clk_i", clk_},
                 {"write_enable_i", m_.let("keeps_" + n, at("mask_valid") &&
                                                             at("column_q") ==
                                                                 lit(c, column_bits()))},
                 {"write_address_i", row},
                 {"write_data_i", at("mask")},
                 {"read_enable_i", at("kept_read")},
                 {"read_address_i", at("kept_address")},
                 {"read_data_o", kept.slice(c * lanes, lanes)}},
                {{"Width", lanes}, {"Depth", rows}});
  }
}

/// The list of pages, from one of three sources, and which columns read them.
void Engine::list() {
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
  const Expr number =
      let("listed_page", mux(by_window, at("window_page"),
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
void Engine::window(const Expr& begin) {
  const int page = g_.page_bits();
  for (const char* name : {"window_offered", "window_values", "window_causal", "window_done",
                           "window_list"})
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
void Engine::slots(const Expr& begin) {
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
void Engine::rows(const Expr& begin) {
  const int lanes = g_.selector().lanes, lane_bits = address_bits_for(lanes),
            row_bits = address_bits_for(kept_rows()), page = g_.page_bits();
  const Expr last_row = m_.let(
      "last_row", page > lane_bits
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

/// The list, read as often as it takes; of the values only what top-p left.
void Engine::pages() {
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
  const Walk listed = walk({"list", page, g_.max_listed, at("list_write"), list_at,
                            at("listed_page"), begins, list_last, at("page_ready"), last_part});
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
  const Walk kept = walk({"kept_pages", page + index, g_.max_listed, at("value_write"), kept_at,
                          at("value_page"), begins, m_.let("kept_bound", kept_at - 1),
                          at("page_ready"), last_part});
  m_.unused(kept.address);
  let("page_valid", mux(pruned, kept.valid, listed.valid));
  let("page", mux(pruned, kept.data.slice(0, page), listed.data), "Its number.");
  let("page_index", mux(pruned, kept.data.slice(page, index), listed.address),
      "Its place in the list.");
  let("page_part", mux(pruned, kept.lap, listed.lap));
  let("page_last", mux(pruned, kept.last, listed.last));
}

/// What is read, and what becomes of it: weights of the array, or scales of tokens.
void Engine::memory() {
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
  const Expr page_read = m_.let(
      "page_read", reads_pages && !at("first_q") && at("page_valid") &&
                       (!in_phase(weights) || at("index_ready")));
  drive("read_valid_o", at("block_left") || page_read);
  const int kind_bits = 2;
  drive("read_kind_o",
        mux(in_phase(score), lit(0, kind_bits),
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
void Engine::scales() {
  const int most = g_.scale_words() + g_.code_words(8), bits = address_bits_for(most);
  const int short_words = g_.scale_words() + g_.code_words(4);
  const Expr word = m_.logic("word_q", bits, "Word of a page's keys.");
  const Expr in_scales = m_.let(
      "in_scales", in_phase(weights) ||
                       (in_phase(attend) && word < lit(g_.scale_words(), bits)));
  const Expr page_end =
      m_.let("page_words_end", word == mux(at("short_i"), lit(short_words - 1, bits), lit(most - 1, bits)));
  const Expr busy = m_.let("takes_words", in_phase(score) || in_phase(attend) || in_phase(weights) ||
                                              in_phase(values));
  drive("data_to_weights", busy && !in_scales);
  const Expr ready = m_.let("scales_wanted", in_scales && at("scales_ready"));
  const Expr wanted = m_.let("words_wanted", mux(in_scales, ready, busy && at("weight_ready")));
  drive("memory_ready_o", wanted);
  drive("memory_taken", at("memory_valid_i") && wanted);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(enters(attend), [&](Block& t) {
       t.assign(word, 0);
     }).else_when(in_phase(attend) && at("memory_taken"), [&](Block& t) {
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

/// Scores of the list's tokens: on their way into memory they are added up by the softmax.
void Engine::keys() {
  m_.section("Scores of tokens");
  const int c = g_.columns(), sum_bits = g_.array.design.accumulator_bits;
  const int place_bits = in_page_bits(), sums = g_.query_sum_bits();
  const Expr list_last = m_.let("owner_bound", at("list_count_q").slice(0, listed_bits()) - 1);
  wire("owner_ready", 1);
  const Walk owner =
      walk({"owners", c + 1, g_.max_listed, at("list_write"),
            at("list_count_q").slice(0, listed_bits()), at("listed_word"), enters(attend),
            list_last, at("owner_ready")});
  m_.unused(owner.address);
  m_.unused(owner.lap);
  const Expr taken = m_.let("key_taken", in_phase(attend) && at("result_valid") &&
                                             at("scale_valid") && owner.valid);
  net_.emplace("key_taken", taken);
  const Expr place = counter("key_place_q", place_bits, enters(attend), taken,
                             "The token of the page.");
  const Expr place_end = m_.let("key_place_end", place == lit(g_.page - 1, place_bits));
  drive("owner_ready", taken && place_end);
  const Expr token = zext(place, g_.token_bits());
  const Expr masked = m_.let("key_masked", columns([&](int i) {
                               const Expr visible = at("visible_i").slice(i * g_.token_bits(),
                                                                          g_.token_bits());
                               return !at("active_i").bit(i) || !owner.data.bit(i) ||
                                      (owner.data.bit(c) && token >= visible);
                             }));
  const Expr scores = m_.logic("key_scores", c * AG::kScoreBits);
  for (int i = 0; i < c; ++i) {
    m_.instance("u_key_scaler_" + std::to_string(i), parts_.keys,
                {{"clk_i", clk_},
                 {"short_i", at("short_i")},
                 {"shift_i", at("key_shift_i")},
                 {"sum_i", at("results").slice(i * sum_bits, sum_bits)},
                 {"query_sum_i", at("query_sums_q").slice(i * sums, sums)},
                 {"low_i", at("scale").slice(0, 16)},
                 {"range_i", at("scale").slice(16, 16)},
                 {"score_o", scores.slice(i * AG::kScoreBits, AG::kScoreBits)}});
  }
  const Expr valid = m_.logic("key_valid_q", AG::kKeyCycles, "Scores on their way.");
  const Expr ends = m_.logic("key_end_q", AG::kKeyCycles, "The list's last.");
  const Expr masks = m_.logic("key_masks_q", AG::kKeyCycles * c, "Columns that do not see them.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid, 0); },
      [&](Block& b) { b.assign(valid, cat({valid.slice(0, AG::kKeyCycles - 1), taken})); });
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
void Engine::tokens() {
  m_.section("Tokens in turn");
  const int c = g_.columns(), index = listed_bits(), place_bits = in_page_bits();
  const int address_bits = token_index_bits(), word = c * (AG::kScoreBits + 1);
  const Expr queued = m_.logic("queued_page", index + 1, "{last, place in the list}.");
  const Expr queued_valid = m_.logic("queued_valid", 1), used = m_.logic("queued_used", 1);
  m_.instance("u_indices", hdl::stream_fifo(),
              clocked({{"data_i", cat({at("page_last"), at("page_index")})},
                       {"valid_i", m_.let("index_offered", in_phase(weights) && at("page_taken"))},
                       {"ready_o", at("index_ready")},
                       {"data_o", queued},
                       {"valid_o", queued_valid},
                       {"ready_i", used}}),
              {{"Width", index + 1}, {"Depth", 16}}, "Pages whose scales have been asked for.");
  const Expr again = let("reads_list", in_phase(mass) || in_phase(recount));
  const Expr source_valid = m_.let(
      "tokens_there", mux(again, at("page_valid") && !at("first_q"), queued_valid));
  const Expr source = m_.let("tokens_of", mux(again, at("page_index"), queued.slice(0, index)));
  const Expr last_page = m_.let("tokens_last", mux(again, at("page_last"), queued.bit(index)));
  const Expr valid = m_.logic("token_valid_q", 1, "A token is on offer.");
  net_.emplace("token_valid", valid);
  const Expr read = m_.let("token_read", source_valid && (!valid || at("token_ready")));
  const Expr next = counter("token_next_q", place_bits, at("first_q"), read,
                            "The token of the page that is read next.");
  const Expr page_end = m_.let("tokens_end", next == lit(g_.page - 1, place_bits));
  m_.assign(used, read && page_end && !again);
  drive("page_ready", mux(again, read && page_end, at("page_taken")));
  const Expr place = m_.logic("token_place_q", place_bits, "Its place in the page.");
  const Expr last = m_.logic("token_last_q", 1, "The last of all.");
  const Expr page_last = m_.logic("token_page_last_q", 1, "The last of its page.");
  net_.emplace("token_last", last);
  net_.emplace("token_page_last", page_last);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid, 0); },
      [&](Block& b) { b.assign(valid, !at("first_q") && (read || (valid && !at("token_ready")))); });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(read, [&](Block& t) {
      t.assign(place, next);
      t.assign(page_last, page_end);
      t.assign(last, page_end && last_page);
    });
  });
  const Expr full = m_.let("token_address", cat({source, next}));
  const Expr address = full.slice(0, address_bits);
  const Expr write_at = counter("score_place_q", address_bits, enters(attend), at("score_write"),
                                "Where the next score goes.");
  const Expr stored = m_.logic("score_word", word, "{masks, scores}.");
  m_.instance("u_scores", hdl::ram_1r1w(),
              {{"clk_i", clk_},
               {"write_enable_i", at("score_write")},
               {"write_address_i", write_at},
               {"write_data_i", cat({at("score_masked"), at("key_scores")})},
               {"read_enable_i", read},
               {"read_address_i", address},
               {"read_data_o", stored}},
              {{"Width", word}, {"Depth", g_.max_listed * g_.page}});
  net_.emplace("stored_scores", stored.slice(0, c * AG::kScoreBits));
  const int lanes = g_.selector().lanes, lane_bits = address_bits_for(lanes);
  const int row_bits = address_bits_for(kept_rows());
  drive("kept_read", mux(in_phase(gather), at("row_read"), read));
  drive("kept_address", mux(in_phase(gather), at("row_next_q"),
                            zext(full.slice(lane_bits, address_bits - lane_bits), row_bits)));
  const Expr hidden = m_.let("stored_masked", stored.slice(c * AG::kScoreBits, c));
  const Expr lane = m_.let("token_lane", place.slice(0, lane_bits));
  const Expr keeps = m_.let("token_kept", columns([&](int i) {
                              return m_.let("kept_row_" + std::to_string(i),
                                            at("kept").lane(i, lanes))
                                         .bit(lane) &&
                                     !hidden.bit(i);
                            }));
  const Expr any = m_.let("anyone_keeps", at("unite_i") && reduce_or(keeps));
  const Expr pruned = (~keeps | ~at("active_i")) & ~(repeat(c, any) & at("active_i"));
  let("token_masked", mux(at("prune_i") && !in_phase(mass), pruned, hidden),
      "Columns that do not see it.");
}

/// One unit a column, all at the same token: its sum while scores come, or while the tokens that
/// top-p left are counted again; its probability afterwards.
void Engine::softmax() {
  m_.section("Softmax");
  const int c = g_.columns(), bits = AG::kScoreBits;
  const Expr fresh = m_.let("fresh", in_phase(attend), "Scores come from the array.");
  const Expr valid = m_.let("softmax_valid", mux(fresh, at("score_write"), at("token_valid")));
  const Expr last = m_.let("softmax_last", mux(fresh, at("score_end"), at("token_last")));
  const Expr scores = m_.let("softmax_scores", mux(fresh, at("key_scores"), at("stored_scores")));
  const Expr masked = m_.let("softmax_masked", mux(fresh, at("score_masked"), at("token_masked")));
  const Expr begin = m_.let("softmax_begins", enters(attend) || enters(recount));
  for (int i = 0; i < c; ++i) {
    const std::string n = std::to_string(i);
    const Expr ready = i == 0 ? at("softmax_ready") : m_.logic("softmax_ready_" + n, 1);
    const Expr given = i == 0 ? at("probability_valid") : m_.logic("probability_valid_" + n, 1);
    m_.instance("u_softmax_" + n, parts_.softmax,
                clocked({{"step_i", at("step_i")},
                         {"begin_i", begin},
                         {"score_i", scores.slice(i * bits, bits)},
                         {"masked_i", masked.bit(i)},
                         {"score_last_i", last},
                         {"score_valid_i", valid},
                         {"probability_ready_i", at("probability_ready")},
                         {"probability_o", at("probabilities").slice(i * AG::kProbabilityBits,
                                                                     AG::kProbabilityBits)},
                         {"score_ready_o", ready},
                         {"probability_valid_o", given}}));
    if (i > 0) m_.unused(cat({ready, given}), "unused_softmax_" + n);
  }
  drive("token_ready", at("softmax_ready") && !fresh);
  const Expr out = m_.let("probability_taken", at("probability_valid") && at("probability_ready"));
  const Expr count = counter("probability_count_q", token_index_bits(), at("first_q"), out,
                             "Tokens whose probabilities have left.");
  const int page_log = design::ceil_log2(g_.page);
  const int bits_of_pages = token_index_bits() - page_log;
  const Expr pages = m_.let("probability_pages",
                            mux(in_phase(mass), at("list_count_q").slice(0, bits_of_pages),
                                at("value_count").slice(0, bits_of_pages)));
  const Expr all = m_.let("probability_tokens", cat({pages, zeros(page_log)}) - 1);
  drive("probability_end", count == all);
}

/// After top-p: the softmax's sum is made anew, and pages that nobody needs are left out.
void Engine::prune() {
  m_.section("What top-p left");
  const Expr taken = m_.let("recounted", in_phase(recount) && at("token_valid") && at("token_ready"));
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
    b.when(at("page_ready"), [&](Block& t) { t.assign(word, cat({at("page_index"), at("page")})); });
  });
  drive("value_page", word);
}

/// Probabilities times the ranges of the values, in the order that the array takes them.
void Engine::weigh() {
  m_.section("Weights of values");
  const int c = g_.columns(), bits = AG::kProbabilityBits;
  const Expr taken = m_.let("weighed", in_phase(weights) && at("probability_valid") &&
                                           at("scale_valid"));
  drive("scale_used", taken || at("key_taken"));
  drive("probability_ready",
        mux(in_phase(weights), at("scale_valid"), in_phase(mass) && at("chosen_ready")));
  const Expr made = m_.logic("made_weights", c * bits), valid = m_.logic("made_valid", 1);
  const Expr outs = m_.logic("outs", c * AG::kOutBits);
  net_.emplace("outs", outs);
  const int sum_bits = g_.array.design.accumulator_bits;
  for (int i = 0; i < c; ++i) {
    const std::string n = std::to_string(i);
    const Expr given = i == 0 ? valid : m_.logic("made_valid_" + n, 1);
    m_.instance("u_value_scaler_" + n, parts_.values,
                clocked({{"begin_i", enters(weights)},
                         {"short_i", at("short_i")},
                         {"shift_i", at("value_shift_i")},
                         {"probability_i", at("probabilities").slice(i * bits, bits)},
                         {"low_i", at("scale").slice(0, 16)},
                         {"range_i", at("scale").slice(16, 16)},
                         {"valid_i", taken},
                         {"sum_i", at("results").slice(i * sum_bits, sum_bits)},
                         {"weight_o", made.slice(i * bits, bits)},
                         {"weight_valid_o", given},
                         {"out_o", outs.slice(i * AG::kOutBits, AG::kOutBits)}}));
    if (i > 0) m_.unused(given, "unused_made_valid_" + n);
  }
  gather_weights(made, valid);
  const Expr last = m_.logic("weighed_last_q", 2, "The last probability on its way.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(last, 0); },
      [&](Block& b) { b.assign(last, cat({last.bit(0), taken && at("probability_end")})); });
  drive("weights_end", last.bit(1));
}

/// As many tokens as a beat of the array's operands has, side by side in every column.
void Engine::gather_weights(const Expr& made, const Expr& valid) {
  const int c = g_.columns(), rows = g_.operand_rows(), bits = AG::kProbabilityBits;
  const int words = g_.max_listed * g_.page / rows, word_bits = address_bits_for(words);
  const int row_bits = address_bits_for(rows);
  const Expr row = rows == 1 ? zeros(1)
                             : counter("weight_row_q", row_bits, enters(weights), valid,
                                       "The token's place in the beat.");
  const Expr full = rows == 1 ? valid : valid && row == lit(rows - 1, row_bits);
  const Expr write = m_.let("weights_write", full);
  const Expr word = counter("weight_word_q", word_bits, enters(weights), write,
                            "Where the next beat goes.");
  const Expr earlier = rows == 1 ? made : m_.logic("earlier_q", c * (rows - 1) * bits);
  std::vector<Expr> beat;
  for (int i = c - 1; i >= 0; --i) {
    beat.push_back(made.slice(i * bits, bits));
    if (rows > 1) beat.push_back(earlier.slice(i * (rows - 1) * bits, (rows - 1) * bits));
  }
  const Expr assembled = m_.let("weight_beat", cat(beat));
  if (rows > 1)
    m_.always_ff(clk_, [&](Block& b) {
      b.when(valid, [&](Block& t) {
        for (int i = 0; i < c; ++i)
          t.assign(earlier.slice(i * (rows - 1) * bits, (rows - 1) * bits),
                   assembled.slice(i * rows * bits + bits, (rows - 1) * bits));
      });
    });
  const Expr kept = m_.logic("weight_count_q", word_bits, "The last beat.");
  m_.always_ff(clk_, [&](Block& b) { b.when(write, [&](Block& t) { t.assign(kept, word); }); });
  const int parts = part_bits();
  const Walk weight =
      walk({"weights", c * rows * bits, words, write, word, assembled, enters(values), kept,
            m_.let("weights_wanted", at("activation_ready") && in_phase(values)),
            mux(at("short_i"), lit(g_.parts(4) - 1, parts), lit(g_.parts(8) - 1, parts))});
  m_.unused(weight.address);
  m_.unused(weight.lap);
  m_.unused(weight.last);
  drive("weight_operands", weight.data);
  drive("weights_offered", weight.valid);
}

void Engine::outputs() {
  m_.section("Output");
  const Expr valid = m_.logic("out_valid_q", 1), last = m_.logic("out_last_q", 1);
  const Expr data = m_.logic("out_q", g_.columns() * AG::kOutBits);
  const Expr room = m_.let("out_room", !valid || at("out_ready_i"));
  const Expr take = m_.let("out_taken", in_phase(values) && at("result_valid") && room);
  drive("result_ready", in_phase(score) || at("key_taken") || (in_phase(values) && room));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid, 0); },
      [&](Block& b) { b.when(room, [&](Block& t) { t.assign(valid, take); }); });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(take, [&](Block& t) {
      t.assign(data, at("outs"));
      t.assign(last, at("result_last"));
    });
  });
  drive("out_data_o", data);
  drive("out_valid_o", valid);
  let("values_end", valid && at("out_ready_i") && last);
}

/// What follows what.
void Engine::phases() {
  m_.section("Phases");
  const auto phase = [&](Phase p) { return lit(p, kPhaseBits); };
  const Expr refused = m_.let(
      "refused", at("pages_i") == 0 || (at("source_i") == lit(2, 2) && at("places_i") == 0));
  const Expr by_score = m_.let("by_score", at("source_i") == lit(2, 2));
  const Expr held = m_.logic("held_q", 1, "The list is one of scored pages.");
  const Expr miss = m_.logic("miss", 1);
  const Expr stored = m_.let("list_stored", at("list_end") && by_score);
  const Expr ended = m_.let("step_end", at("values_end") || at("list_fails") ||
                                            (at("start_i") && refused && in_phase(idle)));
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
  const Expr choose = m_.let("choose", by_score && (miss || !held), "The pages are scored.");
  const Expr turns = m_.let("turns_end", at("column_q") == lit(g_.columns() - 1, column_bits()));
  const Expr moves = m_.logic("moves", 1, "The phase ends."), next = m_.logic("next_phase", kPhaseBits);
  const Expr after_queries =
      mux(choose, phase(score), mux(by_score, phase(attend), phase(gather)));
  const Expr after_scores = mux(at("prune_i"), phase(mass), phase(weights));
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> cases;
  const auto on = [&](Phase p, const Expr& end, const Expr& following) {
    cases.emplace_back(static_cast<int>(p), [=](Block& b) {
      b.assign(moves, end);
      b.assign(next, following);
    });
  };
  on(idle, at("start_i") && !refused, phase(load));
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
        b.assign(at("phase_q"), 0);
        b.assign(at("first_q"), 0);
        b.assign(at("column_q"), 0);
      },
      [&](Block& b) {
        b.when(moves, [&](Block& t) { t.assign(at("phase_q"), next); });
        b.assign(at("first_q"), moves || turn);
        b.when(at("choice_end"),
               [&](Block& t) { t.assign(at("column_q"), mux(turns, 0, at("column_q") + 1)); });
      });
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
  drive("busy_o", at("phase_q") != 0);
  drive("done_o", done);
  drive("error_o", error);
}

}  // namespace

std::vector<Module> attention_engine(const AttentionGeometry& g) {
  if (const std::string problem = attention_problem(g); !problem.empty())
    throw std::invalid_argument("attention engine: " + problem);
  std::vector<Module> modules = build(g.array.design);
  const Module array = modules.back();
  const auto keep = [&](const Module& m) {
    modules.push_back(m);
    return m;
  };
  const auto keep_all = [&](const std::vector<Module>& all) {
    modules.insert(modules.end(), all.begin(), all.end());
    return all.back();
  };
  const int bits = g.bound_score_bits();
  const Module mantissas = keep(softmax_mantissas());
  const Parts parts{array,
                    keep_all(selector(g.selector())),
                    keep(page_reducer(bits, g.logical_pages)),
                    keep(score_coder(bits, AG::kCodeBits)),
                    keep(softmax_unit(mantissas)),
                    keep(block_walker(g.max_pages, g.page)),
                    keep(stream_addresser(g.sink, g.ring)),
                    keep(reuse_cache(1, g.interval)),
                    keep(key_scaler(g)),
                    keep(value_scaler(g)),
                    keep(page_lister(g)),
                    keep(memory_stream())};
  keep(Engine(g, parts).build());
  return modules;
}

}  // namespace hasse::units
