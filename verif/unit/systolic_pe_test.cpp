// SPDX-License-Identifier: Apache-2.0
// Processing elements of plain operands against the sums of their products.
#include <gtest/gtest.h>

#include "generator/units/olive.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class SystolicPe : public testing::TestWithParam<const char*> {
 protected:
  void step(bool first, std::int64_t weight, std::int64_t activation) {
    const auto low = [](std::int64_t value, int bits) {
      return static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << bits) - 1);
    };
    const int bits = path_.weight.integer_bits;
    const std::uint64_t word = low(weight, bits) | std::uint64_t{first} << bits;
    bench_.set("weight_i", word);
    bench_.set("activation_i", low(activation, path_.activation.integer_bits));
    bench_.settle();
    bench_.edge();
    bench_.settle();
    sum_ = (first ? 0 : sum_) + weight * activation;
    ASSERT_EQ(bench_.number("sum_o", 0, path_.accumulator_bits), sum_);
    ASSERT_EQ(bench_.get("weight_o"), word);
    ASSERT_EQ(bench_.get("activation_o"), low(activation, path_.activation.integer_bits));
  }

  units::Geometry g_ = geometry(GetParam());
  units::PairDatapath path_{g_};
  Bench bench_{{units::systolic_pe(path_)}};
  harness::Random random_{23};
  std::int64_t sum_ = 0;
};

TEST_P(SystolicPe, AddsUpProducts) {
  for (int i = 0; i < 20000 && !HasFatalFailure(); ++i)
    step(i == 0 || random_.chance(0.02), random_number(random_, path_.weight.integer_bits),
         random_number(random_, path_.activation.integer_bits));
}

TEST_P(SystolicPe, MultipliesExtremes) {
  const std::int64_t weight = std::int64_t{1} << (path_.weight.integer_bits - 1);
  const std::int64_t activation = std::int64_t{1} << (path_.activation.integer_bits - 1);
  for (const std::int64_t w : {-weight, weight - 1, std::int64_t{0}, std::int64_t{-1}})
    for (const std::int64_t x : {-activation, activation - 1, std::int64_t{0}, std::int64_t{-1}})
      step(w == -weight, w, x);
}

INSTANTIATE_TEST_SUITE_P(Widths, SystolicPe,
                         testing::Values(R"({"engine": "systolic"})",
                                         R"({"engine": "systolic", "weight_bits": 2,
                                             "activation_bits": 16, "accumulator_bits": 40})",
                                         R"({"engine": "systolic", "weight_bits": 7,
                                             "activation_bits": 4})"));

}  // namespace
}  // namespace hasse::unit
