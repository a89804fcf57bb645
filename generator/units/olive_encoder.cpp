// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

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
using hdl::trunc;
using hdl::zext;
using quant::OliveFormat;
using quant::OliveGrid;

/// Builds the module, a section of it per function.
class Rounder {
 public:
  Rounder(const OliveFormat& format, const EncoderInput& input)
      : format_(format), grid_(format), input_(input) {}

  Module build();

 private:
  Expr reaches(double middle) const;
  void by_thresholds();
  void by_fields();
  Expr nearest_normal();
  Expr nearest_outlier();
  Expr with_sign(const Expr& code, bool is_integer) const;

  const OliveFormat& format_;
  OliveGrid grid_;
  EncoderInput input_;
  Module m_{fmt::format("olive_rounder_{}", format_.name),
            fmt::format("Rounds a number to its {} code, or that of an outlier.\n"
                        "To the nearest value, from the middle between two away from 0; beyond the "
                        "largest to the\nlargest.{}",
                        format_.name, format_.is_signed ? "" : " Negative numbers become 0.")};
  Expr value_ = m_.input(
      "value_i", input_.bits,
      fmt::format("The number, two's complement, in units of 2^-{}.", input_.fraction_bits));
  Expr minus_ = m_.let("minus", value_.msb());
  Expr magnitude_ = magnitude();
  Expr code_ = m_.output("code_o", format_.bits, "Its code.");
  Expr outlier_ = m_.output("outlier_o", 1, "It is that of an outlier.");
  Expr out_magnitude_ = m_.output("magnitude_o", input_.bits, "How large the number is.");

  Expr magnitude() {
    const int bits = input_.bits;
    const Expr size = m_.let("size", (value_ ^ repeat(bits, minus_)) + zext(minus_, bits));
    if (format_.is_signed) return size;
    return m_.let("positive", size & repeat(bits, !minus_));
  }
};

/// One bit: the magnitude is at least `middle`.
Expr Rounder::reaches(double middle) const {
  const auto least = static_cast<std::int64_t>(std::ceil(std::ldexp(middle, input_.fraction_bits)));
  if (least >= std::int64_t{1} << input_.bits) return lit(0, 1);
  return magnitude_ >= lit(least, input_.bits);
}

Module Rounder::build() {
  m_.set_unit("encoders");
  m_.assign(out_magnitude_, magnitude_);
  if (format_.bits == 4)
    by_thresholds();
  else
    by_fields();
  return m_;
}

/// The largest value whose lower neighbour is no nearer: the middles are compared all at once.
void Rounder::by_thresholds() {
  const std::vector<int>& magnitudes = grid_.magnitudes();
  const auto code_of = [&](std::size_t i, bool minus) {
    return lit(grid_.nearest(minus ? -magnitudes[i] : magnitudes[i]).code, format_.bits);
  };
  const auto code = [&](std::size_t i) {
    if (!format_.is_signed || i == 0) return code_of(i, false);
    return mux(minus_, code_of(i, true), code_of(i, false));
  };
  std::vector<Expr> reached;
  for (std::size_t i = 1; i < magnitudes.size(); ++i)
    reached.push_back(m_.let(fmt::format("reaches_{}", magnitudes[i]),
                             reaches((magnitudes[i - 1] + magnitudes[i]) / 2.0)));
  Expr chosen = code(0);
  for (std::size_t i = 1; i < magnitudes.size(); ++i)
    chosen = m_.let(fmt::format("code_{}", i), mux(reached[i - 1], code(i), chosen));
  m_.assign(code_, chosen);
  m_.assign(outlier_, reached[grid_.normal_count() - 1]);
}

void Rounder::by_fields() {
  const double middle =
      (grid_.magnitudes()[grid_.normal_count() - 1] + grid_.magnitudes()[grid_.normal_count()]) /
      2.0;
  const Expr beyond = m_.let("beyond_normal", reaches(middle));
  const Expr normal = nearest_normal(), outlier = nearest_outlier();
  const Expr sign = m_.let("signed_outlier", cat({minus_, outlier}));
  m_.assign(code_, mux(beyond, sign, normal));
  m_.assign(outlier_, beyond);
}

/// `magnitude_` over 2^`places` in units of 1, rounded, its `bits` lowest bits.
Expr rounded(Module& m, const std::string& name, const Expr& magnitude, int places, int bits) {
  const int all = magnitude.width().value();
  if (places == 0) return zext(trunc(magnitude, std::min(bits, all)), bits);
  if (places > all) return hdl::zeros(bits);
  const Expr twice =
      m.let(name + "_twice", zext(magnitude.slice(places - 1, all - places + 1), all + 2) + 1);
  m.unused(twice.bit(0), "unused_" + name);
  if (bits < all + 1) m.unused(twice.slice(1 + bits, all + 1 - bits), "unused_" + name + "_top");
  return twice.slice(1, std::min(bits, all + 1));
}

/// The nearest integer, at most the largest normal one, with the number's sign.
Expr Rounder::nearest_normal() {
  const int bits = format_.bits;
  const Expr whole = m_.let("whole", rounded(m_, "whole", magnitude_, input_.fraction_bits, bits));
  const Expr limited =
      m_.let("limited", mux(whole > lit(format_.normal_max, bits), format_.normal_max, whole));
  return m_.let("normal", (limited ^ repeat(bits, minus_)) + zext(minus_, bits));
}

/// Exponent and mantissa of the nearest outlier, for numbers nearer to outliers than to others.
Expr Rounder::nearest_outlier() {
  const int mantissa_bits = format_.mantissa_bits, one = 1 << mantissa_bits;
  const int field_bits = format_.exponent_bits + mantissa_bits;
  const int most = format_.max_exponent_field();
  const double below_next = 2 * one - 0.5;  // In units of the last place of an exponent.
  Expr chosen = lit(1, field_bits);         // Mantissa 0 of exponent 0 is not used.
  for (int field = 0; field <= most; ++field) {
    const int places = field + format_.bias;
    const Expr last_place = m_.let(fmt::format("mantissa_{}", field),
                                   rounded(m_, fmt::format("mantissa_{}", field), magnitude_,
                                           places + input_.fraction_bits, mantissa_bits));
    const Expr code = cat({lit(field, format_.exponent_bits), last_place});
    const Expr reached = field == 0
                             ? m_.let("reaches_field_0", reaches(std::ldexp(one + 0.5, places)))
                             : m_.let(fmt::format("reaches_field_{}", field),
                                      reaches(std::ldexp(below_next, places - 1)));
    chosen = m_.let(fmt::format("outlier_{}", field), mux(reached, code, chosen));
  }
  const Expr beyond = m_.let("beyond_all", reaches(std::ldexp(below_next, most + format_.bias)));
  return m_.let("outlier", mux(beyond, lit((most << mantissa_bits) + one - 1, field_bits), chosen));
}

}  // namespace

Module olive_rounder(const OliveFormat& format, const EncoderInput& input) {
  return Rounder(format, input).build();
}

Module olive_encoder(const OliveFormat& format, const EncoderInput& input, const Module& rounder,
                     quant::OutlierRule rule, Output output) {
  Module m(
      fmt::format("olive_encoder_{}", format.name),
      fmt::format("Encodes two numbers as an outlier-victim pair of {} codes.\n"
                  "The partner of an outlier becomes a victim; of two outliers the {} is kept.",
                  format.name, rule == quant::OutlierRule::keep_even ? "left one" : "larger"));
  m.set_unit("encoders");
  const bool registered = output == Output::registered;
  const Expr clk = registered ? m.input("clk_i", 1, "Clock.") : lit(0, 1);
  const auto round = [&](const std::string& side) {
    const Expr value = m.input(side + "_i", input.bits, "The " + side + " number.");
    const Expr code = m.logic(side + "_code", format.bits);
    const Expr outlier = m.logic(side + "_outlier", 1);
    const Expr magnitude = m.logic(side + "_magnitude", input.bits);
    m.instance(
        "u_" + side, rounder,
        {{"value_i", value}, {"code_o", code}, {"outlier_o", outlier}, {"magnitude_o", magnitude}});
    return std::array{code, outlier, magnitude};
  };
  const auto [left, left_outlier, left_magnitude] = round("left");
  const auto [right, right_outlier, right_magnitude] = round("right");
  const bool even = rule == quant::OutlierRule::keep_even;
  if (even) m.unused(cat({left_magnitude, right_magnitude}), "unused_magnitudes");
  const Expr left_first = even ? lit(1, 1) : left_magnitude >= right_magnitude;
  const Expr right_falls =
      m.let("right_falls", even ? left_outlier : left_outlier && (!right_outlier || left_first));
  const Expr left_falls = m.let("left_falls", right_outlier && !right_falls);
  const Expr victim = lit(format.identifier, format.bits);
  const Expr pair =
      m.let("pair", cat({mux(right_falls, victim, right), mux(left_falls, victim, left)}));
  const Expr out = m.output("pair_o", 2 * format.bits, "The pair, left code lowest.");
  if (!registered) {
    m.assign(out, pair);
    return m;
  }
  const Expr pair_q = m.logic("pair_q", 2 * format.bits);
  m.always_ff(clk, [&](Block& b) { b.assign(pair_q, pair); });
  m.assign(out, pair_q);
  return m;
}

}  // namespace hasse::units
