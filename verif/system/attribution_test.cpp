// SPDX-License-Identifier: Apache-2.0
// DCRMTA with every product made by the simulated engine: the credits are golden's, bit for bit.
#include <gtest/gtest.h>

#include "golden/attribution/attribute.hpp"
#include "golden/attribution/dcrmta.hpp"
#include "golden/attribution/synthetic.hpp"
#include "golden/attribution/training.hpp"
#include "verif/system/rig.hpp"

namespace hasse::system {
namespace {

using attribution::Precision;
using tensor::Matrix;

/// Products on the engine; Rig::multiply also expects them to be exact, and golden's cycles.
attribution::IntegerProduct product_on(Rig& rig, int& products) {
  return [&](const std::string& name, const Matrix<std::int8_t>& w, const Matrix<std::int8_t>& x,
             int bits) {
    SCOPED_TRACE(name);
    const std::vector<std::int32_t> activations(x.values().begin(), x.values().end());
    const harness::GemmRun run =
        rig.multiply({w, Matrix<std::int32_t>(x.rows(), x.cols(), activations), bits});
    ++products;
    const std::vector<std::int32_t> y(run.y.values().begin(), run.y.values().end());
    return Matrix<std::int32_t>(run.y.rows(), run.y.cols(), y);
  };
}

/// Journeys of two, three and five touches.
attribution::Journeys sample() {
  attribution::SyntheticOptions market;
  market.journeys = 60;
  const attribution::Journeys all = attribution::synthesise(market).journeys;
  std::vector<std::size_t> which;
  for (const std::size_t length : {2U, 3U, 5U})
    for (std::size_t j = 0; j < all.size(); ++j)
      if (all.length(j) == length) {
        which.push_back(j);
        break;
      }
  return attribution::select(all, which);
}

class AttributionOnTheArray : public testing::TestWithParam<Precision> {};

TEST_P(AttributionOnTheArray, GivesGoldensCredits) {
  const attribution::Journeys journeys = sample();
  ASSERT_EQ(journeys.touches(), 10U);
  const attribution::Parameters parameters =
      attribution::initial_parameters(attribution::sizes_for(journeys), 1);
  attribution::AttributeOptions how;
  how.threads = 1;
  const auto credits = [&](const attribution::Arithmetic& arithmetic) {
    const attribution::Dcrmta model(parameters, "model", arithmetic);
    return attribution::attribute(model, journeys, how);
  };
  Rig rig(kSplit);
  int products = 0;
  const auto on_array = credits(attribution::Arithmetic(GetParam(), product_on(rig, products)));
  const auto golden = credits(attribution::Arithmetic(GetParam()));
  EXPECT_EQ(on_array.values, golden.values);
  EXPECT_EQ(on_array.probability, golden.probability);
  EXPECT_EQ(on_array.effect, golden.effect);
  // Inputs, features and users 5; five levels 5 + 2 * 4; the attention 3; the output 3; users' 6.
  EXPECT_EQ(products, 30);
}

INSTANTIATE_TEST_SUITE_P(Precisions, AttributionOnTheArray,
                         testing::Values(Precision::w8a8, Precision::w4a8),
                         [](const auto& param) { return std::string(name_of(param.param)); });

}  // namespace
}  // namespace hasse::system
