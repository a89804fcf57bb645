// SPDX-License-Identifier: Apache-2.0
#include "generator/units/rounded_shift.hpp"
#include "generator/units/shift_and_add.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::repeat;

Module requantiser(const Geometry& g) {
  Module m("requantiser",
           "One result to eight bits: value * multiplier / 2^shift, rounded and clamped.\n"
           "Rounds to the nearest, halves away from zero, and clamps to -128..127. The multiplier\n"
           "comes with the value, the shift two cycles later. One value per cycle.");
  m.set_unit("scaler");
  const int product_bits = g.design.accumulator_bits + Geometry::kMultiplierBits;
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr value = m.input("value_i", g.design.accumulator_bits, "A result.");
  const Expr multiplier = m.input("multiplier_i", Geometry::kMultiplierBits, "Unsigned.");
  const Expr shift = m.input("shift_i", Geometry::kShiftBits, "At least 1, two cycles later.");

  m.section("Products with the two halves of the multiplier");
  const int half_bits = Geometry::kMultiplierBits / 2;
  const Expr wide = m.let("wide", sext(value, g.design.accumulator_bits + half_bits));
  const Expr low_q = m.logic("low_q", wide.width());
  const Expr high_q = m.logic("high_q", wide.width());
  const Expr negative_q = m.logic("negative_q", 1, "The product is.");
  const Expr low = m.let("low_product", shift_and_add(wide, multiplier.slice(0, half_bits)));
  const Expr high =
      m.let("high_product", shift_and_add(wide, multiplier.slice(half_bits, half_bits)));
  m.always_ff(clk, [&](Block& b) {
    b.assign(low_q, low);
    b.assign(high_q, high);
    b.assign(negative_q, value.msb() && multiplier != 0);
  });

  m.section("Product, less 1 if negative: then adding half a unit rounds halves away from zero");
  const Expr product_q = m.logic("product_q", product_bits);
  m.always_ff(clk, [&](Block& b) {
    b.assign(product_q, sext(low_q, product_bits) + cat({high_q, hdl::zeros(half_bits)}) +
                            repeat(product_bits, negative_q));
  });

  m.section("Quotient, and below its lowest bit the first one lost: half a unit or more");
  const Expr doubled = m.let("doubled", cat({product_q, lit(0, 1)}));
  const Expr quotient = shifted_right(m, doubled, shift);
  const Expr result = clamped(m, m.let("whole", quotient.slice(1, product_bits)), quotient.bit(0),
                              Geometry::kRequantisedBits);
  m.assign(m.output("value_o", Geometry::kRequantisedBits, "Requantised, two cycles later."),
           result);
  return m;
}

}  // namespace hasse::units
