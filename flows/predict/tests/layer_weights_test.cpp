// SPDX-License-Identifier: Apache-2.0
#include "flows/predict/layer_weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "golden/tensor/safetensors.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::predict {
namespace {

TEST(GaussianRows, AreTheSameInWhateverPiecesTheyAreAskedFor) {
  const transitive::WeightRows rows = gaussian_rows(100, 4, 3);
  const auto whole = rows(0, 10), part = rows(4, 3);
  for (std::size_t row = 0; row < 3; ++row)
    EXPECT_TRUE(std::ranges::equal(part.row(row), whole.row(row + 4)));
  EXPECT_NE(rows(4, 1), rows(5, 1));
  EXPECT_NE(rows(4, 1), gaussian_rows(100, 4, 4)(4, 1));
}

TEST(GaussianRows, FillTheirBitsAndCrowdInTheMiddle) {
  const auto codes = gaussian_rows(4096, 4, 1)(0, 8);
  int small = 0;
  for (std::size_t row = 0; row < codes.rows(); ++row) {
    int largest = 0;
    for (const int code : codes.row(row)) largest = std::max(largest, std::abs(code));
    EXPECT_EQ(largest, 7) << "scaled to the largest of the row";
  }
  for (const int code : codes.values()) small += std::abs(code) <= 2 ? 1 : 0;
  EXPECT_GT(small, 0.6 * static_cast<double>(codes.size())) << "uniform ones would be a third";
}

TEST(LayerRows, AreThoseOfTheTensor) {
  const harness::Workspace scratch(testing::TempDir());
  const std::string file = scratch.path() / "layer_weights.safetensors";
  const tensor::Matrix<std::int8_t> codes(3, 2, {1, -8, 7, 0, -3, 2});
  const tensor::Matrix<float> reals(1, 3, {0.5F, -1, 0.25F});
  tensor::write_safetensors(
      file, {tensor::tensor_data("codes", codes), tensor::tensor_data("reals", reals)}, {});
  Layer layer{"a", {3, 2, 1, 4}, 1, file, "codes"};
  EXPECT_EQ(layer_rows(layer, 1)(1, 2), (tensor::Matrix<std::int8_t>(2, 2, {7, 0, -3, 2})));
  layer.shape.weight_bits = 3;
  try {
    layer_rows(layer, 1);
    ADD_FAILURE() << "accepted";
  } catch (const tensor::FormatError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("codes[0, 1] is -8, expected -4..3"));
  }
  layer.tensor = "reals";
  EXPECT_EQ(layer_rows(layer, 1)(0, 1), (tensor::Matrix<std::int8_t>(1, 3, {2, -3, 1})));
}

}  // namespace
}  // namespace hasse::predict
