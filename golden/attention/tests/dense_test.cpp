// SPDX-License-Identifier: Apache-2.0
// The reference of one query against the model's own attention.
#include "golden/attention/dense.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "golden/attention/tests/random_heads.hpp"
#include "golden/model/operators.hpp"

namespace hasse::attention {
namespace {

constexpr std::size_t kDim = 8;

TEST(DenseAttention, EqualsTheModelsGroupedCausalAttention) {
  const auto q = gaussian(21, 4 * kDim, 1);
  const auto k = gaussian(21, 2 * kDim, 2);
  const auto v = gaussian(21, 2 * kDim, 3);
  const auto expected = model::attend(q, k, v, kDim);
  for (std::size_t t = 0; t < q.rows(); ++t) {
    for (std::size_t head = 0; head < 4; ++head) {
      const auto scores =
          scaled_scores(HeadRows(q, head, kDim)[t], HeadRows(k, head / 2, kDim), t + 1);
      const Indices all = first_tokens(t + 1);
      const auto out = weighted_values(softmax(scores, all), all, HeadRows(v, head / 2, kDim));
      for (std::size_t d = 0; d < kDim; ++d) {
        EXPECT_NEAR(out[d], expected(t, head * kDim + d), 1e-5);
      }
    }
  }
}

TEST(DenseAttention, WeightsOfKeptTokensAddUpToOne) {
  const std::vector<double> scores = {1, -400, 900, 3};
  const auto weights = softmax(scores, {0, 1, 3});
  EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0.0), 1, 1e-12);
  EXPECT_GT(weights[2], weights[0]);
  EXPECT_TRUE(softmax(scores, {}).empty());
}

}  // namespace
}  // namespace hasse::attention
