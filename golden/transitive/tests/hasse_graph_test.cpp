// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/hasse_graph.hpp"

#include <gtest/gtest.h>

#include <random>

namespace hasse::transitive {
namespace {

std::vector<std::int64_t> random_operands(int count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::int64_t> operands;
  for (int i = 0; i < count; ++i)
    operands.push_back(static_cast<std::int64_t>(random() % 256) - 128);
  return operands;
}

std::int64_t sum_of(const std::vector<std::int64_t>& operands) {
  std::int64_t sum = 0;
  for (const std::int64_t operand : operands) sum += operand;
  return sum;
}

/// Digit sum of a whole TransRow: operand added where the bit is set, subtracted elsewhere.
std::int64_t digit_sum(Code code, const std::vector<std::int64_t>& operands) {
  std::int64_t sum = 0;
  for (std::size_t bit = 0; bit < operands.size(); ++bit)
    sum += ((code >> bit) & 1U) != 0 ? operands[bit] : -operands[bit];
  return sum;
}

TEST(HasseGraph, DirectPrefixesClearOneBitEachLowestFirst) {
  EXPECT_EQ(direct_prefixes(0b1101), (std::vector<Code>{0b1100, 0b1001, 0b0101}));
  EXPECT_TRUE(direct_prefixes(0).empty());
}

TEST(HasseGraph, DirectPrefixesLieOneLevelBelow) {
  for (Code code = 0; code < 1U << 10; ++code) {
    const std::vector<Code> prefixes = direct_prefixes(code);
    EXPECT_EQ(static_cast<int>(prefixes.size()), level(code));
    for (const Code prefix : prefixes) {
      EXPECT_TRUE(is_prefix(prefix, code));
      EXPECT_EQ(level(prefix), level(code) - 1);
    }
  }
}

TEST(HasseGraph, PrefixMeansInclusion) {
  EXPECT_TRUE(is_prefix(0, 0));
  EXPECT_TRUE(is_prefix(0b0101, 0b1101));
  EXPECT_FALSE(is_prefix(0b0110, 0b1101));
}

TEST(HasseGraph, NodeIsItsPrefixPlusOneOperand) {
  const std::vector<std::int64_t> operands = random_operands(8, 3);
  for (Code code = 1; code < 256; ++code) {
    for (const Code prefix : direct_prefixes(code)) {
      const auto added = static_cast<std::size_t>(std::countr_zero(code ^ prefix));
      EXPECT_EQ(node_value(code, operands), node_value(prefix, operands) + operands[added]);
    }
  }
}

TEST(MirroredLattice, TopBitIsTheSign) {
  EXPECT_EQ(mirror(0b0110, 4), (MirroredCode{0b110, false}));
  EXPECT_EQ(mirror(0b1001, 4), (MirroredCode{0b110, true}));
  EXPECT_EQ(mirror(0b10, 2), (MirroredCode{1, true}));
}

TEST(MirroredLattice, ComplementsShareANodeAndDifferInSign) {
  for (int tile_bits = 2; tile_bits <= kMaxDimension; ++tile_bits) {
    const Code mask = (Code{1} << tile_bits) - 1;
    for (Code code = 0; code <= mask; ++code) {
      const MirroredCode one = mirror(code, tile_bits);
      const MirroredCode other = mirror(~code & mask, tile_bits);
      EXPECT_EQ(one.node, other.node);
      EXPECT_NE(one.negate, other.negate);
    }
  }
}

class MirroredValue : public ::testing::TestWithParam<int> {};

TEST_P(MirroredValue, IsHalfTheDigitSumRoundedDown) {
  const int tile_bits = GetParam();
  for (std::uint32_t seed = 0; seed < 8; ++seed) {
    const std::vector<std::int64_t> operands = random_operands(tile_bits, seed);
    for (Code node = 0; node < Code{1} << (tile_bits - 1); ++node) {
      const std::int64_t f = digit_sum(node, operands);
      const std::int64_t odd = f & 1;
      EXPECT_EQ(2 * mirrored_value(node, operands) + odd, f);
    }
  }
}

TEST_P(MirroredValue, GrowsByOneOperandFromTheRoot) {
  const int tile_bits = GetParam();
  const std::vector<std::int64_t> operands = random_operands(tile_bits, 11);
  EXPECT_EQ(mirrored_value(0, operands), (-sum_of(operands)) >> 1);
  for (Code node = 1; node < Code{1} << (tile_bits - 1); ++node)
    for (const Code prefix : direct_prefixes(node)) {
      const auto added = static_cast<std::size_t>(std::countr_zero(node ^ prefix));
      EXPECT_EQ(mirrored_value(node, operands), mirrored_value(prefix, operands) + operands[added]);
    }
}

/// The half digit sum of any TransRow from the stored node: as it is, or inverted plus one unless
/// the operands' sum is odd.
std::int64_t read_half_sum(Code code, int tile_bits, const std::vector<std::int64_t>& operands) {
  const MirroredCode where = mirror(code, tile_bits);
  const std::int64_t node = mirrored_value(where.node, operands);
  const std::int64_t odd = sum_of(operands) & 1;
  return where.negate ? ~node + (1 - odd) : node;
}

TEST_P(MirroredValue, NegatesExactlyForEvenAndOddSums) {
  const int tile_bits = GetParam();
  bool seen[2] = {false, false};
  for (std::uint32_t seed = 0; seed < 8; ++seed) {
    const std::vector<std::int64_t> operands = random_operands(tile_bits, seed);
    seen[sum_of(operands) & 1] = true;
    for (Code code = 0; code < Code{1} << tile_bits; ++code)
      EXPECT_EQ(read_half_sum(code, tile_bits, operands), digit_sum(code, operands) >> 1);
  }
  EXPECT_TRUE(seen[0] && seen[1]);
}

TEST_P(MirroredValue, PlanesAndRootMakeTheProduct) {
  const int tile_bits = GetParam();
  constexpr int kWeightBits = 5;
  std::mt19937 random(5);
  for (std::uint32_t seed = 0; seed < 32; ++seed) {
    const std::vector<std::int64_t> operands = random_operands(tile_bits, seed);
    std::vector<int> weights;
    std::int64_t expected = 0;
    for (const std::int64_t operand : operands) {
      weights.push_back(static_cast<int>(random() % 32) - 16);
      expected += weights.back() * operand;
    }
    std::int64_t product = mirrored_value(0, operands);
    for (int plane = 0; plane < kWeightBits; ++plane) {
      Code code = 0;
      for (std::size_t bit = 0; bit < weights.size(); ++bit)
        code |= ((static_cast<Code>(weights[bit]) >> plane) & 1U) << bit;
      const std::int64_t half_sum = read_half_sum(code, tile_bits, operands) * (1 << plane);
      product += plane == kWeightBits - 1 ? -half_sum : half_sum;
    }
    EXPECT_EQ(product, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(TileBits, MirroredValue, ::testing::Values(2, 3, 4, 7, 8, 10));

}  // namespace
}  // namespace hasse::transitive
