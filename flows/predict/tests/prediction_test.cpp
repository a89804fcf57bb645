// SPDX-License-Identifier: Apache-2.0
#include "flows/predict/prediction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/predict/layer_weights.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::predict {
namespace {

const Clock kClock{250, "for the test"};

TEST(Predict, SmallLayersTakeExactlyTheCyclesOfTheModel) {
  const harness::Engine engine;
  const Layer layer{"a", {70, 40, 33, 4}, 3};
  const ModelResult result = predict_layers(engine, {"set", {layer}}, kClock, {});
  const auto weights = gaussian_rows(40, 4, 1)(0, 70);
  const auto exact = transitive::count_array_cycles(engine.array(), layer.shape, weights);
  EXPECT_EQ(result.total.cycles, 3.0 * static_cast<double>(exact.cycles));
  EXPECT_EQ(result.total.macs, 3.0 * 70 * 40 * 33);
  EXPECT_EQ(result.total.standard_error, 0);
  EXPECT_DOUBLE_EQ(result.utilisation(result.total),
                   transitive::array_utilisation(engine.array(), layer.shape, exact));
  EXPECT_DOUBLE_EQ(result.seconds(result.total), result.total.cycles / 250e6);
}

TEST(Predict, ShowsHowFarASampleIsOff) {
  PredictOptions options;
  options.sampling.tiles = 3;
  options.full = true;
  const Shapes shapes{"set", {{"a", {640, 128, 96, 4}}, {"b", {320, 64, 128, 3}}}};
  const ModelResult result = predict_layers({}, shapes, kClock, options);
  ASSERT_TRUE(result.total.full_cycles);
  EXPECT_EQ(*result.total.full_cycles,
            *result.layers[0].prediction.full_cycles + *result.layers[1].prediction.full_cycles);
  EXPECT_NE(result.total.cycles, *result.total.full_cycles);
  EXPECT_NEAR(result.total.cycles, *result.total.full_cycles, 5 * result.total.standard_error);
  const auto json = to_json(result);
  EXPECT_EQ(json["layers"].size(), 2U);
  EXPECT_NEAR(json["deviation"].get<double>(), 0, 0.01);
  EXPECT_EQ(json["layers"][1]["sampled_tiles"], 3);
  EXPECT_EQ(json["clock_source"], "for the test");
}

TEST(Predict, RefusesLayersTheDesignDoesNotTake) {
  harness::Engine engine;
  engine.max_m = 100;
  try {
    predict_layers(engine, {"set", {{"wide", {8, 8, 101, 4}}}}, kClock, {});
    ADD_FAILURE() << "accepted";
  } catch (const harness::HarnessError& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("layer wide: m is 101, but the design takes 1..100"));
  }
}

}  // namespace
}  // namespace hasse::predict
