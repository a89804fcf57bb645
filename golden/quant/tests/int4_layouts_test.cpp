// SPDX-License-Identifier: Apache-2.0
// The three published layouts by their published words, and back.
#include "golden/quant/int4_layouts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "golden/tensor/floats.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::quant {
namespace {

using tensor::expect_refusal;
using tensor::Matrix;

/// Codes `code(n, k)`, scales and zero points of some variety.
template <class Code>
AffineWeights weights(std::size_t n, std::size_t k, int group, Code code) {
  const std::size_t groups = k / static_cast<std::size_t>(group);
  AffineWeights w{{n, k}, {n, groups}, {n, groups}, 4, group};
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < k; ++column)
      w.codes(row, column) = static_cast<std::uint8_t>(code(row, column));
    for (std::size_t g = 0; g < groups; ++g) {
      w.zeros(row, g) = static_cast<std::uint8_t>((3 * row + 5 * g + 1) % 16);
      w.scales(row, g) = tensor::rounded_to_half(0.01F * static_cast<float>(1 + row + g));
    }
  }
  return w;
}

AffineWeights random_weights(std::size_t n, std::size_t k, int group) {
  std::mt19937 random(3);
  return weights(n, k, group, [&](auto, auto) { return random() % 16; });
}

void expect_equal(const AffineWeights& a, const AffineWeights& b) {
  EXPECT_EQ(a.codes, b.codes);
  EXPECT_EQ(a.zeros, b.zeros);
  EXPECT_EQ(a.scales, b.scales);
  EXPECT_EQ(a.group, b.group);
}

TEST(Int4Layouts, GemmWordsAreThePublishedOnes) {
  const PackedInt4 counting =
      pack_int4(weights(8, 128, 128, [](auto n, auto) { return n; }), Int4Layout::gemm);
  EXPECT_EQ(static_cast<std::uint32_t>(counting.words(0, 0)), 0x75316420U);
  const PackedInt4 turned =
      pack_int4(weights(8, 128, 128, [](auto n, auto) { return (n + 15) % 16; }), Int4Layout::gemm);
  EXPECT_EQ(static_cast<std::uint32_t>(turned.words(5, 0)), 0x6420531fU);
}

TEST(Int4Layouts, GemmZerosArePackedAlikeAndScalesLieGroupsFirst) {
  AffineWeights w = random_weights(16, 256, 128);
  for (std::size_t n = 0; n < 8; ++n) w.zeros(n, 1) = static_cast<std::uint8_t>(n);
  const PackedInt4 packed = pack_int4(w, Int4Layout::gemm);
  EXPECT_EQ(static_cast<std::uint32_t>(packed.zero_words(1, 0)), 0x75316420U);
  EXPECT_EQ(packed.words.rows(), 256U);
  EXPECT_EQ(packed.words.cols(), 2U);
  EXPECT_EQ(packed.scales(1, 9), w.scales(9, 1));
}

TEST(Int4Layouts, GemvWordsAreInNaturalOrderAndZerosPadded) {
  const AffineWeights w = weights(2, 256, 64, [](auto, auto k) { return k % 8; });
  const PackedInt4 packed = pack_int4(w, Int4Layout::gemv);
  EXPECT_EQ(static_cast<std::uint32_t>(packed.words(1, 31)), 0x76543210U);
  // Four groups take half a word, padded to two words, and scales to sixteen.
  EXPECT_EQ(packed.zero_words.cols(), 2U);
  EXPECT_EQ(packed.scales.cols(), 16U);
  // Zero points 1, 6, 11, 16 % 16 of the first row.
  EXPECT_EQ(static_cast<std::uint32_t>(packed.zero_words(0, 0)), 0x0b61U);
}

TEST(Int4Layouts, PaddingFollowsTheGroup) {
  EXPECT_EQ(padded_zero_words(4096, 128), 4U);
  EXPECT_EQ(padded_zero_words(384, 128), 1U);
  EXPECT_EQ(padded_zero_words(384, 64), 2U);
  EXPECT_EQ(padded_zero_words(1088, 64), 4U);
  EXPECT_EQ(padded_zero_words(128, 32), 4U);
  EXPECT_EQ(padded_zero_words(1056, 32), 8U);
}

TEST(Int4Layouts, V2WordsAreThePublishedOnes) {
  const PackedInt4 packed = pack_int4(
      weights(4, 128, 128, [](auto n, auto k) { return (64 * n + k) % 16; }), Int4Layout::v2);
  const auto word = [&](std::size_t column) {
    return static_cast<std::uint16_t>(packed.halves(0, column));
  };
  EXPECT_EQ(word(0), 0x8080);
  EXPECT_EQ(word(1), 0x9191);
  EXPECT_EQ(word(2), 0xa2a2);
  EXPECT_EQ(word(3), 0xb3b3);
}

TEST(Int4Layouts, V2InterleavesFourRowsPerStripe) {
  const PackedInt4 packed = pack_int4(
      weights(8, 192, 64, [](auto n, auto k) { return n % 4 + 4 * (k / 64); }), Int4Layout::v2);
  for (std::size_t word = 0; word < 192; ++word) {
    const std::size_t expected = word % 64 / 16 + 4 * (word / 64);
    EXPECT_EQ(static_cast<std::uint16_t>(packed.halves(1, word)), 0x1111 * expected) << word;
  }
}

TEST(Int4Layouts, V2KeepsScaledZeros) {
  const AffineWeights w = random_weights(4, 128, 64);
  const PackedInt4 packed = pack_int4(w, Int4Layout::v2);
  EXPECT_EQ(packed.scales.rows(), 16U);
  EXPECT_NEAR(packed.scaled_zeros(1, 2), -w.scales(2, 1) * static_cast<float>(w.zeros(2, 1)), 1e-3);
}

TEST(Int4Layouts, WhatWasPackedComesBack) {
  for (const Int4Layout layout : {Int4Layout::gemm, Int4Layout::gemv, Int4Layout::v2})
    for (const int group : {32, 64, 128, 256}) {
      SCOPED_TRACE(std::string(name_of(layout)) + " " + std::to_string(group));
      const AffineWeights w = random_weights(24, 512, group);
      expect_equal(unpack_int4(pack_int4(w, layout)), w);
    }
}

TEST(Int4Layouts, RefusesWhatDoesNotFit) {
  const auto refuses = [](const AffineWeights& w, Int4Layout layout, const char* words) {
    expect_refusal<QuantError>([&] { pack_int4(w, layout); }, words);
  };
  AffineWeights three = random_weights(8, 128, 128);
  three.bits = 3;
  refuses(three, Int4Layout::gemm, "bits is 3, expected 4");
  refuses(random_weights(8, 96, 48), Int4Layout::gemv, "group is 48");
  refuses(random_weights(12, 128, 128), Int4Layout::gemm, "N is 12, expected a multiple of 8");
  refuses(random_weights(6, 128, 128), Int4Layout::v2, "N is 6, expected a multiple of 4");
  refuses(random_weights(4, 96, 32), Int4Layout::v2, "K is 96, expected a multiple of 64");
  PackedInt4 short_scales = pack_int4(random_weights(8, 256, 128), Int4Layout::gemm);
  short_scales.scales = Matrix<float>(1, 8);
  expect_refusal<QuantError>([&] { unpack_int4(short_scales); }, "rows of the scales is 1");
  PackedInt4 odd_zero = pack_int4(random_weights(8, 128, 128), Int4Layout::v2);
  odd_zero.scaled_zeros(0, 3) = 1;
  expect_refusal<QuantError>([&] { unpack_int4(odd_zero); }, "zero point of group 0 of channel 3");
}

}  // namespace
}  // namespace hasse::quant
