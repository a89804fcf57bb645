// SPDX-License-Identifier: Apache-2.0
// Layout of the matrix.
#include "golden/tensor/matrix.hpp"

#include <gtest/gtest.h>

namespace hasse::tensor {
namespace {

TEST(Matrix, IsRowMajor) {
  const Matrix<int> matrix(2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(matrix(0, 2), 3);
  EXPECT_EQ(matrix(1, 0), 4);
  EXPECT_EQ(matrix.row(1)[2], 6);
  EXPECT_EQ(matrix.size(), 6U);
}

TEST(Matrix, StartsFilled) {
  EXPECT_EQ(Matrix<int>(2, 2), Matrix<int>(2, 2, {0, 0, 0, 0}));
  EXPECT_EQ(Matrix<int>(1, 2, 7), Matrix<int>(1, 2, {7, 7}));
}

TEST(Matrix, ShapeIsPartOfEquality) {
  EXPECT_NE(Matrix<int>(2, 3), Matrix<int>(3, 2));
}

TEST(Matrix, RefusesValuesThatDoNotFillIt) {
  EXPECT_THROW(Matrix<int>(2, 2, std::vector<int>{1, 2, 3}), std::invalid_argument);
}

TEST(Matrix, TransposeSwapsRowsAndColumns) {
  const Matrix<int> matrix(2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(transpose(matrix), Matrix<int>(3, 2, {1, 4, 2, 5, 3, 6}));
}

}  // namespace
}  // namespace hasse::tensor
