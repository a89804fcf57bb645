// SPDX-License-Identifier: Apache-2.0
// CausalMTA's released weights on its released journeys. Neither is part of this repository.
#include <gtest/gtest.h>

#include <filesystem>

#include "golden/attribution/metrics.hpp"
#include "golden/attribution/predictor.hpp"

namespace hasse::attribution {
namespace {

const std::filesystem::path kData = std::filesystem::path(HASSE_SOURCE_DIR) / "../shared/data/mta";

class PublishedWeights : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData / "journeys.safetensors"))
      GTEST_SKIP() << kData << " is not here";
    journeys_ = load_journeys(kData / "journeys.safetensors");
  }
  std::vector<float> predictions(Precision precision) const {
    const auto model = load_predictor(kData / "causalmta_no_w.safetensors", Arithmetic(precision));
    check(journeys_, model->vocabulary());
    return probabilities(*model, journeys_);
  }
  double auc_of(const std::vector<float>& predictions) const {
    return auc(predictions, journeys_.converted);
  }
  Journeys journeys_;
};

TEST_F(PublishedWeights, ReachTheirAucInFloat) {
  const std::vector<float> p = predictions(Precision::f32);
  EXPECT_NEAR(auc_of(p), 0.9390, 0.0005);
  std::size_t counts[2][2] = {};  // [converted][predicted]
  for (std::size_t j = 0; j < p.size(); ++j) ++counts[journeys_.converted[j]][p[j] > 0.5F];
  EXPECT_EQ(counts[0][0], 27929U);
  EXPECT_EQ(counts[0][1], 494U);
  EXPECT_EQ(counts[1][0], 1496U);
  EXPECT_EQ(counts[1][1], 1994U);
}

TEST_F(PublishedWeights, KeepTheirAucInEightBits) {
  EXPECT_NEAR(auc_of(predictions(Precision::w8a8)), auc_of(predictions(Precision::f32)), 0.001);
}

}  // namespace
}  // namespace hasse::attribution
