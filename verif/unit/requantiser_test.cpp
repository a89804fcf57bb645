// SPDX-License-Identifier: Apache-2.0
// The requantiser against golden, a value a cycle.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "golden/quant/group_scales.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

class Requantiser : public testing::TestWithParam<const char*> {
 protected:
  // The shift comes two cycles after value and multiplier.
  void expect(std::int64_t value, const quant::Rescale& rescale) {
    bench_.set_field("value_i", 0, g_.design.accumulator_bits, value);
    bench_.set("multiplier_i", rescale.multiplier);
    bench_.settle();
    bench_.edge();
    bench_.set_field("value_i", 0, g_.design.accumulator_bits, random_number(random_, 16));
    bench_.set("multiplier_i", static_cast<std::uint64_t>(below(random_, 1 << 16)));
    bench_.settle();
    bench_.edge();
    bench_.set("shift_i", rescale.shift);
    bench_.settle();
    ASSERT_EQ(bench_.number("value_o", 0, 8), quant::requantise(value, rescale))
        << value << " * " << rescale.multiplier << " >> " << int{rescale.shift};
  }

  units::Geometry g_ = geometry(GetParam());
  Bench bench_{{units::requantiser(g_)}};
  harness::Random random_{97};
};

TEST_P(Requantiser, RoundsAndClampsAsGolden) {
  const int bits = std::min(g_.design.accumulator_bits, 47);
  for (int i = 0; i < 20000 && !HasFatalFailure(); ++i) {
    const auto multiplier = static_cast<std::uint16_t>(random_.next() >> 21);
    const int shift = random_.chance(0.3) ? 1 + below(random_, 63) : 16 + below(random_, bits);
    expect(random_number(random_, bits), {multiplier, static_cast<std::uint8_t>(shift)});
  }
}

TEST_P(Requantiser, HalvesGoAwayFromZero) {
  for (int shift = 1; shift < 10; ++shift)
    for (int value = -600; value <= 600 && !HasFatalFailure(); ++value)
      for (const int multiplier : {0, 1, 3})
        expect(value, {static_cast<std::uint16_t>(multiplier), static_cast<std::uint8_t>(shift)});
}

TEST_P(Requantiser, EveryBitOfTheMultiplierMakesAProduct) {
  for (int bit = 0; bit < 16; ++bit)
    for (const int value : {-1, 0, 1})
      expect(value, {static_cast<std::uint16_t>(1 << bit), static_cast<std::uint8_t>(bit + 1)});
}

INSTANTIATE_TEST_SUITE_P(Designs, Requantiser,
                         testing::Values(R"({"scaling": "group"})",
                                         R"({"scaling": "group", "accumulator_bits": 64})",
                                         R"({"scaling": "group", "accumulator_bits": 19,
                                             "activation_bits": 4, "weight_bits": 4,
                                             "max_k": 100})"));

}  // namespace
}  // namespace hasse::unit
