// SPDX-License-Identifier: Apache-2.0
// Codes of keys and values: ends are exact, the rest is off by half a step.
#include "golden/attention/kv_codes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "golden/attention/tests/random_heads.hpp"

namespace hasse::attention {
namespace {

TEST(KvCodes, FourBitsOfARamp) {
  const std::array<float, 4> ramp = {-1, 0, 1, 2};
  const KvCodes codes = encode_kv(ramp, 4);
  EXPECT_EQ(codes.codes, (std::vector<std::uint8_t>{0, 5, 10, 15}));
  EXPECT_DOUBLE_EQ(codes.step, 0.2);
  EXPECT_EQ(codes.low, -1);
}

TEST(KvCodes, EveryElementIsWithinHalfAStep) {
  const auto rows = gaussian(50, 32, 1);
  for (const int bits : {1, 2, 4, 8}) {
    for (std::size_t t = 0; t < rows.rows(); ++t) {
      const KvCodes codes = encode_kv(rows.row(t), bits);
      const auto decoded = decode_kv(codes);
      for (std::size_t d = 0; d < 32; ++d) {
        EXPECT_LE(std::fabs(decoded[d] - rows(t, d)), codes.step / 2 + 1e-6);
      }
    }
  }
}

TEST(KvCodes, EqualElementsGetCodeZero) {
  const std::array<float, 3> flat = {7, 7, 7};
  EXPECT_EQ(encode_kv(flat, 4).codes, (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(decode_kv(encode_kv(flat, 4)), (std::vector<float>{7, 7, 7}));
}

TEST(KvCodes, RoundKvTreatsHeadsApart) {
  const auto rows = gaussian(3, 8, 2);
  const auto rounded = round_kv(rows, 4, 4);
  const auto second = decode_kv(encode_kv(rows.row(1).subspan(4, 4), 4));
  for (std::size_t d = 0; d < 4; ++d) EXPECT_EQ(rounded(1, 4 + d), second[d]);
}

TEST(KvBytes, OfACache) {
  EXPECT_EQ(kv_bytes(128, 16), 256);
  EXPECT_EQ(kv_bytes(128, 8), 132);
  EXPECT_EQ(kv_bytes(128, 4), 68);
}

}  // namespace
}  // namespace hasse::attention
