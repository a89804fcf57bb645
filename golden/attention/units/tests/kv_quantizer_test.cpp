// SPDX-License-Identifier: Apache-2.0
// The hardware quantiser against the real one.
#include "golden/attention/units/kv_quantizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "golden/attention/kv_codes.hpp"

namespace hasse::attention::units {
namespace {

std::vector<std::int16_t> random_vector(std::mt19937& random, int most) {
  std::uniform_int_distribution<int> value(-most - 1, most);
  std::vector<std::int16_t> vector(32);
  for (std::int16_t& element : vector) element = static_cast<std::int16_t>(value(random));
  return vector;
}

TEST(KvQuantizer, NoElementIsOffByMoreThanHalfAStep) {
  std::mt19937 random(1);
  for (const int bits : {4, 8}) {
    for (const int most : {1, 7, 100, 32767}) {
      for (int i = 0; i < 200; ++i) {
        const auto vector = random_vector(random, most);
        const KvWord word = quantize_kv(vector, bits);
        const double step = word.range / static_cast<double>((1 << bits) - 1);
        for (std::size_t d = 0; d < vector.size(); ++d) {
          EXPECT_LE(std::fabs(word.low + word.codes[d] * step - vector[d]), step / 2 + 1e-9);
        }
      }
    }
  }
}

TEST(KvQuantizer, EqualsTheRealOneButForHalves) {
  std::mt19937 random(2);
  for (const int bits : {4, 8}) {
    for (int i = 0; i < 500; ++i) {
      const auto vector = random_vector(random, 3000);
      const KvWord word = quantize_kv(vector, bits);
      const KvCodes real = encode_kv(std::vector<float>(vector.begin(), vector.end()), bits);
      for (std::size_t d = 0; d < vector.size(); ++d) {
        if (word.codes[d] == real.codes[d]) continue;
        const double exact = (vector[d] - word.low) / real.step;
        EXPECT_NEAR(std::fabs(exact - std::trunc(exact)), .5, 1e-6) << "rounded to even there";
      }
    }
  }
}

TEST(KvQuantizer, EndsOfTheRangeAreExact) {
  const std::vector<std::int16_t> ends = {std::numeric_limits<std::int16_t>::min(),
                                          std::numeric_limits<std::int16_t>::max()};
  EXPECT_EQ(quantize_kv(ends, 8), (KvWord{{0, 255}, -32768, 65535}));
  EXPECT_EQ(quantize_kv(ends, 4), (KvWord{{0, 15}, -32768, 65535}));
  EXPECT_EQ(quantize_kv(std::vector<std::int16_t>(3, -7), 4), (KvWord{{0, 0, 0}, -7, 0}));
}

}  // namespace
}  // namespace hasse::attention::units
