// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "generator/units/olive.hpp"
#include "generator/units/shift_and_add.hpp"

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
using hdl::trunc;
using hdl::Width;
using hdl::zext;

/// Bits of the integers that a product takes: halves of 8-bit ones are signed on top, unsigned
/// below, five bits in two's complement.
constexpr int kHalfBits = 5;
constexpr int kNibble = 4;

int product_integer_bits(const PairDatapath& path, const PairValue& value) {
  return path.code_bits == 8 ? kHalfBits : value.integer_bits;
}

/// `value` shifted left by `amount`, as wide as it is.
Expr shifted_left(Module& m, Expr value, const Expr& amount) {
  const int bits = value.width().value();
  for (int i = 0; i < amount.width().value(); ++i) {
    const int places = std::min(1 << i, bits);
    const Expr further = places == bits ? hdl::zeros(bits)
                                        : cat({value.slice(0, bits - places), hdl::zeros(places)});
    value = m.let(fmt::format("shifted_{}", 1 << i), mux(amount.bit(i), further, value));
  }
  return value;
}

/// Signed product of two integers in two's complement.
Expr signed_product(Module& m, const std::string& name, const Expr& a, const Expr& b) {
  const int bits = a.width().value() + b.width().value();
  const bool wide = a.width().value() >= b.width().value();
  const Expr multiplicand = m.let("multiplicand", sext(wide ? a : b, bits));
  return m.let(name, shift_and_add(multiplicand, wide ? b : a, true));
}

/// What every processing element does with its product: adds it up, and passes its operands on.
void add_and_pass_on(Module& m, const PairDatapath& path, const Expr& clk, const Expr& weight,
                     const Expr& activation, const Expr& product) {
  const Width sum_bits = m.localparam("SumBits", path.accumulator_bits, "Bits of the sum.");
  const Expr sum_q = m.logic("sum_q", sum_bits);
  const Expr first = weight.bit(path.weight_word() - 1);
  m.always_ff(clk, [&](Block& b) {
    b.assign(sum_q, (sum_q & repeat(sum_bits, !first)) + sext(product, sum_bits));
  });
  m.assign(m.output("sum_o", sum_bits, "The sum so far, this cycle's product not included."),
           sum_q);
  m.section("On to the neighbours");
  const Expr weight_q = m.logic("weight_q", path.weight_word());
  const Expr activation_q = m.logic("activation_q", path.activation_word());
  m.always_ff(clk, [&](Block& b) {
    b.assign(weight_q, weight);
    b.assign(activation_q, activation);
  });
  m.assign(m.output("weight_o", path.weight_word(), "To the next column."), weight_q);
  m.assign(m.output("activation_o", path.activation_word(), "To the next row."), activation_q);
}

/// Builds the module, a section of it per function.
class OlivePe {
 public:
  OlivePe(const PairDatapath& path, const Module& product) : path_(path), product_(product) {}

  Module build();

 private:
  Expr multiply(const std::string& name, const Expr& weight, const Expr& activation);
  Expr multiply_halves();

  const PairDatapath& path_;
  const Module& product_;
  bool halves_ = path_.code_bits == 8;
  Module m_{"olive_pe",
            std::string("Processing element: adds up the products of the values that pass.\n") +
                (halves_ ? "An 8-bit product is four 4-bit ones, of the halves of both integers.\n"
                         : "") +
                "Weights go on to the next column, activations to the next row, a cycle later."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr weight_ = m_.input("weight_i", path_.weight_word(),
                          "{first of its tile: start the sum anew, exponent, integer}.");
  Expr activation_ = m_.input("activation_i", path_.activation_word(), "{exponent, integer}.");
  Expr weight_exponent_ = m_.let(
      "weight_exponent", weight_.slice(path_.weight.integer_bits, path_.weight.exponent_bits));
  Expr activation_exponent_ =
      m_.let("activation_exponent",
             activation_.slice(path_.activation.integer_bits, path_.activation.exponent_bits));
  Expr weight_integer_ = m_.let("weight_integer", weight_.slice(0, path_.weight.integer_bits));
  Expr activation_integer_ =
      m_.let("activation_integer", activation_.slice(0, path_.activation.integer_bits));
};

Module OlivePe::build() {
  m_.set_unit("processing_elements");
  m_.section("Product and sum");
  const Expr product =
      halves_ ? multiply_halves() : multiply("product", weight_integer_, activation_integer_);
  add_and_pass_on(m_, path_, clk_, weight_, activation_, product);
  return m_;
}

Expr OlivePe::multiply(const std::string& name, const Expr& weight, const Expr& activation) {
  const Expr product = m_.logic(name, path_.product_bits);
  m_.instance("u_" + name, product_,
              {{"weight_exponent_i", weight_exponent_},
               {"weight_integer_i", weight},
               {"activation_exponent_i", activation_exponent_},
               {"activation_integer_i", activation},
               {"product_o", product}});
  return product;
}

/// x = 16 * high + low, high signed and low not; the sum is right modulo 2^product_bits.
Expr OlivePe::multiply_halves() {
  const auto half = [&](const std::string& name, const Expr& integer, bool high) {
    const Expr nibble = integer.slice(high ? kNibble : 0, kNibble);
    return m_.let(name, high ? sext(nibble, kHalfBits) : zext(nibble, kHalfBits));
  };
  const Expr weight_high = half("weight_high", weight_integer_, true);
  const Expr weight_low = half("weight_low", weight_integer_, false);
  const Expr activation_high = half("activation_high", activation_integer_, true);
  const Expr activation_low = half("activation_low", activation_integer_, false);
  const auto placed = [&](const Expr& product, int places) {
    m_.unused(product.slice(path_.product_bits - places, places));
    return cat({product.slice(0, path_.product_bits - places), hdl::zeros(places)});
  };
  const Expr high = multiply("high_high", weight_high, activation_high);
  const Expr mixed = multiply("high_low", weight_high, activation_low);
  const Expr crossed = multiply("low_high", weight_low, activation_high);
  const Expr low = multiply("low_low", weight_low, activation_low);
  const Expr middle = m_.let("middle", mixed + crossed);
  return m_.let("product", placed(high, 2 * kNibble) + low + placed(middle, kNibble));
}

}  // namespace

std::string pair_unit(const Geometry& g, const std::string& part) {
  return (g.design.decodes_pairs() ? "olive_" : "systolic_") + part;
}

PairDatapath::PairDatapath(const Geometry& g)
    : weight{0, g.design.weight_bits},
      activation{0, g.design.activation_bits},
      code_bits(g.design.weight_bits),
      activation_code_bits(g.design.activation_bits),
      product_bits(g.derived.partial_bits),
      accumulator_bits(g.design.accumulator_bits) {
  if (!g.design.decodes_pairs()) return;
  weight = pair_value(quant::olive_format(g.design.weight_pairs));
  activation = pair_value(quant::olive_format(g.design.activation_pairs));
}

Module olive_product(const PairDatapath& path) {
  Module m("olive_product",
           "Product of two exponent-integer pairs: (b * d) << (a + c) of <a, b> and <c, d>.");
  m.set_unit("processing_elements");
  const int weight_bits = product_integer_bits(path, path.weight);
  const int activation_bits = product_integer_bits(path, path.activation);
  const Expr weight_exponent = m.input("weight_exponent_i", path.weight.exponent_bits, "a");
  const Expr weight = m.input("weight_integer_i", weight_bits, "b, two's complement.");
  const Expr activation_exponent =
      m.input("activation_exponent_i", path.activation.exponent_bits, "c");
  const Expr activation = m.input("activation_integer_i", activation_bits, "d, two's complement.");
  const int amount_bits = 1 + std::max(path.weight.exponent_bits, path.activation.exponent_bits);
  const Expr amount =
      m.let("amount", zext(weight_exponent, amount_bits) + zext(activation_exponent, amount_bits));
  const Expr product = signed_product(m, "integer_product", weight, activation);
  const Expr start = m.let("shifted_0", sext(product, path.product_bits));
  m.assign(m.output("product_o", path.product_bits, "The product, two's complement."),
           shifted_left(m, start, amount));
  return m;
}

Module olive_pe(const PairDatapath& path, const Module& product) {
  return OlivePe(path, product).build();
}

Module systolic_pe(const PairDatapath& path) {
  Module m("systolic_pe",
           "Processing element: adds up the products of the integers that pass.\n"
           "Weights go on to the next column, activations to the next row, a cycle later.");
  m.set_unit("processing_elements");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr weight =
      m.input("weight_i", path.weight_word(), "{first of its tile: start the sum anew, integer}.");
  const Expr activation = m.input("activation_i", path.activation_word(), "Integer.");
  m.section("Product and sum");
  const Expr integer = m.let("weight", weight.slice(0, path.weight.integer_bits));
  add_and_pass_on(m, path, clk, weight, activation,
                  signed_product(m, "product", integer, activation));
  return m;
}

}  // namespace hasse::units
