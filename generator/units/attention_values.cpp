// SPDX-License-Identifier: Apache-2.0
// Weights of values, and the output.
#include "generator/units/attention_top.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::mux;
using hdl::Scope;
using hdl::zeros;

/// Probabilities times the ranges of the values, in the order that the array takes them.
void AttentionTop::weigh() {
  m_.section("Weights of values");
  const int bits = AG::kProbabilityBits;
  const Expr taken =
      m_.let("weighed", in_phase(weights) && at("probability_valid") && at("scale_valid"));
  drive("scale_used", taken || at("key_taken"));
  drive("probability_ready",
        mux(in_phase(weights), at("scale_valid"), in_phase(mass) && at("chosen_ready")));
  const Expr made = m_.logic("made_weights", columns_ * bits);
  const Expr valid = m_.logic("made_valid", columns_);
  const Expr outs = m_.logic("outs", columns_ * out_bits_);
  net_.emplace("outs", outs);
  const int sum_bits = g_.array.design.accumulator_bits;
  m_.generate_for("column", columns_, "gen_value_scaler", [&](Scope& s, const Expr& column) {
    s.instance("u_value_scaler", parts_.values,
               clocked({{"begin_i", enters(weights)},
                        {"short_i", at("short_i")},
                        {"shift_i", at("value_shift_i")},
                        {"probability_i", at("probabilities").lane(column, bits)},
                        {"low_i", at("scale").slice(0, 16)},
                        {"range_i", at("scale").slice(16, 16)},
                        {"valid_i", taken},
                        {"sum_i", at("results").lane(column, sum_bits)},
                        {"weight_o", made.lane(column, bits)},
                        {"weight_valid_o", valid.bit(column)},
                        {"out_o", outs.lane(column, out_bits_)}}));
  });
  gather_weights(made, in_step(valid));
  const Expr last = m_.logic("weighed_last_q", 2, "The last probability on its way.");
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(last, 0); },
      [&](Block& b) {
        b.assign(last, cat({last.bit(0), taken && at("probability_end")}));
      });
  drive("weights_end", last.bit(1));
}

/// As many tokens as a beat of the array's operands has, side by side in every column.
void AttentionTop::gather_weights(const Expr& made, const Expr& valid) {
  const int c = g_.columns(), rows = g_.operand_rows(), bits = AG::kProbabilityBits;
  const int words = g_.max_listed * g_.page / rows, word_bits = address_bits_for(words);
  const int row_bits = address_bits_for(rows);
  const Expr row = rows == 1 ? zeros(1)
                             : counter("weight_row_q", row_bits, enters(weights), valid,
                                       "The token's place in the beat.");
  const Expr full = rows == 1 ? valid : valid && row == lit(rows - 1, row_bits);
  const Expr write = m_.let("weights_write", full);
  const Expr word =
      counter("weight_word_q", word_bits, enters(weights), write, "Where the next beat goes.");
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
  const MemoryWords weight =
      walk({"weights", c * rows * bits, words, write, word, assembled, enters(values), kept,
            m_.let("weights_wanted", at("activation_ready") && in_phase(values)),
            mux(at("short_i"), lit(g_.parts(4) - 1, parts), lit(g_.parts(8) - 1, parts))});
  m_.unused(weight.address);
  m_.unused(weight.lap);
  m_.unused(weight.last);
  drive("weight_operands", weight.data);
  drive("weights_offered", weight.valid);
}

void AttentionTop::outputs() {
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

}  // namespace hasse::units
