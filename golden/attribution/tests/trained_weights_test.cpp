// SPDX-License-Identifier: Apache-2.0
// The weights in this repository on the journeys that were held out of their training.
#include <gtest/gtest.h>

#include "golden/attribution/attribute.hpp"
#include "golden/attribution/economics.hpp"
#include "golden/attribution/metrics.hpp"
#include "golden/attribution/predictor.hpp"
#include "golden/attribution/synthetic.hpp"

namespace hasse::attribution {
namespace {

class TrainedWeights : public testing::Test {
 protected:
  static std::unique_ptr<Predictor> model(Precision precision) {
    return load_predictor(HASSE_SOURCE_DIR "/golden/attribution/dcrmta_synthetic.safetensors",
                          Arithmetic(precision));
  }
  double auc_in(Precision precision) const {
    return auc(probabilities(*model(precision), journeys_), journeys_.converted);
  }
  SyntheticJourneys made_ = synthesise({});
  std::vector<std::size_t> which_ = split(made_.journeys.size(), 0.8, 1).held_out;
  Journeys journeys_ = select(made_.journeys, which_);
};

TEST_F(TrainedWeights, TellWhoConverts) {
  const double exact = auc_in(Precision::f32);
  EXPECT_NEAR(exact, 0.6254, 0.0005);
  EXPECT_NEAR(auc_in(Precision::w8a8), exact, 0.002);
}

// More than anything else in the journeys the affinity of users explains conversions; credits that
// followed it would be ranked against the truth.
TEST_F(TrainedWeights, CreditChannelsInTheOrderOfTheirEffects) {
  std::vector<double> truth;
  for (const std::size_t j : which_)
    for (std::size_t t = made_.journeys.first(j); t < made_.journeys.first(j + 1); ++t)
      truth.push_back(made_.credit[t]);
  AttributeOptions options;
  options.method = Method::published;
  const Credits credits = attribute(*model(Precision::f32), journeys_, options);
  const auto shares = [&](const std::vector<double>& credit) {
    return credit_shares(channel_accounts(journeys_, credit, 1));
  };
  EXPECT_GT(rank_correlation(shares(credits.credit), shares(truth)), 0.5);
}

}  // namespace
}  // namespace hasse::attribution
