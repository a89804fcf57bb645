// SPDX-License-Identifier: Apache-2.0
// key_scaler and value_scaler: multiplications by a token's scale, as sums of shifted values.
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

/// A number of 16 bits as one of `bits`.
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
  constexpr int kBits = AttentionGeometry::kProbabilityBits, kProductBits = kBits + kRangeBits;
  Module m("value_scaler",
           "What the codes of the values are multiplied by, and what becomes of the products.\n"
           "A token of some probability whose value stands for low + code * range / (2^b-1) gives\n"
           "the weight probability * range / 2^shift; the smallest elements and the codes' offset\n"
           "are added to the sums in the end. A token per cycle, its weight two cycles later.");
  m.set_unit("kv_scalers");
  const int sum_bits = g.array.design.accumulator_bits;
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr begin = m.input("begin_i", 1, "A new query's tokens follow.");
  const Expr is_short = m.input("short_i", 1, "Codes have four bits, else eight.");
  const Expr shift = m.input("shift_i", 5, "1 to 16: ranges lie below 2^shift.");
  const Expr probability = m.input("probability_i", kBits, "Of a token, U0.16.");
  const Expr low = m.input("low_i", kLowBits, "Smallest element of its value.");
  const Expr range = m.input("range_i", kRangeBits, "Largest less smallest element, unsigned.");
  const Expr valid = m.input("valid_i", 1, "They are valid.");
  const Expr sum = m.input("sum_i", sum_bits, "Of weights times codes less 2^(b-1).");
  m.section("Products with the probability");
  const Expr product_q = m.logic("product_q", kProductBits, "Range times probability.");
  const Expr low_q = m.logic("low_q", kProductBits, "Smallest element times probability.");
  const Expr product_valid_q = m.logic("product_valid_q", 1);
  const Expr weight_valid_q = m.logic("weight_valid_q", 1);
  const Expr wide_range = m.let("wide_range", zext(range, kProductBits));
  const Expr wide_low = extended(m, "wide_low", low, kProductBits);
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(product_valid_q, 0);
        b.assign(weight_valid_q, 0);
      },
      [&](Block& b) {
        b.assign(product_valid_q, valid);
        b.assign(weight_valid_q, product_valid_q);
      });
  m.always_ff(clk, [&](Block& b) {
    b.assign(product_q, shift_and_add(wide_range, probability));
    b.assign(low_q, shift_and_add(wide_low, probability));
  });
  m.section("Weight");
  const Expr doubled = m.let("doubled", cat({lit(0, 1), product_q, lit(0, 1)}));
  const Expr shifted = shifted_right(m, doubled, shift);
  const Expr rounded =
      m.let("rounded", shifted.slice(1, kProductBits + 1) + zext(shifted.bit(0), kProductBits + 1));
  const Expr over =
      m.let("over", reduce_or(rounded.slice(kBits, kProductBits + 1 - kBits)), "2^16 or more.");
  const Expr weight_q = m.logic("weight_q", kBits);
  m.always_ff(clk,
              [&](Block& b) { b.assign(weight_q, rounded.slice(0, kBits) | repeat(kBits, over)); });
  m.section("Sums along the tokens");
  const Expr weights_q = m.logic("weights_q", kWideBits, "Of the weights.");
  const Expr lows_q = m.logic("lows_q", kWideBits, "Of smallest elements times probabilities.");
  m.always_ff(clk, [&](Block& b) {
    b.when(begin, [&](Block& t) {
       t.assign(weights_q, 0);
       t.assign(lows_q, 0);
     }).otherwise([&](Block& t) {
      t.when(product_valid_q, [&](Block& u) { u.assign(lows_q, lows_q + sext(low_q, kWideBits)); });
      t.when(weight_valid_q,
             [&](Block& u) { u.assign(weights_q, weights_q + zext(weight_q, kWideBits)); });
    });
  });
  m.assign(m.output("weight_o", kBits, "The token's weight."), weight_q);
  m.assign(m.output("weight_valid_o", 1, "It is valid."), weight_valid_q);
  m.section("Output");
  Expr codes = m.let("codes", sext(sum, kWideBits) + offset(weights_q, is_short));
  for (int level = 0; level < 5; ++level)
    codes = m.let("codes_" + std::to_string(1 << level),
                  mux(shift.bit(level), codes << (1 << level), codes));
  const Expr total =
      m.let("total", codes + times_levels(lows_q, is_short) + lit(1 << (kBits - 1), kWideBits));
  m.unused(total.slice(0, kBits), "unused_total");
  m.assign(m.output("out_o", AttentionGeometry::kOutBits, "What the sum stands for."),
           total.slice(kBits, AttentionGeometry::kOutBits));
  return m;
}

}  // namespace hasse::units
