// SPDX-License-Identifier: Apache-2.0
// Scales of keys and values against exact arithmetic.
#include "golden/attention/units/kv_scaler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "golden/attention/units/kv_quantizer.hpp"

namespace hasse::attention::units {
namespace {

/// What the codes of `word` stand for.
std::vector<double> decoded(const KvWord& word, int bits) {
  std::vector<double> vector;
  for (const std::uint8_t code : word.codes) {
    vector.push_back(word.low + code * (word.range / ((1 << bits) - 1.0)));
  }
  return vector;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}

  int between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }

  KvWord word(int bits, std::size_t dim = 64) {
    const int most = 1 << between(1, 15);
    std::vector<std::int16_t> vector(dim);
    for (std::int16_t& x : vector) x = static_cast<std::int16_t>(between(-most, most - 1));
    return quantize_kv(vector, bits);
  }

  std::vector<int> query(std::size_t dim = 64) {
    std::vector<int> query(dim);
    for (int& x : query) x = between(-128, 127);
    return query;
  }

 private:
  std::mt19937 random_;
};

/// The score of `query` and `key` as the array and the unit compute it.
int score_of(const std::vector<int>& query, const KvWord& key, int bits, int shift) {
  std::int64_t sum = 0;
  std::int32_t query_sum = 0;
  for (std::size_t d = 0; d < query.size(); ++d) {
    sum += query[d] * (key.codes[d] - (1 << (bits - 1)));
    query_sum += query[d];
  }
  return key_score(sum, query_sum, key.low, key.range, bits, shift);
}

// The exact score is a whole number of 2^shift-ths, less than 2^53: doubles hold it.
TEST(KeyScore, IsTheExactScoreRoundedHalfUp) {
  Random random(1);
  int unsaturated = 0;
  for (int i = 0; i < 4000; ++i) {
    const int bits = i % 2 == 0 ? 8 : 4, shift = random.between(1, 40);
    const KvWord key = random.word(bits);
    const auto query = random.query();
    double exact = 0;
    for (std::size_t d = 0; d < query.size(); ++d) {
      exact += query[d] * (key.low * ((1 << bits) - 1.0) + double{1} * key.codes[d] * key.range);
    }
    const double score = std::clamp(std::floor(std::ldexp(exact, -shift) + .5), -128.0, 127.0);
    ASSERT_EQ(score_of(query, key, bits, shift), score) << exact << " >> " << shift;
    unsaturated += std::fabs(score) < 127 && score != 0 ? 1 : 0;
  }
  EXPECT_GT(unsaturated, 500);
}

TEST(KeyScore, IsWithinHalfAStepOfTheDecodedKeys) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    const int bits = i % 2 == 0 ? 8 : 4, shift = random.between(20, 30);
    const KvWord key = random.word(bits);
    const auto query = random.query();
    const auto vector = decoded(key, bits);
    double real = 0;
    for (std::size_t d = 0; d < query.size(); ++d) real += query[d] * vector[d];
    real = std::ldexp(real * ((1 << bits) - 1), -shift);
    EXPECT_NEAR(score_of(query, key, bits, shift), std::clamp(real, -128.0, 127.0), .5 + 1e-6);
  }
}

TEST(KeyScore, RoundsHalvesUpAndSaturates) {
  const auto of = [](std::int64_t sum, int shift) { return key_score(sum, 0, 0, 1, 8, shift); };
  EXPECT_EQ(of(3, 1), 2);
  EXPECT_EQ(of(-3, 1), -1);
  EXPECT_EQ(of(253, 1), 127);
  EXPECT_EQ(of(255, 1), 127) << "127.5 would be 128";
  EXPECT_EQ(of(-257, 1), -128);
  EXPECT_EQ(of(-259, 1), -128);
  EXPECT_EQ(of(std::int64_t{1} << 40, 1), 127);
  EXPECT_EQ(of(-(std::int64_t{1} << 40), 63), 0) << "half a step is rounded up";
}

TEST(KeyScore, TakesTheLimits) {
  for (const int bits : {4, 8}) {
    const std::int64_t levels = (1 << bits) - 1;
    for (const int q : {-128, 127}) {
      for (const int code : {0, static_cast<int>(levels)}) {
        const std::int64_t sum = std::int64_t{256} * q * (code - (1 << (bits - 1)));
        const std::int64_t exact = (std::int64_t{code} * 65535 + levels * -32768) * 256 * q;
        const double score = std::clamp(std::floor(std::ldexp(exact, -25) + .5), -128.0, 127.0);
        EXPECT_EQ(key_score(sum, 256 * q, -32768, 65535, bits, 25), score);
      }
    }
  }
}

/// Tokens of one query: the output of a channel, and what it should be.
struct Weighed {
  double output = 0;
  double real = 0;
  double bound = 0;
};

// A weight is off by at most 1/2, in units of 2^shift / 2^16 of a code's step, and a code is at
// most 2^bits - 1; the output is rounded once.
Weighed weigh(Random& random, int tokens, int bits) {
  std::vector<KvWord> values;
  std::uint16_t most = 1;
  for (int t = 0; t < tokens; ++t) {
    values.push_back(random.word(bits, 4));
    most = std::max(most, values.back().range);
  }
  const int shift = static_cast<int>(std::bit_width(most));
  ValueScaler scaler(bits, shift);
  Weighed result{0, 0, .5};
  std::int64_t sum = 0;
  for (const KvWord& value : values) {
    const auto probability = static_cast<std::uint16_t>(random.between(0, 65536 / tokens - 1));
    const std::int64_t weight = scaler.take(probability, value.low, value.range);
    sum += weight * (value.codes[0] - (1 << (bits - 1)));
    result.real += probability / 65536.0 * decoded(value, bits)[0];
    result.bound += std::ldexp(value.codes[0] * .5, shift - 16);
  }
  result.output = scaler.output(sum);
  result.real *= (1 << bits) - 1;
  return result;
}

TEST(ValueScaler, OutputIsWithinHalfAStepAWeight) {
  Random random(3);
  for (int i = 0; i < 4000; ++i) {
    const Weighed weighed = weigh(random, random.between(1, 200), i % 2 == 0 ? 8 : 4);
    EXPECT_NEAR(weighed.output, weighed.real, weighed.bound + 1e-6);
  }
}

TEST(ValueScaler, SmallestElementsAreExact) {
  Random random(4);
  for (int i = 0; i < 500; ++i) {
    ValueScaler scaler(8, 16);
    std::int64_t exact = 0;
    for (int t = 0; t < 50; ++t) {
      const auto probability = static_cast<std::uint16_t>(random.between(0, 65535));
      const auto low = static_cast<std::int16_t>(random.between(-32768, 32767));
      EXPECT_EQ(scaler.take(probability, low, 0), 0);
      exact += std::int64_t{255} * probability * low;
    }
    EXPECT_EQ(scaler.output(0), std::floor(static_cast<double>(exact) / 65536 + .5));
  }
}

TEST(ValueScaler, WeightsAreRoundedHalfUpAndSaturate) {
  for (int shift = 1; shift <= 16; ++shift) {
    ValueScaler scaler(8, shift);
    const auto half = static_cast<std::uint16_t>(1 << (shift - 1));
    EXPECT_EQ(scaler.take(1, 0, half), 1);
    EXPECT_EQ(scaler.take(1, 0, static_cast<std::uint16_t>(half - 1)), 0);
    const std::int64_t full = (std::int64_t{65535} * 65535 >> (shift - 1)) + 1;
    EXPECT_EQ(scaler.take(65535, 0, 65535), std::min<std::int64_t>(full >> 1, 65535));
  }
}

// Ranges below 2^shift never saturate, whatever the probability.
TEST(ValueScaler, RangesThatFitDoNotSaturate) {
  for (int shift = 1; shift <= 16; ++shift) {
    ValueScaler scaler(4, shift);
    const int range = (1 << shift) - 1;
    EXPECT_NEAR(scaler.take(65535, 0, static_cast<std::uint16_t>(range)),
                std::ldexp(65535.0 * range, -shift), .5);
  }
}

TEST(ValueScaler, NothingTakenGivesNothing) {
  EXPECT_EQ(ValueScaler(8, 16).output(0), 0);
  EXPECT_EQ(ValueScaler(4, 1).output(0), 0);
}

}  // namespace
}  // namespace hasse::attention::units
