// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

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
using hdl::sext;
using hdl::zext;
using quant::ExponentInteger;
using quant::OliveFormat;

ExponentInteger decode(const OliveFormat& format, unsigned code, bool outlier) {
  return outlier ? decode_outlier(format, code) : decode_normal(format, code);
}

/// Calls visit(outlier, code, value) for all that a code can stand for.
template <class Visit>
void for_each_value(const OliveFormat& format, Visit visit) {
  for (const bool outlier : {false, true})
    for (unsigned code = 0; code < 1U << format.bits; ++code)
      visit(outlier, code, decode(format, code, outlier));
}

/// Signals of the module that reads one code.
struct Value {
  Module& m;
  Expr code, outlier;
  Expr exponent, integer;  ///< To be assigned.
};

/// Sixteen codes, twice: a table.
void read_by_table(const OliveFormat& format, const Value& v) {
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> cases;
  hdl::BlockBody last;
  for_each_value(format, [&](bool outlier, unsigned code, const ExponentInteger& value) {
    last = [&v, value](Block& b) {
      b.assign(v.exponent, value.exponent);
      b.assign(v.integer, value.integer);
    };
    cases.emplace_back(static_cast<int>(code) + (outlier ? 1 << format.bits : 0), last);
  });
  cases.pop_back();
  v.m.comment("Normal values first, then outliers.");
  v.m.always_comb([&](Block& b) { b.select(cat({v.outlier, v.code}), cases, last); });
}

/// Signed integers and abfloats: by their fields, in three tenths of a table's area.
void read_by_fields(const OliveFormat& format, const Value& v) {
  Module& m = v.m;
  const int bits = v.integer.width().value(), mantissa_bits = format.mantissa_bits;
  const int most = format.max_exponent_field(), ones = (1 << format.exponent_bits) - 1;
  const Expr sign = v.code.bit(format.bits - 1);
  Expr field = m.let("field", v.code.slice(mantissa_bits, format.exponent_bits));
  Expr mantissa = m.let("mantissa", v.code.slice(0, mantissa_bits));
  const Expr used = m.let("used", v.outlier && v.code.slice(0, format.bits - 1) != 0,
                          "An outlier, unless all but its sign is 0.");
  if (most < ones) {
    const Expr beyond =
        m.let("beyond", field > lit(most, format.exponent_bits), "Reads as the largest outlier.");
    field = m.let("limited_field", mux(beyond, most, field));
    mantissa = m.let("limited_mantissa", mantissa | repeat(mantissa_bits, beyond));
  }
  const Expr magnitude = m.let("magnitude", zext(cat({lit(1, 1), mantissa}), bits));
  const Expr outlier =
      m.let("outlier_integer", (magnitude ^ repeat(bits, sign)) + zext(sign, bits));
  const Expr normal = m.let("normal", v.code & repeat(format.bits, v.code != format.identifier),
                            "The identifier is a victim's.");
  m.assign(v.exponent, (zext(field, v.exponent.width()) + lit(format.bias, v.exponent.width())) &
                           repeat(v.exponent.width(), used));
  m.assign(v.integer, as_signed(mux(v.outlier, outlier & repeat(bits, used), sext(normal, bits))));
}

}  // namespace

PairValue pair_value(const OliveFormat& format) {
  int exponent = 0, least = 0, most = 0;
  for_each_value(format, [&](bool, unsigned, const ExponentInteger& value) {
    exponent = std::max(exponent, value.exponent);
    least = std::min(least, value.integer);
    most = std::max(most, value.integer);
  });
  return {bits_for(exponent), 1 + bits_for(std::max(most, -least))};
}

Module olive_value(const OliveFormat& format) {
  const PairValue fields = pair_value(format);
  Module m(fmt::format("olive_value_{}", format.name),
           fmt::format("One code of an outlier-victim pair: {} or abfloat E{}M{}, as integer * "
                       "2^exponent.",
                       format.name, format.exponent_bits, format.mantissa_bits));
  m.set_unit("decoders");
  const Value v{m, m.input("code_i", format.bits, "The code."),
                m.input("outlier_i", 1, "Its partner is a victim: read it as an outlier."),
                m.logic("exponent", fields.exponent_bits),
                m.logic("integer_value", fields.integer_bits, "", hdl::Signed::yes)};
  if (format.is_flint || !format.is_signed)
    read_by_table(format, v);
  else
    read_by_fields(format, v);
  m.assign(m.output("exponent_o", fields.exponent_bits, "Exponent."), v.exponent);
  m.assign(m.output("integer_o", fields.integer_bits, "Integer, two's complement."),
           as_unsigned(v.integer));
  return m;
}

Module olive_decoder(const OliveFormat& format, const Module& value, Output output) {
  const PairValue fields = pair_value(format);
  Module m(fmt::format("olive_decoder_{}", format.name),
           fmt::format("Decodes an outlier-victim pair of {} codes.\n"
                       "A code that is the identifier is a victim, worth 0, and its partner an "
                       "outlier.",
                       format.name));
  m.set_unit("decoders");
  const bool registered = output == Output::registered;
  const Expr clk = registered ? m.input("clk_i", 1, "Clock.") : lit(0, 1);
  const Expr pair = m.input("pair_i", 2 * format.bits, "The pair, left code lowest.");
  const Expr left = m.let("left", pair.slice(0, format.bits));
  const Expr right = m.let("right", pair.slice(format.bits, format.bits));
  const Expr left_falls = m.let("left_falls", left == lit(format.identifier, format.bits));
  const Expr right_falls =
      m.let("right_falls", right == lit(format.identifier, format.bits) && !left_falls);
  const auto put = [&](const std::string& name, const Expr& value_of, const std::string& doc) {
    const Expr out = m.output(name + "_o", value_of.width(), doc);
    if (!registered) return m.assign(out, value_of);
    const Expr value_q = m.logic(name + "_q", value_of.width());
    m.always_ff(clk, [&](Block& b) { b.assign(value_q, value_of); });
    m.assign(out, value_q);
  };
  const auto read = [&](const std::string& side, const Expr& code, const Expr& outlier) {
    const Expr exponent = m.logic(side + "_exponent", fields.exponent_bits);
    const Expr integer = m.logic(side + "_integer", fields.integer_bits);
    m.instance("u_" + side, value,
               {{"code_i", code},
                {"outlier_i", outlier},
                {"exponent_o", exponent},
                {"integer_o", integer}});
    put(side + "_exponent", exponent, "Exponent of the " + side + " value.");
    put(side + "_integer", integer, "Its integer, two's complement.");
  };
  read("left", left, right_falls);
  read("right", right, left_falls);
  return m;
}

}  // namespace hasse::units
