// SPDX-License-Identifier: Apache-2.0
// Processing elements against the sums of exact products.
#include <gtest/gtest.h>

#include "generator/units/olive.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class OlivePe : public testing::TestWithParam<const char*> {
 protected:
  std::vector<hdl::Module> modules() const {
    const hdl::Module product = units::olive_product(path_);
    return {product, units::olive_pe(path_, product)};
  }

  static std::uint64_t word(const units::PairValue& fields, const quant::ExponentInteger& value) {
    const auto integer = static_cast<std::uint64_t>(value.integer);
    return (integer & ((std::uint64_t{1} << fields.integer_bits) - 1)) |
           static_cast<std::uint64_t>(value.exponent) << fields.integer_bits;
  }

  /// Any value of the format, outliers as often as normal ones.
  quant::ExponentInteger value(const quant::OliveFormat& format) {
    const auto code = static_cast<unsigned>(below(random_, 1 << format.bits));
    return random_.chance(0.5) ? decode_normal(format, code) : decode_outlier(format, code);
  }

  void step(bool first) {
    const quant::ExponentInteger w = value(weights_), x = value(activations_);
    const std::uint64_t weight_word = word(path_.weight, w) | std::uint64_t{first}
                                                                  << path_.weight.bits();
    bench_.set("weight_i", weight_word);
    bench_.set("activation_i", word(path_.activation, x));
    bench_.settle();
    bench_.edge();
    bench_.settle();
    sum_ = (first ? 0 : sum_) + std::int64_t{w.value()} * x.value();
    ASSERT_EQ(bench_.number("sum_o", 0, path_.accumulator_bits), sum_);
    ASSERT_EQ(bench_.get("weight_o"), weight_word);
    ASSERT_EQ(bench_.get("activation_o"), word(path_.activation, x));
  }

  units::Geometry g_ = geometry(GetParam());
  units::PairDatapath path_{g_};
  const quant::OliveFormat& weights_ = quant::olive_format(g_.design.weight_pairs);
  const quant::OliveFormat& activations_ = quant::olive_format(g_.design.activation_pairs);
  Bench bench_{modules()};
  harness::Random random_{19};
  std::int64_t sum_ = 0;
};

TEST_P(OlivePe, AddsUpExactProducts) {
  for (int i = 0; i < 20000 && !HasFatalFailure(); ++i) step(i == 0 || random_.chance(0.02));
}

INSTANTIATE_TEST_SUITE_P(
    Formats, OlivePe,
    testing::Values(
        R"({"engine": "olive", "weight_bits": 4, "activation_bits": 4,
                        "weight_pairs": "int4", "activation_pairs": "int4"})",
        R"({"engine": "olive", "weight_bits": 4, "activation_bits": 4,
                        "weight_pairs": "flint4", "activation_pairs": "uflint4", "max_k": 4000})",
        R"({"engine": "olive", "weight_bits": 4, "activation_bits": 4,
                        "weight_pairs": "int4", "activation_pairs": "uint4"})",
        R"({"engine": "olive", "accumulator_bits": 48, "weight_pairs": "int8",
                        "activation_pairs": "int8"})",
        R"({"engine": "olive", "accumulator_bits": 40, "max_k": 1000, "weight_pairs": "int8_e2m5",
                        "activation_pairs": "int8"})"));

}  // namespace
}  // namespace hasse::unit
