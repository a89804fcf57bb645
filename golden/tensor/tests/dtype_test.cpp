// SPDX-License-Identifier: Apache-2.0
// Sizes and names of the stored element types.
#include "golden/tensor/dtype.hpp"

#include <gtest/gtest.h>

namespace hasse::tensor {
namespace {

TEST(Dtype, SizesAreThoseOfTheTypesTheyAreReadInto) {
  EXPECT_EQ(size_of(kDtypeOf<std::int8_t>), sizeof(std::int8_t));
  EXPECT_EQ(size_of(kDtypeOf<std::int16_t>), sizeof(std::int16_t));
  EXPECT_EQ(size_of(kDtypeOf<std::int32_t>), sizeof(std::int32_t));
  EXPECT_EQ(size_of(kDtypeOf<std::int64_t>), sizeof(std::int64_t));
  EXPECT_EQ(size_of(kDtypeOf<std::uint8_t>), sizeof(std::uint8_t));
  EXPECT_EQ(size_of(kDtypeOf<float>), sizeof(float));
  EXPECT_EQ(size_of(Dtype::f16), 2U);
  EXPECT_EQ(size_of(Dtype::bf16), 2U);
}

TEST(Dtype, NamesAreThoseOfNumpy) {
  EXPECT_EQ(name_of(Dtype::i8), "int8");
  EXPECT_EQ(name_of(Dtype::u8), "uint8");
  EXPECT_EQ(name_of(Dtype::f16), "float16");
  EXPECT_EQ(name_of(Dtype::bf16), "bfloat16");
  EXPECT_EQ(name_of(Dtype::f32), "float32");
}

}  // namespace
}  // namespace hasse::tensor
