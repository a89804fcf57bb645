// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "generator/units/program.hpp"

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
using hdl::zext;
using transitive::kHeaderWords;
using transitive::kSignatureBits;
using transitive::ProgramLayout;
using transitive::WordKind;

/// Builds the module, a section of it per function.
class ProgramChecker {
 public:
  ProgramChecker(const Geometry& g, const Module& walker) : g_(g), walker_(walker) {}

  Module build();

 private:
  struct Word;
  struct State;

  Expr walk(const Expr& checked);
  Expr expected_field(const State& state);
  Expr next_signature(const Word& word, const State& state);
  Expr wrong_header(const Word& word, const State& state);
  Expr wrong_order(const Word& word, const State& state);
  void judge(const Word& word, const State& state);
  void count(const Word& word, const State& state, const Expr& checked);
  void hand_on(const Word& word);

  const Geometry& g_;
  const Module& walker_;
  const ProgramLayout& layout_ = g_.program;
  int words_bits_ = bits_for(layout_.most_words);
  Module m_{"program_checker",
            "Takes the words of a compiled program and refuses what is wrong about them.\n"
            "A header says for which design and which product the program was made. Every sub-tile "
            "ends\n"
            "with a signature of all words so far; its steps and reads wait in their queues until "
            "that\n"
            "has been found right. Anything else is a fault: no further word is taken."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A product begins.");
  Expr n_ = m_.input("n_i", g_.n_bits, "Weight rows N.");
  Expr k_ = m_.input("k_i", g_.k_bits, "Inner dimension K.");
  Expr group_ = g_.scaled()
                    ? m_.input("group_i", g_.k_bits, "Columns of the weights that share a scale.")
                    : k_;
  Expr columns_ = m_.input("m_i", g_.m_bits, "Activation columns M.");
  Expr weight_bits_ = m_.input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight.");
  Expr tile_rows_ = m_.input("tile_rows_i", g_.tile_row_bits, "Weight rows of a full sub-tile.");
  Expr data_ = m_.input("weight_data_i", layout_.word_bits, "A word of the program.");
  Expr valid_ = m_.input("weight_valid_i", 1, "It is valid.");
  Expr ready_ = m_.output("weight_ready_o", 1, "It is taken.");
  Expr steps_ready_ = m_.input("steps_ready_i", 1, "There is room for a step.");
  Expr reads_ready_ = m_.input("reads_ready_i", 1, "There is room for the reads of a word.");
  Expr active_ = m_.logic("active", 1, "Sub-tiles are still to come.");
  Expr first_k_ = m_.logic("first_k", 1);
  Expr last_k_ = m_.logic("last_k", 1);
};

/// The fields of the word.
struct ProgramChecker::Word {
  const ProgramChecker& in;
  Module m = in.m_;
  Expr fire = m.let("fire", in.valid_&& in.ready_);
  Expr low = m.let("low", in.data_.slice(0, 32), "Field of a header, or signature of a check.");
  Expr kind = m.let("kind", in.data_.slice(in.layout_.kind_at(), 2));
  Expr is_check = m.let("is_check", is(WordKind::check));
  Expr is_step = m.let("is_step", is(WordKind::step) || is(WordKind::last_step));
  Expr ends_steps = m.let("ends_steps", is(WordKind::last_step));
  Expr reads = m.let("reads", in.data_.bit(in.layout_.reads_at()), "Lanes read.");
  Expr ends_reads = m.let("ends_reads", reads&& in.data_.bit(in.layout_.last_read_at()));

  Expr is(WordKind what) const { return kind == static_cast<int>(what); }
};

/// Where in the program the word stands.
struct ProgramChecker::State {
  const ProgramChecker& in;
  Module m = in.m_;
  Expr header_q = m.logic("header_q", bits_for(kHeaderWords), "Words of the header taken.");
  Expr in_header = m.let("in_header", header_q != kHeaderWords);
  Expr words_q = m.logic("words_q", in.words_bits_, "Words of the sub-tile taken.");
  Expr steps_q = m.logic("steps_q", 1, "Its last step is still to come.");
  Expr reads_q = m.logic("reads_q", 1, "Its last read is still to come.");
  Expr signature_q = m.logic("signature_q", kSignatureBits, "Of all words of the program so far.");
  Expr fault_q = m.logic("fault_q", 1, "Something was wrong.");
};

Module ProgramChecker::build() {
  m_.set_unit("planner");
  m_.section("The word, and where it stands");
  const Word word{*this};
  const State state{*this};
  m_.assign(ready_, active_ && !state.fault_q && steps_ready_ && reads_ready_);
  judge(word, state);
  hand_on(word);
  return m_;
}

/// Places the walker. Whether the sub-tile is the last of its pass over the weights.
Expr ProgramChecker::walk(const Expr& checked) {
  const Expr last = m_.logic("last_of_pass", 1);
  hdl::PortMap ports = {{"clk_i", clk_},
                        {"rst_ni", rst_n_},
                        {"begin_i", begin_},
                        {"n_i", n_},
                        {"k_i", k_},
                        {"m_i", columns_},
                        {"tile_rows_i", tile_rows_},
                        {"advance_i", checked},
                        {"active_o", active_},
                        {"first_k_o", first_k_},
                        {"last_k_o", last_k_},
                        {"last_o", last}};
  if (g_.scaled()) ports.emplace_back("group_i", group_);
  m_.instance("u_walker", walker_, ports);
  return last;
}

/// What the header says of a program for this design and product.
Expr ProgramChecker::expected_field(const State& state) {
  const Expr field = m_.logic("expected", 32, "Field of a right header.");
  const Expr shape = m_.let("shape", cat({zext(k_, 16), zext(n_, 16)}), "{K, N}.");
  const Expr mode =
      m_.let("mode", cat({zext(group_, 16), zext(weight_bits_, 16)}), "{group, weight bits}.");
  m_.always_comb([&](Block& b) {
    b.select(state.header_q,
             {{0,
               [&](Block& t) {
                 t.assign(field, lit(transitive::kProgramMagic | transitive::kProgramVersion, 32));
               }},
              {1, [&](Block& t) { t.assign(field, lit(layout_.code, 32)); }},
              {2, [&](Block& t) { t.assign(field, shape); }},
              {3, [&](Block& t) { t.assign(field, mode); }}},
             [&](Block& t) { t.assign(field, zext(tile_rows_, 32)); });
  });
  return field;
}

/// The signature with this word. The signature in a check is left out.
Expr ProgramChecker::next_signature(const Word& word, const State& state) {
  Expr folded = word.low & repeat(32, !word.is_check);
  for (int at = 32; at < layout_.word_bits; at += 32)
    folded = folded ^ zext(data_.slice(at, std::min(32, layout_.word_bits - at)), 32);
  const Expr sum = m_.let("folded", folded, "All 32-bit parts of the word.");
  return m_.let("signature", cat({state.signature_q.slice(0, 31), lit(0, 1)}) ^
                                 (lit(transitive::kSignaturePolynomial, 32) &
                                  repeat(32, state.signature_q.bit(31))) ^
                                 sum);
}

Expr ProgramChecker::wrong_header(const Word& word, const State& state) {
  const Expr field = expected_field(state);
  const Expr last = state.header_q == kHeaderWords - 1;
  return m_.let("wrong_header", word.reads || mux(m_.let("last_of_header", last), !word.is_check,
                                                  !word.is(WordKind::none) || word.low != field));
}

/// Steps come first and without a gap, reads end before the check does, and neither is endless.
Expr ProgramChecker::wrong_order(const Word& word, const State& state) {
  const Expr too_long =
      m_.let("too_long",
             (word.is_step && state.words_q == lit(layout_.most_steps, words_bits_)) ||
                 (!word.is_check && state.words_q == lit(layout_.most_words - 1, words_bits_)));
  return m_.let("wrong_order", word.is_step != state.steps_q || (word.reads && !state.reads_q) ||
                                   (word.is_check && state.reads_q && !word.ends_reads) ||
                                   too_long);
}

void ProgramChecker::judge(const Word& word, const State& state) {
  m_.section("What is wrong about it");
  const Expr signature = next_signature(word, state);
  const Expr wrong_signature = m_.let("wrong_signature", word.is_check && word.low != signature);
  const Expr wrong_place =
      mux(state.in_header, wrong_header(word, state), wrong_order(word, state));
  const Expr wrong = m_.let("wrong", wrong_place || wrong_signature);
  const Expr checked = m_.let("checked", word.fire && word.is_check && !state.in_header && !wrong,
                              "A sub-tile is complete and right.");

  m_.section("The sub-tile it belongs to");
  const Expr pass_end = m_.let("pass_end", checked && walk(checked));
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(state.fault_q, 0); },
      [&](Block& b) { b.when(word.fire && wrong, [&](Block& t) { t.assign(state.fault_q, 1); }); });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_ || pass_end, [&](Block& t) {
       t.assign(state.header_q, 0);
       t.assign(state.signature_q, 0);
     }).else_when(word.fire, [&](Block& t) {
      t.assign(state.header_q, state.header_q + zext(state.in_header, bits_for(kHeaderWords)));
      t.assign(state.signature_q, signature);
    });
  });
  count(word, state, checked);
  m_.assign(m_.output("checked_o", 1, "The sub-tile that this word ends may be carried out."),
            checked);
  m_.assign(m_.output("fault_o", 1, "The program is wrong."), state.fault_q);
}

/// Counts the words of a sub-tile.
void ProgramChecker::count(const Word& word, const State& state, const Expr& checked) {
  const Expr begins = m_.let("begins", begin_ || checked || (word.fire && state.in_header),
                             "A sub-tile can begin.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begins, [&](Block& t) {
       t.assign(state.words_q, 0);
       t.assign(state.steps_q, 1);
       t.assign(state.reads_q, 1);
     }).else_when(word.fire, [&](Block& t) {
      t.assign(state.words_q, state.words_q + 1);
      t.assign(state.steps_q, state.steps_q && !word.ends_steps);
      t.assign(state.reads_q, state.reads_q && !word.ends_reads);
    });
  });
}

void ProgramChecker::hand_on(const Word& word) {
  m_.section("To the queues of steps and reads");
  m_.assign(m_.output("step_valid_o", 1, "The word holds a step."), word.fire && word.is_step);
  m_.assign(m_.output("step_o", program_step_bits(g_), "{last step, a step of every prefix lane}."),
            cat({word.ends_steps, data_.slice(0, layout_.prefix_lanes * layout_.step_bits)}));
  m_.assign(m_.output("read_valid_o", 1, "The word holds reads."), word.fire && word.reads);
  m_.assign(m_.output("read_o", program_read_bits(g_),
                      "{entry of every lane, last read, last_k, first_k}."),
            cat({data_.slice(layout_.entry_at(0), layout_.lanes * layout_.entry_bits),
                 word.ends_reads, last_k_, first_k_}));
}

}  // namespace

Module program_checker(const Geometry& g, const Module& walker) {
  return ProgramChecker(g, walker).build();
}

}  // namespace hasse::units
