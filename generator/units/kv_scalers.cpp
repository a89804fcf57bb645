// SPDX-License-Identifier: Apache-2.0
// key_scaler and value_scaler: multiplications by a token's scale, as sums of shifted values.
#include <map>
#include <string>

#include "generator/units/attention_engine.hpp"
#include "generator/units/rounded_shift.hpp"
#include "generator/units/shift_and_add.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::sext;
using hdl::Width;
using hdl::zeros;
using hdl::zext;

constexpr int kLowBits = 16, kRangeBits = 16;
/// Of sums along the tokens: an output's bits and what is cut off.
constexpr int kWideBits = AttentionGeometry::kSumBits;

/// `value` with its sign extended to `bits` bits, under a name.
Expr extended(Module& m, const std::string& name, const Expr& value, int bits) {
  return m.let(name, sext(value, bits));
}

/// `value` * (2^b - 1) for codes of b = 4 bits if `is_short`, else 8.
Expr times_levels(const Expr& value, const Expr& is_short) {
  return mux(is_short, value << 4, value << 8) - value;
}

/// What codes less 2^(b - 1) lack when they are multiplied by numbers that add up to `sum`.
Expr offset(const Expr& sum, const Expr& is_short) {
  return mux(is_short, sum << 3, sum << 7);
}

/// Builds value_scaler, a section of it per function.
class ValueScaler {
 public:
  explicit ValueScaler(const AttentionGeometry& g) : sum_bits_(g.array.design.accumulator_bits) {}

  Module build() {
    m_.set_unit("kv_scalers");
    products();
    weight();
    sums();
    output();
    return m_;
  }

 private:
  void products();
  void weight();
  void sums();
  void output();

  static constexpr int kBits = AttentionGeometry::kProbabilityBits;
  static constexpr int kProductBits = kBits + kRangeBits;
  static constexpr int kShiftBits = 5;
  static constexpr int kWeightsBits = 2 * kBits;  ///< A product has 2^16 - 1 tokens at the most.
  int sum_bits_;
  Module m_{
      "value_scaler",
      "What the codes of the values are multiplied by, and what becomes of the products.\n"
      "A token of some probability whose value stands for low + code * range / (2^b-1) gives\n"
      "the weight probability * range / 2^shift; the smallest elements and the codes' offset\n"
      "are added to the sums in the end. A token per cycle, its weight two cycles later."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr begin_ = m_.input("begin_i", 1, "A new query's tokens follow.");
  Expr is_short_ = m_.input("short_i", 1, "Codes have four bits, else eight.");
  Expr shift_ = m_.input("shift_i", kShiftBits, "1 to 16: ranges lie below 2^shift.");
  Expr probability_ = m_.input("probability_i", kBits, "Of a token, U0.16.");
  Expr low_ = m_.input("low_i", kLowBits, "Smallest element of its value.");
  Expr range_ = m_.input("range_i", kRangeBits, "Largest less smallest element, unsigned.");
  Expr valid_ = m_.input("valid_i", 1, "They are valid.");
  Expr sum_ = m_.input("sum_i", sum_bits_, "Of weights times codes less 2^(b-1).");
  std::map<std::string, Expr> net_{};

  const Expr& at(const std::string& name) const { return net_.at(name); }
  const Expr& logic(const std::string& name, int bits, const std::string& doc = "") {
    return net_.emplace(name, m_.logic(name, bits, doc)).first->second;
  }
};

void ValueScaler::products() {
  m_.section("Products with the probability");
  const Expr product_q = logic("product_q", kProductBits, "Range times probability.");
  const Expr low_q = logic("low_q", kProductBits, "Smallest element times probability.");
  const Expr product_valid_q = logic("product_valid_q", 1);
  const Expr weight_valid_q = logic("weight_valid_q", 1);
  const Expr wide_range = m_.let("wide_range", zext(range_, kProductBits));
  const Expr wide_low = extended(m_, "wide_low", low_, kProductBits);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(product_valid_q, 0);
        b.assign(weight_valid_q, 0);
      },
      [&](Block& b) {
        b.assign(product_valid_q, valid_);
        b.assign(weight_valid_q, product_valid_q);
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(product_q, shift_and_add(wide_range, probability_));
    b.assign(low_q, shift_and_add(wide_low, probability_));
  });
}

void ValueScaler::weight() {
  m_.section("Weight");
  constexpr int kRoundedBits = kProductBits + 1;
  const Expr doubled = m_.let("doubled", cat({lit(0, 1), at("product_q"), lit(0, 1)}));
  const Expr shifted = shifted_right(m_, doubled, shift_);
  const Expr rounded =
      m_.let("rounded", shifted.slice(1, kRoundedBits) + zext(shifted.bit(0), kRoundedBits));
  const Expr over =
      m_.let("over", reduce_or(rounded.slice(kBits, kRoundedBits - kBits)), "2^16 or more.");
  const Expr weight_q = logic("weight_q", kBits);
  m_.always_ff(
      clk_, [&](Block& b) { b.assign(weight_q, rounded.slice(0, kBits) | repeat(kBits, over)); });
}

void ValueScaler::sums() {
  m_.section("Sums along the tokens");
  const Expr weights_q = logic("weights_q", kWeightsBits, "Of the weights.");
  const Expr lows_q = logic("lows_q", kWideBits, "Of smallest elements times probabilities.");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(weights_q, 0);
       t.assign(lows_q, 0);
     }).otherwise([&](Block& t) {
      t.when(at("product_valid_q"),
             [&](Block& u) { u.assign(lows_q, lows_q + sext(at("low_q"), kWideBits)); });
      t.when(at("weight_valid_q"), [&](Block& u) {
        u.assign(weights_q, weights_q + zext(at("weight_q"), kWeightsBits));
      });
    });
  });
  m_.assign(m_.output("weight_o", kBits, "The token's weight."), at("weight_q"));
  m_.assign(m_.output("weight_valid_o", 1, "It is valid."), at("weight_valid_q"));
}

void ValueScaler::output() {
  m_.section("Output");
  const Expr weights = m_.let("weights", zext(at("weights_q"), kWideBits));
  Expr codes = m_.let("codes", sext(sum_, kWideBits) + offset(weights, is_short_));
  for (int level = 0; level < kShiftBits; ++level)
    codes = m_.let("codes_" + std::to_string(1 << level),
                   mux(shift_.bit(level), codes << (1 << level), codes));
  const Expr half = lit(1 << (kBits - 1), kWideBits);
  const Expr total = m_.let("total", codes + times_levels(at("lows_q"), is_short_) + half);
  m_.unused(total.slice(0, kBits), "unused_total");
  m_.assign(m_.output("out_o", AttentionGeometry::kOutBits, "What the sum stands for."),
            total.slice(kBits, AttentionGeometry::kOutBits));
}

}  // namespace

Module key_scaler(const AttentionGeometry& g) {
  const int sum_bits = g.array.design.accumulator_bits;
  const int codes_bits = g.query_sum_bits() + 10;  // queries of 8 bits times codes of 8
  const int low_bits = g.query_sum_bits() + kLowBits, score_bits = codes_bits + kRangeBits + 1;
  Module m("key_scaler",
           "The score of a token, from the sum of its key's codes.\n"
           "range * (sum + 2^(b-1) * queries) + (2^b-1) * low * queries, where the key's codes of\n"
           "b bits stand for low + code * range / (2^b-1); shifted, rounded and clamped to eight\n"
           "bits. One token per cycle, three cycles later.");
  m.set_unit("kv_scalers");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr is_short = m.input("short_i", 1, "Codes have four bits, else eight.");
  const Expr shift = m.input("shift_i", 6, "Places the score is shifted to the right, 1 or more.");
  const Expr sum = m.input("sum_i", sum_bits, "Of the products of the query and the codes.");
  const Expr queries = m.input("query_sum_i", g.query_sum_bits(), "Sum of the query's elements.");
  const Expr low = m.input("low_i", kLowBits, "Smallest element of the key.");
  const Expr range = m.input("range_i", kRangeBits, "Largest less smallest element, unsigned.");
  m.section("Sum of the codes as they were, and the smallest element times the query");
  const Expr codes_q = m.logic("codes_q", codes_bits);
  const Expr lows_q = m.logic("lows_q", low_bits);
  const Expr range_q = m.logic("range_q", kRangeBits);
  const Expr wide_queries = extended(m, "wide_queries", queries, codes_bits);
  const Expr wide_low = extended(m, "wide_low", low, low_bits);
  m.unused(sum.slice(codes_bits, sum_bits - codes_bits), "unused_sum");
  m.always_ff(clk, [&](Block& b) {
    b.assign(codes_q, sum.slice(0, codes_bits) + offset(wide_queries, is_short));
    b.assign(lows_q, shift_and_add(wide_low, queries, true));
    b.assign(range_q, range);
  });
  m.section("Score");
  const Expr total_q = m.logic("total_q", score_bits);
  const Expr wide_codes = extended(m, "wide_codes", codes_q, score_bits);
  const Expr wide_lows = extended(m, "wide_lows", lows_q, score_bits);
  m.always_ff(clk, [&](Block& b) {
    b.assign(total_q, shift_and_add(wide_codes, range_q) + times_levels(wide_lows, is_short));
  });
  m.section("Eight bits of it");
  const Expr doubled = m.let("doubled", cat({total_q, lit(0, 1)}));
  const Expr shifted = shifted_right(m, doubled, shift);
  const Expr score = clamped(m, m.let("whole", shifted.slice(1, score_bits)), shifted.bit(0),
                             AttentionGeometry::kScoreBits);
  const Expr score_q = m.logic("score_q", AttentionGeometry::kScoreBits);
  m.always_ff(clk, [&](Block& b) { b.assign(score_q, score); });
  m.assign(m.output("score_o", AttentionGeometry::kScoreBits, "The score, two's complement."),
           score_q);
  return m;
}

Module value_scaler(const AttentionGeometry& g) {
  return ValueScaler(g).build();
}

}  // namespace hasse::units
