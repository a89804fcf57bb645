// SPDX-License-Identifier: Apache-2.0
// Decoders and processing elements of 4-bit pairs, for every two pairs and every sum.
#include "generator/units/olive.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "verif/formal/proof.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::formal {
namespace {

/// A Verilog function from a code, read as a normal value or as an outlier, to what it is worth.
std::string value_function(const std::string& name, const quant::OliveFormat& format) {
  std::string text = fmt::format(
      "  function signed [31:0] {}(input outlier, input [3:0] code);\n"
      "    case ({{outlier, code}})\n",
      name);
  for (unsigned code = 0; code < 16; ++code) {
    text += fmt::format("      5'd{}: {} = {};\n", code, name, decode_normal(format, code).value());
    text += fmt::format("      5'd{}: {} = {};\n", code + 16, name,
                        decode_outlier(format, code).value());
  }
  return text + "    endcase\n  endfunction\n";
}

class OlivePair : public testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// Left values of any two pairs enter an element with any sum.
  Question about_an_element(const std::string& expected) const {
    const units::PairDatapath path(g_);
    const hdl::Module weight_value = units::olive_value(weights_);
    const hdl::Module activation_value = units::olive_value(activations_);
    const hdl::Module product = units::olive_product(path);
    Question question{{}, "", 2, From::any_state};
    question.modules = {weight_value, units::olive_decoder(weights_, weight_value)};
    if (weights_.name != activations_.name)
      question.modules.insert(
          question.modules.end(),
          {activation_value, units::olive_decoder(activations_, activation_value)});
    question.modules.insert(question.modules.end(), {product, units::olive_pe(path, product)});
    question.checker = fmt::format(
        R"(
module proof (input clk_i, first_i, input [7:0] weight_pair_i, activation_pair_i);
{functions}
  wire [{we}:0] w_exponent; wire [{wi}:0] w_integer;
  wire [{xe}:0] x_exponent; wire [{xi}:0] x_integer;
  olive_decoder_{wn} u_w (.pair_i(weight_pair_i), .left_exponent_o(w_exponent),
      .left_integer_o(w_integer), .right_exponent_o(), .right_integer_o());
  olive_decoder_{xn} u_x (.pair_i(activation_pair_i), .left_exponent_o(x_exponent),
      .left_integer_o(x_integer), .right_exponent_o(), .right_integer_o());
  wire [{acc}:0] sum;
  olive_pe u_pe (.clk_i, .weight_i({{first_i, w_exponent, w_integer}}),
      .activation_i({{x_exponent, x_integer}}), .weight_o(), .activation_o(), .sum_o(sum));
  wire signed [31:0] w = weight_value(
      weight_pair_i[3:0] != {wid} && weight_pair_i[7:4] == {wid}, weight_pair_i[3:0]);
  wire signed [31:0] x = activation_value(
      activation_pair_i[3:0] != {xid} && activation_pair_i[7:4] == {xid}, activation_pair_i[3:0]);
  reg signed [{acc}:0] expected;
  always @(posedge clk_i) expected <= (first_i ? 0 : $signed(sum)) + {expected};
  reg started = 0;
  always @(posedge clk_i) started <= 1;
  always @* if (started) assert ($signed(sum) == expected);
endmodule
)",
        fmt::arg("functions", value_function("weight_value", weights_) +
                                  value_function("activation_value", activations_)),
        fmt::arg("we", path.weight.exponent_bits - 1), fmt::arg("wi", path.weight.integer_bits - 1),
        fmt::arg("xe", path.activation.exponent_bits - 1),
        fmt::arg("xi", path.activation.integer_bits - 1), fmt::arg("wn", weights_.name),
        fmt::arg("xn", activations_.name),
        fmt::arg("wid", fmt::format("4'd{}", weights_.identifier)),
        fmt::arg("xid", fmt::format("4'd{}", activations_.identifier)),
        fmt::arg("acc", path.accumulator_bits - 1), fmt::arg("expected", expected));
    return question;
  }

  units::Geometry g_ = unit::geometry(
      fmt::format(R"({{"engine": "olive", "weight_bits": 4, "activation_bits": 4, "max_k": 64,
                       "accumulator_bits": 24, "weight_pairs": "{}", "activation_pairs": "{}"}})",
                  GetParam().first, GetParam().second));
  const quant::OliveFormat& weights_ = quant::olive_format(GetParam().first);
  const quant::OliveFormat& activations_ = quant::olive_format(GetParam().second);
  std::string why_;
};

TEST_P(OlivePair, IsAddedUpAsTheProductOfItsValues) {
  EXPECT_TRUE(holds(about_an_element("w * x"), &why_)) << why_;
}

// The element does depend on its inputs, so that the proof above is not about nothing.
TEST_P(OlivePair, IsNotAddedUpOtherwise) {
  EXPECT_FALSE(holds(about_an_element("w * x + (w == 12 && x == 3)")));
}

INSTANTIATE_TEST_SUITE_P(Formats, OlivePair,
                         testing::Values(std::pair{"int4", "int4"}, std::pair{"int4", "uint4"}),
                         [](const auto& point) {
                           return fmt::format("{}_{}", point.param.first, point.param.second);
                         });

/// Decodes a pair, encodes its values, and decodes again.
class OliveRoundTrip : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  }

  /// `input` is what the encoder is given of a value of `value`, a number of `bits` bits.
  Question about_a_pair(const std::string& expected) const {
    const units::PairValue fields = units::pair_value(format_);
    const units::EncoderInput input{kBits, 0};
    const hdl::Module value = units::olive_value(format_),
                      rounder = units::olive_rounder(format_, input);
    Question question{{value, units::olive_decoder(format_, value), rounder,
                       units::olive_encoder(format_, input, rounder)},
                      "",
                      1,
                      From::any_state};
    question.checker = fmt::format(
        R"(
module proof (input clk_i, input [{pair}:0] pair_i);
  function signed [{top}:0] worth(input [{we}:0] exponent, input signed [{wi}:0] integer_part);
    worth = integer_part;
    worth = worth <<< exponent;
  endfunction
  wire [{we}:0] le, re, le2, re2; wire signed [{wi}:0] li, ri, li2, ri2;
  olive_decoder_{name} u_first (.pair_i, .left_exponent_o(le), .left_integer_o(li),
      .right_exponent_o(re), .right_integer_o(ri));
  wire [{pair}:0] again;
  olive_encoder_{name} u_encoder (.left_i(worth(le, li)), .right_i(worth(re, ri)), .pair_o(again));
  olive_decoder_{name} u_second (.pair_i(again), .left_exponent_o(le2), .left_integer_o(li2),
      .right_exponent_o(re2), .right_integer_o(ri2));
  wire signed [{top}:0] left = worth(le, li), right = worth(re, ri);
  always @* assert (worth(le2, li2) == {expected} && worth(re2, ri2) == right);
endmodule
)",
        fmt::arg("pair", 2 * format_.bits - 1), fmt::arg("top", kBits - 1),
        fmt::arg("we", fields.exponent_bits - 1), fmt::arg("wi", fields.integer_bits - 1),
        fmt::arg("name", format_.name), fmt::arg("expected", expected));
    return question;
  }

  static constexpr int kBits = 17;  ///< All values are below 2^15.
  const quant::OliveFormat& format_ = quant::olive_format(GetParam());
  std::string why_;
};

TEST_P(OliveRoundTrip, KeepsEveryPairOfValues) {
  EXPECT_TRUE(holds(about_a_pair("left"), &why_)) << why_;
}

// Some pair is worth something, so that the proof above is not about zeros.
TEST_P(OliveRoundTrip, IsNotAboutNothing) {
  EXPECT_FALSE(holds(about_a_pair("(left == 3 ? 4 : left)")));
}

INSTANTIATE_TEST_SUITE_P(Formats, OliveRoundTrip,
                         testing::Values("int4", "flint4", "uint4", "uflint4", "int8", "int8_e2m5"),
                         [](const auto& point) { return std::string(point.param); });

}  // namespace
}  // namespace hasse::formal
