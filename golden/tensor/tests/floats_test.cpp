// SPDX-License-Identifier: Apache-2.0
// Floating-point elements survive the way through a file's types as far as these can hold them.
#include "golden/tensor/floats.hpp"

#include <gtest/gtest.h>

#include <array>

namespace hasse::tensor {
namespace {

TEST(Floats, WhatATypeHoldsComesBack) {
  const std::array<float, 4> values = {0.0F, -1.5F, 384.0F, 0.125F};
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f32}) {
    const std::string bytes = bytes_of(dtype, values);
    EXPECT_EQ(bytes.size(), values.size() * size_of(dtype));
    EXPECT_EQ(floats_of(dtype, bytes), std::vector<float>(values.begin(), values.end()));
  }
}

TEST(Floats, HalvesRoundToEven) {
  // Between 2048 and 4096 halves are two apart.
  EXPECT_EQ(rounded_to_half(2049), 2048);
  EXPECT_EQ(rounded_to_half(2051), 2052);
  EXPECT_EQ(rounded_to_half(-2051.5F), -2052);
  // Between 256 and 512 bfloat16's are two apart.
  const std::array<float, 2> odd = {257, 259};
  EXPECT_EQ(floats_of(Dtype::bf16, bytes_of(Dtype::bf16, odd)), (std::vector<float>{256, 260}));
}

TEST(Floats, OnlyThreeTypesAreFloats) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f32}) EXPECT_TRUE(is_float(dtype));
  for (const Dtype dtype : {Dtype::i8, Dtype::i16, Dtype::i32, Dtype::i64, Dtype::u8})
    EXPECT_FALSE(is_float(dtype));
}

}  // namespace
}  // namespace hasse::tensor
