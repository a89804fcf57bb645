// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "generator/units/olive.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;
using hdl::Scope;
using hdl::Width;

/// Builds the module, a section of it per function.
class OliveBorder {
 public:
  OliveBorder(const Geometry& g, Border border, const std::optional<Module>& decoder)
      : g_(g), border_(border), decoder_(decoder) {}

  Module build() {
    m_.set_unit("borders");
    const Expr words = decode();
    m_.section("Line i enters the array i cycles after line 0");
    delay(words);
    return m_;
  }

 private:
  Expr decode();
  Expr element(Scope& s, const Expr& pair);
  void delay(const Expr& words);

  const Geometry& g_;
  Border border_;
  const std::optional<Module>& decoder_;
  bool weights_ = border_ == Border::weights;
  int count_ = weights_ ? g_.design.lanes : g_.design.columns;
  PairDatapath path_{g_};
  PairValue value_ = weights_ ? path_.weight : path_.activation;
  int word_ = weights_ ? path_.weight_word() : path_.activation_word();
  Module m_{pair_unit(g_, weights_ ? "weight_border" : "activation_border"),
            decoder_
                ? "Decodes the pairs at a border of the array, one element after the other.\n"
                  "The register of a pair, then its decoder: plain operands would come no earlier."
                : "Sends the pairs at a border of the array, one element after the other."};
  Width lines_ = m_.localparam("Lines", count_, weights_ ? "Rows of the array." : "Columns.");
  Width pair_bits_ = m_.localparam(
      "PairBits", 2 * (weights_ ? path_.code_bits : path_.activation_code_bits), "Bits of a pair.");
  Width word_bits_ = m_.localparam("WordBits", word_, "Bits of a value on its way.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr take_ = m_.input("take_i", 1, "Take new pairs.");
  Expr pairs_ = m_.input("pairs_i", lines_* pair_bits_, "A pair for every line.");
  Expr send_ = m_.input("send_i", 1, "Send an element of the pairs; else zeros.");
  Expr second_ = m_.input("second_i", 1, "The right element.");
  Expr first_ =
      weights_ ? m_.input("wave_i", 1, "What is sent begins a tile, or follows the last.") : send_;
};

Expr OliveBorder::decode() {
  const Expr pairs_q = m_.logic("pairs_q", lines_ * pair_bits_);
  m_.always_ff(clk_,
               [&](Block& b) { b.when(take_, [&](Block& t) { t.assign(pairs_q, pairs_); }); });
  const Expr words = m_.logic("words", lines_ * word_bits_, "Elements to be sent.");
  m_.generate_for("line", lines_, "gen_line", [&](Scope& s, const Expr& line) {
    const Expr value = element(s, pairs_q.lane(line, pair_bits_));
    s.assign(words.lane(line, word_bits_), weights_ ? cat({first_, value}) : value);
  });
  return words;
}

/// The element of the pair whose turn it is; its integer is 0 when there is none.
Expr OliveBorder::element(Scope& s, const Expr& pair) {
  if (!decoder_) {
    const int bits = value_.integer_bits;
    return mux(second_, pair.slice(bits, bits), pair.slice(0, bits)) & repeat(bits, send_);
  }
  hdl::PortMap ports = {{"pair_i", pair}};
  std::vector<Expr> chosen;
  const auto choose = [&](const std::string& part, int bits) {
    const Expr left = s.logic("left_" + part, bits), right = s.logic("right_" + part, bits);
    ports.emplace_back("left_" + part + "_o", left);
    ports.emplace_back("right_" + part + "_o", right);
    chosen.push_back(mux(second_, right, left));
  };
  choose("exponent", value_.exponent_bits);
  choose("integer", value_.integer_bits);
  s.instance("u_decoder", *decoder_, ports);
  return cat({chosen[0], chosen[1] & repeat(value_.integer_bits, send_)});
}

void OliveBorder::delay(const Expr& words) {
  const Expr out = m_.output("words_o", lines_ * word_bits_, "Values entering the array.");
  Expr before = words;
  for (int stage = 0; stage < count_; ++stage) {
    const int left = count_ - stage;
    const Expr stage_q = m_.logic(fmt::format("after_{}_q", stage), left * word_);
    m_.always_ff(clk_, [&](Block& b) {
      b.assign(stage_q, stage == 0 ? before : before.slice(word_, left * word_));
    });
    m_.assign(out.slice(stage * word_, word_), stage_q.slice(0, word_));
    before = stage_q;
  }
}

/// Builds the module, a section of it per function.
class OliveArray {
 public:
  OliveArray(const Geometry& g, const Module& weights, const Module& activations, const Module& pe,
             const Module& column)
      : g_(g), weight_border_(weights), activation_border_(activations), pe_(pe), column_(column) {}

  Module build() {
    m_.set_unit("processing_elements");
    m_.section("Borders");
    borders();
    m_.section("Processing elements");
    elements();
    m_.section("Sums that leave, one of every column");
    columns();
    return m_;
  }

 private:
  void borders();
  void elements();
  void columns();

  const Geometry& g_;
  const Module &weight_border_, &activation_border_, &pe_, &column_;
  PairDatapath path_{g_};
  Module m_{
      pair_unit(g_, "array"),
      std::string("Systolic array of processing elements, output stationary") +
          (g_.design.decodes_pairs() ? ", with decoders on its borders.\n" : ".\n") +
          "Row r and column c meet r + c cycles after row 0 and column 0. The first weight of a "
          "tile passes\nlike a wave: where it is, the sum of the tile before leaves and the next "
          "one begins."};
  Width rows_ = m_.localparam("Rows", g_.design.lanes, "Rows: weight rows side by side.");
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Columns of activations.");
  Width weight_bits_ = m_.localparam("WeightBits", path_.weight_word(), "A weight on its way.");
  Width activation_bits_ =
      m_.localparam("ActivationBits", path_.activation_word(), "An activation on its way.");
  Width sum_bits_ = m_.localparam("SumBits", g_.design.accumulator_bits, "Bits of a sum.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr take_ = m_.input("take_i", 1, "Take new pairs at both borders.");
  Expr weight_pairs_ =
      m_.input("weight_pairs_i", rows_*(2 * path_.code_bits), "A pair for every row.");
  Expr activation_pairs_ = m_.input("activation_pairs_i", columns_*(2 * path_.activation_code_bits),
                                    "A pair for every column.");
  Expr send_ = m_.input("send_i", 1, "Send an element of the pairs into the array.");
  Expr second_ = m_.input("second_i", 1, "The right element.");
  Expr wave_ = m_.input("wave_i", 1, "What is sent begins a tile, or follows the last.");
  // A row has a place more than it has elements, and so has a column: what comes in, what goes out.
  Expr weight_at_ = m_.logic("weight_at", rows_*(columns_ + 1) * weight_bits_);
  Expr activation_at_ = m_.logic("activation_at", (rows_ + 1) * columns_ * activation_bits_);
  Expr sums_ = m_.logic("sums", columns_* rows_* sum_bits_, "Column by column.");
  Expr leaves_ = m_.logic("leaves", columns_* rows_, "The sum leaves in this cycle.");
};

void OliveArray::borders() {
  const Expr weights = m_.logic("weights", rows_ * weight_bits_);
  m_.instance("u_weights", weight_border_,
              {{"clk_i", clk_},
               {"take_i", take_},
               {"pairs_i", weight_pairs_},
               {"send_i", send_},
               {"second_i", second_},
               {"wave_i", wave_},
               {"words_o", weights}});
  m_.instance("u_activations", activation_border_,
              {{"clk_i", clk_},
               {"take_i", take_},
               {"pairs_i", activation_pairs_},
               {"send_i", send_},
               {"second_i", second_},
               {"words_o", activation_at_.slice(0, columns_ * activation_bits_)}});
  m_.unused(activation_at_.slice(rows_ * columns_ * activation_bits_, columns_ * activation_bits_),
            "unused_activations");
  m_.generate_for("row", rows_, "gen_border", [&](Scope& s, const Expr& row) {
    s.assign(weight_at_.lane(row * (columns_ + 1), weight_bits_), weights.lane(row, weight_bits_));
    s.unused(weight_at_.lane(row * (columns_ + 1) + columns_, weight_bits_), "unused_weight");
  });
}

void OliveArray::elements() {
  m_.generate_for("row", rows_, "gen_row", [&](Scope& r, const Expr& row) {
    r.generate_for("column", columns_, "gen_column", [&](Scope& s, const Expr& column) {
      const Expr weight = weight_at_.lane(row * (columns_ + 1) + column, weight_bits_);
      const Expr place = column * rows_ + row;
      s.instance(
          "u_pe", pe_,
          {{"clk_i", clk_},
           {"weight_i", weight},
           {"activation_i", activation_at_.lane(row * columns_ + column, activation_bits_)},
           {"weight_o", weight_at_.lane(row * (columns_ + 1) + column + 1, weight_bits_)},
           {"activation_o", activation_at_.lane((row + 1) * columns_ + column, activation_bits_)},
           {"sum_o", sums_.lane(place, sum_bits_)}});
      s.assign(leaves_.bit(place),
               weight_at_.bit((row * (columns_ + 1) + column + 1) * weight_bits_ - 1));
    });
  });
}

void OliveArray::columns() {
  const Expr out =
      m_.output("column_sums_o", columns_ * sum_bits_, "The sum that leaves, of every column.");
  m_.generate_for("column", columns_, "gen_leaving", [&](Scope& s, const Expr& column) {
    s.instance("u_column", column_,
               {{"sums_i", sums_.lane(column, rows_ * sum_bits_)},
                {"leaves_i", leaves_.lane(column, rows_)},
                {"sum_o", out.lane(column, sum_bits_)}});
  });
}

}  // namespace

Module olive_border(const Geometry& g, Border border, const std::optional<Module>& decoder) {
  return OliveBorder(g, border, decoder).build();
}

Module olive_column(const Geometry& g) {
  Module m(pair_unit(g, "column"),
           "Picks the sum of a column that leaves the array in this cycle.");
  m.set_unit("drain");
  const Width rows = m.localparam("Rows", g.design.lanes, "Rows of the array.");
  const Width bits = m.localparam("SumBits", g.design.accumulator_bits, "Bits of a sum.");
  const Expr sums = m.input("sums_i", rows * bits, "Sums of the column's elements.");
  const Expr leaves = m.input("leaves_i", rows, "Whose sum leaves, one hot.");
  Expr sum = sums.lane(0, bits) & repeat(bits, leaves.bit(0));
  for (int row = 1; row < g.design.lanes; ++row)
    sum = sum | (sums.lane(row, bits) & repeat(bits, leaves.bit(row)));
  m.assign(m.output("sum_o", bits, "The sum that leaves."), sum);
  return m;
}

Module olive_array(const Geometry& g, const Module& weights, const Module& activations,
                   const Module& pe, const Module& column) {
  return OliveArray(g, weights, activations, pe, column).build();
}

}  // namespace hasse::units
