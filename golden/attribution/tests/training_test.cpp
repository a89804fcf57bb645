// SPDX-License-Identifier: Apache-2.0
// Training learns, repeats itself, and unlearns channels when gradients are reversed.
#include "golden/attribution/training.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "golden/attribution/dcrmta.hpp"
#include "golden/attribution/metrics.hpp"
#include "golden/attribution/synthetic.hpp"

namespace hasse::attribution {
namespace {

Journeys market() {
  SyntheticOptions options;
  options.journeys = 600;
  options.users = 20;
  options.base = -1;
  options.affinity = 3;
  return synthesise(options).journeys;
}

Sizes small(const Journeys& journeys) {
  Sizes sizes = sizes_for(journeys);
  sizes.hidden = 8;
  sizes.attention = 16;
  return sizes;
}

TrainingOptions quick() {
  TrainingOptions options = TrainingOptions::without_causal_part();
  options.epochs = 6;
  options.batch = 40;
  options.rate = 1e-2F;
  return options;
}

TEST(Training, LearnsWhoConverts) {
  const Journeys journeys = market();
  const auto auc_of = [&](const Parameters& parameters) {
    const Dcrmta model(parameters, "trained", Arithmetic(Precision::f32));
    return auc(probabilities(model, journeys), journeys.converted);
  };
  std::vector<double> losses;
  const Parameters trained =
      train(small(journeys), journeys, quick(), [&](int, double loss) { losses.push_back(loss); });
  ASSERT_EQ(losses.size(), 6U);
  EXPECT_LT(losses.back(), 0.9 * losses.front());
  EXPECT_GT(auc_of(trained), 0.8);
  EXPECT_LT(auc_of(initial_parameters(small(journeys), 1)), 0.7);
}

TEST(Training, RepeatsItselfBitForBit) {
  const Journeys journeys = select(market(), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  TrainingOptions options;
  options.epochs = 2;
  options.batch = 4;
  const Parameters once = train(small(market()), journeys, options);
  EXPECT_EQ(train(small(market()), journeys, options), once);
  options.seed = 2;
  EXPECT_NE(train(small(market()), journeys, options), once);
}

TEST(Training, UsersThatWereNotMetStayNeutral) {
  const Journeys all = market();
  const Journeys few = select(all, {0, 1, 2});
  const Parameters trained = train(small(all), few, quick());
  const tensor::Matrix<float>& users = trained.at("user_embedding.weight");
  for (std::size_t u = 0; u < users.rows(); ++u) {
    const bool met = std::ranges::count(few.user, static_cast<std::int32_t>(u)) > 0;
    EXPECT_EQ(users(u, 0) != 0, met) << u;
  }
}

}  // namespace
}  // namespace hasse::attribution
